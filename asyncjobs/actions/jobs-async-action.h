/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-action.h"

G_BEGIN_DECLS

/**
 * JobsAsyncStart:
 * @action: the action that starts
 * @attempt: what to give the outcome to; keep a reference until then
 * @user_data: (closure): what was given with the function
 * @error: set where it returns %FALSE
 *
 * Begins some work without blocking.
 *
 * It is called in the context of the run. Give the attempt one outcome, now or
 * later, from any thread.
 *
 * Returns: %TRUE where the work has begun; %FALSE with an error is the outcome
 *
 * Since: 1.0
 */
typedef gboolean (*JobsAsyncStart) (JobsAction  *action,
                                    JobsAttempt *attempt,
                                    gpointer     user_data,
                                    GError     **error);

#define JOBS_TYPE_ASYNC_ACTION (jobs_async_action_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsAsyncAction, jobs_async_action, JOBS, ASYNC_ACTION, JobsAction)

JOBS_AVAILABLE_IN_1_0
JobsAction *jobs_async_action_new (const char    *label,
                                   JobsAsyncStart start,
                                   gpointer       user_data,
                                   GDestroyNotify destroy);

G_END_DECLS
