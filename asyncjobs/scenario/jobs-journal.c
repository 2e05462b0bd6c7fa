/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "actions/jobs-command-action.h"
#include "jobs-fingerprint.h"
#include "jobs-journal-private.h"
#include "jobs-orphans.h"
#include "jobs-secrets.h"
#include "nodes/jobs-process-private.h"
#include "nodes/jobs-timer.h"

/**
 * JobsJournal:
 *
 * Keeps on the disk what becomes of the runs of an engine, so that one which was
 * interrupted, be it by `kill -9`, can go on where it stopped.
 *
 * That an attempt begins is written before it does, and that an action has ended
 * after it has. Commands bear the variable `ASYNCJOBS_ATTEMPT` in their environment,
 * by which those of a run that was interrupted are found again:
 * [method@Journal.resume] ends them before it runs anything.
 *
 * As long as a journal is open nobody else can write to it; the lock is the kernel's,
 * and goes with the process. Where it cannot be written any more,
 * [signal@Journal::failed] is emitted, nothing more is started, and the run is
 * cancelled.
 *
 * It knows actions by their paths: no two of an engine should have the same.
 *
 * Only used in the main context of the engine.
 *
 * Since: 1.0
 */

/* Most commands are over by then; what is younger is found by its environment, ms */
#define LOOK_INTERVAL 100

