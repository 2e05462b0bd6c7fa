/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>
#include <wchar.h>

G_BEGIN_DECLS

/* Text of outside as it fills cells of a terminal, by the locale of the program: what that
 * lacks is a question mark, or what looks like it */

/* The columns that all of it would take */
guint    jobs_cells_measure (const char *text);
/* As many characters as fit into width columns, with a sign at the end where not all do */
wchar_t *jobs_cells_fit     (const char *text,
                             guint       width,
                             guint      *used);
/* How many bytes of text fit into width columns, at least one character; harmless text only */
gsize    jobs_cells_span    (const char *text,
                             guint       width);

G_END_DECLS
