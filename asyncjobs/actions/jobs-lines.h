/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes lines of what comes in pieces. A line that is longer than this comes in
 * several pieces, so that memory stays bounded whatever comes */
#define JOBS_LINES_MAX (64 * 1024)

/* Without the newline */
typedef void (*JobsLineFunc) (const guint8 *line,
                              gsize         size,
                              gpointer      data);

/* All zero when new */
typedef struct
{
  GByteArray *rest; /* of a line whose end has not come yet */
} JobsLines;

void  jobs_lines_feed  (JobsLines    *self,
                        const guint8 *bytes,
                        gsize         size,
                        JobsLineFunc  func,
                        gpointer      data);
/* The last line may lack its newline */
void  jobs_lines_flush (JobsLines   *self,
                        JobsLineFunc func,
                        gpointer     data);
/* For those who want no more than the last @n_lines: forgets what comes before
 * them; returns where in @bytes they begin */
gsize jobs_lines_skip  (JobsLines    *self,
                        const guint8 *bytes,
                        gsize         size,
                        guint         n_lines);
void  jobs_lines_clear (JobsLines *self);

/* The last lines of all, kept for a debrief */
#define JOBS_TAIL_LINES 20
#define JOBS_TAIL_BYTES (16 * 1024)

typedef struct
{
  GString *text;
} JobsTail;

void  jobs_tail_push    (JobsTail     *self,
                         const guint8 *line,
                         gsize         size);
/* Valid UTF-8, each line with its newline; "" where there is nothing */
char *jobs_tail_dup     (JobsTail *self);
/* Nothing more will come: gives back the room for it */
void  jobs_tail_compact (JobsTail *self);
void  jobs_tail_clear   (JobsTail *self);

G_END_DECLS
