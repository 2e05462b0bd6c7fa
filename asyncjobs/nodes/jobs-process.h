/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-types.h"

G_BEGIN_DECLS

#define JOBS_TYPE_PROCESS (jobs_process_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsProcess, jobs_process, JOBS, PROCESS, GObject)

/* What is to be run */
JOBS_AVAILABLE_IN_1_0
const char *const *jobs_process_get_argv        (JobsProcess *self);
JOBS_AVAILABLE_IN_1_0
gboolean           jobs_process_is_script       (JobsProcess *self);
JOBS_AVAILABLE_IN_1_0
const char *const *jobs_process_get_environment (JobsProcess *self);
JOBS_AVAILABLE_IN_1_0
const char        *jobs_process_get_directory   (JobsProcess *self);
JOBS_AVAILABLE_IN_1_0
GBytes            *jobs_process_get_stdin       (JobsProcess *self);
JOBS_AVAILABLE_IN_1_0
gboolean           jobs_process_wants_output    (JobsProcess *self);

/* What its node says of it */
JOBS_AVAILABLE_IN_1_0
void               jobs_process_output          (JobsProcess  *self,
                                                 guint         stream,
                                                 const guint8 *data,
                                                 gsize         size);
JOBS_AVAILABLE_IN_1_0
void               jobs_process_progress        (JobsProcess *self,
                                                 double       fraction);
JOBS_AVAILABLE_IN_1_0
void               jobs_process_end             (JobsProcess *self,
                                                 int          wait_status);
JOBS_AVAILABLE_IN_1_0
void               jobs_process_fail            (JobsProcess  *self,
                                                 const GError *error);
JOBS_AVAILABLE_IN_1_0
gboolean           jobs_process_has_ended       (JobsProcess *self);

G_END_DECLS
