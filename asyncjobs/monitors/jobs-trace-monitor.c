/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "actions/jobs-command-action.h"
#include "jobs-changes.h"
#include "jobs-lanes.h"
#include "jobs-trace-monitor.h"
#include "jobs-trace-writer.h"

/**
 * JobsTraceMonitor:
 *
 * Writes when each attempt of a run took place, for a program that draws it: the
 * page [ui.perfetto.dev](https://ui.perfetto.dev), or the panel "Performance" of
 * Chromium's developer tools, which shows no arrows.
 *
 * There is a group of tracks for each node, and one for engines; a track is a
 * slot, the lowest one that was free, so that no two attempts in it overlap. An
 * attempt has its path, its number, and what became of it; an arrow leads to its
 * start from the end of each action that it required. What waited with its
 * requirements met, for a slot, a pool or another attempt, is drawn beside.
 *
 * The file is an array of events in JSON, written ten times a second while
 * something happens; one that was cut off can still be read. Of a monitor that
 * comes in the middle of a run it has all that is known of what was before. It ends with the run,
 * or when the monitor is detached; the next run needs another monitor.
 *
 * It does not keep the engine alive. All of it is to be used in the context in
 * which the engine runs.
 *
 * Since: 1.0
 */

/* Shorter waits are the time it takes to start, µs */
#define MIN_WAIT 100

/* One of the number of its process would be drawn as its main thread */
#define FIRST_THREAD 1001

/* A group of tracks */
typedef struct
{
  guint process;
  JobsLanes *lanes;
  GArray *threads; /* (element-type guint): by lane */
  GArray *drawn;   /* (element-type gint64): likewise, until when bars reach there */
} Place;

/* What is known of an action: its last attempt */
typedef struct
{
  Place *place;
  guint lane;
  gboolean is_running;
  gboolean has_arrows;
  guint attempt;
  gint64 began;
  gint64 start;        /* monotonic, µs, as the others; 0: none */
  gint64 end;
  gint64 waits_since;  /* 0: it does not wait */
  const char *waits_for;
} Span;

struct _JobsTraceMonitor
{
  GObject parent_instance;

  GWeakRef engine;
  GOutputStream *stream;
  JobsTraceFilter filter;
  gpointer filter_data;
  GDestroyNotify filter_destroy;

  JobsTraceWriter *writer; /* NULL: not attached any more */
  JobsChanges *changes;    /* likewise */
  gboolean is_busy;        /* with what it has to write */
  gboolean is_to_end;      /* once that is done */
  JobsState outcome;       /* of the run; idle: it goes on */
  GHashTable *spans;       /* JobsAction, as a mere number: it may be gone → Span */
  GHashTable *places;      /* name → Place */
  gint64 epoch;            /* 0: the run has not begun */
  guint n_threads;
  guint n_arrows;
};

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_STREAM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (JobsTraceMonitor, jobs_trace_monitor, G_TYPE_OBJECT)

/* Tracks */

static void
place_free (gpointer data)
{
  Place *self = data;

  jobs_lanes_free (self->lanes);
  g_array_unref (self->threads);
  g_array_unref (self->drawn);
  g_free (self);
}

static Place *
get_place (JobsTraceMonitor *self,
           JobsAction       *action)
{
  const char *name = "local";
  Place *place;

  if (JOBS_IS_ENGINE (action))
    name = "engines";
  else if (JOBS_IS_COMMAND_ACTION (action))
    {
      JobsNode *node = jobs_command_action_get_node (JOBS_COMMAND_ACTION (action));
      const char *known = node != NULL ? jobs_node_get_name (node) : NULL;

      if (known != NULL)
        name = known;
    }

  place = g_hash_table_lookup (self->places, name);
  if (place != NULL)
    return place;

  place = g_new0 (Place, 1);
  place->process = g_hash_table_size (self->places) + 1;
  place->lanes = jobs_lanes_new ();
  place->threads = g_array_new (FALSE, FALSE, sizeof (guint));
  place->drawn = g_array_new (FALSE, TRUE, sizeof (gint64));
  g_hash_table_insert (self->places, g_strdup (name), place);
  jobs_trace_writer_name (self->writer, "process_name", place->process, 0, name);
  jobs_trace_writer_order (self->writer, "process_sort_index", place->process, 0, place->process);

  return place;
}

