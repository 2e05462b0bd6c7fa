/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <unistd.h>

#include "bus.h"
#include "events.h"
#include "journal-place.h"
#include "live.h"
#include "output.h"
#include "recorder.h"
#include "report.h"
#include "run.h"
#include "schedule.h"
#include "secrets.h"
#include "signals.h"
#include "summary.h"

/* How often those who read lines are told what still runs, ms */
#define REMINDER 30000

/* One run, from the first to the last line */
typedef struct
{
  const RunOptions *options;
  JobsScenario *scenario;
  JobsEngine *engine;
  GMainLoop *loop;

  ToolStream *out;
  ToolStream *err;
  ToolStream *events_to;
  ToolStream *say;         /* one of the first two: where we speak ourselves */
  Events *events;
  Output *output;
  JobsTextMonitor *monitor;
  ToolStream *trace_to;
  JobsTraceMonitor *trace;
  Recorder *recorder;      /* NULL: nobody wants a report */
  Bus *bus;                /* NULL: nobody shall see it */
  Live *live;              /* NULL: nothing but lines */
  Keeper *keeper;          /* NULL: nothing is kept */
  const char *name;

  GPtrArray *failed;       /* in the order in which they did */
  int signal_fd;
  guint signal_source;
  Verdict verdict;
} Run;

static void
action_state_changed_cb (JobsEngine *engine,
                         JobsAction *action,
                         JobsState   old_state,
                         JobsState   new_state,
                         Run        *self)
{
  if (new_state == JOBS_STATE_FAILED || new_state == JOBS_STATE_TIMED_OUT)
    g_ptr_array_add (self->failed, g_object_ref (action));

  if (self->options->verbose && self->live == NULL && new_state == JOBS_STATE_RUNNING && JOBS_IS_COMMAND_ACTION (action))
    {
      g_autofree char *details = jobs_action_dup_display_details (action);
      g_autoptr (GString) line = g_string_new ("            $ ");

      tool_append_line (line, details != NULL ? details : "");
      g_string_append_c (line, '\n');
      tool_stream_put (self->say, line->str, line->len);
    }
}

static void
orchestrate_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Run *self = user_data;

  self->verdict.success = jobs_engine_orchestrate_finish (self->engine, result, &self->verdict.error);
  g_main_loop_quit (self->loop);
}

/* The jobs have process groups of their own, which Ctrl-Z does not reach */
static void
suspend (Run *self)
{
  gboolean paused = jobs_engine_is_paused (self->engine);

  if (self->live != NULL)
    live_suspend (self->live);
  jobs_engine_pause (self->engine, JOBS_PAUSE_CLOCKS);
  jobs_local_node_signal_all (SIGSTOP);
  /* A reader in the same shell has been stopped, too */
  tool_stream_release_ready ();
  signals_stop ();
  jobs_local_node_signal_all (SIGCONT);
  jobs_engine_resume (self->engine);
  /* Somebody has paused it by a key, before */
  if (paused)
    jobs_engine_pause (self->engine, JOBS_PAUSE_DEFAULT);
  if (self->live != NULL)
    live_resume (self->live);
}

static void
take_signal (Run *self,
             int  signum)
{
  if (signum == SIGTSTP)
    {
      suspend (self);
      return;
    }

  tool_stream_hurry ();

  if (self->verdict.signum == 0)
    {
      self->verdict.signum = signum;
      jobs_engine_cancel (self->engine);
      tool_note ("%s", signum == SIGINT ? _("interrupted: ending the jobs; once more kills them at once")
                                        : _("told to end: ending the jobs"));
    }
  else if (signum == SIGINT)
    {
      g_main_loop_quit (self->loop);
      tool_note ("%s", _("interrupted again: killing the jobs"));
    }
}

static void
take_signals (gpointer data)
{
  Run *self = data;
  char signum;

  while (read (self->signal_fd, &signum, 1) == 1)
    take_signal (self, signum);
}

