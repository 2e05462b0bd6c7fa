/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <sys/socket.h>

#include "boards.h"

/* What the tests of boards over D-Bus have in common: an engine at one end of a
 * connection, and what is seen of it at the other. */

#define WATCHDOG 50

/* An engine, shown over a connection to ourselves, and the board at its other end */
typedef struct
{
  JobsEngine      *engine;
  JobsBoard       *board;
  JobsBusMonitor  *monitor;
  GDBusConnection *near;
  GDBusConnection *far;
  JobsBoard       *copy;
  GError          *error;
  char            *trouble;
  guint            n_changes;
} Fixture;

static inline GSocketConnection *
connect_fd (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);

  return g_socket_connection_factory_create_connection (socket);
}

static inline void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GError) error = NULL;

  *(GDBusConnection **) data = g_dbus_connection_new_finish (result, &error);
  g_assert_no_error (error);
}

static inline void
setup (Fixture      *fixture,
       gconstpointer data)
{
  g_autoptr (GSocketConnection) near = NULL, far = NULL;
  g_autofree char *guid = g_dbus_generate_guid ();
  int fds[2];

  alarm (WATCHDOG);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  near = connect_fd (fds[0]);
  far = connect_fd (fds[1]);
  g_dbus_connection_new (G_IO_STREAM (near), guid, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER, NULL, NULL,
                         connected_cb, &fixture->near);
  g_dbus_connection_new (G_IO_STREAM (far), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL,
                         connected_cb, &fixture->far);
  spin_until (fixture->near != NULL && fixture->far != NULL);
  fixture->engine = jobs_engine_new ();
}

static inline void
close_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_dbus_connection_close_finish (G_DBUS_CONNECTION (source), result, NULL);
  *(gboolean *) data = TRUE;
}

static inline void
close_connection (GDBusConnection **connection)
{
  gboolean closed = FALSE;

  if (*connection == NULL)
    return;

  g_dbus_connection_close (*connection, NULL, close_cb, &closed);
  spin_until (closed);
  g_clear_object (connection);
}

static inline void
teardown (Fixture      *fixture,
          gconstpointer data)
{
  if (fixture->copy != NULL)
    g_assert_finalize_object (fixture->copy);
  if (fixture->monitor != NULL)
    g_assert_finalize_object (fixture->monitor);
  if (fixture->board != NULL)
    g_assert_finalize_object (fixture->board);
  if (fixture->engine != NULL)
    g_assert_finalize_object (fixture->engine);
  close_connection (&fixture->near);
  close_connection (&fixture->far);
  g_clear_error (&fixture->error);
  g_free (fixture->trouble);
  settle ();
  alarm (0);
}

static inline void
trouble_cb (GObject    *source,
            const char *message,
            Fixture    *fixture)
{
  g_free (fixture->trouble);
  fixture->trouble = g_strdup (message);
}

static inline void
changed_cb (JobsBoard *board,
            GPtrArray *lines,
            Fixture   *fixture)
{
  fixture->n_changes++;
}

static inline void
show (Fixture *fixture)
{
  fixture->board = jobs_engine_board_new (fixture->engine);
  fixture->monitor = jobs_bus_monitor_new (JOBS_ENGINE_BOARD (fixture->board), fixture->near);
  spin_until (jobs_bus_monitor_get_shown (fixture->monitor));
}

static inline void
start (Fixture *fixture)
{
  jobs_engine_orchestrate_async (fixture->engine, NULL, NULL, NULL);
}

/* Ends what fixture->engine holds, whose actions have been started */
static inline void
cancel_all (Fixture *fixture)
{
  jobs_engine_cancel (fixture->engine);
  spin_until (!jobs_engine_is_active (fixture->engine));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->engine)); i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (fixture->engine), i);

      g_clear_object (&test (action)->attempt);
    }
}

/* A method of the run, from the other end */
static inline void
call_run (Fixture            *fixture,
          const char         *method,
          GVariant           *arguments,
          GAsyncReadyCallback callback,
          gpointer            data)
{
  g_autofree char *path = g_strconcat ("/", jobs_bus_monitor_get_name (fixture->monitor), "/run", NULL);

  g_dbus_connection_call (fixture->far, NULL, g_strdelimit (path, ".", '/'), "org.asyncjobs.Run1", method, arguments,
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, callback, data);
}

static inline void
copy_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Fixture *fixture = data;

  fixture->copy = jobs_bus_board_new_finish (result, &fixture->error);
}

static inline void
watch (Fixture *fixture)
{
  jobs_bus_board_new_async (fixture->far, jobs_bus_monitor_get_name (fixture->monitor), NULL, copy_cb, fixture);
  spin_until (fixture->copy != NULL || fixture->error != NULL);
  g_assert_no_error (fixture->error);
  g_signal_connect (fixture->copy, "trouble", G_CALLBACK (trouble_cb), fixture);
  g_signal_connect (fixture->copy, "changed", G_CALLBACK (changed_cb), fixture);
}

/* The line at a path of labels */
static inline JobsLine *
get_line (GListModel *lines,
          const char *path)
{
  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (JobsLine) line = g_list_model_get_item (lines, i);
      JobsLine *found = line;

      if (jobs_line_get_children (line) != NULL && !g_str_equal (jobs_line_get_path (line), path))
        found = get_line (jobs_line_get_children (line), path);
      if (found != NULL && g_str_equal (jobs_line_get_path (found), path))
        return found;
    }

  return NULL;
}

static inline JobsLine *
line_of (Fixture    *fixture,
         const char *path)
{
  JobsLine *line = get_line (G_LIST_MODEL (fixture->copy), path);

  g_assert_nonnull (line);

  return line;
}

static inline gboolean
is_gone (Fixture *fixture)
{
  return jobs_bus_board_get_gone (JOBS_BUS_BOARD (fixture->copy));
}
