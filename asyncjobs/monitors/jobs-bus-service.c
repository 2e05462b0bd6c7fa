/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "../nodes/jobs-timer.h"

#include "jobs-alarm.h"
#include "jobs-bus-callers.h"
#include "jobs-bus-names.h"
#include "jobs-bus-objects.h"
#include "jobs-bus-outputs.h"
#include "jobs-bus-service.h"
#include "jobs-bus-words.h"
#include "jobs-picture.h"

#define BUS "org.freedesktop.DBus"
/* As is told in jobs-bus-monitor.c */
#define OBJECTS_MAX 500
/* Of more than that, how many that run have one, and how often they are looked for, µs:
 * each that comes or goes is a message */
#define ACTIVE_MAX 100
#define ACTIVE_INTERVAL G_TIME_SPAN_SECOND
/* Between two messages that tell of nothing but other counts, µs: nobody reads such numbers
 * faster, and with short jobs they change all the time */
#define COUNTS_INTERVAL G_TIME_SPAN_SECOND
/* How many rows are made at each turn, once all are wanted, for a main loop that has other
 * things to do */
#define TURN_SLICE 500

struct _JobsBusService
{
  JobsEngineBoard *board;
  GDBusConnection *connection;
  gint64           expected_end;

  JobsBusServiceFunc ready;
  JobsBusServiceFunc settled;
  gpointer           data;

  GCancellable   *cancellable;
  JobsBusGuard   *guard;
  JobsBusTable   *table;
  JobsBusObjects *objects;
  JobsBusCallers *callers;
  JobsBusOutputs *outputs;
  GSource        *starter;     /* NULL: the run is shown */
  guint           n_seen;      /* rows up to this one were looked at for objects */
  gboolean        is_complete; /* each action has an object, or will have, once somebody asks */
  gint64          chosen;      /* when it was decided which have one, last; 0: never */
  JobsAlarm      *chooser;     /* set: it is about to be decided again */
  GVariant       *run;         /* what is told of it, since the last turn; NULL: not gathered */
  gint64          told;        /* when the properties of the run were, last */
  JobsAlarm      *teller;      /* set: they are about to be told */
  gboolean        is_flushing; /* the bus has not taken what was sent last */
  gboolean        is_behind;   /* and so something was not sent of actions */
  gboolean        run_is_behind; /* or of the run, when it was time for that */
};

/* The run itself */

static GVariant *
count_states (JobsBoard *board)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{su}"));
  for (JobsState state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
    {
      guint n = jobs_board_count (board, state);

      if (n > 0)
        g_variant_builder_add (&builder, "{su}", jobs_state_get_nick (state), n);
    }

  return g_variant_builder_end (&builder);
}

/* What is told of the run, as GetChanges has it, gathered once for all who hear of a turn;
 * (transfer none) */
static GVariant *
get_run (JobsBusService *self)
{
  JobsBoard *board = JOBS_BOARD (self->board);
  g_autofree char *title = NULL, *why = NULL;

  if (self->run == NULL)
    self->run = g_variant_ref_sink (
      g_variant_new ("(sssbxxx@a{su})", jobs_bus_text (jobs_board_get_title (board), &title),
                     jobs_state_get_nick (jobs_board_get_state (board)),
                     jobs_bus_text (jobs_board_get_why (board), &why), jobs_board_get_paused (board),
                     jobs_board_get_start_time (board), jobs_board_get_end_time (board), self->expected_end,
                     count_states (board)));

  return self->run;
}

static void begin_flush (JobsBusService *self);

/* To whom it may concern */
static void
set_run (JobsBusService *self)
{
  JobsBusRun1 *run = jobs_bus_objects_get_run (self->objects);
  g_autoptr (GVariant) counts = NULL;
  const char *title, *state, *why;
  gint64 start_time, end_time, expected_end;
  gboolean paused;

  g_variant_get (get_run (self), "(&s&s&sbxxx@a{su})", &title, &state, &why, &paused, &start_time, &end_time,
                 &expected_end, &counts);
  jobs_bus_run1_set_title (run, title);
  jobs_bus_run1_set_state (run, state);
  jobs_bus_run1_set_why (run, why);
  jobs_bus_run1_set_paused (run, paused);
  jobs_bus_run1_set_start_time (run, start_time);
  jobs_bus_run1_set_end_time (run, end_time);
  jobs_bus_run1_set_expected_end (run, expected_end);
  jobs_bus_run1_set_counts (run, counts);
  jobs_bus_run1_set_complete (run, self->is_complete);
  jobs_bus_objects_tell_run (self->objects);
}

