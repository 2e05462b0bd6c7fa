/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What becomes of a new child before it is a program */
typedef struct
{
  const char        *program; /* a file */
  const char *const *argv;
  const char *const *environment;
  const char        *directory; /* NULL: where we are */
  const int         *fds;       /* its 0, 1 and 2, each 3 or above; -1: /dev/null */
} JobsLaunch;

/* The child leads a process group of its own, has default signals, none of them
 * blocked, and no other descriptors. Any thread may call it; it returns when the program
 * runs: 0, or the errno of the step that failed, and then there is no child */
int jobs_launch (const JobsLaunch *self,
                 GPid             *pid);

G_END_DECLS
