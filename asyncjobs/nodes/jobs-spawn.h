/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Starts argv[0], looked for in the PATH of @environment, as the leader of a
 * process group of its own, with default signals and no other descriptors than
 * @fds as 0, 1 and 2 (-1: /dev/null); those must be 3 or above, and stay the
 * caller's. Returns its pid, or -1 with an error that says what to do about it */
GPid         jobs_spawn             (const char *const *argv,
                                     const char *const *environment,
                                     const char        *directory,
                                     const int          fds[3],
                                     GError           **error);
/* Whether a file can be run, whatever its interpreter; else the error says why not */
gboolean     jobs_spawn_check_script (const char *filename,
                                      GError    **error);
/* What is in such a file, to be run somewhere else */
GBytes      *jobs_spawn_read_script  (const char *filename,
                                      GError    **error);
/* Our own environment with changes: NAME=VALUE sets, NAME removes, later ones win.
 * The array is the caller's, the strings are not */
const char **jobs_spawn_environment (const char *const *changes);
/* Both ends are 3 or above and closed on exec; FALSE sets errno */
gboolean     jobs_spawn_pipe        (int fds[2]);
/* JOBS_ERROR_NO_RESOURCES where it is worth to try again later, else @code */
int          jobs_spawn_error_code  (int saved_errno,
                                     int code);

G_END_DECLS
