/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "../nodes/jobs-timer.h"

#include "jobs-bus-connect.h"
#include "jobs-bus-monitor.h"
#include "jobs-bus-names.h"
#include "jobs-bus-service.h"

/**
 * JobsBusMonitor:
 *
 * Shows a run to other processes, by D-Bus, and does what they ask for.
 *
 * On the bus there is a name, [method@BusMonitor.get_name], and at the object path
 * that the name gives an object manager with the run, of the interface
 * `org.asyncjobs.Run1`, and its actions, `org.asyncjobs.Action1`. In another process a
 * [class@BusBoard] makes a board of them again. Changes are told of at most ten times
 * a second to who listens to signals, and half as often to a board.
 *
 * Up to 500 actions each have an object. Of more than that, only those that run have
 * one, looked for once a second; all of them can be had from the run. They are there as
 * soon as somebody asks for anything else than changes, as a board does, and before that
 * nobody is told of them. So a run that nobody watches is not slowed down.
 *
 * Methods are done for our own user only. The properties of objects can be read by
 * whoever the bus lets in, which is, on the session bus, nobody else either.
 *
 * A bus that is not there, goes away or is slow changes nothing in the run:
 * [signal@BusMonitor::trouble] tells of it, and the monitor falls silent.
 *
 * It keeps no engine alive, and belongs in the context of its board.
 *
 * Since: 1.0
 */

/* How long who follows the run is waited for, so that he sees the end, ms */
#define FLUSH_TIME 500

/* What RequestName answers */
#define NAME_IS_OURS 1

struct _JobsBusMonitor
{
  GObject parent_instance;

  JobsEngineBoard *board;
  GDBusConnection *given;      /* nullable */
  GDBusConnection *connection; /* NULL: not yet, or not any more */
  GCancellable    *cancellable;
  char            *name;
  char            *path;
  gint64           expected_end;

  JobsBusService *service;     /* while there is a connection */
  gboolean        has_name;
  gboolean        is_shown;

  GTask          *flush;       /* nullable */
  GSource        *flush_timer;
};

enum
{
  PROP_0,
  PROP_BOARD,
  PROP_CONNECTION,
  PROP_NAME,
  PROP_SHOWN,
  N_PROPS
};

enum
{
  TROUBLE,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (JobsBusMonitor, jobs_bus_monitor, G_TYPE_OBJECT)

static void
set_shown (JobsBusMonitor *self,
           gboolean        shown)
{
  if (self->is_shown == shown)
    return;

  self->is_shown = shown;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SHOWN]);
}

/* Flushing */

static void
end_flush (JobsBusMonitor *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->flush);

  jobs_timer_clear (&self->flush_timer);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
check_flush (JobsBusMonitor *self)
{
  if (self->flush != NULL && (self->service == NULL || jobs_bus_service_is_settled (self->service)))
    end_flush (self);
}

static gboolean
flush_timer_cb (gpointer data)
{
  end_flush (data);

  return G_SOURCE_REMOVE;
}

/* Off the bus */

static void
close_connection (JobsBusMonitor *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->has_name)
    g_dbus_connection_call (self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "ReleaseName", g_variant_new ("(s)", self->name), NULL,
                            G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
  self->has_name = FALSE;
  g_clear_pointer (&self->service, jobs_bus_service_free);
  g_clear_object (&self->connection);
  end_flush (self);
}

static void
lose (JobsBusMonitor *self,
      const char     *message)
{
  g_autoptr (JobsBusMonitor) kept = g_object_ref (self);

  close_connection (self);
  set_shown (self, FALSE);
  g_signal_emit (self, signals[TROUBLE], 0, message);
}

/* News */

static void
changed_cb (JobsBoard      *board,
            GPtrArray      *lines,
            JobsBusMonitor *self)
{
  if (self->service == NULL)
    return;

  if (g_dbus_connection_is_closed (self->connection))
    lose (self, _("The connection to the bus was lost"));
  else
    jobs_bus_service_tell_lines (self->service, lines);
}

static void
time_left_cb (JobsBusMonitor *self)
{
  gint64 left = jobs_board_get_time_left (JOBS_BOARD (self->board));

  self->expected_end = left >= 0 ? g_get_monotonic_time () + left : 0;
  if (self->service != NULL)
    jobs_bus_service_tell_run (self->service, self->expected_end);
}

static void
title_cb (JobsBusMonitor *self)
{
  if (self->service != NULL)
    jobs_bus_service_tell_run (self->service, self->expected_end);
}

/* The connection */

/* Whoever waits for the bus does not keep us */
static GWeakRef *
weak_new (JobsBusMonitor *self)
{
  GWeakRef *weak = g_new (GWeakRef, 1);

  g_weak_ref_init (weak, self);

  return weak;
}

static JobsBusMonitor *
weak_take (gpointer data)
{
  GWeakRef *weak = data;
  JobsBusMonitor *self = g_weak_ref_get (weak);

  g_weak_ref_clear (weak);
  g_free (weak);

  return self;
}

