/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "history.h"
#include "journal-place.h"
#include "json.h"
#include "scenario/jobs-journal-lock.h"
#include "scenario/jobs-orphans.h"
#include "tool.h"

/* So many runs are looked at for durations */
#define N_RUNS 20

/* Where a job stands */

static void
job_free (gpointer data)
{
  HistoryJob *self = data;

  jobs_records_job_clear (&self->record);
  g_free (self->value);
  g_free (self->message);
  g_free (self);
}

static gboolean
read_job_cb (const JobsRecordsJob *record,
             gpointer              user_data)
{
  History *self = user_data;
  HistoryJob *job = g_new0 (HistoryJob, 1);

  job->record = *record;
  job->record.path = g_strdup (record->path);
  job->record.fingerprint = g_strdup (record->fingerprint);
  job->duration = job->exit_status = job->term_signal = -1;
  g_ptr_array_add (self->jobs, job);
  g_hash_table_insert (self->by_path, job->record.path, job);

  return TRUE;
}

/* What has begun anew has none yet */
static void
job_take_outcome (HistoryJob             *job,
                  const JobsRecordsEntry *entry)
{
  job->duration = entry->duration;
  job->exit_status = entry->exit_status;
  job->term_signal = entry->term_signal;
  job->pid = 0;
  g_free (job->value);
  g_free (job->message);
  job->value = g_strdup (entry->value);
  job->message = g_strdup (entry->message);
}

static gboolean
read_entry_cb (const JobsRecordsEntry *entry,
               gpointer                user_data)
{
  History *self = user_data;
  HistoryJob *job = entry->job < self->jobs->len ? g_ptr_array_index (self->jobs, entry->job) : NULL;

  self->last_sign = MAX (self->last_sign, entry->time);
  if (entry->kind == JOBS_RECORDS_CLEAN_UP && entry->message != NULL)
    g_ptr_array_add (self->clean_ups, g_strdup (entry->message));
  /* One that has come since its jobs were read, or of a time to come */
  if (job == NULL || (guint) entry->state > JOBS_STATE_SKIPPED)
    return TRUE;

  switch (entry->kind)
    {
    case JOBS_RECORDS_START:
      job->state = JOBS_STATE_RUNNING;
      job->attempts = entry->attempt;
      job->started = entry->time;
      job_take_outcome (job, entry);
      break;
    case JOBS_RECORDS_PROCESS:
      job->pid = entry->pid;
      break;
    case JOBS_RECORDS_RETRY:
      job->state = JOBS_STATE_SCHEDULED;
      job_take_outcome (job, entry);
      break;
    case JOBS_RECORDS_END:
      job->state = entry->state;
      job->attempts = entry->attempt;
      job->is_kept = entry->time < self->run.started;
      job_take_outcome (job, entry);
      if (job->is_kept)
        job->started = entry->time - MAX (entry->duration, 0);
      break;
    default:
      break;
    }

  return TRUE;
}

/* Reading */

/* Another program may have its own words there: then nothing is known of a file */
static void
understand_about (History *self)
{
  g_autoptr (JsonObject) object = tool_json_parse_object (self->run.about);

  self->window = -1;
  if (object == NULL)
    return;

  self->file = g_strdup (json_object_get_string_member_with_default (object, "file", NULL));
  self->name = g_strdup (json_object_get_string_member_with_default (object, "name", NULL));
  self->window = json_object_get_int_member_with_default (object, "window", -1);
}

/* Whether somebody writes, and what is written: the two must be of one moment */
static gboolean
read_run (History *self,
          gint64   before,
          GError **error)
{
  do
    {
      self->writer = jobs_journal_lock_find_holder (self->journal);
      jobs_records_run_clear (&self->run);
      if (!jobs_records_read_run (self->records, before, &self->run, error))
        return FALSE;
    }
  while (self->run.ended == 0 && self->writer != jobs_journal_lock_find_holder (self->journal));

  if (self->run.ended != 0)
    self->fate = HISTORY_ENDED;
  else if (self->writer != 0 && self->writer == self->run.pid && before == 0)
    self->fate = HISTORY_LIVES;
  else
    self->fate = HISTORY_INTERRUPTED;

  return TRUE;
}

