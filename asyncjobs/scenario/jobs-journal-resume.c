/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "actions/jobs-command-action.h"
#include "jobs-fingerprint.h"
#include "jobs-journal-private.h"
#include "jobs-orphans.h"
#include "jobs-value.h"
#include "nodes/jobs-slurm-node-private.h"
#include "nodes/jobs-slurm-orphans.h"

/* How a run goes on where an earlier one has stopped: what that has done, and is
 * still what it was, is restored in the engine. */

typedef struct
{
  JobsRecordsJob record;
  JobsRecordsEntry end;  /* the last one; kind 0: none */
  gboolean is_ambiguous; /* another one has its path */
} Former;

typedef struct
{
  guint job;
  JobsOrphan orphan;
} Process;

typedef struct
{
  JobsJournal *journal;
  JobsRecordsRun run;
  GPtrArray *formers;  /* (element-type Former), by number */
  GHashTable *by_path; /* path → Former */
  GArray *processes;   /* (element-type Process) that may live */
} History;

char *
jobs_journal_value_to_text (const GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value))
    return g_value_get_string (value) != NULL ? g_strconcat ("s", g_value_get_string (value), NULL) : NULL;
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_strdup (g_value_get_boolean (value) ? "b1" : "b0");
  if (G_VALUE_HOLDS_INT (value))
    return g_strdup_printf ("i%d", g_value_get_int (value));
  if (G_VALUE_HOLDS_INT64 (value))
    return g_strdup_printf ("x%" G_GINT64_FORMAT, g_value_get_int64 (value));
  if (G_VALUE_HOLDS_DOUBLE (value))
    {
      g_autofree char *number = jobs_double_to_string (g_value_get_double (value));

      return g_strconcat ("d", number, NULL);
    }

  return NULL;
}

/* It had a secret in it, which is not written */
#define LOST_VALUE "?"

gboolean
jobs_journal_is_lost_value (const char *text)
{
  return g_strcmp0 (text, LOST_VALUE) == 0;
}

char *
jobs_journal_make_lost_value (void)
{
  return g_strdup (LOST_VALUE);
}

gboolean
jobs_journal_value_from_text (const char *text,
                              GValue     *value)
{
  if (text == NULL)
    return FALSE;

  switch (*text)
    {
    case 's':
      g_value_init (value, G_TYPE_STRING);
      g_value_set_string (value, text + 1);
      return TRUE;
    case 'b':
      g_value_init (value, G_TYPE_BOOLEAN);
      g_value_set_boolean (value, text[1] == '1');
      return TRUE;
    case 'i':
      g_value_init (value, G_TYPE_INT);
      g_value_set_int (value, (int) g_ascii_strtoll (text + 1, NULL, 10));
      return TRUE;
    case 'x':
      g_value_init (value, G_TYPE_INT64);
      g_value_set_int64 (value, g_ascii_strtoll (text + 1, NULL, 10));
      return TRUE;
    case 'd':
      g_value_init (value, G_TYPE_DOUBLE);
      g_value_set_double (value, g_ascii_strtod (text + 1, NULL));
      return TRUE;
    default:
      return FALSE;
    }
}

/* What the earlier run has left */

static void
former_free (gpointer data)
{
  Former *self = data;

  jobs_records_job_clear (&self->record);
  jobs_records_entry_clear (&self->end);
  g_free (self);
}

