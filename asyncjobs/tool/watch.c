/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <unistd.h>

#include "bus.h"
#include "history.h"
#include "monitors/jobs-counts.h"
#include "summary.h"

#define RUN_PREFIX "org.asyncjobs.Run."
#define WORD_WIDTH 10

typedef struct
{
  GDBusConnection *connection;
  JobsBoard *board;
  ToolStream *out;
  GMainLoop *loop;
  GError *error;
  char **runs;          /* their names */
  gboolean plain;
  gboolean is_live;     /* on a whole terminal; else in lines */
  gboolean has_left;    /* who watched it there wants no more */
  GHashTable *told;     /* JobsLine → what was told of it last */
} Watch;

/* Finding it */

static void
runs_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Watch *self = user_data;

  self->runs = jobs_bus_list_runs_finish (self->connection, result, &self->error);
  g_main_loop_quit (self->loop);
}

static void
board_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Watch *self = user_data;

  self->board = jobs_bus_board_new_finish (result, &self->error);
  g_main_loop_quit (self->loop);
}

static gboolean
connect_to_bus (Watch *self)
{
  self->connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &self->error);
  if (self->connection == NULL)
    return FALSE;

  /* How that ends is for us to say */
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);

  return TRUE;
}

static gboolean
open_board (Watch      *self,
            const char *name)
{
  jobs_bus_board_new_async (self->connection, name, NULL, board_cb, self);
  g_main_loop_run (self->loop);

  return self->board != NULL;
}

/* The only one there is, where none is named. NULL: leave with *status */
static char *
choose_run (Watch *self,
            int   *status)
{
  guint n;

  jobs_bus_list_runs_async (self->connection, NULL, runs_cb, self);
  g_main_loop_run (self->loop);
  if (self->runs == NULL)
    {
      tool_note ("%s", self->error->message);
      *status = TOOL_EXIT_TROUBLE;
      return NULL;
    }

  n = g_strv_length (self->runs);
  if (n == 1)
    return g_strdup (self->runs[0]);

  if (n == 0)
    {
      tool_note ("%s", _("no run is shown here; asyncjobs run --bus shows one"));
      *status = TOOL_EXIT_TROUBLE;
      return NULL;
    }

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      /* One may have ended by now, or belong to somebody else */
      if (!open_board (self, self->runs[i]))
        {
          g_clear_error (&self->error);
          continue;
        }
      g_string_append_printf (line, "%s  ", self->runs[i] + strlen (RUN_PREFIX "p"));
      tool_append_line (line, jobs_board_get_title (self->board) != NULL ? jobs_board_get_title (self->board) : "");
      tool_note ("%s", line->str);
      g_clear_object (&self->board);
    }
  *status = tool_usage (_("there are several runs: which one?"));

  return NULL;
}

/* NULL: leave with *status */
static char *
find_run (Watch      *self,
          const char *argument,
          int        *status)
{
  g_autoptr (History) history = NULL;
  g_autoptr (GError) error = NULL;
  guint64 pid;

  if (argument == NULL)
    return choose_run (self, status);
  if (g_str_has_prefix (argument, RUN_PREFIX) && g_dbus_is_name (argument))
    return g_strdup (argument);
  if (g_ascii_string_to_unsigned (argument, 10, 1, G_MAXINT, &pid, NULL))
    return g_strconcat (RUN_PREFIX "p", argument, NULL);

  *status = TOOL_EXIT_JOURNAL;
  history = history_open_argument (argument, &error);
  if (history == NULL)
    {
      tool_note_error (error);
      return NULL;
    }
  if (history->writer == 0)
    {
      tool_note (_("nothing runs: see asyncjobs status %s"), argument);
      return NULL;
    }

  return g_strdup_printf (RUN_PREFIX "p%d", (int) history->writer);
}

/* Telling of it, a line for each event */