static gboolean
history_read (History *self,
              gint64   before,
              GError **error)
{
  /* Who asks for an earlier run has had the last one: the file was looked through then */
  if ((before == 0 && !jobs_records_check (self->records, error)) || !read_run (self, before, error))
    return FALSE;
  if (self->run.id == 0)
    {
      g_autofree char *display = g_filename_display_name (self->journal);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _("there is no run in the journal ‘%s’ yet"), display);
      return FALSE;
    }

  self->last_sign = self->run.started;
  if (!jobs_records_foreach_job (self->records, self->run.id, read_job_cb, self, error) ||
      !jobs_records_foreach_entry (self->records, self->run.id, read_entry_cb, self, error))
    return FALSE;
  understand_about (self);

  return TRUE;
}

History *
history_open (const char *journal,
              gint64      before,
              GError    **error)
{
  g_autoptr (History) self = g_new0 (History, 1);

  self->journal = g_strdup (journal);
  self->jobs = g_ptr_array_new_with_free_func (job_free);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->clean_ups = g_ptr_array_new_with_free_func (g_free);
  self->records = jobs_records_open (journal, JOBS_RECORDS_READ_ONLY, error);
  if (self->records == NULL || !history_read (self, before, error))
    return NULL;

  return g_steal_pointer (&self);
}

History *
history_open_argument (const char *argument,
                       GError    **error)
{
  g_autofree char *journal = journal_place_find (argument, error);

  return journal != NULL ? history_open (journal, 0, error) : NULL;
}

void
history_free (History *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->records, jobs_records_close);
  jobs_records_run_clear (&self->run);
  g_hash_table_unref (self->by_path);
  g_ptr_array_unref (self->clean_ups);
  g_ptr_array_unref (self->jobs);
  g_free (self->journal);
  g_free (self->file);
  g_free (self->name);
  g_free (self);
}

gboolean
history_is_minor (History          *self,
                  const HistoryJob *job)
{
  g_autofree char *path = NULL;
  char *slash;

  if (!job->record.is_critical)
    return TRUE;

  path = g_strdup (job->record.path);
  while ((slash = strrchr (path, '/')) != NULL)
    {
      HistoryJob *around;

      *slash = '\0';
      around = g_hash_table_lookup (self->by_path, path);
      if (around != NULL && around->record.is_engine && !around->record.is_critical)
        return TRUE;
    }

  return FALSE;
}

char *
history_dup_logs (History *self)
{
  return journal_place_run_logs (self->journal, self->run.id);
}

char *
history_dup_resume (History    *self,
                    const char *argument)
{
  g_autofree char *usual = self->file != NULL ? journal_place_for (self->file, FALSE, NULL) : NULL;
  const char *target = argument;
  g_autofree char *word = NULL;

  if (target == NULL)
    target = g_strcmp0 (usual, self->journal) == 0 ? self->file : self->journal;
  word = tool_shell_word (target);

  return g_strconcat ("asyncjobs resume ", word, NULL);
}

gint64
history_get_duration (History *self)
{
  gint64 end = self->run.ended;

  if (self->fate == HISTORY_LIVES)
    end = g_get_real_time ();
  else if (end == 0)
    end = self->last_sign;

  /* The clock may have been set back */
  return MAX (end - self->run.started, 0);
}

gboolean
history_is_going_on (History *self)
{
  g_auto (JobsRecordsRun) run = { 0 };

  return self->fate == HISTORY_LIVES &&
         jobs_journal_lock_find_holder (self->journal) == self->writer &&
         jobs_records_read_run (self->records, 0, &run, NULL) &&
         run.id == self->run.id && run.ended == 0;
}

/* Durations */

typedef struct
{
  char *fingerprint; /* of the last time */
  GArray *durations; /* (element-type gint64) */
} Samples;

typedef struct
{
  GHashTable *by_path; /* path → Samples */
  GPtrArray *by_number; /* (element-type Samples), in the run that is read; NULL: another job */
  gint64 started;      /* that run */
} Collection;

static void
samples_free (gpointer data)
{
  Samples *self = data;

  g_free (self->fingerprint);
  g_array_unref (self->durations);
  g_free (self);
}