enum
{
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (JobsJournal, jobs_journal, G_TYPE_OBJECT)

G_DEFINE_FLAGS_TYPE (JobsJournalFlags, jobs_journal_flags,
                     G_DEFINE_ENUM_VALUE (JOBS_JOURNAL_DEFAULT, "default"),
                     G_DEFINE_ENUM_VALUE (JOBS_JOURNAL_DURABLE, "durable"))

/* Writing */

/* Nothing that is not recorded may go on to be done */
static void
jobs_journal_fail (JobsJournal *self,
                   GError      *error)
{
  g_autoptr (JobsJournal) keep = g_object_ref (self);

  jobs_records_roll_back (self->records);
  if (self->error != NULL)
    {
      g_error_free (error);
      return;
    }

  self->error = error;
  if (self->engine != NULL)
    jobs_engine_cancel (self->engine);
  g_signal_emit (self, signals[FAILED], 0, self->error);
}

static void
jobs_journal_write (JobsJournal *self)
{
  GError *error = NULL;
  gboolean is_good;

  if (self->error != NULL)
    g_array_set_size (self->pending, 0);
  if (self->pending->len == 0)
    return;

  is_good = jobs_records_begin (self->records, &error);
  for (guint i = 0; is_good && i < self->pending->len; i++)
    is_good = jobs_records_add_entry (self->records, &g_array_index (self->pending, JobsRecordsEntry, i), &error);
  is_good = is_good && jobs_records_commit (self->records, &error);
  g_array_set_size (self->pending, 0);
  if (!is_good)
    jobs_journal_fail (self, error);
}

/* What has ended is written with what starts next, or when there is nothing else to
 * do. One source for all of a run: it costs nothing to have it look */

typedef struct
{
  GSource source;
  JobsJournal *journal; /* borrowed */
} FlushSource;

static gboolean
flush_check (GSource *source)
{
  return ((FlushSource *) source)->journal->pending->len > 0;
}

static gboolean
flush_prepare (GSource *source,
               int     *timeout)
{
  *timeout = -1;

  return flush_check (source);
}

static gboolean
flush_dispatch (GSource    *source,
                GSourceFunc callback,
                gpointer    user_data)
{
  jobs_journal_write (((FlushSource *) source)->journal);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs flush_funcs = {
  .prepare = flush_prepare,
  .check = flush_check,
  .dispatch = flush_dispatch,
};

static void
jobs_journal_watch_pending (JobsJournal *self)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->flush = g_source_new (&flush_funcs, sizeof (FlushSource));
  ((FlushSource *) self->flush)->journal = self;
  g_source_set_static_name (self->flush, "[asyncjobs] journal");
  g_source_set_priority (self->flush, G_PRIORITY_DEFAULT_IDLE);
  g_source_attach (self->flush, context);
}

static JobsRecordsEntry *
jobs_journal_add (JobsJournal    *self,
                  JobsAction     *action,
                  JobsJournalJob *job,
                  JobsRecordsKind kind)
{
  JobsRecordsEntry entry = {
    .kind = kind,
    .run = self->run.id,
    .job = job->number,
    .attempt = jobs_action_get_attempts (action),
    .time = g_get_real_time (),
    .duration = -1,
    .state = jobs_action_get_state (action),
    .exit_status = -1,
    .term_signal = -1,
  };

  g_array_append_val (self->pending, entry);

  return &g_array_index (self->pending, JobsRecordsEntry, self->pending->len - 1);
}

/* What has happened */

static gboolean
look_cb (gpointer user_data)
{
  g_autoptr (JobsJournal) self = g_object_ref (user_data);
  gint64 limit = g_get_monotonic_time () - LOOK_INTERVAL * 1000;
  JobsJournalJob *job;

  while ((job = g_queue_peek_head (&self->young)) != NULL && job->begun <= limit)
    {
      gint64 pid = jobs_command_action_get_pid (JOBS_COMMAND_ACTION (job->action));
      JobsRecordsEntry *entry;

      g_queue_unlink (&self->young, &job->link);
      if (pid == 0)
        continue;
      entry = jobs_journal_add (self, job->action, job, JOBS_RECORDS_PROCESS);
      entry->pid = pid;
      entry->pid_started = jobs_orphans_get_start (pid);
    }
  jobs_journal_write (self);
  if (!g_queue_is_empty (&self->young))
    return G_SOURCE_CONTINUE;

  jobs_timer_clear (&self->look);

  return G_SOURCE_REMOVE;
}

static void
jobs_journal_look_later (JobsJournal *self)
{
  g_autoptr (GMainContext) context = NULL;

  if (self->look != NULL)
    return;

  context = g_main_context_ref_thread_default ();
  jobs_timer_start (&self->look, context, LOOK_INTERVAL, look_cb, self);
  g_source_set_static_name (self->look, "[asyncjobs] journal");
}

static void
jobs_journal_forget_young (JobsJournal    *self,
                           JobsJournalJob *job)
{
  if (job->link.prev != NULL || job->link.next != NULL || self->young.head == &job->link)
    g_queue_unlink (&self->young, &job->link);
}

static void
jobs_journal_attempt_begins (JobsJournal    *self,
                             JobsAction     *action,
                             JobsJournalJob *job)
{
  job->begun = g_get_monotonic_time ();
  if (JOBS_IS_COMMAND_ACTION (action))
    {
      g_autofree char *mark =
        g_strdup_printf ("%s/%u/%u", self->run.token, job->number, jobs_action_get_attempts (action));

      jobs_command_action_setenv (JOBS_COMMAND_ACTION (action), JOBS_ATTEMPT_VARIABLE, mark);
      g_queue_push_tail_link (&self->young, &job->link);
      jobs_journal_look_later (self);
    }

  jobs_journal_add (self, action, job, JOBS_RECORDS_START);
  jobs_journal_write (self);
  if (self->error != NULL)
    jobs_action_cancel (action);
}

static void
jobs_journal_attempt_ended (JobsJournal    *self,
                            JobsAction     *action,
                            JobsJournalJob *job,
                            JobsRecordsKind kind)
{
  JobsRecordsEntry *entry = jobs_journal_add (self, action, job, kind);
  const GError *error = jobs_action_get_error (action);
  const GValue *result = jobs_action_get_result (action);

  if (job->begun != 0)
    entry->duration = g_get_monotonic_time () - job->begun;
  job->begun = 0;
  jobs_journal_forget_young (self, job);
  if (JOBS_IS_COMMAND_ACTION (action))
    {
      entry->exit_status = jobs_command_action_get_exit_status (JOBS_COMMAND_ACTION (action));
      entry->term_signal = jobs_command_action_get_term_signal (JOBS_COMMAND_ACTION (action));
    }
  if (result != NULL && kind == JOBS_RECORDS_END)
    {
      g_autofree char *text = jobs_journal_value_to_text (result);
      g_autofree char *hidden = jobs_secrets_hide (self->secrets, text);

      entry->value = g_strcmp0 (text, hidden) == 0 ? g_steal_pointer (&hidden) : jobs_journal_make_lost_value ();
    }
  if (error != NULL)
    entry->message = jobs_secrets_hide (self->secrets, error->message);
}

static JobsJournalJob *
jobs_journal_add_job (JobsJournal *self,
                      JobsAction  *action,
                      GError     **error)
{
  JobsJournalJob *job = g_new0 (JobsJournalJob, 1);
  JobsRecordsJob record = {
    .number = g_hash_table_size (self->jobs),
    .path = jobs_action_dup_path (action),
    .fingerprint = jobs_fingerprint (action),
    .is_critical = jobs_action_get_critical (action),
    .is_forever = jobs_action_get_forever (action),
    .is_engine = JOBS_IS_ENGINE (action),
  };

  job->action = g_object_ref (action);
  job->number = record.number;
  job->link.data = job;
  g_hash_table_insert (self->jobs, action, job);
  if (!jobs_records_add_job (self->records, self->run.id, &record, error))
    job = NULL;
  jobs_records_job_clear (&record);

  return job;
}

static void
action_state_changed_cb (JobsEngine *engine,
                         JobsAction *action,
                         JobsState   old_state,
                         JobsState   new_state,
                         gpointer    user_data)
{
  g_autoptr (JobsJournal) self = g_object_ref (user_data);
  JobsJournalJob *job = g_hash_table_lookup (self->jobs, action);
  GError *error = NULL;

  if (self->is_restoring)
    return;
  if (job == NULL && self->error == NULL)
    {
      job = jobs_journal_add_job (self, action, &error);
      if (error != NULL)
        jobs_journal_fail (self, error);
    }
  if (self->error != NULL || job == NULL)
    {
      if (new_state == JOBS_STATE_RUNNING)
        jobs_action_cancel (action);
      return;
    }

  if (new_state == JOBS_STATE_RUNNING)
    jobs_journal_attempt_begins (self, action, job);
  else if (jobs_state_is_terminal (new_state))
    jobs_journal_attempt_ended (self, action, job, JOBS_RECORDS_END);
  else if (new_state == JOBS_STATE_SCHEDULED && job->begun != 0)
    jobs_journal_attempt_ended (self, action, job, JOBS_RECORDS_RETRY);
}

/* Stops to record. What it knows of the jobs is of no use any more */
static void
jobs_journal_let_go (JobsJournal *self)
{
  jobs_timer_clear (&self->look);
  jobs_timer_clear (&self->flush);
  if (self->engine != NULL)
    g_signal_handlers_disconnect_by_data (self->engine, self);
  g_clear_object (&self->engine);
  g_queue_init (&self->young);
  g_hash_table_remove_all (self->jobs);
  g_array_set_size (self->pending, 0);
}

/* Each engine has only its own */
static void
jobs_journal_add_clean_ups (JobsJournal *self)
{
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (self->engine, TRUE);

  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      g_auto (GStrv) lines = JOBS_IS_ENGINE (action) ? jobs_engine_dup_clean_up_failures (JOBS_ENGINE (action)) : NULL;

      for (guint j = 0; lines != NULL && lines[j] != NULL; j++)
        jobs_journal_add (self, action, &(JobsJournalJob) { .number = G_MAXUINT }, JOBS_RECORDS_CLEAN_UP)->message =
          jobs_secrets_hide (self->secrets, lines[j]);
    }
}

