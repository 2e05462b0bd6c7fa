/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "journal-place.h"
#include "outlook.h"

/* As much as the library keeps of a command */
#define TAIL_SIZE (16 * 1024)
#define TAIL_LINES 20

/* Attempts: the history has only the last one of each job */

static AccountAttempt *
last_attempt (AccountJob *job)
{
  return job->attempts->len > 0 ? &g_array_index (job->attempts, AccountAttempt, job->attempts->len - 1) : NULL;
}

typedef struct
{
  Account *account;
  gint64 started;
} Reading;

static gboolean
read_entry_cb (const JobsRecordsEntry *entry,
               gpointer                data)
{
  Reading *self = data;
  AccountJob *job = entry->job < self->account->jobs->len ? g_ptr_array_index (self->account->jobs, entry->job) : NULL;
  AccountAttempt *last = job != NULL ? last_attempt (job) : NULL;
  gint64 time = entry->time - self->started;

  if (job == NULL || job->is_kept)
    return TRUE;

  if (entry->kind == JOBS_RECORDS_START)
    {
      AccountAttempt attempt = { entry->attempt, MAX (time, 0), -1, JOBS_STATE_RUNNING };

      g_array_append_val (job->attempts, attempt);
    }
  else if (last != NULL && last->end < 0 && (entry->kind == JOBS_RECORDS_RETRY || entry->kind == JOBS_RECORDS_END))
    {
      /* By the clock that cannot be set */
      last->end = entry->duration >= 0 ? last->start + entry->duration : MAX (time, last->start);
      last->state = entry->kind == JOBS_RECORDS_RETRY ? JOBS_STATE_FAILED : entry->state;
    }

  return TRUE;
}

/* Output */

/* The last lines, whole */
static char *
read_tail (const char *filename)
{
  g_autofree char *text = g_malloc (TAIL_SIZE + 1);
  int fd = g_open (filename, O_RDONLY | O_CLOEXEC);
  off_t size = fd >= 0 ? lseek (fd, 0, SEEK_END) : 0;
  gssize n = fd >= 0 ? pread (fd, text, TAIL_SIZE, MAX (size - TAIL_SIZE, 0)) : 0;
  char *first;
  guint lines = 0;

  if (fd >= 0)
    g_close (fd, NULL);
  if (n <= 0)
    return NULL;

  while (n > 0 && text[n - 1] == '\n')
    n--;
  text[n] = '\0';
  for (first = text + n; first > text; first--)
    if (first[-1] == '\n' && ++lines == TAIL_LINES)
      break;
  if (first == text && size > TAIL_SIZE)
    first += strcspn (first, "\n");

  return g_utf8_make_valid (first, text + n - first);
}

static void
read_tails (Account *self,
            History *history)
{
  g_autofree char *logs = history_dup_logs (history);

  if (!g_file_test (logs, G_FILE_TEST_IS_DIR))
    return;

  for (guint i = 0; i < self->jobs->len; i++)
    {
      AccountJob *job = g_ptr_array_index (self->jobs, i);
      HistoryJob *record = g_ptr_array_index (history->jobs, i);
      g_autofree char *name = NULL;

      if (job->is_kept || (job->state != JOBS_STATE_FAILED && job->state != JOBS_STATE_TIMED_OUT &&
                           !(job->state == JOBS_STATE_RUNNING && self->fate == HISTORY_INTERRUPTED)))
        continue;
      name = journal_place_log (logs, record->record.number, record->attempts);
      account_take_tail (self, job, read_tail (name));
    }
  self->logs = g_steal_pointer (&logs);
}

/* All */

/* No journal has what a job requires: it is in the file, if that is still the same */
static void
read_needs (Account *self,
            History *history)
{
  g_autoptr (JobsScenario) scenario = NULL;

  self->unknown = outlook_find_change (history);
  if (self->unknown == NULL)
    scenario = jobs_scenario_new_from_file (history->file, NULL);
  if (scenario != NULL)
    account_take_needs (self, jobs_scenario_get_engine (scenario));
  else if (self->unknown == NULL)
    self->unknown = g_strdup (_("the job file cannot be read any more"));
}

static void
add_job (Account          *self,
         const HistoryJob *record)
{
  AccountJob *job = account_add (self, record->record.path);

  job->state = record->state;
  job->is_engine = record->record.is_engine;
  job->is_forever = record->record.is_forever;
  job->is_critical = record->record.is_critical;
  job->is_kept = record->is_kept;
  job->n_attempts = record->attempts;
  job->message = g_strdup (record->message);
  job->exit_status = record->exit_status;
  job->term_signal = record->term_signal;
}

Account *
account_from_history (History    *history,
                      const char *resume)
{
  g_autoptr (Account) self = account_new ();
  Reading reading = { self, history->run.started };
  g_autofree char *base = g_path_get_basename (history->file != NULL ? history->file : history->journal);

  self->name = history->name != NULL ? g_strdup (history->name) : g_filename_display_name (base);
  self->file = history->file != NULL ? g_filename_display_name (history->file) : NULL;
  self->run = history->run.id;
  self->started = history->run.started;
  self->duration = history_get_duration (history);
  self->fate = history->fate;
  self->success = history->run.success;
  self->why = g_strdup (history->run.why);
  if (history->fate == HISTORY_INTERRUPTED || (history->fate == HISTORY_ENDED && !history->run.success))
    self->resume = g_strdup (resume);

  for (guint i = 0; i < history->jobs->len; i++)
    add_job (self, g_ptr_array_index (history->jobs, i));
  /* What is added since the history was read shows as far as it is consistent */
  jobs_records_foreach_entry (history->records, history->run.id, read_entry_cb, &reading, NULL);
  read_tails (self, history);
  read_needs (self, history);
  account_complete (self);

  return g_steal_pointer (&self);
}
