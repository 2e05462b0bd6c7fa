/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a job has written, as it goes on */
#define JOBS_GTK_TYPE_OUTPUT (jobs_gtk_output_get_type ())

G_DECLARE_FINAL_TYPE (JobsGtkOutput, jobs_gtk_output, JOBS_GTK, OUTPUT, GtkWidget)

/* board and line (nullable): nothing is followed any more */
void      jobs_gtk_output_show     (JobsGtkOutput *self,
                                    JobsBoard     *board,
                                    JobsLine      *line);
JobsLine *jobs_gtk_output_get_line (JobsGtkOutput *self);

/* text as it can be shown: colours are left out, what was written over is gone, and
 * any other control character is seen as text */
char     *jobs_gtk_output_clean    (const char    *text);

G_END_DECLS
