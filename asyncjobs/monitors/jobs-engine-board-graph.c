/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-engine-board-private.h"
#include "jobs-requirement-private.h"

/* A line outlives that, as long as somebody has it */
static gboolean
is_shown (JobsEngineBoard *self,
          JobsAction      *action)
{
  JobsEngine *run = jobs_engine_board_get_engine (self);
  JobsEngine *engine = jobs_action_get_engine (action);

  while (engine != NULL && engine != run)
    engine = jobs_action_get_engine (JOBS_ACTION (engine));

  return engine != NULL;
}

static void
add_requirements (JobsEngineBoard *self,
                  JobsLine        *line,
                  GPtrArray       *requirements)
{
  JobsAction *action = JOBS_ACTION (jobs_line_get_source (line));
  g_autoptr (GPtrArray) others = jobs_action_dup_requirements (action);

  if (!is_shown (self, action))
    return;

  for (guint i = 0; i < others->len; i++)
    {
      g_autoptr (JobsLine) other = NULL;
      JobsCondition condition;

      /* One may be required that is not there yet */
      if (jobs_action_get_engine (others->pdata[i]) != jobs_action_get_engine (action) ||
          !jobs_action_get_requirement (action, others->pdata[i], &condition))
        continue;

      other = jobs_engine_board_dup_line (self, others->pdata[i]);
      g_ptr_array_add (requirements, jobs_requirement_new (line, other, condition));
    }
}

void
jobs_engine_board_list_requirements (JobsBoard *board,
                                     GTask     *task)
{
  GPtrArray *lines = g_task_get_task_data (task);
  GPtrArray *requirements = jobs_requirements_new ();

  for (guint i = 0; i < lines->len; i++)
    add_requirements (JOBS_ENGINE_BOARD (board), lines->pdata[i], requirements);

  g_task_return_pointer (task, requirements, (GDestroyNotify) g_ptr_array_unref);
  g_object_unref (task);
}
