/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For the few timers that a process may need, and mostly does not */

static inline void
jobs_timer_clear (GSource **timer)
{
  g_autoptr (GSource) source = g_steal_pointer (timer);

  if (source != NULL)
    g_source_destroy (source);
}

/* Starts it again where it runs; func returns what a GSourceFunc does */
static inline void
jobs_timer_start (GSource    **timer,
                  GMainContext *context,
                  guint         interval,
                  GSourceFunc   func,
                  gpointer      data)
{
  jobs_timer_clear (timer);

  *timer = g_timeout_source_new (interval);
  g_source_set_callback (*timer, func, data, NULL);
  g_source_attach (*timer, context);
}

G_END_DECLS
