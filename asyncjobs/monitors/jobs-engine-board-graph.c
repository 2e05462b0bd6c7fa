/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-engine-board-private.h"
#include "jobs-requirement-private.h"

/* A line outlives that, as long as somebody has it; there is one for each action */
static gboolean
is_shown (JobsEngineBoard *self,
          JobsLine        *line)
{
  GObject *source = jobs_line_get_source (line);
  JobsEngine *run = jobs_engine_board_get_engine (self);
  JobsEngine *engine = JOBS_IS_ACTION (source) ? jobs_action_get_engine (JOBS_ACTION (source)) : NULL;
  g_autoptr (JobsLine) own = NULL;

  while (engine != NULL && engine != run)
    engine = jobs_action_get_engine (JOBS_ACTION (engine));
  if (engine != NULL)
    own = jobs_engine_board_dup_line (self, JOBS_ACTION (source));

  return own == line;
}

static void
add_requirements (JobsEngineBoard *self,
                  JobsLine        *line,
                  GPtrArray       *requirements)
{
  g_autoptr (GPtrArray) others = NULL;
  JobsAction *action;

  if (!is_shown (self, line))
    return;

  action = JOBS_ACTION (jobs_line_get_source (line));
  others = jobs_action_dup_requirements (action);
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
