/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "jobs-bus-board-private.h"
#include "jobs-bus-columns.h"
#include "jobs-bus-names.h"
#include "jobs-bus-words.h"

/**
 * JobsBusBoard:
 *
 * What a monitor shows of a run in another process.
 *
 * That process shows it by a [class@BusMonitor], as `asyncjobs run --bus` does. The
 * board has a line for each action, however many there are, and asks for changes with
 * one call that is answered when there are some: so it hears of them at most five times
 * a second, in one message, and where it is slow, or more changes than anybody reads,
 * less often. (A GDBusObjectManagerClient would have a proxy for each action, and get a
 * message for each change.)
 *
 * What cannot be done is told by [signal@Board::trouble]. When the other process has
 * gone, [property@BusBoard:gone] says so; if the run had not ended by then, its state is
 * %JOBS_STATE_FAILED, and [property@Board:why] says why.
 *
 * Since: 1.0
 */

enum
{
  PROP_0,
  PROP_CONNECTION,
  PROP_NAME,
  PROP_GONE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void jobs_bus_board_initable_init (GAsyncInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (JobsBusBoard, jobs_bus_board, JOBS_TYPE_BOARD,
                               G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, jobs_bus_board_initable_init))

/* Answers */

static void
take_run (JobsBusBoard *self,
          GVariant     *run)
{
  g_autoptr (GVariantIter) counts = NULL;
  const char *title, *state, *why, *nick;
  gint64 expected_end, now = g_get_monotonic_time ();
  gint64 left = jobs_board_get_time_left (JOBS_BOARD (self));
  guint n;

  g_variant_get (run, "(&s&s&sbxxxa{su})", &title, &state, &why, &self->news.paused, &self->news.start_time,
                 &self->news.end_time, &expected_end, &counts);
  self->news.start_time = MAX (self->news.start_time, 0);
  self->news.end_time = MAX (self->news.end_time, 0);
  self->news.state = jobs_bus_parse_state (state);
  g_free (self->why);
  self->why = g_strdup (jobs_bus_or_null (why));
  self->news.why = self->why;

  memset (self->counts, 0, sizeof self->counts);
  while (g_variant_iter_next (counts, "{&su}", &nick, &n))
    self->counts[jobs_bus_parse_state (nick)] += n;

  jobs_board_set_title (JOBS_BOARD (self), jobs_bus_or_null (title));
  if (expected_end <= 0)
    jobs_board_set_time_left (JOBS_BOARD (self), -1);
  /* It is the same moment as before, unless it has moved by more than that took */
  else if (left < 0 || ABS (left - MAX (expected_end - now, 0)) > JOBS_BOARD_INTERVAL * G_TIME_SPAN_MILLISECOND)
    jobs_board_set_time_left (JOBS_BOARD (self), MAX (expected_end - now, 0));
}

static void
take_changes (JobsBusBoard *self,
              GVariant     *reply,
              gboolean     *more)
{
  g_autoptr (GVariant) run = NULL, added = NULL, changed = NULL, said = NULL;
  g_autoptr (GVariantIter) removed = NULL;

  g_variant_get (reply, JOBS_BUS_ANSWER_FORMAT, &self->serial, &self->known, &run, &added, &changed, &said, &removed,
                 more);
  take_run (self, run);
  jobs_bus_tree_take (self->tree, added, changed, said, removed);
}

static void
end_opening (JobsBusBoard *self,
             GError       *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->opening);

