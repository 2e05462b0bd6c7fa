/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-engine-board-private.h"

/* Another try, as who looks at the whole run wants it */

typedef gboolean (*Step) (JobsEngine *engine,
                          JobsAction *action,
                          GError    **error);

/* Takes the step for the action, and for each engine around it that has ended */
static gboolean
climb (JobsAction *action,
       Step        step,
       GError    **error)
{
  g_autoptr (JobsAction) again = g_object_ref (action);

  /* Whoever is told of one may remove the next */
  while (jobs_action_get_engine (again) != NULL)
    {
      g_autoptr (JobsEngine) engine = g_object_ref (jobs_action_get_engine (again));

      if (!step (engine, again, error))
        return FALSE;

      g_set_object (&again, JOBS_ACTION (engine));
      if (!jobs_state_is_terminal (jobs_action_get_state (again)))
        break;
    }

  return TRUE;
}

gboolean
jobs_engine_board_retry (JobsAction *action,
                         GError    **error)
{
  /* None is tried again where one of them cannot be */
  return climb (action, jobs_engine_can_retry, error) && climb (action, jobs_engine_retry, error);
}