static void
history_clear (History *self)
{
  jobs_records_run_clear (&self->run);
  g_clear_pointer (&self->by_path, g_hash_table_unref);
  g_clear_pointer (&self->formers, g_ptr_array_unref);
  g_clear_pointer (&self->processes, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (History, history_clear)

static gboolean
read_job_cb (const JobsRecordsJob *job,
             gpointer              user_data)
{
  History *self = user_data;
  Former *former = g_new0 (Former, 1);

  former->record = *job;
  former->record.path = g_strdup (job->path);
  former->record.fingerprint = g_strdup (job->fingerprint);
  former->is_ambiguous = g_hash_table_contains (self->by_path, job->path);
  g_ptr_array_add (self->formers, former);
  g_hash_table_replace (self->by_path, former->record.path, former);

  return TRUE;
}

static gboolean
read_entry_cb (const JobsRecordsEntry *entry,
               gpointer                user_data)
{
  History *self = user_data;
  Former *former = entry->job < self->formers->len ? g_ptr_array_index (self->formers, entry->job) : NULL;

  if (entry->kind == JOBS_RECORDS_PROCESS)
    {
      Process one = { entry->job, { entry->pid, entry->pid_started } };

      g_array_append_val (self->processes, one);
    }
  else if (former != NULL)
    {
      /* What has begun once more is not done any more */
      jobs_records_entry_clear (&former->end);
      former->end = *entry;
      former->end.value = g_strdup (entry->value);
      former->end.message = g_strdup (entry->message);
    }

  return TRUE;
}

static gboolean
history_read (History *self,
              GError **error)
{
  JobsRecords *records = self->journal->records;

  self->formers = g_ptr_array_new_with_free_func (former_free);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->processes = g_array_new (FALSE, FALSE, sizeof (Process));

  return jobs_records_check (records, error) &&
         jobs_journal_read_last_run (self->journal, &self->run, error) &&
         jobs_records_foreach_job (records, self->run.id, read_job_cb, self, error) &&
         jobs_records_foreach_entry (records, self->run.id, read_entry_cb, self, error);
}

static gboolean
history_end_attempt (History *self,
                     Former  *former,
                     gint64  *pid)
{
  g_autofree char *prefix = g_strdup_printf ("%s/%u/", self->run.token, former->record.number);
  g_autoptr (GArray) known = g_array_new (FALSE, FALSE, sizeof (JobsOrphan));

  for (guint i = 0; i < self->processes->len; i++)
    {
      const Process *one = &g_array_index (self->processes, Process, i);

      if (one->job == former->record.number)
        g_array_append_val (known, one->orphan);
    }

  return jobs_orphans_end (prefix, known, JOBS_ORPHANS_GRACE, pid);
}

/* There is never a second one of an attempt that still goes on. What an attempt that has
 * ended left behind on purpose, as daemons are, stays */
static gboolean
history_end_orphans (History *self,
                     GError **error)
{
  g_autofree char *boot = jobs_orphans_dup_boot ();
  gint64 pid = 0;

  if (!g_str_equal (boot, self->run.boot))
    return TRUE;

  for (guint i = 0; i < self->formers->len; i++)
    {
      Former *former = g_ptr_array_index (self->formers, i);

      if (former->end.kind != JOBS_RECORDS_START || history_end_attempt (self, former, &pid))
        continue;
      g_set_error (error, JOBS_ERROR, JOBS_ERROR_STUCK,
                   _("Process %d of the interrupted run cannot be ended: end it, then resume"), (int) pid);
      return FALSE;
    }

  return TRUE;
}

/* Where the files of jobs in clusters are (element-type filename); empty: there are none
 * of them */
static GPtrArray *
list_slurm_folders (JobsEngine *engine)
{
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (engine, FALSE);

  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      g_autofree char *folder = NULL;
      JobsNode *node = NULL;

      if (JOBS_IS_COMMAND_ACTION (action))
        node = jobs_command_action_get_node (JOBS_COMMAND_ACTION (action));
      if (!JOBS_IS_SLURM_NODE (node))
        continue;
      folder = jobs_slurm_node_dup_real_folder (JOBS_SLURM_NODE (node));
      if (!g_ptr_array_find_with_equal_func (folders, folder, g_str_equal, NULL))
        g_ptr_array_add (folders, g_steal_pointer (&folder));
    }

  return folders;
}

/* Jobs of a cluster outlive their runner, and this machine */
static gboolean
history_end_elsewhere (History    *self,
                       JobsEngine *engine,
                       GError    **error)
{
  g_autoptr (GPtrArray) folders = list_slurm_folders (engine);

  for (guint i = 0; i < self->formers->len && folders->len > 0; i++)
    if (((Former *) g_ptr_array_index (self->formers, i))->end.kind == JOBS_RECORDS_START)
      return jobs_slurm_end_orphans (self->run.token, folders, error);

  return TRUE;
}

gboolean
jobs_journal_settle_last_run (JobsJournal *self,
                              JobsEngine  *engine,
                              GError     **error)
{
  g_auto (History) history = { .journal = self };
  g_auto (JobsRecordsRun) run = { 0 };

  if (!jobs_records_read_run (self->records, 0, &run, error))
    return FALSE;
  if (run.id == 0 || run.ended != 0)
    return TRUE;

  return history_read (&history, error) && history_end_orphans (&history, error) &&
         history_end_elsewhere (&history, engine, error);
}

/* What of it is still true */

/* Its entry where it was the same. Where two have one path nobody can tell which is
 * which: neither is */
static Former *
history_find (History    *self,
              JobsAction *action,
              GHashTable *seen)
{
  g_autofree char *path = jobs_action_dup_path (action);
  g_autofree char *fingerprint = jobs_fingerprint (action);
  Former *former = g_hash_table_lookup (self->by_path, path);

  if (former == NULL || former->is_ambiguous || !g_str_equal (former->record.fingerprint, fingerprint))
    return NULL;
  if (g_hash_table_add (seen, former))
    return former;

  former->is_ambiguous = TRUE;

  return NULL;
}

/* Action → Former, for those that are what they were */
static GHashTable *
history_match (History   *self,
               GPtrArray *actions)
{
  GHashTable *matches = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < actions->len; i++)
    {
      Former *former = history_find (self, g_ptr_array_index (actions, i), seen);

      if (former != NULL)
        g_hash_table_insert (matches, g_ptr_array_index (actions, i), former);
    }

  return matches;
}

