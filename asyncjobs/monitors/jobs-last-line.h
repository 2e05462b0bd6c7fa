/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The last line of what is written, whole or not, as it comes in pieces; what is rewritten in
 * place, as a bar is, counts as lines too. Of a long one it has the beginning */
typedef struct
{
  GString *text;     /* any bytes; NULL: nothing is written there */
  gboolean is_whole; /* a newline has come behind it */
} JobsLastLine;

void  jobs_last_line_init     (JobsLastLine       *self);
void  jobs_last_line_clear    (JobsLastLine       *self);
void  jobs_last_line_take     (JobsLastLine       *self,
                               const char         *text,
                               gsize               size);
/* As if nothing had been written so far */
void  jobs_last_line_forget   (JobsLastLine       *self);
/* (nullable): valid text; NULL: nothing was written */
char *jobs_last_line_dup_text (const JobsLastLine *self);

G_END_DECLS