/* As the text monitor does */
static const char *
describe (JobsLine *line)
{
  JobsState state = jobs_line_get_state (line);

  switch (state)
    {
    case JOBS_STATE_IDLE:
      return NULL;
    case JOBS_STATE_SCHEDULED:
      /* From idle it is no event yet */
      return jobs_line_get_attempts (line) == 0 ? NULL
             : jobs_line_get_error (line) != NULL ? _("again") : _("waiting");
    case JOBS_STATE_RUNNING:
      return _("started");
    case JOBS_STATE_CANCELLING:
      return _("cancelling");
    case JOBS_STATE_FINISHED:
    case JOBS_STATE_FAILED:
    case JOBS_STATE_TIMED_OUT:
    case JOBS_STATE_CANCELLED:
    case JOBS_STATE_SKIPPED:
    default:
      return tool_get_state_word (state);
    }
}

static GString *
begin_line (Watch      *self,
            const char *word,
            gint64      when)
{
  GString *text = g_string_new (NULL);
  gint64 start = jobs_board_get_start_time (self->board);

  if (when == 0)
    when = g_get_monotonic_time ();
  g_string_append_printf (text, "%8.3f  %s%*s", start > 0 ? (when - start) / (double) G_USEC_PER_SEC : 0.0, word,
                          (int) MAX (WORD_WIDTH - g_utf8_strlen (word, -1), 0) + 2, "");

  return text;
}

static void
end_line (Watch   *self,
          GString *text)
{
  g_string_append_c (text, '\n');
  tool_stream_put (self->out, text->str, text->len);
  g_string_free (text, TRUE);
}

/* 0: now */
static gint64
get_moment (JobsLine *line)
{
  JobsState state = jobs_line_get_state (line);

  if (state == JOBS_STATE_RUNNING)
    return jobs_line_get_start_time (line);

  return jobs_state_is_terminal (state) ? jobs_line_get_end_time (line) : 0;
}

static int
compare_moments (gconstpointer a,
                 gconstpointer b)
{
  gint64 one = get_moment (*(JobsLine **) a);
  gint64 other = get_moment (*(JobsLine **) b);

  if (one == 0 || other == 0)
    return (one == 0) - (other == 0);

  return (one > other) - (one < other);
}

static void
tell (Watch    *self,
      JobsLine *line)
{
  JobsState state = jobs_line_get_state (line);
  /* A state and the attempt in it: what came and went meanwhile was not heard of */
  gpointer news = GUINT_TO_POINTER (jobs_line_get_attempts (line) << 4 | state);
  const char *word;
  GString *text;

  if (g_hash_table_lookup (self->told, line) == news)
    return;
  g_hash_table_insert (self->told, g_object_ref (line), news);
  word = describe (line);
  if (word == NULL)
    return;

  text = begin_line (self, word, get_moment (line));
  tool_append_line (text, jobs_line_get_path (line));
  if (jobs_line_get_error (line) != NULL && (state == JOBS_STATE_FAILED || state == JOBS_STATE_SCHEDULED))
    {
      g_string_append (text, ": ");
      tool_append_line (text, jobs_line_get_error (line));
    }
  if (state == JOBS_STATE_RUNNING && jobs_line_get_attempts (line) > 1)
    g_string_append_printf (text, _("  (attempt %u)"), jobs_line_get_attempts (line));
  if (jobs_state_is_terminal (state) && jobs_line_get_elapsed (line) >= 0)
    /* Translators: how long an action took, in seconds */
    g_string_append_printf (text, _("  (%.3f s)"), jobs_line_get_elapsed (line) / (double) G_USEC_PER_SEC);
  end_line (self, text);
}

#if JOBS_HAS_TERMINAL
static gboolean
leave_cb (gpointer user_data)
{
  Watch *self = user_data;

  self->has_left = TRUE;
  g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}
#endif

static void
changed_cb (JobsBoard *board,
            GPtrArray *lines,
            Watch     *self)
{
  g_autoptr (GPtrArray) ordered = g_ptr_array_copy (lines, (GCopyFunc) g_object_ref, NULL);

  g_ptr_array_sort (ordered, compare_moments);
  for (guint i = 0; i < ordered->len && !self->is_live; i++)
    tell (self, ordered->pdata[i]);
  if (jobs_state_is_terminal (jobs_board_get_state (board)) || jobs_bus_board_get_gone (JOBS_BUS_BOARD (board)))
    g_main_loop_quit (self->loop);
}

