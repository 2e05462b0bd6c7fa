/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "../jobs-engine.h"

#include "jobs-path.h"

const char *
jobs_path_peek (JobsAction *action,
                char      **made)
{
  const char *label = jobs_action_get_label (action);
  JobsEngine *engine = jobs_action_get_engine (action);

  if (label != NULL && engine != NULL && jobs_action_get_engine (JOBS_ACTION (engine)) == NULL)
    return label;

  *made = jobs_action_dup_path (action);

  return *made;
}
