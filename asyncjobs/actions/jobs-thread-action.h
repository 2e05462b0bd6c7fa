/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-action.h"
#include "jobs-workers.h"

G_BEGIN_DECLS

/**
 * JobsThreadFunc:
 * @action: the action that runs
 * @attempt: the attempt that goes on
 * @user_data: (closure): what was given with the function
 * @error: set where it returns %FALSE
 *
 * Work that may block.
 *
 * It is called in a thread of the workers. Of @action use there only what needs
 * no context; of @attempt everything may be used: give a result with
 * [method@Attempt.complete], say how far it is with [method@Attempt.report], and
 * return soon when [method@Attempt.get_cancellable] is cancelled: a thread cannot be
 * stopped from outside. The action ends when the function returns, not before.
 *
 * Returns: %TRUE where it went well
 *
 * Since: 1.0
 */
typedef gboolean (*JobsThreadFunc) (JobsAction  *action,
                                    JobsAttempt *attempt,
                                    gpointer     user_data,
                                    GError     **error);

#define JOBS_TYPE_THREAD_ACTION (jobs_thread_action_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsThreadAction, jobs_thread_action, JOBS, THREAD_ACTION, JobsAction)

JOBS_AVAILABLE_IN_1_0
JobsAction  *jobs_thread_action_new         (const char    *label,
                                             JobsThreadFunc func,
                                             gpointer       user_data,
                                             GDestroyNotify destroy);
JOBS_AVAILABLE_IN_1_0
JobsWorkers *jobs_thread_action_get_workers (JobsThreadAction *self);
JOBS_AVAILABLE_IN_1_0
void         jobs_thread_action_set_workers (JobsThreadAction *self,
                                             JobsWorkers      *workers);

G_END_DECLS
