/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where the journal of a job file is kept when nobody says where: beside the file, in
 * a folder .asyncjobs; where that cannot be, among the user's state. With @make that
 * folder is there afterwards, for nobody else to read; without it, that is where it
 * would be looked for */
char *journal_place_for      (const char *file,
                              gboolean    make,
                              GError    **error);
/* The journal that is meant by the argument of a command, which is one, or a job file;
 * NULL: the one written last of those in ./.asyncjobs, and a note says which where
 * there are several. It is there, G_IO_ERROR_NOT_FOUND else */
char *journal_place_find     (const char *argument,
                              GError    **error);
/* Whether an argument that may be something else as well is one, or a job file that was run */
gboolean journal_place_is_meant (const char *argument);
/* The folder with what attempts have printed, below it one for each run */
char *journal_place_logs     (const char *journal);
char *journal_place_run_logs (const char *journal,
                              gint64      run);
/* In the folder of a run, what one attempt at a job has printed */
char *journal_place_log      (const char *folder,
                              guint       number,
                              guint       attempt);

G_END_DECLS