/* Spreading: an action that is to run takes all behind it along, all that is inside it
 * and the engines around it; what else is in those may be kept */

enum
{
  AROUND = 1, /* something in it runs, and so does what is behind it */
  WHOLE,
};

typedef struct
{
  JobsAction *action;
  guint extent;
} Spread;

static void
spread_add (GArray     *queue,
            JobsAction *action,
            guint       extent)
{
  Spread one = { action, extent };

  g_array_append_val (queue, one);
}

/* Adds to @set (action → extent) */
static void
spread (JobsEngine *engine,
        GArray     *queue,
        GHashTable *set)
{
  while (queue->len > 0)
    {
      Spread one = g_array_index (queue, Spread, queue->len - 1);
      JobsEngine *around = jobs_action_get_engine (one.action);
      g_autoptr (GPtrArray) behind = NULL;

      g_array_set_size (queue, queue->len - 1);
      if (one.action == (gpointer) engine ||
          GPOINTER_TO_UINT (g_hash_table_lookup (set, one.action)) >= one.extent)
        continue;
      g_hash_table_insert (set, one.action, GUINT_TO_POINTER (one.extent));

      behind = jobs_action_dup_dependents (one.action);
      for (guint i = 0; i < behind->len; i++)
        spread_add (queue, g_ptr_array_index (behind, i), WHOLE);
      if (around != NULL)
        spread_add (queue, JOBS_ACTION (around), AROUND);
      for (guint i = 0; one.extent == WHOLE && JOBS_IS_ENGINE (one.action) &&
                        i < g_list_model_get_n_items (G_LIST_MODEL (one.action)); i++)
        {
          g_autoptr (JobsAction) inside = g_list_model_get_item (G_LIST_MODEL (one.action), i);

          spread_add (queue, inside, WHOLE);
        }
    }
}

/* All that is not what it was, and what that takes along */
static GHashTable *
find_changed (JobsEngine *engine,
              GPtrArray  *actions,
              GHashTable *matches)
{
  GHashTable *changed = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (Spread));

  for (guint i = 0; i < actions->len; i++)
    {
      Former *former = g_hash_table_lookup (matches, g_ptr_array_index (actions, i));

      if (former == NULL || former->is_ambiguous)
        spread_add (queue, g_ptr_array_index (actions, i), WHOLE);
    }
  spread (engine, queue, changed);

  return changed;
}

static gboolean
is_done (Former *former)
{
  return former != NULL && former->end.kind == JOBS_RECORDS_END && former->end.state == JOBS_STATE_FINISHED &&
         !jobs_journal_is_lost_value (former->end.value);
}

