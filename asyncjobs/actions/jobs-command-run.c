/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../nodes/jobs-timer.h"
#include "jobs-attempt-private.h"
#include "jobs-command-action-private.h"
#include "jobs-command-outcome.h"
#include "jobs-command-output.h"
#include "jobs-command-run.h"
#include "jobs-run.h"

/* How long monitors show that all is pushed, ms */
#define PUSHED_SHOWN 500

typedef enum
{
  PHASE_UNLESS,
  PHASE_PUSH,
  PHASE_COMMAND,
  PHASE_PULL,
  PHASE_SHUTDOWN,
} Phase;

typedef struct
{
  JobsCommandAction *action;
  JobsAttempt       *attempt;
  GMainContext      *context;

  Phase        phase;
  JobsProcess *process; /* that of the phase */
  guint        n_copied; /* of the files of the phase */
  JobsProcess *probe;   /* asks whether the command is ready */
  guint        held;    /* by frames that still need us */

  JobsLines         lines[2];
  JobsProgress      progress[2];
  JobsCommandOutput output;

  GSource *within;
  GSource *ready; /* the delay, or the pause before the next probe */
  GSource *again; /* the pause before the next try to begin the command */
  GSource *pushed; /* for as long as that is to be seen */

  GError  *error; /* the first one; it is the outcome whatever comes then */
  int      wait_status;
  gboolean unneeded;
  gboolean stopped;
  gboolean is_ready;
} Run;

/* What comes in one piece, for its lines */
typedef struct
{
  Run     *run;
  guint    stream;
  gboolean listened;
} Piece;

static G_DEFINE_QUARK (jobs-command-run, run)

static void begin_probe (Run *self);
static void begin_work (Run *self);

static Run *
run_new (JobsCommandAction *action,
         JobsAttempt       *attempt,
         Phase              phase)
{
  Run *self = g_new0 (Run, 1);

  self->action = g_object_ref (action);
  self->attempt = g_object_ref (attempt);
  self->context = g_main_context_ref (jobs_pump_get_context (jobs_attempt_get_pump (attempt)));
  self->phase = phase;
  self->output = (JobsCommandOutput) JOBS_COMMAND_OUTPUT_INIT;
  g_object_set_qdata (G_OBJECT (attempt), run_quark (), self);

  return self;
}

static void
run_free (Run *self)
{
  g_assert (self->process == NULL && self->probe == NULL);

  jobs_timer_clear (&self->within);
  jobs_timer_clear (&self->ready);
  jobs_timer_clear (&self->again);
  jobs_timer_clear (&self->pushed);
  jobs_lines_clear (&self->lines[0]);
  jobs_lines_clear (&self->lines[1]);
  jobs_progress_clear (&self->progress[0]);
  jobs_progress_clear (&self->progress[1]);
  jobs_command_output_clear (&self->output);
  g_clear_error (&self->error);

  g_object_set_qdata (G_OBJECT (self->attempt), run_quark (), NULL);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_object (&self->attempt);
  g_clear_object (&self->action);
  g_free (self);
}

/* Its end: the outcome */

static GArray *
get_files (Run *self)
{
  return self->action->files[self->phase == PHASE_PUSH ? JOBS_COMMAND_PUSH : JOBS_COMMAND_PULL];
}

static const JobsCommandFile *
get_next_file (Run *self)
{
  GArray *files = get_files (self);

  return files != NULL && self->n_copied < files->len
           ? &g_array_index (files, JobsCommandFile, self->n_copied) : NULL;
}

static gboolean
is_end_allowed (Run *self)
{
  /* One that was stopped on the way has not been run, or not brought all home */
  if (!WIFEXITED (self->wait_status) || self->phase < PHASE_COMMAND ||
      (self->phase == PHASE_PULL && get_next_file (self) != NULL))
    return FALSE;

  if (self->phase == PHASE_SHUTDOWN)
    return WEXITSTATUS (self->wait_status) == 0;

  return jobs_command_action_allows_exit (self->action, WEXITSTATUS (self->wait_status));
}

