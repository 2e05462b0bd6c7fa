/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-screen.h"
#include "jobs-terminal-list.h"
#include "jobs-terminal-page.h"

G_BEGIN_DECLS

typedef enum
{
  JOBS_TERMINAL_BROWSES,
  JOBS_TERMINAL_FILTERS, /* what is typed is the filter */
  JOBS_TERMINAL_QUITS,   /* it asks whether */
  JOBS_TERMINAL_HELPS,   /* any key ends that */
} JobsTerminalMode;

/* What there is to see */
typedef struct
{
  JobsBoard *board;
  JobsScreen *screen;
  JobsTerminalList *list;
  JobsTerminalPage *page; /* nullable: it is seen instead of the list */
  JobsTerminalMode mode;
  GString *filter;
  char *status;           /* nullable: what the last key has done, and the like */
  guint name_width;       /* so that columns do not go to and fro */
  gboolean has_attempts;
} JobsTerminalView;

/* The rows of the list or the page, beside what is around them */
guint jobs_terminal_view_get_height (JobsTerminalView *self);
void  jobs_terminal_view_draw       (JobsTerminalView *self);

/* For jobs-terminal-view.c: the lines that are no rows */
guint jobs_terminal_head_get_height (JobsTerminalView *self,
                                     guint             rows);
void  jobs_terminal_head_draw       (JobsTerminalView *self,
                                     guint             rows);
void  jobs_terminal_foot_draw       (JobsTerminalView *self,
                                     guint             row);

/* "0.31 s", "0:12", "1:02:03"; of what goes on, whole seconds */
char       *jobs_terminal_format_time (gint64   usec,
                                       gboolean goes_on);
const char *jobs_terminal_get_word    (JobsState state);
JobsStyle   jobs_terminal_get_style   (JobsState state);
/* Returns the columns used */
guint       jobs_terminal_put_sign    (JobsScreen *screen,
                                       guint       row,
                                       guint       column,
                                       JobsState   state);

G_END_DECLS