static guint
get_thread (JobsTraceMonitor *self,
            Place            *place,
            guint             lane)
{
  /* The first bar that is written need not be in the first lane */
  while (lane >= place->threads->len)
    {
      guint number = place->threads->len;
      guint thread = FIRST_THREAD + self->n_threads++;
      g_autofree char *name = g_strdup_printf ("slot %u", number + 1);

      g_array_append_val (place->threads, thread);
      jobs_trace_writer_name (self->writer, "thread_name", place->process, thread, name);
      jobs_trace_writer_order (self->writer, "thread_sort_index", place->process, thread, number);
      jobs_trace_writer_flush_many (self->writer);
    }

  return g_array_index (place->threads, guint, lane);
}

/* Attempts */

static Span *
get_span (JobsTraceMonitor *self,
          JobsAction       *action)
{
  Span *span = g_hash_table_lookup (self->spans, action);

  if (span == NULL)
    {
      span = g_new0 (Span, 1);
      g_hash_table_insert (self->spans, action, span);
    }

  return span;
}

static gint64
span_get_end (Span *self)
{
  /* A bar that has no width cannot be clicked at, and no arrow can begin in it */
  return MAX (self->end, self->start + 1);
}

static const char *
get_name (JobsAction *action,
          char      **made)
{
  const char *label = jobs_action_get_label (action);

  if (label != NULL)
    return label;

  *made = jobs_action_dup_display_label (action);

  return *made != NULL ? *made : "run";
}

/* Many wait at once: as slices that may overlap, which are drawn as one track that
 * opens out */
static void
write_wait (JobsTraceMonitor *self,
            JobsChange       *change,
            Span             *span,
            gint64            until)
{
  if (span->waits_since != 0 && until - span->waits_since >= MIN_WAIT)
    {
      Place *place = span->is_running ? span->place : get_place (self, change->action);

      jobs_trace_writer_wait (self->writer, place->process, span->waits_since - self->epoch,
                              until - self->epoch, span->waits_for, jobs_change_get_path (change));
    }
  span->waits_since = 0;
}

static void
write_arrow_end (JobsTraceMonitor *self,
                 Span             *span,
                 char              phase,
                 gint64            time)
{
  jobs_trace_writer_arrow (self->writer, phase, self->n_arrows, span->place->process,
                           get_thread (self, span->place, span->lane), time - self->epoch);
}

static void
write_arrows (JobsTraceMonitor *self,
              JobsAction       *action,
              Span             *span)
{
  g_autoptr (GPtrArray) requirements = jobs_action_dup_requirements (action);

  for (guint i = 0; i < requirements->len; i++)
    {
      JobsAction *other = g_ptr_array_index (requirements, i);
      Span *from = g_hash_table_lookup (self->spans, other);
      gint64 time;

      /* What is in another engine is not watched: a span there was of one that is gone */
      if (from == NULL || from->start == 0 ||
          jobs_action_get_engine (other) != jobs_action_get_engine (action))
        continue;

      /* From the end of its bar; of one that was only ready, from somewhere in it */
      time = MAX (span->start, from->start);
      if (!from->is_running)
        time = MIN (time, span_get_end (from) - 1);
      self->n_arrows++;
      write_arrow_end (self, from, 's', time);
      write_arrow_end (self, span, 'f', MAX (span->start, time));
      /* There may be a million of them */
      jobs_trace_writer_flush_many (self->writer);
    }
}

static void
write_slice (JobsTraceMonitor *self,
             JobsChange       *change,
             Span             *span,
             JobsState         state)
{
  const GError *error = change->error;
  g_autofree char *name = NULL;
  g_autofree char *message = NULL;
  JobsTraceSlice slice = {
    .process = span->place->process,
    .thread = get_thread (self, span->place, span->lane),
    .start = span->start - self->epoch,
    .duration = span_get_end (span) - span->start,
    .category = JOBS_IS_ENGINE (change->action) ? "engine" : "attempt",
    .state = jobs_state_get_nick (state),
    .attempt = span->attempt,
    .error = error != NULL ? error->message : NULL,
  };

  if (error != NULL && self->filter != NULL)
    slice.error = message = self->filter (error->message, self->filter_data);
  /* These may be borrowed: the stream and the filter have had their turn */
  slice.name = get_name (change->action, &name);
  slice.path = jobs_change_get_path (change);
  jobs_trace_writer_slice (self->writer, &slice);

  /* Not at its start: that may turn out to be no attempt */
  if (!span->has_arrows)
    write_arrows (self, change->action, span);
  span->has_arrows = TRUE;
}