static void
tell_run (JobsBusService *self)
{
  jobs_alarm_unset (self->teller);
  self->run_is_behind = self->is_flushing;
  if (self->run_is_behind)
    return;

  set_run (self);
  self->told = g_get_monotonic_time ();
  begin_flush (self);
}

static void
teller_cb (gpointer data)
{
  tell_run (data);
}

/* Whether it is more than counts that has changed */
static gboolean
has_turned (JobsBusService *self)
{
  JobsBoard *board = JOBS_BOARD (self->board);
  JobsBusRun1 *run = jobs_bus_objects_get_run (self->objects);

  return g_strcmp0 (jobs_bus_run1_get_state (run), jobs_state_get_nick (jobs_board_get_state (board))) != 0 ||
         jobs_bus_run1_get_paused (run) != jobs_board_get_paused (board) ||
         jobs_bus_run1_get_complete (run) != self->is_complete ||
         jobs_bus_run1_get_start_time (run) != jobs_board_get_start_time (board);
}

static void
tell_run_soon (JobsBusService *self)
{
  gint64 due = self->told + COUNTS_INTERVAL;

  if (has_turned (self) || due <= g_get_monotonic_time ())
    tell_run (self);
  else if (!jobs_alarm_is_set (self->teller))
    jobs_alarm_set (&self->teller, g_main_context_get_thread_default (), due, teller_cb, self);
}

static guint
count_all (JobsBoard *board)
{
  guint n = 0;

  for (JobsState state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
    n += jobs_board_count (board, state);

  return n;
}

/* Objects */

/* For rows that were not looked at yet */
static void
add_objects (JobsBusService *self)
{
  for (; self->n_seen < jobs_bus_table_get_last (self->table); self->n_seen++)
    {
      JobsBusRow *row = jobs_bus_table_get (self->table, self->n_seen + 1);

      if (row != NULL)
        jobs_bus_objects_add (self->objects, row);
    }
}

static JobsAction *
get_action (JobsLine *line)
{
  return JOBS_ACTION (jobs_line_get_source (line));
}

static void
choose_objects (JobsBusService *self)
{
  g_autoptr (GPtrArray) lines = jobs_board_dup_active (JOBS_BOARD (self->board), ACTIVE_MAX);
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();

  self->chosen = g_get_monotonic_time ();
  for (guint i = 0; i < lines->len; i++)
    for (JobsBusRow *row = jobs_bus_table_ensure (self->table, get_action (lines->pdata[i])); row != NULL;
         row = jobs_bus_table_get (self->table, row->parent))
      g_ptr_array_add (rows, row);

  jobs_bus_objects_keep_only (self->objects, rows);
}

static void
choose_cb (gpointer data)
{
  JobsBusService *self = data;

  if (self->is_flushing)
    {
      self->is_behind = TRUE;
      return;
    }

  choose_objects (self);
  begin_flush (self);
}

/* Now, or when it is time again */
static void
choose_objects_soon (JobsBusService *self)
{
  gint64 due = self->chosen + ACTIVE_INTERVAL;

  if (jobs_state_is_terminal (jobs_board_get_state (JOBS_BOARD (self->board))) || due <= g_get_monotonic_time ())
    choose_objects (self);
  else if (!jobs_alarm_is_set (self->chooser))
    jobs_alarm_set (&self->chooser, g_main_context_get_thread_default (), due, choose_cb, self);
}

/* Of nested engines it is known once there are rows */
static void
check_complete (JobsBusService *self)
{
  guint n = MAX (jobs_bus_table_get_last (self->table), count_all (JOBS_BOARD (self->board)));

  if (n > OBJECTS_MAX)
    self->is_complete = FALSE;
}

/* Has those that there should be */
static void
update_objects (JobsBusService *self)
{
  if (self->is_complete)
    check_complete (self);
  if (!jobs_bus_objects_are_open (self->objects))
    return;

  if (!self->is_complete)
    {
      choose_objects_soon (self);
      return;
    }

  jobs_bus_objects_drop_removed (self->objects);
  if (self->n_seen < jobs_bus_table_get_last (self->table))
    {
      add_objects (self);
      jobs_bus_objects_set_requirements (self->objects);
    }
}

/* For the first time, and before there is an answer. As long as nobody has asked for anything but
 * changes, nobody else is told of single actions */
static void
asked_cb (gpointer data)
{
  JobsBusService *self = data;

  if (self->is_complete)
    {
      jobs_bus_table_extend (self->table, G_MAXUINT);
      jobs_bus_table_set_run (self->table, get_run (self));
      check_complete (self);
    }
  if (self->is_complete)
    add_objects (self);
  else
    choose_objects (self);
  jobs_bus_objects_open (self->objects);
  jobs_bus_run1_set_complete (jobs_bus_objects_get_run (self->objects), self->is_complete);
}

/* Flushing */

/* What has changed meanwhile does not make it time to tell of the run */
static void
catch_up (JobsBusService *self)
{
  if (self->is_behind)
    {
      self->is_behind = FALSE;
      update_objects (self);
      jobs_bus_objects_update_all (self->objects);
    }
  if (self->run_is_behind || has_turned (self))
    tell_run (self);
  begin_flush (self);
}

static void
flushed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  JobsBusService *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  /* Then there is no service any more */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->is_flushing = FALSE;
  if (!g_dbus_connection_is_closed (self->connection))
    catch_up (self);
  self->settled (self->data);
}

