/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "1h30m", "500ms", "1.5" in ms, rounded up; FALSE where it is no duration, or
 * longer than ms can say */
gboolean jobs_duration_parse (const char *text,
                              guint      *duration);

G_END_DECLS
