/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The time in a simulation: it goes on only when it is told to.
 *
 * The linker puts it in the place of GLib's clock where the library asks for the time
 * (--wrap), and only there: GLib itself and the main loop go by the real one. So nothing
 * of it is in the library. */

/* A new world: another context, and so another source of deadlines */
void     clock_reset   (void);
/* monotonic, µs */
gint64   clock_get     (void);
/* Up to then; what is due is dispatched in the next iterations of the loop */
void     clock_advance (gint64 now);
/* What g_random_double() is while that does not change: of the jitter */
void     clock_set_jitter (double jitter);

G_END_DECLS
