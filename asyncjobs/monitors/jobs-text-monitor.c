/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <langinfo.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "jobs-alarm.h"
#include "jobs-changes.h"
#include "jobs-engine-board.h"
#include "jobs-text-monitor.h"
#include "jobs-visible.h"

/**
 * JobsTextMonitor:
 *
 * Writes one line for each event of a run.
 *
 * A line has the seconds since the run began, what happened, and to which
 * action, by its path:
 *
 * ```
 *    0.512  started     tests/unit
 *    1.204  finished    tests/unit  (0.692 s)
 * ```
 *
 * The monitor hears of the actions of nested engines too. It can be made
 * before a run or in the middle of one, and goes with its last reference; it
 * does not keep the engine alive. Labels and messages are made harmless: a
 * control character in them is shown as text.
 *
 * All of it is to be used in the context in which the engine runs.
 *
 * Since: 1.0
 */

/* What a line tells */
typedef enum
{
  EVENT_NONE,
  EVENT_STARTED,
  EVENT_WAITING,
  EVENT_AGAIN,
  EVENT_CANCELLING,
  EVENT_FINISHED,
  EVENT_FAILED,
  EVENT_TIMED_OUT,
  EVENT_CANCELLED,
  EVENT_SKIPPED,
  EVENT_RUNNING,
  N_EVENTS
} Event;

struct _JobsTextMonitor
{
  GObject parent_instance;

  GWeakRef engine;
  GOutputStream *stream;
  gboolean color;
  gint64 epoch;
  GString *heads[N_EVENTS]; /* what comes behind the time; NULL: was not needed yet */
  char **duration;          /* what comes before and behind its seconds; likewise */
  JobsChanges *changes;     /* NULL: not attached */
  guint reminder;           /* ms; 0: none */
  JobsAlarm *reminded;      /* set while the run goes on */
};

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_STREAM,
  PROP_COLOR,
  PROP_REMINDER,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (JobsTextMonitor, jobs_text_monitor, G_TYPE_OBJECT)

#define WORD_WIDTH 10
#define TYPICAL_LENGTH 64
/* Of what runs, so many are named */
#define N_NAMED 3

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define FAINT  "\033[2m"
#define RESET  "\033[0m"

static const struct
{
  const char *word;
  const char *color;
} events[N_EVENTS] = {
  /* Translators: a line about a job begins with this word, of 10 letters at the most if that can be */
  [EVENT_STARTED] = { N_("started"), NULL },
  /* Translators: a job that was to start waits, for the system has no room for it; of 10 letters at the
   * most if that can be */
  [EVENT_WAITING] = { N_("waiting"), YELLOW },
  /* Translators: a job that has failed waits for its next attempt; of 10 letters at the most if that can be */
  [EVENT_AGAIN] = { N_("again"), YELLOW },
  [EVENT_CANCELLING] = { N_("cancelling"), YELLOW },
  [EVENT_FINISHED] = { N_("finished"), GREEN },
  [EVENT_FAILED] = { N_("failed"), RED },
  [EVENT_TIMED_OUT] = { N_("timed out"), RED },
  [EVENT_CANCELLED] = { N_("cancelled"), YELLOW },
  [EVENT_SKIPPED] = { N_("skipped"), FAINT },
  [EVENT_RUNNING] = { N_("running"), NULL },
};

static void
free_line (GString *line)
{
  g_string_free (line, TRUE);
}

/* The stream may be any program's own, which changes or drops the monitor meanwhile. The
 * standard output is shared with all others who write there */
static void
write_lines (JobsTextMonitor *self,
             const GString   *lines)
{
  g_autoptr (GOutputStream) stream = self->stream != NULL ? g_object_ref (self->stream) : NULL;

  /* Who wants to know of a stream that fails gives one that tells */
  if (stream == NULL)
    {
      fwrite (lines->str, 1, lines->len, stdout);
      fflush (stdout);
    }
  else
    {
      g_output_stream_write_all (stream, lines->str, lines->len, NULL, NULL, NULL);
      g_output_stream_flush (stream, NULL, NULL);
    }
}