  /* Not by g_cancellable_disconnect (), which waits for a handler of someone else that may wait for us */
  g_clear_signal_handler (&self->opening_handler, g_task_get_cancellable (task));
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

gboolean
jobs_bus_board_is_about_gone (JobsBusBoard *self,
                              const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
         (g_dbus_connection_is_closed (self->connection) &&
          g_dbus_connection_get_unique_name (self->connection) == NULL);
}

char *
jobs_bus_board_explain (JobsBusBoard *self,
                        const GError *error)
{
  g_autoptr (GError) copy = g_error_copy (error);

  if (jobs_bus_board_is_about_gone (self, error))
    return g_strdup (_("The process of the run is gone"));
  if (g_dbus_connection_is_closed (self->connection))
    return g_strdup (_("The connection to the bus was lost"));

  g_dbus_error_strip_remote_error (copy);

  return g_strdup (copy->message);
}

static void
become_gone (JobsBusBoard *self,
             GError       *error)
{
  if (self->opening != NULL)
    {
      g_dbus_error_strip_remote_error (error);
      end_opening (self, g_error_copy (error));
      return;
    }

  self->is_gone = TRUE;
  if (!jobs_state_is_terminal (self->news.state))
    {
      self->news.state = JOBS_STATE_FAILED;
      self->news.end_time = g_get_monotonic_time ();
      g_free (self->why);
      self->why = jobs_bus_board_explain (self, error);
      self->news.why = self->why;
    }
  jobs_bus_tree_stop (self->tree);
  jobs_board_update (JOBS_BOARD (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_GONE]);
}

/* Calls; the board may have gone when they are answered */

static GWeakRef *
weak_new (JobsBusBoard *self)
{
  GWeakRef *weak = g_new (GWeakRef, 1);

  g_weak_ref_init (weak, self);

  return weak;
}

static JobsBusBoard *
weak_take (gpointer data)
{
  GWeakRef *weak = data;
  JobsBusBoard *self = g_weak_ref_get (weak);

  g_weak_ref_clear (weak);
  g_free (weak);

  return self;
}

void
jobs_bus_board_call (JobsBusBoard       *self,
                     const char         *method,
                     GVariant           *arguments,
                     const char         *reply,
                     GCancellable       *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer            data)
{
  g_dbus_connection_call (self->connection,
                          g_dbus_connection_get_unique_name (self->connection) != NULL ? self->name : NULL,
                          self->path, JOBS_BUS_RUN_INTERFACE, method, arguments, G_VARIANT_TYPE (reply),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, cancellable, callback, data);
}

static void ask (JobsBusBoard *self);

static void
changes_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (JobsBusBoard) self = weak_take (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean more = FALSE;

  if (self == NULL)
    return;

  if (reply == NULL)
    {
      become_gone (self, error);
      return;
    }

  take_changes (self, reply, &more);
  if (!more)
    {
      jobs_board_update (JOBS_BOARD (self));
      if (self->opening != NULL)
        end_opening (self, NULL);
    }
  ask (self);
}

static void
ask (JobsBusBoard *self)
{
  jobs_bus_board_call (self, "GetChanges", g_variant_new ("(tuu)", self->serial, self->known, JOBS_BUS_PAGE),
                       JOBS_BUS_ANSWER_TYPE, self->cancellable, changes_cb, weak_new (self));
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (JobsBusBoard) self = weak_take (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree char *message = NULL;

  if (self == NULL || reply != NULL)
    return;

  message = jobs_bus_board_explain (self, error);
  jobs_board_tell_trouble (JOBS_BOARD (self), message);
}

static void
do_it (JobsBoard  *board,
       const char *method,
       GVariant   *arguments)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (board);

  jobs_bus_board_call (self, method, arguments, "()", NULL, done_cb, weak_new (self));
}

/* Output */

typedef struct
{
  GWeakRef      board;
  JobsLine     *line;
  GCancellable *cancellable;
} Follow;

static void
follow_free (Follow *follow)
{
  g_weak_ref_clear (&follow->board);
  g_object_unref (follow->line);
  g_object_unref (follow->cancellable);
  g_free (follow);
}

static void output_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      data);

static gboolean
ask_output (gpointer data)
{
  Follow *follow = data;
  g_autoptr (JobsBusBoard) self = g_weak_ref_get (&follow->board);
  JobsBusItem *item = jobs_bus_item_of (follow->line);

  if (self == NULL || g_cancellable_is_cancelled (follow->cancellable))
    follow_free (follow);
  else
    jobs_bus_board_call (self, "GetOutput", g_variant_new ("(ut)", item->number, item->position), "(tay)",
                         follow->cancellable, output_cb, follow);

  return G_SOURCE_REMOVE;
}

static void
output_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Follow *follow = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GVariant) bytes = NULL;
  JobsBusItem *item = jobs_bus_item_of (follow->line);
  g_autoptr (GSource) timer = NULL;
  const void *output;
  guint64 start;
  gsize size;

  /* What is no command has none, and a process that has gone is told of elsewhere */
  if (reply == NULL || g_cancellable_is_cancelled (follow->cancellable))
    {
      follow_free (follow);
      return;
    }

  g_variant_get (reply, "(t@ay)", &start, &bytes);
  output = g_variant_get_fixed_array (bytes, &size, 1);
  if (start != item->position)
    jobs_line_set_output (follow->line, "");
  item->position = start + size;
  jobs_line_append_output (follow->line, output, size);
  jobs_line_tell_output (follow->line);

  /* Not more often than a board tells of anything */
  timer = g_timeout_source_new (JOBS_BOARD_INTERVAL);
  g_source_set_callback (timer, ask_output, follow, NULL);
  g_source_set_static_name (timer, "[asyncjobs] output");
  g_source_attach (timer, g_main_context_get_thread_default ());
}

