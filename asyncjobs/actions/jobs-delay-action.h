/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-action.h"

G_BEGIN_DECLS

#define JOBS_TYPE_DELAY_ACTION (jobs_delay_action_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsDelayAction, jobs_delay_action, JOBS, DELAY_ACTION, JobsAction)

JOBS_AVAILABLE_IN_1_0
JobsAction *jobs_delay_action_new       (const char *label,
                                         guint       delay);
JOBS_AVAILABLE_IN_1_0
guint       jobs_delay_action_get_delay (JobsDelayAction *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_delay_action_set_delay (JobsDelayAction *self,
                                         guint            delay);

G_END_DECLS
