/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-board.h"

G_BEGIN_DECLS

/* For the kinds of boards */

/* Between two times that a board tells of changes, ms: longer by that for each BUSY changes
 * there were in so long a time, up to the most: nobody reads that fast */
#define JOBS_BOARD_INTERVAL 100
#define JOBS_BOARD_INTERVAL_MAX 400
#define JOBS_BOARD_BUSY 20

typedef struct
{
  JobsState   state;
  const char *why; /* (nullable) */
  gboolean    paused;
  gint64      start_time;
  gint64      end_time;
  guint       n_changes; /* in all actions since the last time, of which one may have several; roughly */
} JobsBoardNews;

/* The lines of the run itself; once */
void   jobs_board_set_lines    (JobsBoard           *self,
                                GListModel          *lines);
/* Between two times that it tells of changes, as things are, ms */
guint  jobs_board_get_interval (JobsBoard           *self);
/* Has update() called soon, at the end of the interval */
void   jobs_board_touch        (JobsBoard           *self);
/* For update(): tells of what differs, then of the lines (element-type JobsLine) */
void   jobs_board_take_news    (JobsBoard           *self,
                                const JobsBoardNews *news,
                                GPtrArray           *lines);
/* Something that was asked for cannot be done */
void   jobs_board_tell_trouble (JobsBoard           *self,
                                const char          *message);

G_END_DECLS