static void
judge (Run    *self,
       GValue *value)
{
  if (self->error != NULL || self->unneeded)
    return;

  if (!is_end_allowed (self))
    {
      self->error = self->stopped ? jobs_command_outcome_cancelled ()
                                  : jobs_command_outcome_error (self->wait_status,
                                                                self->phase == PHASE_SHUTDOWN);
    }
  else if (self->output.captured != NULL)
    {
      jobs_command_outcome_take_text (self->output.captured, value, &self->error);
    }
  else if (self->phase == PHASE_COMMAND || self->phase == PHASE_PULL)
    {
      g_value_init (value, G_TYPE_INT);
      g_value_set_int (value, WEXITSTATUS (self->wait_status));
    }
}

/* Gives the outcome and frees itself, once nothing of it goes on any more */
static void
settle (Run *self)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (self->process != NULL || self->again != NULL || self->held > 0)
    return;

  if (self->probe != NULL)
    {
      jobs_process_kill (self->probe, SIGKILL, NULL);
      return;
    }

  jobs_command_output_close (&self->output, &self->error);
  jobs_tail_compact (&self->action->tail);

  judge (self, &value);
  if (self->error != NULL)
    jobs_attempt_fail (self->attempt, self->error);
  else
    jobs_attempt_complete (self->attempt, G_IS_VALUE (&value) ? &value : NULL);

  run_free (self);
}

static gboolean
ask_to_end (Run     *self,
            GError **error)
{
  /* Time for a shutdown command has passed when it is asked to end */
  guint grace = self->phase == PHASE_SHUTDOWN ? 0 : self->action->grace;

  jobs_timer_clear (&self->within);
  jobs_timer_clear (&self->ready);
  jobs_timer_clear (&self->again);

  return self->process == NULL || jobs_process_terminate (self->process, grace, error);
}

/* Takes @reason; the outcome waits for the end of the process */
static void
give_up (Run    *self,
         GError *reason)
{
  g_autoptr (GError) error = NULL;

  if (self->error == NULL)
    self->error = reason;
  else
    g_error_free (reason);

  if (!ask_to_end (self, &error))
    g_debug ("A command that is to end cannot be told so: %s", error->message);
}

/* Its readiness */

static void
become_ready (Run *self)
{
  if (self->is_ready || self->phase != PHASE_COMMAND || self->stopped || self->error != NULL)
    return;

  self->is_ready = TRUE;
  jobs_timer_clear (&self->within);
  jobs_timer_clear (&self->ready);
  jobs_attempt_ready (self->attempt);
}

static gboolean
ready_delay_over_cb (gpointer data)
{
  become_ready (data);

  return G_SOURCE_REMOVE;
}

static gboolean
ready_pause_over_cb (gpointer data)
{
  Run *self = data;

  jobs_timer_clear (&self->ready);
  begin_probe (self);

  return G_SOURCE_REMOVE;
}

static gboolean
within_over_cb (gpointer data)
{
  Run *self = data;

  give_up (self, g_error_new (JOBS_ERROR, JOBS_ERROR_NOT_READY,
                              _("was not ready within %g s; look at its output, "
                                "or give it more time"),
                              self->action->ready_within / 1000.0));

  return G_SOURCE_REMOVE;
}

static gboolean
waits_for_line (Run *self)
{
  return self->action->ready == JOBS_COMMAND_READY_OUTPUT && !self->is_ready;
}

static void
watch_readiness (Run *self)
{
  JobsCommandAction *action = self->action;

  if (action->ready == JOBS_COMMAND_READY_NONE)
    return;

  if (action->ready_within > 0)
    jobs_timer_start (&self->within, self->context, action->ready_within, within_over_cb, self);

  if (action->ready == JOBS_COMMAND_READY_DELAY)
    jobs_timer_start (&self->ready, self->context, action->ready_delay, ready_delay_over_cb, self);
  else if (action->ready == JOBS_COMMAND_READY_COMMAND)
    begin_probe (self);
}

/* Its output */

static void
line_cb (const guint8 *line,
         gsize         size,
         gpointer      data)
{
  Piece *piece = data;
  Run *self = piece->run;

  if (self->phase == PHASE_COMMAND)
    {
      const char *text = self->action->ready_text;

      jobs_tail_push (&self->action->tail, line, size);
      if (waits_for_line (self) && memmem (line, size, text, strlen (text)) != NULL)
        become_ready (self);
    }
  if (piece->listened)
    jobs_command_action_emit_line (self->action, piece->stream, line, size);
}