/* Nothing more is sent by itself until what was has been taken: what a slow bus does not
 * take would pile up here. It has taken all that came before what it answers, and be that with
 * an error. To flush the connection would occupy a thread of a pool each time, and a run of short
 * commands has to pay for each thread that there is */
static void
begin_flush (JobsBusService *self)
{
  if (self->is_flushing || !jobs_bus_objects_take_sent (self->objects))
    return;

  self->is_flushing = TRUE;
  g_dbus_connection_call (self->connection,
                          g_dbus_connection_get_unique_name (self->connection) != NULL ? BUS : NULL,
                          "/", "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          G_MAXINT, self->cancellable, flushed_cb, self);
}

/* As long as nobody has ever asked for all, it is not written down what nobody may ask for. The
 * end is awaited */
static void
answer_callers (JobsBusService *self,
                gboolean        is_hurried)
{
  if (!jobs_bus_table_is_extended (self->table))
    return;

  is_hurried |= jobs_state_is_terminal (jobs_board_get_state (JOBS_BOARD (self->board)));
  jobs_bus_table_set_run (self->table, get_run (self));
  jobs_bus_callers_answer (self->callers, is_hurried);
}

void
jobs_bus_service_flush (JobsBusService *self)
{
  if (jobs_alarm_is_set (self->teller))
    tell_run (self);
  answer_callers (self, TRUE);
}

/* What is told later, and need not be, is not waited for */
gboolean
jobs_bus_service_is_settled (JobsBusService *self)
{
  return !self->is_flushing && jobs_bus_callers_have_heard (self->callers);
}

/* Methods of the run */

static gboolean
pause_cb (JobsBusRun1           *run,
          GDBusMethodInvocation *invocation,
          JobsBusService        *self)
{
  jobs_board_pause (JOBS_BOARD (self->board));
  jobs_bus_run1_complete_pause (run, invocation);

  return TRUE;
}

static gboolean
resume_cb (JobsBusRun1           *run,
           GDBusMethodInvocation *invocation,
           JobsBusService        *self)
{
  jobs_board_resume (JOBS_BOARD (self->board));
  jobs_bus_run1_complete_resume (run, invocation);

  return TRUE;
}

static gboolean
cancel_cb (JobsBusRun1           *run,
           GDBusMethodInvocation *invocation,
           JobsBusService        *self)
{
  jobs_board_cancel (JOBS_BOARD (self->board));
  jobs_bus_run1_complete_cancel (run, invocation);

  return TRUE;
}

static gboolean
cancel_action_cb (JobsBusRun1           *run,
                  GDBusMethodInvocation *invocation,
                  guint                  number,
                  JobsBusService        *self)
{
  jobs_bus_cancel_row (jobs_bus_table_get (self->table, number), invocation);

  return TRUE;
}

static gboolean
retry_action_cb (JobsBusRun1           *run,
                 GDBusMethodInvocation *invocation,
                 guint                  number,
                 JobsBusService        *self)
{
  jobs_bus_retry_row (jobs_bus_table_get (self->table, number), invocation);

  return TRUE;
}

static gboolean
get_changes_cb (JobsBusRun1           *run,
                GDBusMethodInvocation *invocation,
                guint64                serial,
                guint                  known,
                guint                  max,
                JobsBusService        *self)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  /* Numbers are in order of the actions: those that were given as they came begin anew */
  if (!jobs_bus_table_is_extended (self->table))
    {
      jobs_bus_objects_keep_only (self->objects, none);
      begin_flush (self);
      jobs_bus_table_set_run (self->table, get_run (self));
    }
  jobs_bus_callers_ask (self->callers, serial, known, max, invocation);
  self->settled (self->data);

  return TRUE;
}