static gboolean
signals_cb (int          fd,
            GIOCondition condition,
            gpointer     user_data)
{
  take_signals (user_data);

  return G_SOURCE_CONTINUE;
}

static void
watch_signals (Run *self)
{
  self->signal_fd = signals_open ();
  if (self->signal_fd < 0)
    return;

  tool_stream_heed (self->signal_fd, take_signals, self);
  self->signal_source =
    g_unix_fd_add_full (G_PRIORITY_HIGH, self->signal_fd, G_IO_IN, signals_cb, self, NULL);
}

static gboolean
has_leaf (JobsEngine *engine)
{
  g_autoptr (GPtrArray) leaves = jobs_engine_dup_all (engine, FALSE);

  return leaves->len > 0;
}

/* TRUE: something is left to run */
static gboolean
prepare (Run *self,
         int *status)
{
  const RunOptions *options = self->options;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; options->env != NULL && options->env[i] != NULL; i++)
    {
      const char *equals = strchr (options->env[i], '=');
      g_autofree char *name = g_strndup (options->env[i], equals - options->env[i]);

      jobs_scenario_setenv (self->scenario, name, equals + 1);
    }

  secrets_learn (self->scenario, (const char *const *) options->env);

  if (options->keep_going)
    jobs_scenario_set_on_failure (self->scenario, JOBS_ON_FAILURE_KEEP_GOING);

  if ((options->jobs != NULL && options->jobs[0] != NULL &&
       !jobs_scenario_select (self->scenario, options->jobs, TRUE, &error)) ||
      (options->only != NULL &&
       !jobs_scenario_select (self->scenario, (const char *const *) options->only, FALSE, &error)) ||
      (options->skip != NULL &&
       !jobs_scenario_skip (self->scenario, (const char *const *) options->skip, &error)))
    {
      tool_note_error (error);
      *status = tool_usage (_("nothing was run: there is no such selection of jobs"));
      return FALSE;
    }

  if ((options->only != NULL || options->skip != NULL) && !has_leaf (self->engine))
    {
      *status = tool_usage (_("this selection leaves no job"));
      return FALSE;
    }

  if (options->window_set)
    tool_limit_jobs (self->engine, options->window);
  if (options->timeout_set)
    jobs_action_set_timeout (JOBS_ACTION (self->engine), options->timeout);

  return TRUE;
}

static gboolean
check (Run *self,
       int *status)
{
  g_auto (GStrv) warnings = jobs_scenario_dup_warnings (self->scenario);
  g_autoptr (GError) error = NULL;

  if (!jobs_engine_check (self->engine, NULL, &error))
    {
      tool_note_lines (error->message);
      *status = TOOL_EXIT_FILE;
      return FALSE;
    }

  for (guint i = 0; warnings != NULL && warnings[i] != NULL && !self->options->quiet; i++)
    tool_note_lines (warnings[i]);

  return TRUE;
}

/* Where earlier runs are, if there were any; NULL: nowhere */
static char *
find_journal (const RunOptions *options)
{
  if (options->journal != NULL)
    return g_strdup (options->journal);
  if (options->no_journal || g_str_equal (options->file, "-"))
    return NULL;

  return journal_place_for (options->file, FALSE, NULL);
}