static void
jobs_bus_board_follow (JobsBoard *board,
                       JobsLine  *line,
                       gboolean   follow)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (board);
  JobsBusItem *item = jobs_bus_item_of (line);
  Follow *state;

  if (follow == jobs_line_is_followed (line))
    return;

  jobs_bus_item_stop_following (item);
  jobs_line_set_output (line, follow ? "" : NULL);
  if (!follow || self->is_gone)
    return;

  item->follow = g_cancellable_new ();
  item->position = 0;
  state = g_new0 (Follow, 1);
  g_weak_ref_init (&state->board, self);
  state->line = g_object_ref (line);
  state->cancellable = g_object_ref (item->follow);
  ask_output (state);
}

/* The board */

static void
jobs_bus_board_update (JobsBoard *board)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (board);
  g_autoptr (GPtrArray) lines = jobs_bus_tree_take_changed (self->tree);

  jobs_board_take_news (board, &self->news, lines);
}

static guint
jobs_bus_board_count (JobsBoard *board,
                      JobsState  state)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (board);

  return (guint) state < G_N_ELEMENTS (self->counts) ? self->counts[state] : 0;
}

static GPtrArray *
jobs_bus_board_dup_active (JobsBoard *board,
                           guint      max)
{
  return jobs_bus_tree_dup_active (JOBS_BUS_BOARD (board)->tree, max);
}

static void
jobs_bus_board_pause (JobsBoard *board)
{
  do_it (board, "Pause", NULL);
}

static void
jobs_bus_board_resume (JobsBoard *board)
{
  do_it (board, "Resume", NULL);
}

static void
jobs_bus_board_cancel (JobsBoard *board)
{
  do_it (board, "Cancel", NULL);
}

static void
jobs_bus_board_cancel_line (JobsBoard *board,
                            JobsLine  *line)
{
  do_it (board, "CancelAction", g_variant_new ("(u)", jobs_bus_item_of (line)->number));
}

static void
jobs_bus_board_retry_line (JobsBoard *board,
                           JobsLine  *line)
{
  do_it (board, "RetryAction", g_variant_new ("(u)", jobs_bus_item_of (line)->number));
}

/* In any thread */
static void
open_cancelled_cb (GCancellable *cancellable,
                   gpointer      calls)
{
  g_cancellable_cancel (calls);
}

static void
jobs_bus_board_init_async (GAsyncInitable     *initable,
                           int                 io_priority,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (initable);

  self->opening = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->opening, jobs_bus_board_init_async);
  if (cancellable != NULL)
    self->opening_handler = g_cancellable_connect (cancellable, G_CALLBACK (open_cancelled_cb),
                                                   g_object_ref (self->cancellable), g_object_unref);
  ask (self);
}

static gboolean
jobs_bus_board_init_finish (GAsyncInitable *initable,
                            GAsyncResult   *result,
                            GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
jobs_bus_board_initable_init (GAsyncInitableIface *iface)
{
  iface->init_async = jobs_bus_board_init_async;
  iface->init_finish = jobs_bus_board_init_finish;
}

static void
jobs_bus_board_constructed (GObject *object)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (object);

  G_OBJECT_CLASS (jobs_bus_board_parent_class)->constructed (object);

  self->path = g_strdelimit (g_strconcat ("/", self->name, ".run", NULL), ".", '/');
  jobs_board_set_lines (JOBS_BOARD (self), jobs_bus_tree_get_lines (self->tree));
}

static void
jobs_bus_board_finalize (GObject *object)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (object);

  g_cancellable_cancel (self->cancellable);
  jobs_bus_tree_free (self->tree);
  g_free (self->why);
  g_free (self->name);
  g_free (self->path);
  g_object_unref (self->cancellable);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (jobs_bus_board_parent_class)->finalize (object);
}