static gboolean
get_requirements_cb (JobsBusRun1           *run,
                     GDBusMethodInvocation *invocation,
                     GVariant              *numbers,
                     guint                  max,
                     JobsBusService        *self)
{
  g_dbus_method_invocation_return_value (invocation, jobs_bus_table_get_requirements (self->table, numbers, max));

  return TRUE;
}

static gboolean
get_output_cb (JobsBusRun1           *run,
               GDBusMethodInvocation *invocation,
               guint                  number,
               guint64                position,
               JobsBusService        *self)
{
  JobsBusRow *row = jobs_bus_table_get (self->table, number);

  if (row == NULL)
    g_dbus_method_invocation_return_dbus_error (invocation, JOBS_BUS_ERROR_UNKNOWN, _("There is no such action"));
  else
    jobs_bus_outputs_get (self->outputs, row->action, position, invocation);

  return TRUE;
}

static gboolean
get_graph_cb (JobsBusRun1           *run,
              GDBusMethodInvocation *invocation,
              JobsBusService        *self)
{
  JobsEngine *engine = jobs_engine_board_get_engine (self->board);
  g_autofree char *dot = engine != NULL ? jobs_engine_to_dot (engine) : NULL;
  g_autofree char *valid = NULL;

  jobs_bus_run1_complete_get_graph (run, invocation, jobs_bus_text (dot, &valid));

  return TRUE;
}

static void
connect_methods (JobsBusService *self)
{
  JobsBusRun1 *run = jobs_bus_objects_get_run (self->objects);

  g_signal_connect (run, "handle-pause", G_CALLBACK (pause_cb), self);
  g_signal_connect (run, "handle-resume", G_CALLBACK (resume_cb), self);
  g_signal_connect (run, "handle-cancel", G_CALLBACK (cancel_cb), self);
  g_signal_connect (run, "handle-cancel-action", G_CALLBACK (cancel_action_cb), self);
  g_signal_connect (run, "handle-retry-action", G_CALLBACK (retry_action_cb), self);
  g_signal_connect (run, "handle-get-changes", G_CALLBACK (get_changes_cb), self);
  g_signal_connect (run, "handle-get-requirements", G_CALLBACK (get_requirements_cb), self);
  g_signal_connect (run, "handle-get-output", G_CALLBACK (get_output_cb), self);
  g_signal_connect (run, "handle-get-graph", G_CALLBACK (get_graph_cb), self);
}

/* From its beginning to its end */