/* Towards the front */
static char *
put_digits (char   *end,
            guint64 number,
            guint   n_min,
            char    fill)
{
  char *from = end;

  do
    *--from = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  while ((guint) (end - from) < n_min)
    *--from = fill;

  return from;
}

/* As printf() writes them, which takes longer for its two numbers than is taken by all the
 * rest of a line */
static void
append_seconds (GString *line,
                gint64   us,
                guint    n_min)
{
  guint64 ms = (guint64) (MAX (us, 0) + 500) / 1000;
  const char *point = nl_langinfo (RADIXCHAR);
  char text[32 + MB_LEN_MAX];
  char *end = text + sizeof text;
  char *from = put_digits (end, ms % 1000, 3, '0');
  gsize length = MIN (strlen (point), MB_LEN_MAX);

  from -= length;
  memcpy (from, point, length);
  from = put_digits (from, ms / 1000, n_min, ' ');
  g_string_append_len (line, from, end - from);
}

/* To look a word up, to colour it and to fill it up with blanks takes longer than the rest
 * of a line: it is done once */
static const GString *
make_head (JobsTextMonitor *self,
           Event            event)
{
  const char *word = g_dgettext (GETTEXT_PACKAGE, events[event].word);
  const char *color = self->color ? events[event].color : NULL;
  GString *head = g_string_new ("  ");

  if (color != NULL)
    g_string_append_printf (head, "%s%s" RESET, color, word);
  else
    g_string_append (head, word);
  for (glong width = g_utf8_strlen (word, -1); width < WORD_WIDTH + 2; width++)
    g_string_append_c (head, ' ');

  return self->heads[event] = head;
}

static void
forget_heads (JobsTextMonitor *self)
{
  for (Event event = 0; event < N_EVENTS; event++)
    g_clear_pointer (&self->heads[event], free_line);
}

static void
begin_line (JobsTextMonitor *self,
            GString         *line,
            gint64           time,
            Event            event)
{
  const GString *head = self->heads[event] != NULL ? self->heads[event] : make_head (self, event);

  if (self->epoch == 0)
    self->epoch = time;

  append_seconds (line, time - self->epoch, 4);
  g_string_append_len (line, head->str, (gssize) head->len);
}

static void
append_duration (JobsTextMonitor  *self,
                 GString          *line,
                 const JobsChange *change)
{
  /* Not every kind of action keeps its times */
  if (change->start_time <= 0 || change->end_time < change->start_time)
    return;

  if (self->duration == NULL)
    /* Translators: a number of seconds, how long an action took */
    self->duration = g_strsplit (_("  (%s s)"), "%s", 2);
  g_string_append (line, self->duration[0]);
  append_seconds (line, change->end_time - change->start_time, 1);
  g_string_append (line, self->duration[1]);
}

static Event
get_event (const JobsChange *change)
{
  switch (change->new_state)
    {
    case JOBS_STATE_RUNNING:
      return EVENT_STARTED;
    case JOBS_STATE_SCHEDULED:
      /* From idle it is no event yet: only its requirements are met. One that
       * has started and has no error found the system without room for it */
      if (change->old_state == JOBS_STATE_IDLE)
        return EVENT_NONE;
      return change->error != NULL ? EVENT_AGAIN : EVENT_WAITING;
    case JOBS_STATE_CANCELLING:
      return EVENT_CANCELLING;
    case JOBS_STATE_FINISHED:
      return EVENT_FINISHED;
    case JOBS_STATE_FAILED:
      return EVENT_FAILED;
    case JOBS_STATE_TIMED_OUT:
      return EVENT_TIMED_OUT;
    case JOBS_STATE_CANCELLED:
      return EVENT_CANCELLED;
    case JOBS_STATE_SKIPPED:
      return EVENT_SKIPPED;
    case JOBS_STATE_IDLE:
    default:
      return EVENT_NONE;
    }
}