static void
finished_cb (JobsEngine *engine,
             gboolean    success,
             gpointer    user_data)
{
  g_autoptr (JobsJournal) self = g_object_ref (user_data);
  g_autofree char *why = jobs_engine_why (engine);
  GError *error = NULL;

  jobs_journal_add_clean_ups (self);
  jobs_journal_write (self);
  self->run.ended = g_get_real_time ();
  self->run.success = success;
  g_free (self->run.why);
  self->run.why = success ? NULL : jobs_secrets_hide (self->secrets, why);
  if (self->error == NULL && !jobs_records_end_run (self->records, &self->run, &error))
    jobs_journal_fail (self, error);
  jobs_journal_let_go (self);
}

static void
job_free (gpointer data)
{
  JobsJournalJob *job = data;

  g_object_unref (job->action);
  g_free (job);
}

static void
clear_entry (gpointer data)
{
  jobs_records_entry_clear (data);
}

static void
jobs_journal_finalize (GObject *object)
{
  JobsJournal *self = JOBS_JOURNAL (object);

  jobs_journal_flush (self);
  jobs_journal_let_go (self);
  g_clear_pointer (&self->records, jobs_records_close);
  jobs_records_run_clear (&self->run);
  g_clear_pointer (&self->filename, g_free);
  g_clear_pointer (&self->secrets, g_ptr_array_unref);
  g_clear_pointer (&self->jobs, g_hash_table_unref);
  g_clear_pointer (&self->pending, g_array_unref);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (jobs_journal_parent_class)->finalize (object);
}

