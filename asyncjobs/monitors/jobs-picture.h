/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-engine.h"

G_BEGIN_DECLS

#define JOBS_TYPE_PICTURE (jobs_picture_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsPicture, jobs_picture, JOBS, PICTURE, GObject)

/* What is in an engine, as it is at that moment */
JOBS_AVAILABLE_IN_1_0
JobsPicture *jobs_picture_new              (JobsEngine *engine);

/* What the picture is to show though the engine does not say it */
JOBS_AVAILABLE_IN_1_0
void         jobs_picture_set_state        (JobsPicture *self,
                                            JobsAction  *action,
                                            JobsState    state,
                                            const char  *word,
                                            gint64       duration);
JOBS_AVAILABLE_IN_1_0
void         jobs_picture_set_estimate     (JobsPicture *self,
                                            JobsAction  *action,
                                            gint64       duration);

JOBS_AVAILABLE_IN_1_0
GPtrArray   *jobs_picture_dup_longest_path (JobsPicture *self);

JOBS_AVAILABLE_IN_1_0
char        *jobs_picture_to_dot           (JobsPicture *self);
JOBS_AVAILABLE_IN_1_0
char        *jobs_picture_to_mermaid       (JobsPicture *self);

/* By the program dot */
JOBS_AVAILABLE_IN_1_0
gboolean     jobs_picture_can_render       (JobsPicture *self,
                                            GError     **error);
JOBS_AVAILABLE_IN_1_0
GBytes      *jobs_picture_render           (JobsPicture  *self,
                                            const char   *format,
                                            GCancellable *cancellable,
                                            GError      **error);
JOBS_AVAILABLE_IN_1_0
void         jobs_picture_render_async     (JobsPicture        *self,
                                            const char         *format,
                                            GCancellable       *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
GBytes      *jobs_picture_render_finish    (JobsPicture  *self,
                                            GAsyncResult *result,
                                            GError      **error);

JOBS_AVAILABLE_IN_1_0
char        *jobs_engine_to_dot            (JobsEngine *self);

G_END_DECLS