/* Where it stands when we come */
static void
tell_all (Watch *self)
{
  g_autoptr (GPtrArray) active = jobs_board_dup_active (self->board, G_MAXUINT);
  const char *title = jobs_board_get_title (self->board);
  JobsCounts counts = { { 0 } };
  GString *text;
  guint n = 0, n_ended = 0;

  /* With nested engines, as they are among the lines here and in the numbers at the end */
  jobs_counts_add_lines (&counts, G_LIST_MODEL (self->board));
  for (JobsState state = JOBS_STATE_IDLE; state <= JOBS_STATE_SKIPPED; state++)
    {
      n += counts.states[state];
      if (jobs_state_is_terminal (state))
        n_ended += counts.states[state];
    }
  /* Translators: the first line begins with this word; it is told of, not somebody */
  text = begin_line (self, _("watching"), 0);
  if (title != NULL)
    {
      tool_append_line (text, title);
      g_string_append (text, ": ");
    }
  /* Translators: how many actions have ended, of how many */
  g_string_append_printf (text, _("%u of %u actions have ended"), n_ended, n);
  end_line (self, text);
  for (guint i = 0; i < active->len; i++)
    tell (self, active->pdata[i]);
}

/* Names of what has failed, of engines only where nothing in them has. FALSE: there is none */
static gboolean
find_failed (GListModel *lines,
             GPtrArray  *names)
{
  guint n = lines != NULL ? g_list_model_get_n_items (lines) : 0, n_before = names->len;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JobsLine) line = g_list_model_get_item (lines, i);
      JobsState state = jobs_line_get_state (line);

      if (!find_failed (jobs_line_get_children (line), names) &&
          (state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT))
        g_ptr_array_add (names, g_strdup (jobs_line_get_path (line)));
    }

  return names->len > n_before;
}

static SummaryWord
choose_word (JobsState state)
{
  switch (state)
    {
    case JOBS_STATE_FINISHED:
      return SUMMARY_WENT_WELL;
    case JOBS_STATE_TIMED_OUT:
      return SUMMARY_TIMED_OUT;
    case JOBS_STATE_CANCELLED:
      return SUMMARY_STOPPED;
    default:
      return SUMMARY_FAILED;
    }
}

/* The screen has gone, and with it all that stood there */
static void
tell_what_was_there (Watch *self)
{
  JobsState state = jobs_board_get_state (self->board);
  JobsCounts counts = { { 0 } };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) text = g_string_new (NULL);

  jobs_counts_add_lines (&counts, G_LIST_MODEL (self->board));
  summary_append_counts (text, &counts);
  if (jobs_state_is_terminal (state))
    summary_append_end (text, MAX (jobs_board_get_elapsed (self->board), 0), choose_word (state));
  else if (self->has_left)
    /* Translators: behind how many jobs are in each state; who watched it does so no longer */
    g_string_append (text, _("; the run goes on"));
  g_string_append_c (text, '\n');
  if (find_failed (G_LIST_MODEL (self->board), names))
    {
      g_string_append (text, _("failed: "));
      summary_append_names (text, names, names->len);
    }
  tool_stream_put (self->out, text->str, text->len);
}

static int
tell_end (Watch *self)
{
  JobsState state = jobs_board_get_state (self->board);
  const char *why = jobs_board_get_why (self->board);
  gboolean success = state == JOBS_STATE_FINISHED;
  GString *text;

  if (jobs_bus_board_get_gone (JOBS_BUS_BOARD (self->board)))
    {
      tool_note ("%s", why != NULL ? why : _("The process of the run is gone"));
      return TOOL_EXIT_TROUBLE;
    }

  text = begin_line (self, success ? _("finished") : _("failed"), jobs_board_get_end_time (self->board));
  g_string_append (text, _("the run"));
  if (!success && why != NULL)
    {
      g_string_append (text, ": ");
      tool_append_line (text, why);
    }
  end_line (self, text);

  return success ? TOOL_EXIT_OK : state == JOBS_STATE_TIMED_OUT ? TOOL_EXIT_TIMEOUT : TOOL_EXIT_FAILED;
}

