/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* follows NAME: follows the run that is on the session bus under a name, as a monitor in
 * another process does, and shows nothing of it, until it has gone */

#include <asyncjobs.h>

typedef struct
{
  GDBusConnection *connection;
  const char *name;
  JobsBoard *board; /* NULL: not yet */
} Follower;

static void begin (Follower *self);

static void
began_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Follower *self = data;
  g_autoptr (GError) error = NULL;

  self->board = jobs_bus_board_new_finish (result, &error);
  if (self->board != NULL)
    return;

  /* It comes up meanwhile */
  if (!g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    g_error ("%s", error->message);
  begin (self);
}

static void
begin (Follower *self)
{
  jobs_bus_board_new_async (self->connection, self->name, NULL, began_cb, self);
}

int
main (int argc, char *argv[])
{
  Follower self = { .name = argv[1] };
  g_autoptr (GError) error = NULL;

  if (argc != 2)
    {
      g_printerr ("Usage: follows NAME\n");
      return 2;
    }

  self.connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (self.connection == NULL)
    g_error ("%s", error->message);
  begin (&self);
  while (self.board == NULL || !jobs_bus_board_get_gone (JOBS_BUS_BOARD (self.board)))
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&self.board);
  g_object_unref (self.connection);

  return 0;
}