static gboolean
collect_job_cb (const JobsRecordsJob *job,
                gpointer              user_data)
{
  Collection *self = user_data;
  Samples *samples = g_hash_table_lookup (self->by_path, job->path);

  if (samples == NULL)
    {
      samples = g_new0 (Samples, 1);
      samples->fingerprint = g_strdup (job->fingerprint);
      samples->durations = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_hash_table_insert (self->by_path, g_strdup (job->path), samples);
    }

  g_ptr_array_add (self->by_number,
                   g_str_equal (samples->fingerprint, job->fingerprint) && !job->is_engine ? samples : NULL);

  return TRUE;
}

static gboolean
collect_entry_cb (const JobsRecordsEntry *entry,
                  gpointer                user_data)
{
  Collection *self = user_data;

  /* What an earlier run has done is counted there */
  if (entry->kind == JOBS_RECORDS_END && entry->state == JOBS_STATE_FINISHED &&
      entry->duration >= 0 && entry->time >= self->started && entry->job < self->by_number->len)
    {
      Samples *samples = g_ptr_array_index (self->by_number, entry->job);

      if (samples != NULL)
        g_array_append_val (samples->durations, entry->duration);
    }

  return TRUE;
}

static int
compare_durations (gconstpointer a,
                   gconstpointer b)
{
  gint64 one = *(const gint64 *) a, two = *(const gint64 *) b;

  return one < two ? -1 : one > two;
}

static GHashTable *
take_medians (GHashTable *by_path)
{
  GHashTable *medians = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer path, value;

  g_hash_table_iter_init (&iter, by_path);
  while (g_hash_table_iter_next (&iter, &path, &value))
    {
      GArray *durations = ((Samples *) value)->durations;

      if (durations->len == 0)
        continue;
      g_array_sort (durations, compare_durations);
      /* Of two in the middle the shorter one: no sum of what was never measured */
      g_hash_table_insert (medians, g_strdup (path),
                           g_memdup2 (&g_array_index (durations, gint64, (durations->len - 1) / 2),
                                      sizeof (gint64)));
    }

  return medians;
}

GHashTable *
history_dup_durations (History *self,
                       GError **error)
{
  g_autoptr (GHashTable) by_path = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, samples_free);
  gint64 before = self->run.id + 1;

  for (guint i = 0; i < N_RUNS; i++)
    {
      g_auto (JobsRecordsRun) run = { 0 };
      g_autoptr (GPtrArray) by_number = g_ptr_array_new ();
      Collection collection = { by_path, by_number };

      if (!jobs_records_read_run (self->records, before, &run, error))
        return NULL;
      if (run.id == 0)
        break;

      collection.started = run.started;
      if (!jobs_records_foreach_job (self->records, run.id, collect_job_cb, &collection, error) ||
          !jobs_records_foreach_entry (self->records, run.id, collect_entry_cb, &collection, error))
        return NULL;
      before = run.id;
    }

  return take_medians (by_path);
}

/* Orphans */

/* A run that was interrupted since the system began */
typedef struct
{
  gint64 run;
  char *token;
  GArray *processes; /* (element-type JobsOrphan) that are known of it */
  GArray *numbers;   /* (element-type guint): their jobs */
} Wreck;

static void
wreck_free (gpointer data)
{
  Wreck *self = data;

  g_free (self->token);
  g_array_unref (self->processes);
  g_array_unref (self->numbers);
  g_free (self);
}

static gboolean
read_process_cb (const JobsRecordsEntry *entry,
                 gpointer                user_data)
{
  Wreck *wreck = user_data;
  JobsOrphan one = { entry->pid, entry->pid_started };

  if (entry->kind == JOBS_RECORDS_PROCESS)
    {
      g_array_append_val (wreck->processes, one);
      g_array_append_val (wreck->numbers, entry->job);
    }

  return TRUE;
}

static GPtrArray *
history_find_wrecks (History *self,
                     GError **error)
{
  g_autoptr (GPtrArray) wrecks = g_ptr_array_new_with_free_func (wreck_free);
  g_autofree char *boot = jobs_orphans_dup_boot ();
  gint64 before = self->run.id + 1;

  for (;;)
    {
      g_auto (JobsRecordsRun) run = { 0 };
      Wreck *wreck;

      if (!jobs_records_read_run (self->records, before, &run, error))
        return NULL;
      if (run.id == 0)
        return g_steal_pointer (&wrecks);

      before = run.id;
      if (run.ended != 0 || !g_str_equal (run.boot, boot) ||
          (run.id == self->run.id && self->fate != HISTORY_INTERRUPTED))
        continue;

      wreck = g_new0 (Wreck, 1);
      wreck->run = run.id;
      wreck->token = g_steal_pointer (&run.token);
      wreck->processes = g_array_new (FALSE, FALSE, sizeof (JobsOrphan));
      wreck->numbers = g_array_new (FALSE, FALSE, sizeof (guint));
      g_ptr_array_add (wrecks, wreck);
      if (!jobs_records_foreach_entry (self->records, wreck->run, read_process_cb, wreck, error))
        return NULL;
    }
}

