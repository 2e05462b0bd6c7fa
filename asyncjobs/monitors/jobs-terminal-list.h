/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-board.h"

G_BEGIN_DECLS

/* Which line of a board stands where on a screen: on each level first those that run,
 * the oldest on top, then the others in their order, and what an open engine holds
 * below it, indented. Each line once.
 *
 * Lines are asked for where they are shown, so that a frame costs what it shows. What
 * costs as much as there are lines is to look for nested engines at first, of which
 * only so many are found, and to filter, which is done by and by. */
typedef struct _JobsTerminalList JobsTerminalList;

typedef enum
{
  JOBS_FOLD_NONE,   /* no engine */
  JOBS_FOLD_OPEN,
  JOBS_FOLD_CLOSED,
} JobsFold;

typedef struct
{
  JobsLine   *line; /* (owned) */
  const char *name; /* of the line: its path, less that of the line it is indented below */
  guint       depth;
  JobsFold    fold;
  gboolean    is_selected;
} JobsTerminalRow;

JobsTerminalList *jobs_terminal_list_new          (JobsBoard *board);
void              jobs_terminal_list_free         (JobsTerminalList *self);
/* The board has changed */
void              jobs_terminal_list_touch        (JobsTerminalList *self);
/* (element-type JobsTerminalRow): the rows on a screen so high; valid until the next call.
 * The selected one is among them */
GArray           *jobs_terminal_list_lay_out      (JobsTerminalList *self,
                                                   guint             height);
/* How many rows there are */
guint             jobs_terminal_list_count        (JobsTerminalList *self);

/* (nullable) */
JobsLine         *jobs_terminal_list_get_selected (JobsTerminalList *self);
void              jobs_terminal_list_move         (JobsTerminalList *self,
                                                   int               delta);
void              jobs_terminal_list_move_to_end  (JobsTerminalList *self,
                                                   gboolean          last);
void              jobs_terminal_list_unselect     (JobsTerminalList *self);
/* The selected engine, or the one around what is selected */
void              jobs_terminal_list_fold         (JobsTerminalList *self,
                                                   gboolean          open);
/* Folds the selected engine, or unfolds it. FALSE: it is none, or the list is flat */
gboolean          jobs_terminal_list_toggle       (JobsTerminalList *self);
/* Only lines whose path has this text, in a flat list; NULL or "": all. found is called
 * each time more have been found */
void              jobs_terminal_list_filter       (JobsTerminalList *self,
                                                   const char       *text,
                                                   void (*found) (gpointer data),
                                                   gpointer          data);
gboolean          jobs_terminal_list_is_searching (JobsTerminalList *self);

G_END_DECLS
