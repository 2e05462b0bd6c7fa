/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bus.h"
#include "tool.h"

struct _Bus
{
  JobsBoard *board;
  JobsBusMonitor *monitor;
  gboolean flushed;
};

static void
trouble_cb (JobsBusMonitor *monitor,
            const char     *message,
            Bus            *self)
{
  tool_note ("--bus: %s", message);
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
  jobs_bus_monitor_detach (self->monitor);
  g_object_unref (self->monitor);
  g_object_unref (self->board);
  g_free (self);
}