static void
span_begin (Span             *span,
            JobsTraceMonitor *self,
            JobsChange       *change)
{
  /* The one that had its address has gone without an end */
  if (span->is_running)
    jobs_lanes_give (span->place->lanes, span->lane, change->time);

  /* Not every kind of action keeps its times */
  span->start = change->start_time > 0 ? change->start_time : change->time;
  span->place = get_place (self, change->action);
  span->began = span->start;
  span->lane = jobs_lanes_take (span->place->lanes, span->began);
  /* One that took no time is drawn as if it had: what came then begins behind it */
  if (span->lane >= span->place->drawn->len)
    g_array_set_size (span->place->drawn, span->lane + 1);
  span->start = MAX (span->start, g_array_index (span->place->drawn, gint64, span->lane));
  span->attempt = MAX (change->attempts, 1);
  span->is_running = TRUE;
}

static void
span_end (Span       *span,
          JobsChange *change)
{
  span->end = change->end_time >= span->began ? change->end_time : change->time;
  span->is_running = FALSE;
  jobs_lanes_give (span->place->lanes, span->lane, span->end);
  g_array_index (span->place->drawn, gint64, span->lane) = span_get_end (span);
}

/* What happens */

static void
begin_waiting (Span       *span,
               JobsChange *change)
{
  span->waits_since = change->time;
  if (change->old_state == JOBS_STATE_IDLE)
    span->waits_for = "waits for its turn";
  else
    span->waits_for = change->error != NULL ? "waits for a retry" : "waits for the system";
}

/* An attempt that has failed, and is made again, has failed */
static JobsState
get_outcome (JobsState state)
{
  return state == JOBS_STATE_SCHEDULED ? JOBS_STATE_FAILED : state;
}

static void
take_change (JobsTraceMonitor *self,
             JobsChange       *change)
{
  JobsState old_state = change->old_state;
  JobsState new_state = change->new_state;
  Span *span;

  if (new_state == JOBS_STATE_IDLE || new_state == JOBS_STATE_CANCELLING)
    return;

  span = get_span (self, change->action);
  /* It may be that of another one, which is gone and had its address */
  if (old_state == JOBS_STATE_IDLE)
    span->has_arrows = FALSE;
  if (new_state == JOBS_STATE_RUNNING)
    {
      span_begin (span, self, change);
      write_wait (self, change, span, change->time);
      return;
    }

  if (span->is_running)
    {
      span_end (span, change);
      /* That there was no room for it is no attempt */
      if (new_state != JOBS_STATE_SCHEDULED || change->error != NULL)
        write_slice (self, change, span, get_outcome (new_state));
      else
        span->start = 0;
    }
  if (new_state == JOBS_STATE_SCHEDULED)
    begin_waiting (span, change);
  else
    write_wait (self, change, span, change->time);

  /* What never ran has no bar, and one that had its address may have left its own */
  if (jobs_state_is_terminal (new_state) && (old_state == JOBS_STATE_IDLE || old_state == JOBS_STATE_SCHEDULED) &&
      change->attempts == 0)
    g_hash_table_remove (self->spans, change->action);
}

/* The stream and the filter are any program's own, which may end the trace meanwhile */
static void
changes_cb (JobsChange *changes,
            guint       n,
            gpointer    user_data)
{
  g_autoptr (JobsTraceMonitor) self = g_object_ref (user_data);

  self->is_busy = TRUE;
  for (guint i = 0; i < n; i++)
    {
      take_change (self, &changes[i]);
      jobs_trace_writer_flush_many (self->writer);
    }
  jobs_trace_writer_flush (self->writer);
  self->is_busy = FALSE;
  if (self->is_to_end)
    jobs_trace_monitor_detach (self);
}

static void
begin_run (JobsTraceMonitor *self,
           JobsEngine       *engine)
{
  JobsAction *run = JOBS_ACTION (engine);
  g_auto (JobsChange) change = { 0 };

  self->epoch = jobs_action_get_start_time (run);
  jobs_change_init (&change, run, JOBS_STATE_IDLE, JOBS_STATE_RUNNING);
  span_begin (get_span (self, run), self, &change);
}

static void
started_cb (JobsEngine       *engine,
            JobsTraceMonitor *self)
{
  /* One that began in a handler of this signal has begun with it already */
  if (self->epoch == 0)
    begin_run (self, engine);
}

