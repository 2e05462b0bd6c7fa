/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-line.h"
#include "jobs-requirement.h"

G_BEGIN_DECLS

#define JOBS_TYPE_BOARD (jobs_board_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (JobsBoard, jobs_board, JOBS, BOARD, GObject)

/**
 * JobsBoardClass:
 * @parent_class: the class of GObject
 *
 * The class of boards. Only the library makes them.
 *
 * Since: 1.0
 */
struct _JobsBoardClass
{
  GObjectClass parent_class;

  /*< private >*/
  void        (*update)            (JobsBoard *self);
  guint       (*count)             (JobsBoard *self,
                                    JobsState  state);
  GPtrArray * (*dup_active)        (JobsBoard *self,
                                    guint      max);
  /* Takes the task, whose data are the lines */
  void        (*list_requirements) (JobsBoard *self,
                                    GTask     *task);
  void        (*pause)             (JobsBoard *self);
  void        (*resume)            (JobsBoard *self);
  void        (*cancel)            (JobsBoard *self);
  void        (*cancel_line)       (JobsBoard *self,
                                    JobsLine  *line);
  void        (*retry_line)        (JobsBoard *self,
                                    JobsLine  *line);
  void        (*follow)            (JobsBoard *self,
                                    JobsLine  *line,
                                    gboolean   follow);

  gpointer padding[8];
};

/* The run as a whole */
JOBS_AVAILABLE_IN_1_0
const char *jobs_board_get_title      (JobsBoard  *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_set_title      (JobsBoard  *self,
                                       const char *title);
JOBS_AVAILABLE_IN_1_0
JobsState   jobs_board_get_state      (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
const char *jobs_board_get_why        (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
gboolean    jobs_board_get_paused     (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
gint64      jobs_board_get_start_time (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
gint64      jobs_board_get_end_time   (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
gint64      jobs_board_get_elapsed    (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
gint64      jobs_board_get_time_left  (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_set_time_left  (JobsBoard *self,
                                       gint64     time_left);

/* Its actions */
JOBS_AVAILABLE_IN_1_0
guint       jobs_board_count          (JobsBoard *self,
                                       JobsState  state);
JOBS_AVAILABLE_IN_1_0
GPtrArray  *jobs_board_dup_active     (JobsBoard *self,
                                       guint      max);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_update         (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_list_requirements_async  (JobsBoard          *self,
                                                 GPtrArray          *lines,
                                                 GCancellable       *cancellable,
                                                 GAsyncReadyCallback callback,
                                                 gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
GPtrArray  *jobs_board_list_requirements_finish (JobsBoard    *self,
                                                 GAsyncResult *result,
                                                 GError      **error);

/* What can be done */
JOBS_AVAILABLE_IN_1_0
void        jobs_board_pause          (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_resume         (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_cancel         (JobsBoard *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_cancel_line    (JobsBoard *self,
                                       JobsLine  *line);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_retry_line     (JobsBoard *self,
                                       JobsLine  *line);
JOBS_AVAILABLE_IN_1_0
void        jobs_board_follow         (JobsBoard *self,
                                       JobsLine  *line,
                                       gboolean   follow);

G_END_DECLS