static void
append_change (JobsTextMonitor *self,
               GString         *line,
               JobsChange      *change)
{
  Event event = get_event (change);

  if (event == EVENT_NONE)
    return;

  begin_line (self, line, change->time, event);
  jobs_visible_append (line, jobs_change_get_path (change), -1);
  if (change->error != NULL && (event == EVENT_FAILED || event == EVENT_AGAIN))
    {
      g_string_append (line, ": ");
      jobs_visible_append (line, change->error->message, -1);
    }
  else if (event == EVENT_STARTED && change->attempts > 1)
    {
      /* Translators: at the end of a line, and so with blanks before it; from 2 on */
      g_string_append_printf (line, _("  (attempt %u)"), change->attempts);
    }
  if (jobs_state_is_terminal (change->new_state))
    append_duration (self, line, change);
  g_string_append_c (line, '\n');
}

static void
changes_cb (JobsChange *changes,
            guint       n,
            gpointer    user_data)
{
  g_autoptr (JobsTextMonitor) self = g_object_ref (user_data);
  g_autoptr (GString) lines = g_string_sized_new (n * TYPICAL_LENGTH);

  for (guint i = 0; i < n; i++)
    append_change (self, lines, &changes[i]);
  if (lines->len > 0)
    write_lines (self, lines);
}

/* What still runs, the oldest first. A board is made for that moment: between two of
 * them this costs nothing */
static void
write_reminder (JobsTextMonitor *self,
                JobsEngine      *engine)
{
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (GPtrArray) lines = jobs_board_dup_active (board, N_NAMED);
  g_autoptr (GString) line = g_string_new (NULL);
  guint n = jobs_board_count (board, JOBS_STATE_RUNNING) + jobs_board_count (board, JOBS_STATE_CANCELLING);

  if (lines->len == 0)
    return;

  begin_line (self, line, g_get_monotonic_time (), EVENT_RUNNING);
  for (guint i = 0; i < lines->len; i++)
    {
      JobsLine *job = g_ptr_array_index (lines, i);

      if (i > 0)
        g_string_append (line, ", ");
      jobs_visible_append (line, jobs_line_get_path (job), -1);
      /* Translators: for how long a job has run yet, in seconds */
      g_string_append_printf (line, _(" (%.0f s)"), jobs_line_get_elapsed (job) / (double) G_USEC_PER_SEC);
    }
  if (n > lines->len)
    /* Translators: behind the names of some jobs: how many there are beside them */
    g_string_append_printf (line, _(" and %u more"), n - lines->len);
  g_string_append_c (line, '\n');
  write_lines (self, line);
}

static void begin_reminder (JobsTextMonitor *self);

static void
reminded_cb (gpointer data)
{
  g_autoptr (JobsTextMonitor) self = g_object_ref (data);
  g_autoptr (JobsEngine) engine = g_weak_ref_get (&self->engine);

  begin_reminder (self);
  jobs_text_monitor_flush (self);
  if (engine != NULL)
    write_reminder (self, engine);
}

static void
begin_reminder (JobsTextMonitor *self)
{
  if (self->reminder == 0)
    jobs_alarm_unset (self->reminded);
  else
    jobs_alarm_set (&self->reminded, g_main_context_get_thread_default (),
                    g_get_monotonic_time () + self->reminder * G_TIME_SPAN_MILLISECOND, reminded_cb, self);
}

static void
started_cb (JobsEngine      *engine,
            JobsTextMonitor *self)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (engine, TRUE);
  guint n = actions->len - 1; /* less the run itself */

  self->epoch = jobs_action_get_start_time (JOBS_ACTION (engine));
  begin_line (self, line, g_get_monotonic_time (), EVENT_STARTED);
  g_string_append_printf (line,
                          g_dngettext (GETTEXT_PACKAGE, "the run: %u action", "the run: %u actions", n),
                          n);
  g_string_append_c (line, '\n');
  write_lines (self, line);
  begin_reminder (self);
}

static void
finished_cb (JobsEngine      *engine,
             gboolean         success,
             JobsTextMonitor *self)
{
  g_autoptr (GString) line = g_string_new (NULL);

  jobs_alarm_unset (self->reminded);
  jobs_text_monitor_flush (self);
  if (self->changes == NULL)
    return;

  begin_line (self, line, g_get_monotonic_time (), success ? EVENT_FINISHED : EVENT_FAILED);
  g_string_append (line, _("the run"));
  if (!success)
    {
      g_autofree char *why = jobs_engine_why (engine);

      if (why != NULL && why[0] != '\0')
        {
          g_string_append (line, ": ");
          jobs_visible_append (line, why, -1);
        }
    }
  g_string_append_c (line, '\n');
  write_lines (self, line);
}