static void
finished_cb (JobsEngine       *engine,
             gboolean          success,
             JobsTraceMonitor *self)
{
  /* Its state may be that of the next run already */
  self->outcome = success ? JOBS_STATE_FINISHED : JOBS_STATE_FAILED;
  jobs_trace_monitor_detach (self);
}

/* Coming and going */

static int
compare_starts (gconstpointer a,
                gconstpointer b)
{
  gint64 one = jobs_action_get_start_time (*(JobsAction *const *) a);
  gint64 two = jobs_action_get_start_time (*(JobsAction *const *) b);

  return one < two ? -1 : one > two;
}

/* What was before, as far as it is kept, and what runs. In the order of their starts, or
 * one could come into a slot in which a later one is */
static void
catch_up (JobsTraceMonitor *self,
          JobsEngine       *engine)
{
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (engine, TRUE);

  begin_run (self, engine);
  g_ptr_array_remove (actions, engine);
  g_ptr_array_sort (actions, compare_starts);
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      JobsState state = jobs_action_get_state (action);
      gboolean has_times = jobs_action_get_start_time (action) > 0;
      g_auto (JobsChange) change = { 0 };
      Span *span;

      jobs_change_init (&change, action, has_times ? JOBS_STATE_RUNNING : JOBS_STATE_IDLE, state);
      if (jobs_state_is_active (state))
        span_begin (get_span (self, action), self, &change);
      else if (state == JOBS_STATE_SCHEDULED)
        begin_waiting (get_span (self, action), &change);
      if (!has_times || change.end_time == 0)
        continue;

      span = get_span (self, action);
      span_begin (span, self, &change);
      span_end (span, &change);
      write_slice (self, &change, span, get_outcome (state));
      jobs_trace_writer_flush_many (self->writer);
    }
  jobs_trace_writer_flush (self->writer);
}

static void
jobs_trace_monitor_attach (JobsTraceMonitor *self)
{
  g_autoptr (JobsEngine) engine = g_weak_ref_get (&self->engine);

  if (engine == NULL || self->stream == NULL)
    return;

  self->writer = jobs_trace_writer_new (self->stream);
  if (jobs_engine_is_active (engine))
    catch_up (self, engine);

  self->changes = jobs_changes_new (engine, changes_cb, self);
  g_signal_connect_object (engine, "started", G_CALLBACK (started_cb), self, 0);
  g_signal_connect_object (engine, "finished", G_CALLBACK (finished_cb), self, 0);
}

/* What goes on, up to here, and the run. Those that are gone are left alone */
static void
write_running (JobsTraceMonitor *self,
               JobsEngine       *engine)
{
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (engine, TRUE);

  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      JobsState state = jobs_action_get_state (action);
      Span *span = g_hash_table_lookup (self->spans, action);
      g_auto (JobsChange) change = { 0 };

      if (span == NULL)
        continue;

      if (action == JOBS_ACTION (engine) && self->outcome != JOBS_STATE_IDLE)
        state = self->outcome;
      jobs_change_init (&change, action, JOBS_STATE_RUNNING, state);
      write_wait (self, &change, span, change.time);
      if (span->is_running)
        {
          span_end (span, &change);
          write_slice (self, &change, span, change.new_state);
        }
      jobs_trace_writer_flush_many (self->writer);
    }
}

static void
jobs_trace_monitor_constructed (GObject *object)
{
  G_OBJECT_CLASS (jobs_trace_monitor_parent_class)->constructed (object);

  jobs_trace_monitor_attach (JOBS_TRACE_MONITOR (object));
}

static void
jobs_trace_monitor_dispose (GObject *object)
{
  JobsTraceMonitor *self = JOBS_TRACE_MONITOR (object);

  jobs_trace_monitor_detach (self);
  jobs_trace_monitor_set_filter (self, NULL, NULL, NULL);
  g_clear_object (&self->stream);

  G_OBJECT_CLASS (jobs_trace_monitor_parent_class)->dispose (object);
}

static void
jobs_trace_monitor_finalize (GObject *object)
{
  JobsTraceMonitor *self = JOBS_TRACE_MONITOR (object);

  g_hash_table_unref (self->spans);
  g_hash_table_unref (self->places);
  g_weak_ref_clear (&self->engine);

  G_OBJECT_CLASS (jobs_trace_monitor_parent_class)->finalize (object);
}