static void
jobs_journal_class_init (JobsJournalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = jobs_journal_finalize;

  /**
   * JobsJournal::failed:
   * @self: the journal
   * @error: why
   *
   * The journal cannot be written any more.
   *
   * The run has been cancelled. It is emitted once, in the context of the run; handlers
   * may do with the engine what they like.
   *
   * Since: 1.0
   */
  signals[FAILED] =
    g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
jobs_journal_init (JobsJournal *self)
{
  self->secrets = jobs_secrets_new ();
  self->jobs = g_hash_table_new_full (NULL, NULL, NULL, job_free);
  self->pending = g_array_new (FALSE, FALSE, sizeof (JobsRecordsEntry));
  g_array_set_clear_func (self->pending, clear_entry);
}

GPtrArray *
jobs_journal_dup_actions (JobsEngine *engine)
{
  GPtrArray *actions = jobs_engine_dup_all (engine, TRUE);

  g_ptr_array_remove (actions, engine);

  return actions;
}

/* Its jobs, and what was done of them */
static gboolean
jobs_journal_record_jobs (JobsJournal *self,
                          GPtrArray   *actions,
                          GHashTable  *kept,
                          GError     **error)
{
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      JobsJournalJob *job = jobs_journal_add_job (self, action, error);
      const JobsRecordsEntry *done = kept != NULL ? g_hash_table_lookup (kept, action) : NULL;
      JobsRecordsEntry entry;

      if (job == NULL)
        return FALSE;
      if (done == NULL)
        continue;

      entry = *done;
      entry.run = self->run.id;
      entry.job = job->number;
      if (!jobs_records_add_entry (self->records, &entry, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
jobs_journal_begin_run (JobsJournal *self,
                        JobsEngine  *engine,
                        const char  *about,
                        GHashTable  *kept,
                        GError     **error)
{
  g_autoptr (GPtrArray) actions = jobs_journal_dup_actions (engine);

  jobs_journal_let_go (self);
  jobs_records_run_clear (&self->run);
  g_clear_error (&self->error);
  self->run = (JobsRecordsRun) {
    .token = g_uuid_string_random (),
    .about = jobs_secrets_hide (self->secrets, about),
    .boot = jobs_orphans_dup_boot (),
    .pid = getpid (),
    .started = g_get_real_time (),
  };
  if (!jobs_records_begin (self->records, error))
    return FALSE;
  if (!jobs_records_add_run (self->records, &self->run, error) ||
      !jobs_journal_record_jobs (self, actions, kept, error) ||
      !jobs_records_commit (self->records, error))
    {
      jobs_records_roll_back (self->records);
      jobs_journal_let_go (self);
      self->run.id = 0;
      return FALSE;
    }

  self->engine = g_object_ref (engine);
  jobs_journal_watch_pending (self);
  g_signal_connect (engine, "action-state-changed", G_CALLBACK (action_state_changed_cb), self);
  g_signal_connect (engine, "finished", G_CALLBACK (finished_cb), self);

  return TRUE;
}

/**
 * jobs_journal_open:
 * @filename: (type filename): the file; it is made where it is not there
 * @flags: how it is kept
 * @error: return location for an error
 *
 * Opens a journal, to write to it.
 *
 * %JOBS_ERROR_BUSY where another process does, with its pid in the message;
 * %JOBS_ERROR_DAMAGED where it is no journal, or not any more; %JOBS_ERROR_JOURNAL
 * where it cannot be opened or written.
 *
 * Returns: (transfer full): the journal, or %NULL with an error
 *
 * Since: 1.0
 */
JobsJournal *
jobs_journal_open (const char      *filename,
                   JobsJournalFlags flags,
                   GError         **error)
{
  JobsJournal *self;
  JobsRecords *records;

  g_return_val_if_fail (filename != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  records = jobs_records_open (filename, flags & JOBS_JOURNAL_DURABLE ? JOBS_RECORDS_DURABLE : 0, error);
  if (records == NULL)
    return NULL;

  self = g_object_new (JOBS_TYPE_JOURNAL, NULL);
  self->records = records;
  self->filename = g_strdup (filename);

  return self;
}

/**
 * jobs_journal_get_filename:
 * @self: a journal
 *
 * Where it is.
 *
 * Returns: (transfer none) (type filename): its file
 *
 * Since: 1.0
 */
const char *
jobs_journal_get_filename (JobsJournal *self)
{
  g_return_val_if_fail (JOBS_IS_JOURNAL (self), NULL);

  return self->filename;
}

/**
 * jobs_journal_add_secret:
 * @self: a journal
 * @secret: what must not be written to it
 *
 * Writes `***` instead of @secret, wherever it comes in a message. A result that has
 * it is not written at all: what has given it is run again by [method@Journal.resume].
 * Names of actions are written as they are.
 *
 * An empty text has no effect.
 *
 * Since: 1.0
 */
void
jobs_journal_add_secret (JobsJournal *self,
                         const char  *secret)
{
  g_return_if_fail (JOBS_IS_JOURNAL (self));
  g_return_if_fail (secret != NULL);

  jobs_secrets_add (self->secrets, secret);
}

gboolean
jobs_journal_read_last_run (JobsJournal    *self,
                            JobsRecordsRun *run,
                            GError        **error)
{
  if (!jobs_records_read_run (self->records, 0, run, error))
    return FALSE;
  if (run->id == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no run in the journal “%s”"),
                 self->filename);

  return run->id != 0;
}

/**
 * jobs_journal_dup_about:
 * @self: a journal
 * @error: return location for an error
 *
 * What was said of its last run, to [method@Journal.begin].
 *
 * %G_IO_ERROR_NOT_FOUND where there is no run; %JOBS_ERROR_DAMAGED where the journal
 * cannot be read.
 *
 * Returns: (transfer full): the text, or %NULL with an error
 *
 * Since: 1.0
 */
char *
jobs_journal_dup_about (JobsJournal *self,
                        GError     **error)
{
  g_auto (JobsRecordsRun) run = { 0 };

  g_return_val_if_fail (JOBS_IS_JOURNAL (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return jobs_journal_read_last_run (self, &run, error) ? g_steal_pointer (&run.about) : NULL;
}

/**
 * jobs_journal_begin:
 * @self: a journal
 * @engine: an engine that does not run
 * @about: what shall be found again, for the program that resumes it
 * @error: return location for an error
 *
 * Records the next run of @engine, from its beginning.
 *
 * What an interrupted run has left behind is ended first, as by [method@Journal.resume],
 * whose errors it has. Call it in the context in which @engine will run.
 *
 * Returns: %TRUE unless there is an error
 *
 * Since: 1.0
 */
gboolean
jobs_journal_begin (JobsJournal *self,
                    JobsEngine  *engine,
                    const char  *about,
                    GError     **error)
{
  g_return_val_if_fail (JOBS_IS_JOURNAL (self) && self->engine == NULL, FALSE);
  g_return_val_if_fail (JOBS_IS_ENGINE (engine) && !jobs_engine_is_active (engine), FALSE);
  g_return_val_if_fail (about != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!jobs_journal_settle_last_run (self, engine, error))
    return FALSE;

  self->n_kept = 0;

  return jobs_journal_begin_run (self, engine, about, NULL, error);
}

/**
 * jobs_journal_set_durable:
 * @self: a journal
 * @durable: whether to wait for the disk
 *
 * Changes whether what is written from now on outlives the system too, see
 * %JOBS_JOURNAL_DURABLE.
 *
 * Since: 1.0
 */
void
jobs_journal_set_durable (JobsJournal *self,
                          gboolean     durable)
{
  g_return_if_fail (JOBS_IS_JOURNAL (self));

  jobs_records_set_durable (self->records, durable);
}

/**
 * jobs_journal_flush:
 * @self: a journal
 *
 * Writes what has ended by now, which it else does when there is nothing else to do.
 *
 * For a program that is about to leave without an end of the run.
 *
 * Since: 1.0
 */
void
jobs_journal_flush (JobsJournal *self)
{
  g_return_if_fail (JOBS_IS_JOURNAL (self));

  jobs_journal_write (self);
}

/**
 * jobs_journal_get_n_kept:
 * @self: a journal
 *
 * How many actions [method@Journal.resume] has found done.
 *
 * Returns: the number, engines included
 *
 * Since: 1.0
 */
guint
jobs_journal_get_n_kept (JobsJournal *self)
{
  g_return_val_if_fail (JOBS_IS_JOURNAL (self), 0);

  return self->n_kept;
}

/**
 * jobs_journal_get_run:
 * @self: a journal
 *
 * The run that is recorded, or was last.
 *
 * Returns: its number in the journal, from 1; 0 where there was none
 *
 * Since: 1.0
 */
gint64
jobs_journal_get_run (JobsJournal *self)
{
  g_return_val_if_fail (JOBS_IS_JOURNAL (self), 0);

  return self->run.id;
}

/**
 * jobs_journal_find_number:
 * @self: a journal
 * @action: an action of the engine that is recorded
 *
 * By which number the journal knows @action in this run.
 *
 * Returns: the number, from 0; %G_MAXUINT where it does not know it
 *
 * Since: 1.0
 */
guint
jobs_journal_find_number (JobsJournal *self,
                          JobsAction  *action)
{
  JobsJournalJob *job;

  g_return_val_if_fail (JOBS_IS_JOURNAL (self), G_MAXUINT);
  g_return_val_if_fail (JOBS_IS_ACTION (action), G_MAXUINT);

  job = g_hash_table_lookup (self->jobs, action);

  return job != NULL ? job->number : G_MAXUINT;
}

/**
 * jobs_journal_get_error:
 * @self: a journal
 *
 * Why it cannot be written any more.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL where all is well
 *
 * Since: 1.0
 */
const GError *
jobs_journal_get_error (JobsJournal *self)
{
  g_return_val_if_fail (JOBS_IS_JOURNAL (self), NULL);

  return self->error;
}