/* Of which of its jobs a process is; G_MAXUINT: of none. The mark is what all bear that
 * a job has started, unless they have dropped it */
static guint
wreck_identify (Wreck            *self,
                const JobsOrphan *orphan,
                const char       *mark)
{
  gsize length = strlen (self->token);

  if (mark != NULL && g_str_has_prefix (mark, self->token) && mark[length] == '/')
    return (guint) g_ascii_strtoull (mark + length + 1, NULL, 10);

  for (guint i = 0; i < self->processes->len; i++)
    {
      const JobsOrphan *known = &g_array_index (self->processes, JobsOrphan, i);

      if (known->pid == orphan->pid && known->start == orphan->start)
        return g_array_index (self->numbers, guint, i);
    }

  return G_MAXUINT;
}

typedef struct
{
  guint number;
  char *path;
} Search;

static gboolean
search_job_cb (const JobsRecordsJob *job,
               gpointer              user_data)
{
  Search *self = user_data;

  if (job->number == self->number)
    self->path = g_strdup (job->path);

  return self->path == NULL;
}

static void
orphan_free (gpointer data)
{
  HistoryOrphan *self = data;

  g_free (self->path);
  g_free (self);
}

GPtrArray *
history_find_orphans (History *self,
                      GError **error)
{
  g_autoptr (GPtrArray) orphans = g_ptr_array_new_with_free_func (orphan_free);
  g_autoptr (GPtrArray) wrecks = history_find_wrecks (self, error);
  g_autoptr (GArray) known = g_array_new (FALSE, FALSE, sizeof (JobsOrphan));
  g_autoptr (GArray) found = NULL;

  if (wrecks == NULL)
    return NULL;
  if (wrecks->len == 0)
    return g_steal_pointer (&orphans);

  for (guint i = 0; i < wrecks->len; i++)
    {
      GArray *processes = ((Wreck *) g_ptr_array_index (wrecks, i))->processes;

      g_array_append_vals (known, processes->data, processes->len);
    }

  /* One look for all runs: those with the mark of another journal are sorted out */
  found = jobs_orphans_find ("", known);
  for (guint i = 0; i < found->len; i++)
    {
      const JobsOrphan *one = &g_array_index (found, JobsOrphan, i);
      g_autofree char *mark = jobs_orphans_dup_mark (one->pid);

      for (guint j = 0; j < wrecks->len; j++)
        {
          Wreck *wreck = g_ptr_array_index (wrecks, j);
          Search search = { wreck_identify (wreck, one, mark) };
          HistoryOrphan *orphan;

          if (search.number == G_MAXUINT)
            continue;
          if (!jobs_records_foreach_job (self->records, wreck->run, search_job_cb, &search, error))
            return NULL;
          orphan = g_new0 (HistoryOrphan, 1);
          orphan->pid = one->pid;
          orphan->path = search.path != NULL ? search.path : g_strdup ("?");
          g_ptr_array_add (orphans, orphan);
          break;
        }
    }

  return g_steal_pointer (&orphans);
}

gboolean
history_end_orphans (History *self,
                     GError **error)
{
  g_autoptr (GPtrArray) wrecks = history_find_wrecks (self, error);

  if (wrecks == NULL)
    return FALSE;

  for (guint i = 0; i < wrecks->len; i++)
    {
      Wreck *wreck = g_ptr_array_index (wrecks, i);
      g_autofree char *prefix = g_strconcat (wreck->token, "/", NULL);
      gint64 pid = 0;

      if (!jobs_orphans_end (prefix, wreck->processes, JOBS_ORPHANS_GRACE, &pid))
        {
          g_set_error (error, JOBS_ERROR, JOBS_ERROR_STUCK,
                       _("Process %d of the interrupted run cannot be ended"), (int) pid);
          return FALSE;
        }
    }

  return TRUE;
}