/* What waited for a failure is to see how it ends this time */
static void
find_notices (JobsEngine *engine,
              GPtrArray  *actions,
              GHashTable *matches,
              GHashTable *unkept)
{
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (Spread));

  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      g_autoptr (GPtrArray) behind = NULL;

      if (is_done (g_hash_table_lookup (matches, action)) && !g_hash_table_contains (unkept, action))
        continue;
      behind = jobs_action_dup_dependents (action);
      for (guint j = 0; j < behind->len; j++)
        {
          JobsCondition condition = JOBS_CONDITION_DONE;

          jobs_action_get_requirement (g_ptr_array_index (behind, j), action, &condition);
          if (condition == JOBS_CONDITION_FAILURE)
            spread_add (queue, g_ptr_array_index (behind, j), WHOLE);
        }
    }
  spread (engine, queue, unkept);
}

/* An engine beside what was recorded of it */
typedef struct
{
  GPtrArray *actions;  /* on all levels */
  GHashTable *matches; /* action → Former */
  GHashTable *changed; /* action → AROUND or WHOLE */
} Comparison;

static void
comparison_init (Comparison *self,
                 History    *history,
                 JobsEngine *engine)
{
  self->actions = jobs_journal_dup_actions (engine);
  self->matches = history_match (history, self->actions);
  self->changed = find_changed (engine, self->actions, self->matches);
}

static void
comparison_clear (Comparison *self)
{
  g_clear_pointer (&self->actions, g_ptr_array_unref);
  g_clear_pointer (&self->matches, g_hash_table_unref);
  g_clear_pointer (&self->changed, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Comparison, comparison_clear)

/* Action → what is recorded of its end, for those that are done */
static GHashTable *
find_kept (JobsEngine       *engine,
           const Comparison *comparison)
{
  GPtrArray *actions = comparison->actions;
  GHashTable *matches = comparison->matches;
  GHashTable *kept = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) unkept = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer action, extent;

  g_hash_table_iter_init (&iter, comparison->changed);
  while (g_hash_table_iter_next (&iter, &action, &extent))
    g_hash_table_insert (unkept, action, extent);
  find_notices (engine, actions, matches, unkept);

  for (guint i = 0; i < actions->len; i++)
    {
      Former *former = g_hash_table_lookup (matches, g_ptr_array_index (actions, i));

      if (is_done (former) && !g_hash_table_contains (unkept, g_ptr_array_index (actions, i)) &&
          jobs_action_get_state (g_ptr_array_index (actions, i)) == JOBS_STATE_IDLE)
        g_hash_table_insert (kept, g_ptr_array_index (actions, i), &former->end);
    }

  return kept;
}

static void
restore (JobsJournal *self,
         GPtrArray   *actions,
         GHashTable  *kept)
{
  self->is_restoring = TRUE;
  for (guint i = 0; i < actions->len; i++)
    {
      JobsAction *action = g_ptr_array_index (actions, i);
      const JobsRecordsEntry *end = g_hash_table_lookup (kept, action);
      g_auto (GValue) value = G_VALUE_INIT;

      if (end != NULL)
        jobs_engine_restore (jobs_action_get_engine (action), action,
                             jobs_journal_value_from_text (end->value, &value) ? &value : NULL);
    }
  self->is_restoring = FALSE;
}

static char **
dup_changed_paths (const Comparison *comparison)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < comparison->actions->len; i++)
    if (g_hash_table_contains (comparison->changed, g_ptr_array_index (comparison->actions, i)))
      {
        g_autofree char *path = jobs_action_dup_path (g_ptr_array_index (comparison->actions, i));

        g_strv_builder_add (builder, path);
      }

  return g_strv_builder_end (builder);
}

/**
 * jobs_journal_dup_changed:
 * @self: a journal
 * @engine: an engine
 * @error: return location for an error
 *
 * What [method@Journal.resume] would find changed since the last run; nothing is done.
 *
 * The errors are those of [method@Journal.resume].
 *
 * Returns: (transfer full) (array zero-terminated=1): paths of actions, or %NULL with
 *   an error
 *
 * Since: 1.0
 */