static void
jobs_text_monitor_attach (JobsTextMonitor *self,
                          JobsEngine      *engine)
{
  g_weak_ref_set (&self->engine, engine);
  if (jobs_engine_is_active (engine))
    self->epoch = jobs_action_get_start_time (JOBS_ACTION (engine));

  self->changes = jobs_changes_new (engine, changes_cb, self);
  jobs_changes_set_immediate (self->changes, self->stream == NULL);
  g_signal_connect_object (engine, "started", G_CALLBACK (started_cb), self, 0);
  g_signal_connect_object (engine, "finished", G_CALLBACK (finished_cb), self, 0);
}

static void
jobs_text_monitor_dispose (GObject *object)
{
  JobsTextMonitor *self = JOBS_TEXT_MONITOR (object);

  jobs_text_monitor_detach (self);
  g_clear_object (&self->stream);

  G_OBJECT_CLASS (jobs_text_monitor_parent_class)->dispose (object);
}

static void
jobs_text_monitor_finalize (GObject *object)
{
  JobsTextMonitor *self = JOBS_TEXT_MONITOR (object);

  forget_heads (self);
  g_strfreev (self->duration);
  g_weak_ref_clear (&self->engine);

  G_OBJECT_CLASS (jobs_text_monitor_parent_class)->finalize (object);
}