static void
report_progress (Run          *self,
                 guint         stream,
                 const guint8 *data,
                 gsize         size)
{
  g_autofree char *message = NULL;
  double fraction;

  if (!jobs_progress_feed (&self->progress[stream - 1], self->action->progress, data, size,
                           &fraction, &message))
    return;

  jobs_timer_clear (&self->pushed);
  jobs_attempt_report (self->attempt, fraction, message);
}

/* That all is pushed does not say how far the command is */
static gboolean
pushed_over_cb (gpointer data)
{
  Run *self = data;

  jobs_timer_clear (&self->pushed);
  jobs_attempt_report (self->attempt, -1.0, "");

  return G_SOURCE_REMOVE;
}

static void
process_output (JobsProcess  *process,
                guint         stream,
                const guint8 *data,
                gsize         size,
                gpointer      owner)
{
  Run *self = owner;
  Piece piece = { self, stream, jobs_command_action_has_listener (self->action) };
  JobsLines *lines = &self->lines[stream - 1];
  GError *error = NULL;

  self->held++;

  if (self->error == NULL && !jobs_command_output_take (&self->output, stream, data, size, &error))
    give_up (self, error);
  if (self->action->progress != NULL && self->phase == PHASE_COMMAND)
    report_progress (self, stream, data, size);

  jobs_command_action_emit_output (self->action, stream, data, size);
  if (piece.listened || waits_for_line (self))
    {
      jobs_lines_feed (lines, data, size, line_cb, &piece);
    }
  else
    {
      gsize start = jobs_lines_skip (lines, data, size, JOBS_TAIL_LINES);

      jobs_lines_feed (lines, data + start, size - start, line_cb, &piece);
    }

  self->held--;
  settle (self);
}

/* Its processes */

/* It was asked to end as all that it runs for has ended */
static gboolean
is_dismissed (Run *self)
{
  return jobs_ticket_is_dismissed (jobs_action_peek_ticket (JOBS_ACTION (self->action)));
}

/* What was cancelled begins nothing more */
static void
begin_pulls (Run *self)
{
  self->phase = PHASE_PULL;
  self->n_copied = 0;
  if (is_dismissed (self))
    self->stopped = FALSE;
  if (!self->stopped)
    begin_work (self);
}

static void
process_ended (JobsProcess  *process,
               int           wait_status,
               const GError *error,
               gpointer      owner)
{
  Run *self = owner;

  jobs_timer_clear (&self->within);
  jobs_timer_clear (&self->ready);
  self->wait_status = wait_status;
  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  if (self->phase == PHASE_COMMAND && error == NULL)
    jobs_command_action_take_status (self->action,
                                     WIFEXITED (wait_status) ? WEXITSTATUS (wait_status) : -1,
                                     WIFSIGNALED (wait_status) ? WTERMSIG (wait_status) : -1);

  for (guint stream = STDOUT_FILENO; stream <= STDERR_FILENO; stream++)
    {
      Piece piece = { self, stream, jobs_command_action_has_listener (self->action) };

      jobs_lines_flush (&self->lines[stream - 1], line_cb, &piece);
    }

  self->action->pid = 0;
  jobs_timer_clear (&self->pushed);
  g_clear_object (&self->process);
  if (self->phase == PHASE_COMMAND && self->error == NULL && is_end_allowed (self))
    begin_pulls (self);
  settle (self);
}

static const JobsProcessFuncs process_funcs = { process_output, process_ended };

static gboolean
begin_process (Run                    *self,
               JobsProcess           **place,
               const char *const      *argv,
               GBytes                 *input,
               const JobsProcessFuncs *funcs,
               GError                **error)
{
  JobsCommandAction *action = self->action;
  gboolean ok;

  *place = jobs_command_action_make_process (action, self->context, argv, input, funcs, self);
  if (action->is_script && place == &self->process && self->phase == PHASE_COMMAND)
    jobs_process_set_script (*place);
  self->held++;
  ok = jobs_process_begin (*place, error);
  self->held--;
  if (!ok)
    g_clear_object (place);
  else if (place == &self->process && *place != NULL)
    action->pid = jobs_process_get_pid (*place);

  return ok;
}