static void
name_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (JobsBusMonitor) self = weak_take (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree char *message = NULL;
  guint32 answer = 0;

  if (self == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &answer);
  self->has_name = answer == NAME_IS_OURS;
  if (self->has_name)
    {
      set_shown (self, TRUE);
      return;
    }

  /* Translators: the name of a run on D-Bus */
  message = g_strdup_printf (_("The bus does not give us the name %s"), self->name);
  lose (self, error != NULL ? error->message : message);
}

static void
ready_cb (gpointer data)
{
  JobsBusMonitor *self = data;

  /* Between two alone there are no names. g_bus_own_name_on_connection() would wait for
   * the bus when the name is given back */
  if (g_dbus_connection_get_unique_name (self->connection) == NULL)
    set_shown (self, TRUE);
  else
    g_dbus_connection_call (self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "RequestName",
                            g_variant_new ("(su)", self->name, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE),
                            G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, self->cancellable, name_cb,
                            weak_new (self));
}

static void
settled_cb (gpointer data)
{
  check_flush (data);
}

static void
take_connection (JobsBusMonitor  *self,
                 GDBusConnection *connection)
{
  self->connection = g_object_ref (connection);
  self->service = jobs_bus_service_new (self->board, connection, self->path, ready_cb, settled_cb, self);
  time_left_cb (self);
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (JobsBusMonitor) self = weak_take (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = jobs_bus_connect_finish (result, &error);

  if (self == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  if (connection != NULL)
    take_connection (self, connection);
  else
    lose (self, error->message);
}

/* The class */

static void
jobs_bus_monitor_constructed (GObject *object)
{
  static int n_monitors;
  JobsBusMonitor *self = JOBS_BUS_MONITOR (object);
  int n = g_atomic_int_add (&n_monitors, 1) + 1;

  G_OBJECT_CLASS (jobs_bus_monitor_parent_class)->constructed (object);

  self->name = n == 1 ? g_strdup_printf (JOBS_BUS_NAMESPACE ".p%u", (guint) getpid ())
                      : g_strdup_printf (JOBS_BUS_NAMESPACE ".p%u_%d", (guint) getpid (), n);
  self->path = g_strdelimit (g_strconcat ("/", self->name, NULL), ".", '/');

  /* Any language can make one by its properties: without a board it shows nothing */
  if (self->board == NULL)
    return;

  g_signal_connect_object (self->board, "changed", G_CALLBACK (changed_cb), self, 0);
  g_signal_connect_object (self->board, "notify::title", G_CALLBACK (title_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->board, "notify::time-left", G_CALLBACK (time_left_cb), self, G_CONNECT_SWAPPED);

  if (self->given != NULL)
    take_connection (self, self->given);
  else
    jobs_bus_connect_async (self->cancellable, connected_cb, weak_new (self));
}

static void
jobs_bus_monitor_dispose (GObject *object)
{
  JobsBusMonitor *self = JOBS_BUS_MONITOR (object);

  if (self->board != NULL)
    g_signal_handlers_disconnect_by_data (self->board, self);
  close_connection (self);
  g_clear_object (&self->given);
  g_clear_object (&self->board);

  G_OBJECT_CLASS (jobs_bus_monitor_parent_class)->dispose (object);
}

static void
jobs_bus_monitor_finalize (GObject *object)
{
  JobsBusMonitor *self = JOBS_BUS_MONITOR (object);

  g_object_unref (self->cancellable);
  g_free (self->name);
  g_free (self->path);

  G_OBJECT_CLASS (jobs_bus_monitor_parent_class)->finalize (object);
}

static void
jobs_bus_monitor_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  JobsBusMonitor *self = JOBS_BUS_MONITOR (object);

  switch (prop_id)
    {
    case PROP_BOARD:
      g_value_set_object (value, self->board);
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, self->given);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_SHOWN:
      g_value_set_boolean (value, self->is_shown);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_bus_monitor_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  JobsBusMonitor *self = JOBS_BUS_MONITOR (object);

  switch (prop_id)
    {
    case PROP_BOARD:
      self->board = g_value_dup_object (value);
      break;
    case PROP_CONNECTION:
      self->given = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_bus_monitor_class_init (JobsBusMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags given = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = jobs_bus_monitor_constructed;
  object_class->dispose = jobs_bus_monitor_dispose;
  object_class->finalize = jobs_bus_monitor_finalize;
  object_class->get_property = jobs_bus_monitor_get_property;
  object_class->set_property = jobs_bus_monitor_set_property;

  /**
   * JobsBusMonitor:board:
   *
   * What is shown.
   *
   * Since: 1.0
   */
  props[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, JOBS_TYPE_ENGINE_BOARD, given);

  /**
   * JobsBusMonitor:connection:
   *
   * Where it is shown; %NULL: a connection of its own to the session bus.
   *
   * Since: 1.0
   */
  props[PROP_CONNECTION] = g_param_spec_object ("connection", NULL, NULL, G_TYPE_DBUS_CONNECTION, given);

  /**
   * JobsBusMonitor:name: (getter get_name)
   *
   * The name on the bus.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, readable);

  /**
   * JobsBusMonitor:shown: (getter get_shown)
   *
   * Whether others can see it now.
   *
   * Since: 1.0
   */
  props[PROP_SHOWN] = g_param_spec_boolean ("shown", NULL, NULL, FALSE, readable);

  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * JobsBusMonitor::trouble:
   * @self: the monitor
   * @message: why, for people
   *
   * The bus cannot be reached, or was lost: nothing is shown from now on.
   *
   * It is emitted in the context of the board. Handlers may let go of the monitor.
   *
   * Since: 1.0
   */
  signals[TROUBLE] = g_signal_new ("trouble", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
jobs_bus_monitor_init (JobsBusMonitor *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * jobs_bus_monitor_new:
 * @board: what shall be shown
 * @connection: (nullable): where; %NULL: the session bus
 *
 * Begins to show a run to other processes.
 *
 * Without a connection, one of its own to the session bus is made, which takes some
 * turns of the main loop. What happens when a given connection is closed is for its
 * owner to say, see [property@Gio.DBusConnection:exit-on-close]. It may also lead to
 * one other process directly: there are no names then, and the object paths are as
 * ever.
 *
 * It is shown as long as somebody keeps the monitor.
 *
 * Returns: (transfer full): a new monitor
 *
 * Since: 1.0
 */
JobsBusMonitor *
jobs_bus_monitor_new (JobsEngineBoard *board,
                      GDBusConnection *connection)
{
  g_return_val_if_fail (JOBS_IS_ENGINE_BOARD (board), NULL);
  g_return_val_if_fail (connection == NULL || G_IS_DBUS_CONNECTION (connection), NULL);

  return g_object_new (JOBS_TYPE_BUS_MONITOR, "board", board, "connection", connection, NULL);
}

/**
 * jobs_bus_monitor_get_name:
 * @self: a monitor
 *
 * The name of the run on the bus, once it is shown: `org.asyncjobs.Run.p1234` for
 * process 1234, and with `_2` behind it for a second one of the same process.
 *
 * Returns: (transfer none): its name
 *
 * Since: 1.0
 */
const char *
jobs_bus_monitor_get_name (JobsBusMonitor *self)
{
  g_return_val_if_fail (JOBS_IS_BUS_MONITOR (self), NULL);

  return self->name;
}

/**
 * jobs_bus_monitor_get_shown:
 * @self: a monitor
 *
 * Whether others can see the run now.
 *
 * Returns: whether it is shown
 *
 * Since: 1.0
 */
gboolean
jobs_bus_monitor_get_shown (JobsBusMonitor *self)
{
  g_return_val_if_fail (JOBS_IS_BUS_MONITOR (self), FALSE);

  return self->is_shown;
}

/**
 * jobs_bus_monitor_detach:
 * @self: a monitor
 *
 * Takes the run off the bus. Detaching twice is harmless.
 *
 * Since: 1.0
 */
void
jobs_bus_monitor_detach (JobsBusMonitor *self)
{
  g_autoptr (JobsBusMonitor) kept = NULL;

  g_return_if_fail (JOBS_IS_BUS_MONITOR (self));

  kept = g_object_ref (self);
  if (self->board != NULL)
    g_signal_handlers_disconnect_by_data (self->board, self);
  close_connection (self);
  set_shown (self, FALSE);
}

/**
 * jobs_bus_monitor_flush_async:
 * @self: a monitor
 * @cancellable: (nullable): not used
 * @callback: (nullable): called when that is done
 * @user_data: for the callback
 *
 * Tells the last news at once, and waits until those who follow the run have heard
 * them, for half a second at most: before a process ends, so that nobody misses how
 * its run did. One flush at a time, please.
 *
 * Since: 1.0
 */
void
jobs_bus_monitor_flush_async (JobsBusMonitor     *self,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_return_if_fail (JOBS_IS_BUS_MONITOR (self));
  g_return_if_fail (self->flush == NULL);

  self->flush = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->flush, jobs_bus_monitor_flush_async);
  self->flush_timer = g_timeout_source_new (FLUSH_TIME);
  g_source_set_callback (self->flush_timer, flush_timer_cb, self, NULL);
  g_source_set_static_name (self->flush_timer, "[asyncjobs] flush");
  g_source_attach (self->flush_timer, g_main_context_get_thread_default ());
  if (self->board != NULL)
    jobs_board_update (JOBS_BOARD (self->board));
  if (self->service != NULL)
    jobs_bus_service_flush (self->service);
  check_flush (self);
}

/**
 * jobs_bus_monitor_flush_finish:
 * @self: a monitor
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends a flush.
 *
 * Returns: %TRUE
 *
 * Since: 1.0
 */
gboolean
jobs_bus_monitor_flush_finish (JobsBusMonitor *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  g_return_val_if_fail (JOBS_IS_BUS_MONITOR (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