char **
jobs_journal_dup_changed (JobsJournal *self,
                          JobsEngine  *engine,
                          GError     **error)
{
  g_auto (History) history = { .journal = self };
  g_auto (Comparison) comparison = { NULL };

  g_return_val_if_fail (JOBS_IS_JOURNAL (self), NULL);
  g_return_val_if_fail (JOBS_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!history_read (&history, error))
    return NULL;

  comparison_init (&comparison, &history, engine);

  return dup_changed_paths (&comparison);
}

/**
 * jobs_journal_dup_kept:
 * @self: a journal
 * @engine: an engine that does not run
 * @error: return location for an error
 *
 * What [method@Journal.resume] would restore, as it is done and still what it was;
 * nothing is done.
 *
 * The errors are those of [method@Journal.resume].
 *
 * Returns: (transfer container) (element-type JobsAction): actions on all levels, or
 *   %NULL with an error
 *
 * Since: 1.0
 */
GPtrArray *
jobs_journal_dup_kept (JobsJournal *self,
                       JobsEngine  *engine,
                       GError     **error)
{
  g_auto (History) history = { .journal = self };
  g_auto (Comparison) comparison = { NULL };
  g_autoptr (GHashTable) kept = NULL;
  GPtrArray *found;

  g_return_val_if_fail (JOBS_IS_JOURNAL (self), NULL);
  g_return_val_if_fail (JOBS_IS_ENGINE (engine) && !jobs_engine_is_active (engine), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!history_read (&history, error))
    return NULL;

  comparison_init (&comparison, &history, engine);
  kept = find_kept (engine, &comparison);

  found = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < comparison.actions->len; i++)
    if (g_hash_table_contains (kept, g_ptr_array_index (comparison.actions, i)))
      g_ptr_array_add (found, g_object_ref (g_ptr_array_index (comparison.actions, i)));

  return found;
}

/**
 * jobs_journal_resume:
 * @self: a journal
 * @engine: an engine that does not run
 * @about: (nullable): what shall be found again; %NULL: what was said of the last run
 * @changed: (out) (optional) (transfer full) (array zero-terminated=1): return location for the
 *   paths of those that are not what they were, and of all that is behind them
 * @error: return location for an error
 *
 * Records the next run of @engine, which goes on where the last one in the journal
 * has stopped.
 *
 * What has FINISHED in that and is still what it was is not run again: it is restored
 * with its result, see [method@Engine.restore]. What has changed, and all behind it,
 * is run again, and so is whatever did not end well. Processes that the earlier run has
 * left behind are ended first: that waits for them, up to some seconds.
 *
 * %G_IO_ERROR_NOT_FOUND where the journal has no run; %JOBS_ERROR_DAMAGED where it
 * cannot be trusted: then nothing has changed; %JOBS_ERROR_STUCK where a process cannot
 * be ended; %JOBS_ERROR_JOURNAL where it cannot be written.
 *
 * Returns: %TRUE unless there is an error
 *
 * Since: 1.0
 */
gboolean
jobs_journal_resume (JobsJournal *self,
                     JobsEngine  *engine,
                     const char  *about,
                     char      ***changed,
                     GError     **error)
{
  g_auto (History) history = { .journal = self };
  g_auto (Comparison) comparison = { NULL };
  g_autoptr (GHashTable) kept = NULL;

  g_return_val_if_fail (JOBS_IS_JOURNAL (self) && self->engine == NULL, FALSE);
  g_return_val_if_fail (JOBS_IS_ENGINE (engine) && !jobs_engine_is_active (engine), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!history_read (&history, error) || !history_end_orphans (&history, error) ||
      !history_end_elsewhere (&history, engine, error))
    return FALSE;

  comparison_init (&comparison, &history, engine);
  kept = find_kept (engine, &comparison);
  if (!jobs_journal_begin_run (self, engine, about != NULL ? about : history.run.about, kept, error))
    return FALSE;

  /* Only now: without a record of it the engine would do too little, and nobody knew */
  restore (self, comparison.actions, kept);
  self->n_kept = g_hash_table_size (kept);
  if (changed != NULL)
    *changed = dup_changed_paths (&comparison);

  return TRUE;
}
