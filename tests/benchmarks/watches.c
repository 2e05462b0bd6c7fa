/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nobody, and each of the monitors that need no desktop */

#define _GNU_SOURCE

#include "watches.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static GTestDBus *bus = NULL;
static int terminal = -1;

static GObject *
watch_by_none (JobsEngine    *engine,
               GOutputStream *stream)
{
  return NULL;
}

static GObject *
watch_by_text (JobsEngine    *engine,
               GOutputStream *stream)
{
  g_autoptr (GOutputStream) gathers = g_buffered_output_stream_new (stream);
  JobsTextMonitor *monitor = jobs_text_monitor_new (engine);

  g_filter_output_stream_set_close_base_stream (G_FILTER_OUTPUT_STREAM (gathers), FALSE);
  jobs_text_monitor_set_stream (monitor, gathers);

  return G_OBJECT (monitor);
}

static GObject *
watch_by_trace (JobsEngine    *engine,
                GOutputStream *stream)
{
  return G_OBJECT (jobs_trace_monitor_new (engine, stream));
}

static void
start_bus (void)
{
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
}

static void
stop_bus (void)
{
  g_test_dbus_stop (bus);
  g_clear_object (&bus);
}

/* For nobody in particular */
static GObject *
watch_by_bus (JobsEngine    *engine,
              GOutputStream *stream)
{
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);

  return G_OBJECT (jobs_bus_monitor_new (JOBS_ENGINE_BOARD (board), NULL));
}

/* For another process, which is of the same folder as this one */
static GObject *
watch_by_followed_bus (JobsEngine    *engine,
                       GOutputStream *stream)
{
  GObject *monitor = watch_by_bus (engine, stream);
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self);
  g_autofree char *program = g_build_filename (folder, "follows", NULL);
  const char *const follows[] = { program, jobs_bus_monitor_get_name (JOBS_BUS_MONITOR (monitor)), NULL };
  g_autoptr (GError) error = NULL;

  /* With these it does not fork */
  if (!g_spawn_async (NULL, (char **) follows, NULL, G_SPAWN_LEAVE_DESCRIPTORS_OPEN | G_SPAWN_DO_NOT_REAP_CHILD,
                      NULL, NULL, NULL, &error))
    g_error ("%s", error->message);

  return monitor;
}

#if JOBS_HAS_TERMINAL

/* One that takes all that is written on it, as fast as it comes */
static void
open_terminal (void)
{
  static const char *const takes[] = { "cat", NULL };
  const struct winsize size = { .ws_row = 40, .ws_col = 120 };
  g_autoptr (GError) error = NULL;
  int master;

  master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt (master) < 0 || unlockpt (master) < 0 ||
      (terminal = open (ptsname (master), O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 ||
      ioctl (terminal, TIOCSWINSZ, &size) < 0)
    g_error ("There is no terminal");

  g_setenv ("TERM", "xterm-256color", TRUE);
  if (!g_spawn_async_with_fds (NULL, (char **) takes, NULL,
                               G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                               NULL, NULL, NULL, master, -1, -1, &error))
    g_error ("%s", error->message);
  close (master);
}

static void
close_terminal (void)
{
  close (terminal);
}

static GObject *
watch_by_screen (JobsEngine    *engine,
                 GOutputStream *stream)
{
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (GError) error = NULL;
  JobsTerminalMonitor *monitor = jobs_terminal_monitor_new (board, terminal, &error);

  if (monitor == NULL)
    g_error ("%s", error->message);
  jobs_terminal_monitor_set_color (monitor, TRUE);

  return G_OBJECT (monitor);
}

#endif

const Watch watches[] = {
  { "none", NULL, NULL, NULL, watch_by_none },
  { "text", NULL, NULL, NULL, watch_by_text },
  { "trace", NULL, NULL, NULL, watch_by_trace },
  { "bus", start_bus, NULL, stop_bus, watch_by_bus },
  { "followed", start_bus, NULL, stop_bus, watch_by_followed_bus },
#if JOBS_HAS_TERMINAL
  { "screen", open_terminal, NULL, close_terminal, watch_by_screen },
#endif
  { NULL },
};
