/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of kinds of terminals */

/* Whether a screen can be drawn on one of this type, at fd */
gboolean jobs_terminfo_is_capable (const char *term,
                                   int         fd);
/* (transfer full): what leaves a screen, of the terminal that curses draws on, for who has
 * no time to ask curses */
char    *jobs_terminfo_dup_leave  (void);

G_END_DECLS
