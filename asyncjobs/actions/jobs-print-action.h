/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-action.h"

G_BEGIN_DECLS

#define JOBS_TYPE_PRINT_ACTION (jobs_print_action_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsPrintAction, jobs_print_action, JOBS, PRINT_ACTION, JobsAction)

JOBS_AVAILABLE_IN_1_0
JobsAction *jobs_print_action_new (const char *label,
                                   const char *message);

G_END_DECLS
