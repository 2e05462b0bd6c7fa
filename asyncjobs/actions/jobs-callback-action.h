/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-action.h"

G_BEGIN_DECLS

/**
 * JobsCallback:
 * @action: the action that runs
 * @user_data: (closure): what was given with the function
 * @error: set where it returns %FALSE
 *
 * Work that has ended when it returns.
 *
 * It is called in the context of the run and holds it up: keep it short, or use
 * a [class@ThreadAction]. A result is given by [method@Action.take_result].
 *
 * Returns: %TRUE where it went well
 *
 * Since: 1.0
 */
typedef gboolean (*JobsCallback) (JobsAction *action,
                                  gpointer    user_data,
                                  GError    **error);

#define JOBS_TYPE_CALLBACK_ACTION (jobs_callback_action_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsCallbackAction, jobs_callback_action, JOBS, CALLBACK_ACTION, JobsAction)

JOBS_AVAILABLE_IN_1_0
JobsAction *jobs_callback_action_new (const char    *label,
                                      JobsCallback   callback,
                                      gpointer       user_data,
                                      GDestroyNotify destroy);

G_END_DECLS