static gboolean
starter_cb (gpointer data)
{
  JobsBusService *self = data;

  /* All of the same moment. Who is told may take us away */
  jobs_board_update (JOBS_BOARD (self->board));
  if (g_source_is_destroyed (g_main_current_source ()))
    return G_SOURCE_REMOVE;

  g_clear_pointer (&self->starter, g_source_unref);
  g_clear_pointer (&self->run, g_variant_unref);
  update_objects (self);
  set_run (self);
  jobs_bus_objects_show (self->objects, self->connection);
  self->ready (self->data);

  return G_SOURCE_REMOVE;
}

void
jobs_bus_service_tell_run (JobsBusService *self,
                           gint64          expected_end)
{
  self->expected_end = expected_end;
  g_clear_pointer (&self->run, g_variant_unref);
  if (self->starter != NULL)
    return;

  tell_run (self);
  answer_callers (self, FALSE);
}

void
jobs_bus_service_tell_lines (JobsBusService *self,
                             GPtrArray      *lines)
{
  gboolean is_free = !self->is_flushing;

  if (self->starter != NULL)
    return;

  g_clear_pointer (&self->run, g_variant_unref);
  jobs_bus_table_refresh (self->table);
  /* Where each has an object, all of them, which may be too many for that */
  if (jobs_bus_table_is_extended (self->table))
    jobs_bus_table_extend (self->table, self->is_complete ? G_MAXUINT : TURN_SLICE);
  for (guint i = 0; i < lines->len; i++)
    {
      JobsBusRow *row = jobs_bus_table_find (self->table, get_action (lines->pdata[i]));

      if (row == NULL)
        continue;
      jobs_bus_table_touch (self->table, row);
      if (is_free)
        jobs_bus_objects_update (self->objects, row);
    }
  if (is_free)
    update_objects (self);
  else
    self->is_behind = TRUE;
  tell_run_soon (self);
  begin_flush (self);
  answer_callers (self, FALSE);
  jobs_bus_outputs_flush (self->outputs);
}

JobsBusService *
jobs_bus_service_new (JobsEngineBoard   *board,
                      GDBusConnection   *connection,
                      const char        *path,
                      JobsBusServiceFunc ready,
                      JobsBusServiceFunc settled,
                      gpointer           data)
{
  JobsBusService *self = g_new0 (JobsBusService, 1);

  self->board = g_object_ref (board);
  self->connection = g_object_ref (connection);
  self->ready = ready;
  self->settled = settled;
  self->data = data;
  self->cancellable = g_cancellable_new ();
  self->guard = jobs_bus_guard_new (connection);
  self->table = jobs_bus_table_new (board);
  self->objects = jobs_bus_objects_new (path, self->table, self->guard, asked_cb, self);
  self->callers = jobs_bus_callers_new (self->table, JOBS_BOARD (board));
  self->outputs = jobs_bus_outputs_new ();
  self->is_complete = TRUE;
  jobs_bus_run1_set_pid (jobs_bus_objects_get_run (self->objects), getpid ());
  connect_methods (self);

  self->starter = g_idle_source_new ();
  g_source_set_callback (self->starter, starter_cb, self, NULL);
  g_source_set_static_name (self->starter, "[asyncjobs] bus");
  g_source_attach (self->starter, g_main_context_get_thread_default ());

  return self;
}

void
jobs_bus_service_free (JobsBusService *self)
{
  g_cancellable_cancel (self->cancellable);
  jobs_timer_clear (&self->starter);
  jobs_alarm_clear (&self->chooser);
  jobs_alarm_clear (&self->teller);
  g_signal_handlers_disconnect_by_data (jobs_bus_objects_get_run (self->objects), self);
  jobs_bus_callers_free (self->callers);
  jobs_bus_outputs_free (self->outputs);
  jobs_bus_objects_free (self->objects);
  jobs_bus_table_free (self->table);
  jobs_bus_guard_free (self->guard);
  g_clear_pointer (&self->run, g_variant_unref);
  g_object_unref (self->cancellable);
  g_object_unref (self->connection);
  g_object_unref (self->board);
  g_free (self);
}
