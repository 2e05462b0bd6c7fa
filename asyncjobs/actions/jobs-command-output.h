/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The file into which the output of a command is written */

/* Its descriptor; -1 with an error */
int      jobs_command_output_open  (const char *filename,
                                    GError    **error);
/* JOBS_ERROR_OUTPUT */
gboolean jobs_command_output_write (int           fd,
                                    const char   *filename,
                                    const guint8 *data,
                                    gsize         size,
                                    GError      **error);
/* Some file systems say only here that there was no room. @error may have one already */
void     jobs_command_output_close (int         fd,
                                    const char *filename,
                                    GError    **error);

G_END_DECLS