static void
jobs_trace_monitor_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  JobsTraceMonitor *self = JOBS_TRACE_MONITOR (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_take_object (value, g_weak_ref_get (&self->engine));
      break;
    case PROP_STREAM:
      g_value_set_object (value, self->stream);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_trace_monitor_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  JobsTraceMonitor *self = JOBS_TRACE_MONITOR (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_weak_ref_set (&self->engine, g_value_get_object (value));
      break;
    case PROP_STREAM:
      self->stream = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_trace_monitor_class_init (JobsTraceMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = jobs_trace_monitor_constructed;
  object_class->dispose = jobs_trace_monitor_dispose;
  object_class->finalize = jobs_trace_monitor_finalize;
  object_class->get_property = jobs_trace_monitor_get_property;
  object_class->set_property = jobs_trace_monitor_set_property;

  /**
   * JobsTraceMonitor:engine:
   *
   * The engine that is watched, as long as it lives and the monitor is attached.
   *
   * Since: 1.0
   */
  properties[PROP_ENGINE] =
    g_param_spec_object ("engine", NULL, NULL, JOBS_TYPE_ENGINE,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * JobsTraceMonitor:stream:
   *
   * Where the trace goes.
   *
   * Since: 1.0
   */
  properties[PROP_STREAM] =
    g_param_spec_object ("stream", NULL, NULL, G_TYPE_OUTPUT_STREAM,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
jobs_trace_monitor_init (JobsTraceMonitor *self)
{
  g_weak_ref_init (&self->engine, NULL);
  self->spans = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, place_free);
}

/**
 * jobs_trace_monitor_new:
 * @engine: the engine to watch; it may run already
 * @stream: where the trace goes
 *
 * Begins to trace a run of an engine: the one that goes on, or the next one.
 *
 * The stream is written to by blocking calls, and not closed. From what cannot
 * be written on, all is dropped, and the run goes on.
 *
 * Returns: (transfer full): a monitor, which writes as long as somebody keeps it
 *
 * Since: 1.0
 */
JobsTraceMonitor *
jobs_trace_monitor_new (JobsEngine    *engine,
                        GOutputStream *stream)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), NULL);

  return g_object_new (JOBS_TYPE_TRACE_MONITOR, "engine", engine, "stream", stream, NULL);
}

/**
 * jobs_trace_monitor_set_filter:
 * @self: a trace monitor
 * @filter: (nullable) (scope notified) (closure user_data) (destroy destroy): what
 *   messages of errors go through; %NULL, the default: they are written as they are
 * @user_data: for the function
 * @destroy: (nullable): called once @user_data is not needed any more
 *
 * Sets what becomes of messages of errors, which may say what is not for all who
 * read the trace.
 *
 * Since: 1.0
 */
void
jobs_trace_monitor_set_filter (JobsTraceMonitor *self,
                               JobsTraceFilter   filter,
                               gpointer          user_data,
                               GDestroyNotify    destroy)
{
  GDestroyNotify former_destroy;
  gpointer former_data;

  g_return_if_fail (JOBS_IS_TRACE_MONITOR (self));

  former_destroy = self->filter_destroy;
  former_data = self->filter_data;
  self->filter = filter;
  self->filter_data = user_data;
  self->filter_destroy = destroy;
  if (former_destroy != NULL)
    former_destroy (former_data);
}

/**
 * jobs_trace_monitor_detach:
 * @self: a trace monitor
 *
 * Ends the trace. What still runs is in it with the state that it has by now.
 *
 * It is detached by the end of the run, too; detaching twice is harmless. Where the stream
 * or the filter does it, what they are called for is written first.
 *
 * Since: 1.0
 */
void
jobs_trace_monitor_detach (JobsTraceMonitor *self)
{
  g_autoptr (JobsTraceMonitor) kept = NULL;
  g_autoptr (JobsEngine) engine = NULL;

  g_return_if_fail (JOBS_IS_TRACE_MONITOR (self));

  kept = g_object_ref (self);
  if (self->is_busy)
    {
      self->is_to_end = TRUE;
      return;
    }

  if (self->writer != NULL)
    jobs_changes_flush (self->changes);
  if (self->writer == NULL)
    return;

  self->is_busy = TRUE;
  g_clear_pointer (&self->changes, jobs_changes_free);
  engine = g_weak_ref_get (&self->engine);
  if (engine != NULL)
    {
      g_signal_handlers_disconnect_by_data (engine, self);
      write_running (self, engine);
      g_weak_ref_set (&self->engine, NULL);
    }
  g_hash_table_remove_all (self->spans);
  g_clear_pointer (&self->writer, jobs_trace_writer_free);
  self->is_busy = FALSE;
}