/* Until the end, or until it is left; the terminal is as before then */
static void
follow (Watch *self)
{
#if JOBS_HAS_TERMINAL
  g_autoptr (JobsTerminalMonitor) monitor = NULL;
  guint signal_source = 0;

  if (!self->plain && isatty (STDOUT_FILENO))
    monitor = jobs_terminal_monitor_new (self->board, STDOUT_FILENO, NULL);
  if (monitor != NULL)
    {
      const char *no_color = g_getenv ("NO_COLOR");

      self->is_live = TRUE;
      jobs_terminal_monitor_set_color (monitor, no_color == NULL || *no_color == '\0');
      g_signal_connect_swapped (monitor, "quit", G_CALLBACK (leave_cb), self);
      signal_source = g_unix_signal_add (SIGINT, leave_cb, self);
    }
#endif

  if (!self->is_live)
    tell_all (self);
  g_signal_connect (self->board, "changed", G_CALLBACK (changed_cb), self);
  if (!jobs_state_is_terminal (jobs_board_get_state (self->board)))
    g_main_loop_run (self->loop);
  g_signal_handlers_disconnect_by_data (self->board, self);

#if JOBS_HAS_TERMINAL
  if (monitor != NULL)
    jobs_terminal_monitor_detach (monitor);
  g_clear_handle_id (&signal_source, g_source_remove);
#endif
}

static int
watch (Watch *self)
{
  int status;

  self->out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
  follow (self);
  status = self->has_left ? TOOL_EXIT_OK : tell_end (self);
  if (self->is_live)
    tell_what_was_there (self);

  return tool_stream_finish (self->out) ? status : TOOL_EXIT_TROUBLE;
}

static void
watch_clear (Watch *self)
{
  g_clear_pointer (&self->told, g_hash_table_unref);
  g_clear_object (&self->board);
  g_clear_object (&self->connection);
  g_clear_object (&self->out);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->runs, g_strfreev);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watch, watch_clear)

int
tool_watch (int    argc,
            char **argv)
{
  g_auto (Watch) self = { NULL };
  const GOptionEntry entries[] = {
    { "plain", 0, 0, G_OPTION_ARG_NONE, &self.plain, N_("A line for each event, on a terminal too"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) rest = NULL;
  g_autofree char *name = NULL;
  int status;

  /* Translators: what is not an option of a command */
  if (!tool_parse (_("[RUN]"),
                   _("Tells how a run goes on that was begun with asyncjobs run --bus, from now to its\n"
                     "end. RUN is the number of its process, its job file or journal, or its name on\n"
                     "the bus; by default the only one there is. It goes on when this is interrupted."),
                   _("Exit status: as that of the run, 0, 1 or 124; 5 where it is gone without a word,\n"
                     "or there is none."), entries, argv, &rest, &status))
    return status;
  if (g_strv_length (rest) > 2)
    return tool_usage (_("one run at a time, please"));

  self.loop = g_main_loop_new (NULL, FALSE);
  self.told = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  if (!connect_to_bus (&self))
    {
      g_autofree char *lack = bus_describe_lack (self.error->message);

      tool_note ("%s", lack);
      return TOOL_EXIT_TROUBLE;
    }
  name = find_run (&self, rest[1], &status);
  if (name == NULL)
    return status;
  if (!open_board (&self, name))
    {
      if (g_error_matches (self.error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
        tool_note ("%s", _("that run is not shown: was it begun with --bus?"));
      else
        tool_note ("%s", self.error->message);
      return TOOL_EXIT_TROUBLE;
    }

  return watch (&self);
}
