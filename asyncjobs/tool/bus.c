/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "bus.h"
#include "tool.h"

struct _Bus
{
  JobsBoard *board;
  JobsBusMonitor *monitor;
  gboolean was_shown;
  gboolean flushed;
};

char *
bus_describe_lack (const char *message)
{
  /* Translators: what the system says; the two words are to be typed as they are */
  return g_strdup_printf (_("the session bus cannot be reached: %s; dbus-run-session starts one, and "
                            "DBUS_SESSION_BUS_ADDRESS says where one is"), message);
}

static void
shown_cb (JobsBusMonitor *monitor,
          GParamSpec     *pspec,
          Bus            *self)
{
  self->was_shown |= jobs_bus_monitor_get_shown (monitor);
}

static void
trouble_cb (JobsBusMonitor *monitor,
            const char     *message,
            Bus            *self)
{
  g_autofree char *text = self->was_shown ? g_strdup (message) : bus_describe_lack (message);

  tool_note ("--bus: %s", text);
}

static void
flushed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Bus *self = user_data;

  self->flushed = jobs_bus_monitor_flush_finish (self->monitor, result, NULL);
}

Bus *
bus_new (JobsEngine *engine,
         const char *title)
{
  Bus *self = g_new0 (Bus, 1);

  self->board = jobs_engine_board_new (engine);
  jobs_board_set_title (self->board, title);
  self->monitor = jobs_bus_monitor_new (JOBS_ENGINE_BOARD (self->board), NULL);
  g_signal_connect (self->monitor, "notify::shown", G_CALLBACK (shown_cb), self);
  g_signal_connect (self->monitor, "trouble", G_CALLBACK (trouble_cb), self);

  return self;
}

void
bus_finish (Bus *self)
{
  jobs_bus_monitor_flush_async (self->monitor, NULL, flushed_cb, self);
  while (!self->flushed)
    g_main_context_iteration (NULL, TRUE);
}

void
bus_free (Bus *self)
{
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  jobs_bus_monitor_detach (self->monitor);
  g_object_unref (self->monitor);
  g_object_unref (self->board);
  g_free (self);
}
