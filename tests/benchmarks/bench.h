/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the benchmark programs have in common */

gboolean bench_parse      (const char         *what,
                           const GOptionEntry *entries,
                           int                *argc,
                           char             ***argv);

gint64   bench_now        (void);
gint64   bench_worked     (void);
gint64   bench_worked_all (void);
gint64   bench_memory     (const char *name);
double   bench_median     (gint64 *values,
                           guint   n_values);

G_END_DECLS