static gboolean
begin_shell (Run                    *self,
             JobsProcess           **place,
             const char             *command,
             GBytes                 *input,
             const JobsProcessFuncs *funcs,
             GError                **error)
{
  const char *argv[] = { "/bin/sh", "-c", command, NULL };

  return begin_process (self, place, argv, input, funcs, error);
}

static void
probe_ended (JobsProcess  *process,
             int           wait_status,
             const GError *error,
             gpointer      owner)
{
  Run *self = owner;

  g_clear_object (&self->probe);
  if (error == NULL && WIFEXITED (wait_status) && WEXITSTATUS (wait_status) == 0)
    become_ready (self);
  else if (self->process != NULL && self->phase == PHASE_COMMAND && !self->stopped && self->error == NULL)
    jobs_timer_start (&self->ready, self->context, JOBS_COMMAND_READY_INTERVAL,
                      ready_pause_over_cb, self);

  settle (self);
}

static void
begin_probe (Run *self)
{
  static const JobsProcessFuncs funcs = { NULL, probe_ended };
  g_autoptr (GError) error = NULL;

  if (begin_shell (self, &self->probe, self->action->ready_text, NULL, &funcs, &error))
    return;

  if (g_error_matches (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES))
    jobs_timer_start (&self->ready, self->context, JOBS_COMMAND_READY_INTERVAL,
                      ready_pause_over_cb, self);
  else
    give_up (self, g_steal_pointer (&error));
}

static gboolean
begin_command (Run     *self,
               GError **error)
{
  JobsCommandAction *action = self->action;
  g_auto (GStrv) argv = jobs_command_action_dup_argv (action);
  gboolean ok;

  self->phase = PHASE_COMMAND;
  if (!jobs_command_output_open (&self->output, action->output_file, action->capture, error))
    return FALSE;

  if (argv != NULL)
    ok = begin_process (self, &self->process, (const char *const *) argv, action->input,
                        &process_funcs, error);
  else
    ok = begin_shell (self, &self->process, action->command, action->input, &process_funcs, error);

  if (!ok)
    {
      jobs_command_output_clear (&self->output);
      return FALSE;
    }

  self->held++;
  if (action->files[JOBS_COMMAND_PUSH] != NULL && self->process != NULL)
    jobs_timer_start (&self->pushed, self->context, PUSHED_SHOWN, pushed_over_cb, self);
  if (self->process != NULL)
    watch_readiness (self);
  self->held--;

  return TRUE;
}

/* Files to the node and from it */

/* All files of the phase are a whole, each a like part of it */
static void
report_copied (Run        *self,
               double      fraction,
               const char *message)
{
  GArray *files = get_files (self);

  jobs_attempt_report (self->attempt, (self->n_copied + fraction) / files->len, message);
}

static void
copy_progress (JobsProcess *process,
               double       fraction,
               gpointer     owner)
{
  report_copied (owner, fraction, NULL);
}

static void
copy_ended (JobsProcess  *process,
            int           wait_status,
            const GError *error,
            gpointer      owner)
{
  Run *self = owner;

  g_clear_object (&self->process);
  if (self->stopped)
    self->error = jobs_command_outcome_cancelled ();
  else if (error != NULL)
    self->error = g_error_copy (error);
  else if (wait_status != 0)
    self->error = jobs_command_outcome_error (wait_status, FALSE);
  else
    report_copied (self, 1.0, NULL);

  self->n_copied++;
  if (self->error == NULL)
    begin_work (self);

  settle (self);
}

