/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-types.h"

G_BEGIN_DECLS

#define JOBS_TYPE_ATTEMPT (jobs_attempt_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsAttempt, jobs_attempt, JOBS, ATTEMPT, GObject)

JOBS_AVAILABLE_IN_1_0
JobsAction   *jobs_attempt_get_action      (JobsAttempt *self);
JOBS_AVAILABLE_IN_1_0
guint         jobs_attempt_get_number      (JobsAttempt *self);
JOBS_AVAILABLE_IN_1_0
GCancellable *jobs_attempt_get_cancellable (JobsAttempt *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_attempt_has_outcome     (JobsAttempt *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_attempt_complete        (JobsAttempt  *self,
                                            const GValue *value);
JOBS_AVAILABLE_IN_1_0
void          jobs_attempt_fail            (JobsAttempt  *self,
                                            const GError *error);
JOBS_AVAILABLE_IN_1_0
void          jobs_attempt_fail_message    (JobsAttempt *self,
                                            const char  *message);
JOBS_AVAILABLE_IN_1_0
void          jobs_attempt_ready           (JobsAttempt *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_attempt_report          (JobsAttempt *self,
                                            double       fraction,
                                            const char  *message);

G_END_DECLS
