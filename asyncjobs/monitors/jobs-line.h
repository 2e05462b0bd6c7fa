/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-types.h"

G_BEGIN_DECLS

#define JOBS_TYPE_LINE (jobs_line_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsLine, jobs_line, JOBS, LINE, GObject)

/* What never changes */
JOBS_AVAILABLE_IN_1_0
const char *jobs_line_get_path       (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
const char *jobs_line_get_label      (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
const char *jobs_line_get_details    (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
gboolean    jobs_line_get_critical   (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
gboolean    jobs_line_get_forever    (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
GListModel *jobs_line_get_children   (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
GObject    *jobs_line_get_source     (JobsLine *self);

/* What does */
JOBS_AVAILABLE_IN_1_0
JobsState   jobs_line_get_state      (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
gint64      jobs_line_get_start_time (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
gint64      jobs_line_get_end_time   (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
gint64      jobs_line_get_elapsed    (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
guint       jobs_line_get_attempts   (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
double      jobs_line_get_progress   (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
const char *jobs_line_get_message    (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
const char *jobs_line_get_error      (JobsLine *self);
JOBS_AVAILABLE_IN_1_0
const char *jobs_line_get_output     (JobsLine *self);

G_END_DECLS