static gboolean
begin_copy (Run                   *self,
            const JobsCommandFile *file,
            GError               **error)
{
  static const JobsProcessFuncs funcs = { NULL, copy_ended, copy_progress };
  const char *argv[] = { "copy", file->from, file->to, NULL };
  gboolean push = self->phase == PHASE_PUSH;
  g_autofree char *message =
    g_strdup_printf (push ? _("pushing %s") : _("pulling %s"), push ? file->from : file->to);
  gboolean ok;

  report_copied (self, 0.0, message);
  self->process = jobs_process_new (self->action->node, self->context, argv, NULL, NULL, NULL,
                                    &funcs, self);
  self->held++;
  ok = jobs_process_begin_copy (self->process, push, file->from, file->to, error);
  self->held--;
  if (!ok)
    g_clear_object (&self->process);

  return ok;
}

static gboolean
begin_phase (Run     *self,
             GError **error)
{
  const JobsCommandFile *file = get_next_file (self);

  if (file != NULL)
    return begin_copy (self, file, error);
  if (self->phase == PHASE_PULL)
    return TRUE;

  if (begin_command (self, error))
    return TRUE;

  self->phase = PHASE_PUSH;

  return FALSE;
}

static gboolean begin_again_cb (gpointer data);

/* What comes next. Only before the first process could its action wait for resources
 * instead */
static void
begin_work (Run *self)
{
  g_autoptr (GError) error = NULL;

  if (begin_phase (self, &error))
    return;

  if (g_error_matches (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES))
    jobs_timer_start (&self->again, self->context, JOBS_COMMAND_READY_INTERVAL, begin_again_cb,
                      self);
  else
    self->error = g_steal_pointer (&error);
}

static gboolean
begin_again_cb (gpointer data)
{
  Run *self = data;

  jobs_timer_clear (&self->again);
  begin_work (self);
  settle (self);

  return G_SOURCE_REMOVE;
}

static void
unless_ended (JobsProcess  *process,
              int           wait_status,
              const GError *error,
              gpointer      owner)
{
  Run *self = owner;

  self->action->pid = 0;
  g_clear_object (&self->process);
  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);

  if (WIFEXITED (wait_status) && WEXITSTATUS (wait_status) == 0)
    self->unneeded = TRUE;
  else if (self->stopped)
    self->wait_status = wait_status;
  else if (self->error == NULL)
    {
      self->phase = PHASE_PUSH;
      begin_work (self);
    }

  settle (self);
}

gboolean
jobs_command_run_start (JobsCommandAction *action,
                        JobsAttempt       *attempt,
                        GError           **error)
{
  static const JobsProcessFuncs funcs = { NULL, unless_ended };
  Run *self;
  gboolean ok;

  jobs_tail_clear (&action->tail);
  jobs_command_action_take_status (action, -1, -1);

  if (action->argv == NULL && action->command == NULL)
    {
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_SPAWN,
                           _("There is nothing to run: give an argv or a command"));
      return FALSE;
    }
  if (!jobs_command_action_check_script (action, error))
    return FALSE;

  self = run_new (action, attempt, action->unless != NULL ? PHASE_UNLESS : PHASE_PUSH);
  if (action->unless != NULL)
    ok = begin_shell (self, &self->process, action->unless, NULL, &funcs, error);
  else
    ok = begin_phase (self, error);

  if (ok)
    settle (self);
  else
    run_free (self);

  return ok;
}

gboolean
jobs_command_run_clean_up (JobsCommandAction *action,
                           JobsAttempt       *attempt,
                           GError           **error)
{
  Run *self;

  if (action->shutdown == NULL)
    {
      jobs_attempt_complete (attempt, NULL);
      return TRUE;
    }

  self = run_new (action, attempt, PHASE_SHUTDOWN);
  if (!begin_shell (self, &self->process, action->shutdown, NULL, &process_funcs, error))
    {
      run_free (self);
      return FALSE;
    }
  settle (self);

  return TRUE;
}

gboolean
jobs_command_run_stop (JobsAttempt *attempt,
                       GError     **error)
{
  Run *self = g_object_get_qdata (G_OBJECT (attempt), run_quark ());
  gboolean ok;

  /* It may have given its outcome a moment ago */
  if (self == NULL)
    return TRUE;

  /* It has ended by itself, and its files are on the way */
  if (self->phase == PHASE_PULL && is_dismissed (self))
    return TRUE;

  self->stopped = TRUE;
  self->held++;
  ok = ask_to_end (self, error);
  self->held--;
  settle (self);

  return ok;
}
