/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The words of @command, where all that a shell would do in the directory where
 * we are is to become the program that they name. NULL where it might do more */
char **jobs_shell_split (const char        *command,
                         const char *const *environment);

G_END_DECLS