static void
jobs_bus_board_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (object);

  switch (prop_id)
    {
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_GONE:
      g_value_set_boolean (value, self->is_gone);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_bus_board_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  JobsBusBoard *self = JOBS_BUS_BOARD (object);

  switch (prop_id)
    {
    case PROP_CONNECTION:
      self->connection = g_value_dup_object (value);
      break;
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_bus_board_class_init (JobsBusBoardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  JobsBoardClass *board_class = JOBS_BOARD_CLASS (klass);
  GParamFlags given = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = jobs_bus_board_constructed;
  object_class->finalize = jobs_bus_board_finalize;
  object_class->get_property = jobs_bus_board_get_property;
  object_class->set_property = jobs_bus_board_set_property;
  board_class->update = jobs_bus_board_update;
  board_class->count = jobs_bus_board_count;
  board_class->dup_active = jobs_bus_board_dup_active;
  board_class->list_requirements = jobs_bus_board_list_requirements;
  board_class->pause = jobs_bus_board_pause;
  board_class->resume = jobs_bus_board_resume;
  board_class->cancel = jobs_bus_board_cancel;
  board_class->cancel_line = jobs_bus_board_cancel_line;
  board_class->retry_line = jobs_bus_board_retry_line;
  board_class->follow = jobs_bus_board_follow;

  /**
   * JobsBusBoard:connection:
   *
   * The connection to the bus, or to the process itself.
   *
   * Since: 1.0
   */
  props[PROP_CONNECTION] = g_param_spec_object ("connection", NULL, NULL, G_TYPE_DBUS_CONNECTION, given);

  /**
   * JobsBusBoard:name: (getter get_name)
   *
   * The name of the run there.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, given);

  /**
   * JobsBusBoard:gone: (getter get_gone)
   *
   * Whether the other process has gone, or shows its run no more.
   *
   * Since: 1.0
   */
  props[PROP_GONE] = g_param_spec_boolean ("gone", NULL, NULL, FALSE,
                                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
jobs_bus_board_init (JobsBusBoard *self)
{
  self->cancellable = g_cancellable_new ();
  self->tree = jobs_bus_tree_new ();
}

/**
 * jobs_bus_board_new_async:
 * @connection: the session bus, or where else the run is shown
 * @name: the name of the run there, see [method@BusMonitor.get_name]
 * @cancellable: (nullable): to give up
 * @callback: (nullable): called with the board, or without
 * @user_data: for the callback
 *
 * Makes a board of a run in another process, with all that is known of it.
 *
 * Since: 1.0
 */
void
jobs_bus_board_new_async (GDBusConnection    *connection,
                          const char         *name,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));
  g_return_if_fail (g_dbus_is_name (name));

  g_async_initable_new_async (JOBS_TYPE_BUS_BOARD, G_PRIORITY_DEFAULT, cancellable, callback, user_data,
                              "connection", connection, "name", name, NULL);
}

/**
 * jobs_bus_board_new_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends the making of a board.
 *
 * The errors are those of D-Bus: %G_DBUS_ERROR_NAME_HAS_NO_OWNER where there is no such
 * run, %G_DBUS_ERROR_ACCESS_DENIED where it belongs to another user.
 *
 * Returns: (transfer full) (type JobsBusBoard): a new board, or %NULL with an error
 *
 * Since: 1.0
 */
JobsBoard *
jobs_bus_board_new_finish (GAsyncResult *result,
                           GError      **error)
{
  g_autoptr (GObject) source = NULL;

  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);

  source = g_async_result_get_source_object (result);

  return (JobsBoard *) g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, error);
}

/**
 * jobs_bus_board_get_name:
 * @self: a board
 *
 * The name of the run on the bus.
 *
 * Returns: (transfer none): its name
 *
 * Since: 1.0
 */
const char *
jobs_bus_board_get_name (JobsBusBoard *self)
{
  g_return_val_if_fail (JOBS_IS_BUS_BOARD (self), NULL);

  return self->name;
}

/**
 * jobs_bus_board_get_gone:
 * @self: a board
 *
 * Whether the other process has gone, or shows its run no more.
 *
 * Returns: whether it is gone
 *
 * Since: 1.0
 */
gboolean
jobs_bus_board_get_gone (JobsBusBoard *self)
{
  g_return_val_if_fail (JOBS_IS_BUS_BOARD (self), FALSE);

  return self->is_gone;
}
