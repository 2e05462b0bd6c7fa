/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-bus-names.h"
#include "jobs-bus-runs.h"

static void
names_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GStrvBuilder) runs = g_strv_builder_new ();
  g_autoptr (GVariantIter) names = NULL;
  g_autoptr (GVariant) reply = NULL;
  GError *error = NULL;
  const char *name;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_variant_get (reply, "(as)", &names);
  while (g_variant_iter_next (names, "&s", &name))
    if (g_str_has_prefix (name, JOBS_BUS_NAMESPACE "."))
      g_strv_builder_add (runs, name);
  g_task_return_pointer (task, g_strv_builder_end (runs), (GDestroyNotify) g_strfreev);
}

/**
 * jobs_bus_list_runs_async:
 * @connection: a bus
 * @cancellable: (nullable): to give up
 * @callback: (nullable): called with the names
 * @user_data: for the callback
 *
 * Asks which runs are shown on a bus, by a [class@BusMonitor] each.
 *
 * Since: 1.0
 */
void
jobs_bus_list_runs_async (GDBusConnection    *connection,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  GTask *task;

  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));

  task = g_task_new (connection, cancellable, callback, user_data);
  g_task_set_source_tag (task, jobs_bus_list_runs_async);
  g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "ListNames", NULL, G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NONE, -1, cancellable,
                          names_cb, task);
}

/**
 * jobs_bus_list_runs_finish:
 * @connection: a bus
 * @result: what the callback was given
 * @error: return location for an error, of D-Bus
 *
 * Ends asking for runs.
 *
 * Returns: (transfer full): their names, for [func@BusBoard.new_async], or %NULL
 *   with an error
 *
 * Since: 1.0
 */
char **
jobs_bus_list_runs_finish (GDBusConnection *connection,
                           GAsyncResult    *result,
                           GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