static void
jobs_text_monitor_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  JobsTextMonitor *self = JOBS_TEXT_MONITOR (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_take_object (value, g_weak_ref_get (&self->engine));
      break;
    case PROP_STREAM:
      g_value_set_object (value, self->stream);
      break;
    case PROP_COLOR:
      g_value_set_boolean (value, self->color);
      break;
    case PROP_REMINDER:
      g_value_set_uint (value, self->reminder);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_text_monitor_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  JobsTextMonitor *self = JOBS_TEXT_MONITOR (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      if (g_value_get_object (value) != NULL)
        jobs_text_monitor_attach (self, g_value_get_object (value));
      break;
    case PROP_STREAM:
      jobs_text_monitor_set_stream (self, g_value_get_object (value));
      break;
    case PROP_COLOR:
      jobs_text_monitor_set_color (self, g_value_get_boolean (value));
      break;
    case PROP_REMINDER:
      jobs_text_monitor_set_reminder (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_text_monitor_class_init (JobsTextMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = jobs_text_monitor_dispose;
  object_class->finalize = jobs_text_monitor_finalize;
  object_class->get_property = jobs_text_monitor_get_property;
  object_class->set_property = jobs_text_monitor_set_property;

  /**
   * JobsTextMonitor:engine:
   *
   * The engine that is watched, as long as it lives and the monitor is attached.
   *
   * Since: 1.0
   */
  properties[PROP_ENGINE] =
    g_param_spec_object ("engine", NULL, NULL, JOBS_TYPE_ENGINE,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * JobsTextMonitor:stream:
   *
   * Where the lines go; %NULL, the default, is the standard output.
   *
   * Since: 1.0
   */
  properties[PROP_STREAM] =
    g_param_spec_object ("stream", NULL, NULL, G_TYPE_OUTPUT_STREAM,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * JobsTextMonitor:color:
   *
   * Whether states are coloured, by the escape sequences of terminals.
   *
   * Since: 1.0
   */
  properties[PROP_COLOR] =
    g_param_spec_boolean ("color", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * JobsTextMonitor:reminder:
   *
   * How often a line names what still runs, in milliseconds; 0, the default: never.
   *
   * Since: 1.0
   */
  properties[PROP_REMINDER] =
    g_param_spec_uint ("reminder", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
jobs_text_monitor_init (JobsTextMonitor *self)
{
  g_weak_ref_init (&self->engine, NULL);
}

/**
 * jobs_text_monitor_new:
 * @engine: the engine to watch; it may run already
 *
 * Begins to watch an engine.
 *
 * The monitor writes as long as somebody keeps it.
 *
 * Returns: (transfer full): a monitor that writes to the standard output
 *
 * Since: 1.0
 */
JobsTextMonitor *
jobs_text_monitor_new (JobsEngine *engine)
{
  g_return_val_if_fail (JOBS_IS_ENGINE (engine), NULL);

  return g_object_new (JOBS_TYPE_TEXT_MONITOR, "engine", engine, NULL);
}

/**
 * jobs_text_monitor_set_stream:
 * @self: a text monitor
 * @stream: (nullable): where the lines shall go; %NULL is the standard output
 *
 * Sets where the lines go.
 *
 * Lines are written in one blocking call, and the stream is flushed, as soon as something
 * happens, but ten times a second at most, and when the run ends. So lines that come fast are
 * cheap; who writes to the same place calls jobs_text_monitor_flush() before. On the standard
 * output, where anybody may write, each line comes at once. What cannot be written is dropped,
 * and the run goes on.
 *
 * Since: 1.0
 */
void
jobs_text_monitor_set_stream (JobsTextMonitor *self,
                              GOutputStream   *stream)
{
  g_return_if_fail (JOBS_IS_TEXT_MONITOR (self));
  g_return_if_fail (stream == NULL || G_IS_OUTPUT_STREAM (stream));

  if (self->stream == stream)
    return;

  jobs_text_monitor_flush (self);
  g_set_object (&self->stream, stream);
  if (self->changes != NULL)
    jobs_changes_set_immediate (self->changes, stream == NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STREAM]);
}

/**
 * jobs_text_monitor_set_color:
 * @self: a text monitor
 * @color: whether to colour states
 *
 * Sets whether states are coloured. The default is not to; whether the stream is
 * a terminal that wants colours is for the caller to know.
 *
 * Since: 1.0
 */
void
jobs_text_monitor_set_color (JobsTextMonitor *self,
                             gboolean         color)
{
  g_return_if_fail (JOBS_IS_TEXT_MONITOR (self));

  color = !!color;
  if (self->color == color)
    return;

  self->color = color;
  forget_heads (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COLOR]);
}

/**
 * jobs_text_monitor_set_reminder:
 * @self: a text monitor
 * @milliseconds: how often; 0: never
 *
 * Sets how often, while a run goes on, a line names those actions that have run for
 * longest. So one who reads what a program wrote last sees what it waits for.
 *
 * Since: 1.0
 */
void
jobs_text_monitor_set_reminder (JobsTextMonitor *self,
                                guint            milliseconds)
{
  g_autoptr (JobsEngine) engine = NULL;

  g_return_if_fail (JOBS_IS_TEXT_MONITOR (self));

  if (self->reminder == milliseconds)
    return;

  self->reminder = milliseconds;
  engine = g_weak_ref_get (&self->engine);
  if (engine != NULL && jobs_engine_is_active (engine))
    begin_reminder (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REMINDER]);
}

/**
 * jobs_text_monitor_flush:
 * @self: a text monitor
 *
 * Writes at once what has happened up to now.
 *
 * Does nothing where it is called by the stream that is written to.
 *
 * Since: 1.0
 */
void
jobs_text_monitor_flush (JobsTextMonitor *self)
{
  g_return_if_fail (JOBS_IS_TEXT_MONITOR (self));

  if (self->changes != NULL)
    jobs_changes_flush (self->changes);
}

/**
 * jobs_text_monitor_detach:
 * @self: a text monitor
 *
 * Ends watching. The monitor writes nothing from then on; detaching twice is
 * harmless.
 *
 * Since: 1.0
 */
void
jobs_text_monitor_detach (JobsTextMonitor *self)
{
  g_autoptr (JobsEngine) engine = NULL;

  g_return_if_fail (JOBS_IS_TEXT_MONITOR (self));

  jobs_alarm_clear (&self->reminded);
  jobs_text_monitor_flush (self);
  g_clear_pointer (&self->changes, jobs_changes_free);
  engine = g_weak_ref_get (&self->engine);
  if (engine != NULL)
    g_signal_handlers_disconnect_by_data (engine, self);
  g_weak_ref_set (&self->engine, NULL);
}