static int
run_simulated (Run *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *journal = find_journal (self->options);

  if (!schedule_write (self->out, self->engine, journal, &error))
    {
      tool_note_error (error);
      return TOOL_EXIT_JOURNAL;
    }

  return tool_stream_finish (self->out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
}

static int
run_dry (Run *self)
{
  g_autoptr (GError) error = NULL;
  int status = TOOL_EXIT_OK;

  /* Of a run that is resumed some jobs may be done already */
  if (self->keeper != NULL && !keeper_look_ahead (self->keeper, self->engine, &status))
    return status;
  if (self->options->simulate)
    return run_simulated (self);
  if (!tool_write_plan (self->out, self->engine, &error))
    {
      tool_note_lines (error->message);
      return TOOL_EXIT_FILE;
    }

  return tool_stream_finish (self->out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
}

static gboolean
open_streams (Run *self)
{
  const RunOptions *options = self->options;
  g_autoptr (GError) error = NULL;
  gboolean taken = options->output == OUTPUT_STREAM;

  self->out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
  self->err = tool_stream_new (STDERR_FILENO, FALSE, _("standard error"));
  if (options->events != NULL && !options->dry_run)
    {
      self->events_to = events_open (options->events, &error);
      if (self->events_to == NULL)
        {
          tool_note ("--events: %s", error->message);
          return FALSE;
        }
      taken |= g_str_equal (options->events, "fd:1");
    }
  if (options->report != NULL && !options->dry_run &&
      !report_check (options->report, &error))
    {
      tool_note ("--report: %s", error->message);
      return FALSE;
    }
  if (options->trace != NULL && !options->dry_run)
    {
      self->trace_to = tool_stream_new_file (options->trace, &error);
      if (self->trace_to == NULL)
        {
          tool_note ("--trace: %s", error->message);
          return FALSE;
        }
    }

  /* A standard output that is read by a program is for that alone */
  self->say = taken ? self->err : self->out;

  return TRUE;
}

static gboolean
want_color (Run *self)
{
  static const char *const refusals[] = { "NO_COLOR", "CI" };
  const char *term = g_getenv ("TERM");

  if (self->options->color != COLOR_AUTO)
    return self->options->color == COLOR_ALWAYS;

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (g_getenv (refusals[i]) != NULL && *g_getenv (refusals[i]) != '\0')
      return FALSE;

  return term != NULL && !g_str_equal (term, "dumb") &&
         isatty (self->say == self->out ? STDOUT_FILENO : STDERR_FILENO);
}

static char *
hide_secrets (const char *text,
              gpointer    data)
{
  return secrets_hide (text);
}

static void
begin_output (Run *self)
{
  OutputMode mode = self->options->output;

  self->output = output_new (self->engine, mode, mode == OUTPUT_STREAM ? self->out : self->say,
                             self->err, want_color (self));
}

/* Lines, for each event and of each job */
static void
begin_lines (Run *self)
{
  const RunOptions *options = self->options;

  if (options->progress != PROGRESS_NONE)
    {
      self->monitor = jobs_text_monitor_new (self->engine);
      jobs_text_monitor_set_stream (self->monitor, G_OUTPUT_STREAM (self->say));
      jobs_text_monitor_set_color (self->monitor, want_color (self));
      jobs_text_monitor_set_reminder (self->monitor, REMINDER);
      tool_stream_follow ((ToolStreamFlushFunc) jobs_text_monitor_flush, self->monitor);
    }

  /* After the monitor, so that what a job printed comes below its end */
  if (self->output == NULL)
    begin_output (self);
}

/* Who leaves the screen to the run sees it go on in lines */
static void
quit_live (gpointer data)
{
  Run *self = data;

  g_clear_pointer (&self->live, live_free);
  begin_lines (self);
}

/* A screen; FALSE: lines */
static gboolean
begin_live (Run *self)
{
  const RunOptions *options = self->options;
  int fd = live_choose_terminal (options, self->say == self->out);
  g_autofree char *journal = NULL;
  g_autofree char *base = NULL;
  const char *name = jobs_scenario_get_name (self->scenario);

  if (fd < 0)
    return FALSE;

  journal = find_journal (options);
  base = g_filename_display_basename (options->file);
  self->live = live_new (options, self->engine, name != NULL ? name : base, forecast_new (self->engine, journal), fd,
                         want_color (self), quit_live, self);

  if (self->live == NULL)
    return FALSE;

  /* A terminal has no room for what jobs print, but a file has */
  if (fd != STDOUT_FILENO)
    begin_output (self);

  return TRUE;
}

static void
start (Run *self)
{
  const RunOptions *options = self->options;
  gboolean is_interrupted;

  watch_signals (self);
  if (!begin_live (self))
    begin_lines (self);
  if (self->events_to != NULL)
    {
      self->events = events_new (self->engine, self->events_to);
      events_begin (self->events, options->file, jobs_scenario_get_name (self->scenario));
    }
  if (self->trace_to != NULL)
    {
      self->trace = jobs_trace_monitor_new (self->engine, G_OUTPUT_STREAM (self->trace_to));
      jobs_trace_monitor_set_filter (self->trace, hide_secrets, NULL, NULL);
    }
  if (options->report != NULL)
    self->recorder = recorder_new (self->engine);
  if (options->bus)
    {
      const char *name = jobs_scenario_get_name (self->scenario);

      self->bus = bus_new (self->engine, name != NULL ? name : options->file);
    }
  g_signal_connect (self->engine, "action-state-changed",
                    G_CALLBACK (action_state_changed_cb), self);
  /* A signal that has come by now, while we waited for a reader, found no run to cancel */
  is_interrupted = self->verdict.signum != 0;
  jobs_engine_orchestrate_async (self->engine, NULL, orchestrate_cb, self);
  if (is_interrupted)
    jobs_engine_cancel (self->engine);
}

/* Where to look, and how to go on */
static void
say_what_is_kept (Run *self)
{
  const char *logs = keeper_get_logs (self->keeper);
  g_autofree char *name = tool_shell_word (self->name);
  g_autoptr (GString) text = g_string_new (NULL);

  if (logs != NULL)
    {
      /* Translators: the folder of what jobs have printed follows, and so there is a blank at the end */
      g_string_append (text, _("output: "));
      tool_append_line (text, logs);
      g_string_append_c (text, '\n');
    }
  if (!self->verdict.success || self->verdict.signum != 0)
    {
      /* Translators: a command follows, and so there is a blank at the end */
      g_string_append (text, _("to go on: "));
      g_string_append (text, "asyncjobs resume ");
      tool_append_line (text, name);
      g_string_append_c (text, '\n');
    }
  tool_stream_put (self->say, text->str, text->len);
}

/* Else who asks ‘resume’ for the last run gets another one */
static void
say_what_is_not (Run *self)
{
  g_autofree char *line = NULL;

  if ((self->verdict.success && self->verdict.signum == 0) || self->options->no_journal)
    return;

  line = g_strconcat (_("no journal is kept of what comes by the standard input: this run cannot be resumed"), "\n",
                      NULL);
  tool_stream_put (self->say, line, -1);
}

static gboolean
write_report (Run *self)
{
  const RunOptions *options = self->options;
  const char *name = jobs_scenario_get_name (self->scenario);
  g_autofree char *word = tool_shell_word (self->name);
  g_autofree char *resume = self->keeper != NULL ? g_strconcat ("asyncjobs resume ", word, NULL) : NULL;
  g_autoptr (Account) account = recorder_finish (self->recorder, &self->verdict, name != NULL ? name : options->file,
                                                 options->file, resume);
  g_autoptr (GString) text = report_make (account, self->engine, report_format_of (options->report));
  g_autoptr (GError) error = NULL;

  if (report_write (options->report, text, &error))
    return TRUE;
  tool_note ("--report: %s", error->message);

  return FALSE;
}

static int
finish (Run *self)
{
  const RunOptions *options = self->options;
  gboolean trouble;

  /* What has not ended by now, nobody would end after us */
  jobs_local_node_kill_all ();

  g_clear_pointer (&self->live, live_free);
  trouble = self->output != NULL && !output_finish (self->output);
  if (self->keeper != NULL && !keeper_finish (self->keeper))
    trouble = TRUE;
  if (self->trace != NULL)
    {
      jobs_trace_monitor_detach (self->trace);
      trouble |= !tool_stream_finish (self->trace_to);
    }

  verdict_judge (&self->verdict, self->engine, self->failed, trouble);
  if (self->recorder != NULL && !write_report (self))
    {
      trouble = TRUE;
      verdict_judge (&self->verdict, self->engine, self->failed, trouble);
    }
  if (self->events != NULL)
    {
      events_end (self->events, &self->verdict);
      trouble |= !tool_stream_finish (self->events_to);
    }
  if (options->verbose && !self->verdict.success)
    {
      g_autofree char *debrief = jobs_engine_debrief (self->engine);
      g_autoptr (GString) text = g_string_new (NULL);

      /* Names and messages may have more lines, which must not look like ours */
      tool_append_lines (text, debrief, "  | ");
      tool_stream_put (self->say, text->str, text->len);
    }
  if (self->bus != NULL)
    bus_finish (self->bus);
  verdict_write (&self->verdict, self->say, want_color (self));
  if (self->keeper != NULL)
    say_what_is_kept (self);
  else
    say_what_is_not (self);
  trouble |= !tool_stream_finish (self->out);
  trouble |= !tool_stream_finish (self->err);

  /* What got lost since then */
  verdict_judge (&self->verdict, self->engine, self->failed, trouble);

  return self->verdict.status;
}

static void
run_clear (Run *self)
{
  if (self->engine != NULL)
    g_signal_handlers_disconnect_by_data (self->engine, self);
  g_clear_handle_id (&self->signal_source, g_source_remove);
  g_clear_pointer (&self->live, live_free);
  g_clear_pointer (&self->keeper, keeper_free);
  g_clear_pointer (&self->output, output_free);
  g_clear_pointer (&self->events, events_free);
  g_clear_pointer (&self->bus, bus_free);
  tool_stream_follow (NULL, NULL);
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->recorder, recorder_free);
  g_clear_object (&self->trace);
  g_clear_object (&self->trace_to);
  g_clear_object (&self->events_to);
  g_clear_object (&self->out);
  g_clear_object (&self->err);
  g_clear_pointer (&self->failed, g_ptr_array_unref);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  verdict_clear (&self->verdict);
  g_clear_object (&self->scenario);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

int
tool_run_kept (const RunOptions *options,
               Keeper           *keeper,
               const char       *name)
{
  g_auto (Run) self = { .options = options, .keeper = keeper, .name = name };
  int status = TOOL_EXIT_OK;

  self.scenario = tool_load (options->file, &status);
  if (self.scenario == NULL)
    return status;

  self.engine = jobs_scenario_get_engine (self.scenario);
  self.failed = g_ptr_array_new_with_free_func (g_object_unref);
  self.loop = g_main_loop_new (NULL, FALSE);

  if (!prepare (&self, &status) || !check (&self, &status))
    return status;
  if (!options->dry_run && !secrets_check (self.scenario, (const char *const *) options->env))
    return TOOL_EXIT_USAGE;
  if (!open_streams (&self))
    return TOOL_EXIT_TROUBLE;
  if (options->dry_run)
    return run_dry (&self);

  if (self.keeper == NULL)
    self.keeper = keeper_open (options, &status);
  if (status != TOOL_EXIT_OK ||
      (self.keeper != NULL && !keeper_begin (self.keeper, self.scenario, options, &status)))
    return status;

  start (&self);
  g_main_loop_run (self.loop);
  status = finish (&self);

  /* A run that was killed has attempts that will never end: nothing to tidy up */
  if (jobs_engine_is_active (self.engine))
    _exit (status);

  return status;
}

int
tool_run (int    argc,
          char **argv)
{
  g_auto (RunOptions) options = { NULL };
  int status = TOOL_EXIT_OK;

  if (!run_options_parse (&options, argv, &status))
    return status;

  return tool_run_kept (&options, NULL,
                        options.journal != NULL ? options.journal : options.file);
}
