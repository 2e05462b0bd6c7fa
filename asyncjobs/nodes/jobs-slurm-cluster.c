/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "jobs-client.h"
#include "jobs-process-private.h"
#include "jobs-slurm-cluster.h"
#include "jobs-slurm-orphans.h"
#include "jobs-timer.h"

/* As many as make the controller busy, and no busier */
#define SUBMITS_MAX 10

/* Between two looks, ms: short while jobs come and go, since what is behind them waits
 * for it; it grows while nothing changes. Where the controller does not answer it
 * doubles, up to the last one */
#define LOOK_MIN    100
#define LOOK_MAX    3000
#define LOOK_GROWTH 1.1
#define LOOK_AGAIN  1000
#define LOOK_FAILED 30000

/* A pause is no shorter than this many times the last look: who is busy is asked less */
#define LOOK_SHARE 4

/* Of more jobs all of the user's are asked for: an argument has a limit */
#define LOOK_IDS_MAX 1000

/* Where it was refused for now, ms */
#define SUBMIT_AGAIN 2000

/* How often sbatch may be killed before it is not tried again */
#define KILLS_MAX 3

/* Slurm takes a thousand in an array unless it is told otherwise, and less where that
 * is refused; more than this saves little */
#define ARRAY_MAX 250

/* Slurm remembers for that long how a job ended, at least where it is not told to be
 * quite forgetful, ms */
#define MEMORY 60000

/* Just behind the engine: what it starts at once is submitted at once */
#define FEED_PRIORITY (G_PRIORITY_HIGH_IDLE + 21)

typedef struct _Group Group;

typedef struct
{
  const JobsSlurmFuncs *funcs;
  gpointer              user_data;
  JobsSlurmBatch       *batch;
  guint                 number;
  gboolean              is_alone; /* it comes in no array any more */
  guint                 n_kills;  /* of sbatch */
  Group                *group;    /* NULL: not submitted yet */
  gint64                pending;  /* when it was last known not to have begun; 0: it has */
  gboolean              is_asked; /* for, in this look */
  gboolean              is_seen;
} Entry;

/* What one sbatch submits: a job, or an array */
struct _Group
{
  JobsSlurmCluster *cluster;
  gint64            id;        /* 0: not known yet */
  char             *name;      /* of no other one */
  guint             first;     /* of its numbers */
  gboolean          is_array;
  GPtrArray        *entries;   /* Entry, until the id is known */
  GHashTable       *by_number; /* then: Entry, those that go on */
  gint64            missed;    /* when it was first looked for by name, and was not there */
  gboolean          was_killed; /* sbatch */
  gboolean          is_asked;
  gboolean          is_seen;
};

struct _JobsSlurmCluster
{
  GMainContext *context;
  guint         n_refs;

  GPtrArray  *open;      /* JobsSlurmBatch, to which more may come */
  GQueue      waiting;   /* Entry, to be submitted */
  GSource    *ready;     /* before they are */
  guint       n_submits; /* go on */
  guint       array_max;
  guint       array_limit; /* which Slurm has set */
  GSource    *again;     /* the pause before the next submit */
  GHashTable *by_user;   /* user_data → Entry */
  GHashTable *groups;    /* name → Group: what Slurm has, or may have */

  JobsSlurmTurns *turns;

  GSource *timer;
  gboolean is_looking;
  gint64   began;        /* the last look */
  guint    interval;
  guint    n_failed;     /* looks, one after the other */
  gboolean has_changed;  /* since the last look */
};

static void cluster_feed (JobsSlurmCluster *self);
static void cluster_plan (JobsSlurmCluster *self);

static GMutex clusters_lock;
static GHashTable *clusters; /* GMainContext → JobsSlurmCluster */

static void
entry_free (gpointer data)
{
  Entry *self = data;

  jobs_slurm_batch_unref (self->batch);
  g_free (self);
}

static void
group_free (gpointer data)
{
  Group *self = data;

  g_free (self->name);
  g_ptr_array_unref (self->entries);
  g_hash_table_unref (self->by_number);
  g_free (self);
}

JobsSlurmCluster *
jobs_slurm_cluster_ref_for_context (GMainContext *context)
{
  JobsSlurmCluster *self;

  g_mutex_lock (&clusters_lock);
  if (clusters == NULL)
    clusters = g_hash_table_new (NULL, NULL);
  self = g_hash_table_lookup (clusters, context);
  if (self == NULL)
    {
      self = g_new0 (JobsSlurmCluster, 1);
      self->context = g_main_context_ref (context);
      self->open = g_ptr_array_new_with_free_func ((GDestroyNotify) jobs_slurm_batch_unref);
      self->by_user = g_hash_table_new_full (NULL, NULL, NULL, entry_free);
      self->groups = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, group_free);
      self->turns = jobs_slurm_turns_new (context);
      self->array_max = self->array_limit = ARRAY_MAX;
      self->interval = LOOK_MIN;
      g_hash_table_insert (clusters, context, self);
    }
  self->n_refs++;
  g_mutex_unlock (&clusters_lock);

  return self;
}

void
jobs_slurm_cluster_unref (JobsSlurmCluster *self)
{
  g_mutex_lock (&clusters_lock);
  self->n_refs--;
  if (self->n_refs > 0)
    {
      g_mutex_unlock (&clusters_lock);
      return;
    }
  g_hash_table_remove (clusters, self->context);
  if (g_hash_table_size (clusters) == 0)
    g_clear_pointer (&clusters, g_hash_table_unref);
  g_mutex_unlock (&clusters_lock);

  g_assert (g_hash_table_size (self->by_user) == 0 && self->n_submits == 0 && !self->is_looking);
  jobs_timer_clear (&self->timer);
  jobs_timer_clear (&self->again);
  jobs_timer_clear (&self->ready);
  jobs_slurm_turns_unref (self->turns);
  g_ptr_array_unref (self->open);
  g_hash_table_unref (self->groups);
  g_hash_table_unref (self->by_user);
  g_main_context_unref (self->context);
  g_free (self);
}

/* Clients that go on keep it */
static JobsSlurmCluster *
cluster_ref (JobsSlurmCluster *self)
{
  return jobs_slurm_cluster_ref_for_context (self->context);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsSlurmCluster, jobs_slurm_cluster_unref)

static void
nothing_cb (int         status,
            const char *out,
            const char *err,
            gpointer    user_data)
{
}

void
jobs_slurm_cluster_signal (JobsSlurmCluster *self,
                           const char       *id,
                           int               signum)
{
  g_autofree char *option = g_strdup_printf ("--signal=%d", signum);
  /* The script itself is one of its processes */
  const char *signal[] = { "scancel", "--full", option, id, NULL };
  const char *cancel[] = { "scancel", id, NULL };

  jobs_client_run (self->context, signum != 0 ? signal : cancel, NULL, NULL, nothing_cb, NULL);
}

JobsSlurmTurns *
jobs_slurm_cluster_get_turns (JobsSlurmCluster *self)
{
  return self->turns;
}

/* Submitting */

static gboolean
has_one_of (const char        *words,
            const char *const *patterns)
{
  for (; *patterns != NULL; patterns++)
    if (strstr (words, *patterns) != NULL)
      return TRUE;

  return FALSE;
}

/* What sbatch says where it submitted nothing, and may do so later. Of fewer jobs more
 * might be taken; it has tried for two minutes itself where the first two are said */
static const char *const limits[] = {
  "temporarily unable to accept job", "job queue full", "Job submit limit", "MaxJobCount", "MaxSubmitJob",
  "QOSMaxSubmitJobPerUserLimit", "AssocMaxSubmitJobLimit", NULL,
};
static const char *const unheard[] = { "(connect failure)", "Connection refused", NULL };

/* Where it may have been heard */
static const char *const unanswered[] = { "Socket timed out", "Zero Bytes were transmitted", NULL };

static const char *const others[] = {
  "Unable to contact slurm controller", "Resource temporarily unavailable", "try again", NULL,
};

gboolean
jobs_slurm_cluster_is_away (const char *words)
{
  return has_one_of (words, limits) || has_one_of (words, unheard) || has_one_of (words, unanswered) ||
         has_one_of (words, others);
}

/* Any of these calls may end jobs, and begin others */
static GPtrArray *
list_users (GPtrArray *entries)
{
  GPtrArray *users = g_ptr_array_sized_new (entries->len);

  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (users, ((Entry *) g_ptr_array_index (entries, i))->user_data);

  return users;
}

static void
group_begin (Group *self,
             gint64 id)
{
  JobsSlurmCluster *cluster = self->cluster;

  self->id = id;
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      entry->group = self;
      entry->pending = g_get_monotonic_time ();
      g_hash_table_insert (self->by_number, GUINT_TO_POINTER (entry->number), entry);
    }
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = g_ptr_array_index (self->entries, i);
      g_autofree char *number = self->is_array ? g_strdup_printf ("%" G_GINT64_FORMAT "_%u", id, entry->number)
                                               : g_strdup_printf ("%" G_GINT64_FORMAT, id);

      entry->funcs->submitted (number, self->name, NULL, entry->user_data);
    }
  g_ptr_array_set_size (self->entries, 0);
  cluster->has_changed = TRUE;
  cluster->interval = LOOK_MIN;
}

/* Nothing of it was taken: all of them wait once more. Takes it */
static void
group_retry (Group *self)
{
  JobsSlurmCluster *cluster = self->cluster;
  g_autoptr (GPtrArray) users = list_users (self->entries);

  for (guint i = self->entries->len; i > 0; i--)
    {
      Entry *entry = g_ptr_array_index (self->entries, i - 1);

      entry->n_kills += self->was_killed;
      g_queue_push_head (&cluster->waiting, entry);
    }
  if (!g_hash_table_remove (cluster->groups, self->name))
    group_free (self);

  for (guint i = 0; i < users->len; i++)
    {
      gpointer user_data = g_ptr_array_index (users, i);
      Entry *entry = g_hash_table_lookup (cluster->by_user, user_data);
      const JobsSlurmFuncs *funcs = entry != NULL ? entry->funcs : NULL;

      if (entry == NULL)
        continue;
      if (entry->n_kills < KILLS_MAX)
        funcs->submitted (NULL, NULL, NULL, user_data);
      else if (jobs_slurm_cluster_withdraw (cluster, user_data))
        funcs->submitted (NULL, NULL, _("sbatch is killed each time"), user_data);
    }
}

/* Takes it */
static void
group_refuse (Group      *self,
              const char *reason)
{
  JobsSlurmCluster *cluster = self->cluster;

  if (self->is_array)
    {
      /* Each of them on its own has its own reason, if there still is one */
      for (guint i = 0; i < self->entries->len; i++)
        ((Entry *) g_ptr_array_index (self->entries, i))->is_alone = TRUE;
      if (strstr (reason, "Invalid job array") != NULL)
        cluster->array_limit = cluster->array_max = MAX (self->entries->len / 2, 1);
      group_retry (self);
    }
  else
    {
      const Entry *entry = g_ptr_array_index (self->entries, 0);
      const JobsSlurmFuncs *funcs = entry->funcs;
      gpointer user_data = entry->user_data;

      group_free (self);
      g_hash_table_remove (cluster->by_user, user_data);
      funcs->submitted (NULL, NULL, reason, user_data);
    }
}

static gboolean
again_cb (gpointer data)
{
  JobsSlurmCluster *self = data;

  jobs_timer_clear (&self->again);
  cluster_feed (self);

  return G_SOURCE_REMOVE;
}

static void
submitted_cb (int         status,
              const char *out,
              const char *err,
              gpointer    user_data)
{
  Group *group = user_data;
  g_autoptr (JobsSlurmCluster) self = group->cluster;
  /* "ID", or "ID;CLUSTER" */
  gint64 id = status == 0 ? g_ascii_strtoll (out, NULL, 10) : 0;
  gboolean was_unanswered = status == 0 || status >= JOBS_CLIENT_KILLED || has_one_of (err, unanswered);
  gboolean is_limit = has_one_of (err, limits);

  self->n_submits--;
  if (id > 0)
    {
      self->array_max = MIN (2 * self->array_max, self->array_limit);
      g_hash_table_insert (self->groups, group->name, group);
      group_begin (group, id);
    }
  else if (!was_unanswered && (is_limit || has_one_of (err, unheard)))
    {
      if (is_limit)
        self->array_max = MAX (group->entries->len / 2, 1);
      jobs_timer_start (&self->again, self->context, SUBMIT_AGAIN, again_cb, self);
      group_retry (group);
    }
  else if (was_unanswered || jobs_slurm_cluster_is_away (err))
    {
      /* It may have been taken, which is seen by its name */
      group->was_killed = status >= JOBS_CLIENT_KILLED;
      g_hash_table_insert (self->groups, group->name, group);
    }
  else
    group_refuse (group, err);

  cluster_plan (self);
  cluster_feed (self);
}

/* Those that are next, and may go together */
static Group *
cluster_take (JobsSlurmCluster *self)
{
  Group *group = g_new0 (Group, 1);
  Entry *first = g_queue_pop_head (&self->waiting);
  GList *next;

  group->cluster = self;
  group->first = first->number;
  group->entries = g_ptr_array_new ();
  group->by_number = g_hash_table_new (NULL, NULL);
  g_ptr_array_add (group->entries, first);
  for (GList *link = self->waiting.head; link != NULL && group->entries->len < self->array_max; link = next)
    {
      Entry *entry = link->data;

      next = link->next;
      if (first->is_alone || entry->is_alone || entry->batch != first->batch)
        continue;
      g_ptr_array_add (group->entries, entry);
      g_queue_delete_link (&self->waiting, link);
    }
  group->is_array = group->entries->len > 1;
  /* What comes later finds it gone */
  g_ptr_array_remove (self->open, first->batch);

  return group;
}

static void
cluster_submit (JobsSlurmCluster *self,
                Group            *group)
{
  JobsSlurmBatch *batch = ((Entry *) g_ptr_array_index (group->entries, 0))->batch;
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GBytes) script = NULL;
  g_autofree char *mark = NULL;
  g_auto (GStrv) argv = NULL;

  for (guint i = 0; i < group->entries->len; i++)
    g_array_append_val (numbers, ((Entry *) g_ptr_array_index (group->entries, i))->number);
  group->name = g_strdup (jobs_slurm_batch_get_name (batch, numbers));
  script = jobs_slurm_batch_make_script (batch, numbers);
  argv = jobs_slurm_batch_dup_argv (batch, numbers);

  /* It is an orphan, too, where we are killed now */
  mark = g_strconcat (JOBS_ATTEMPT_VARIABLE "=", group->name + strlen (JOBS_SLURM_NAME_PREFIX), NULL);

  self->n_submits++;
  cluster_ref (self);
  jobs_client_run (self->context, (const char *const *) argv, (const char *[]) { mark, NULL }, script,
                   submitted_cb, group);
}

static void
cluster_feed (JobsSlurmCluster *self)
{
  while (self->n_submits < SUBMITS_MAX && self->again == NULL && self->ready == NULL &&
         !g_queue_is_empty (&self->waiting))
    cluster_submit (self, cluster_take (self));
}

static gboolean
ready_cb (gpointer data)
{
  JobsSlurmCluster *self = data;

  jobs_timer_clear (&self->ready);
  cluster_feed (self);

  return G_SOURCE_REMOVE;
}

JobsSlurmBatch *
jobs_slurm_cluster_ref_batch (JobsSlurmCluster  *self,
                              const char        *node,
                              const char        *above,
                              const char        *run,
                              const char *const *options,
                              GError           **error)
{
  JobsSlurmBatch *batch;

  for (guint i = 0; i < self->open->len; i++)
    {
      batch = g_ptr_array_index (self->open, i);
      if (jobs_slurm_batch_takes (batch, self->array_limit, above, run, options))
        return jobs_slurm_batch_ref (batch);
    }

  batch = jobs_slurm_batch_new (node, above, run, options, error);
  if (batch != NULL)
    g_ptr_array_add (self->open, jobs_slurm_batch_ref (batch));

  return batch;
}

void
jobs_slurm_cluster_unref_batch (JobsSlurmCluster *self,
                                JobsSlurmBatch   *batch)
{
  /* Where only we would have it, all of its jobs were withdrawn, and its folder is to go */
  if (jobs_slurm_batch_count_refs (batch) == 2)
    g_ptr_array_remove (self->open, batch);
  jobs_slurm_batch_unref (batch);
}

void
jobs_slurm_cluster_submit (JobsSlurmCluster     *self,
                           JobsSlurmBatch       *batch,
                           guint                 number,
                           const JobsSlurmFuncs *funcs,
                           gpointer              user_data)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->funcs = funcs;
  entry->user_data = user_data;
  entry->batch = jobs_slurm_batch_ref (batch);
  entry->number = number;
  g_hash_table_insert (self->by_user, user_data, entry);
  g_queue_push_tail (&self->waiting, entry);
  if (self->ready != NULL)
    return;

  self->ready = g_idle_source_new ();
  g_source_set_priority (self->ready, FEED_PRIORITY);
  g_source_set_callback (self->ready, ready_cb, self, NULL);
  g_source_attach (self->ready, self->context);
}

gboolean
jobs_slurm_cluster_withdraw (JobsSlurmCluster *self,
                             gpointer          user_data)
{
  Entry *entry = g_hash_table_lookup (self->by_user, user_data);

  if (entry == NULL || !g_queue_remove (&self->waiting, entry))
    return FALSE;

  g_hash_table_remove (self->by_user, user_data);

  return TRUE;
}

void
jobs_slurm_cluster_forget (JobsSlurmCluster *self,
                           gpointer          user_data)
{
  Entry *entry = g_hash_table_lookup (self->by_user, user_data);
  Group *group = entry != NULL ? entry->group : NULL;

  if (entry == NULL)
    return;

  /* Where one ends, others will */
  self->has_changed = TRUE;
  if (group != NULL)
    g_hash_table_remove (group->by_number, GUINT_TO_POINTER (entry->number));
  if (group != NULL && g_hash_table_size (group->by_number) == 0)
    g_hash_table_remove (self->groups, group->name);
  g_hash_table_remove (self->by_user, user_data);
}

/* Looking */

#define LOOK_FORMAT   "--Format=Name:|,ArrayJobID:|,ArrayTaskID:|,State:|,exit_code:|,Reason:|,JobID:|"
#define LOOK_N_FIELDS 7

static void
tell (JobsSlurmCluster *self,
      char            **fields)
{
  Group *group = g_hash_table_lookup (self->groups, g_strstrip (fields[0]));
  gint64 id = g_ascii_strtoll (g_strstrip (fields[1]), NULL, 10);
  const char *number = g_strstrip (fields[2]);
  const char *state = g_strstrip (fields[3]);
  Entry *entry = NULL;

  /* Where Slurm has forgotten all, its numbers begin again */
  if (group == NULL || (group->id != 0 && group->id != id))
    return;

  if (group->id == 0)
    group_begin (group, id);
  group->is_seen = TRUE;
  if (!group->is_array)
    entry = g_hash_table_lookup (group->by_number, GUINT_TO_POINTER (group->first));
  else if (g_ascii_isdigit (*number))
    entry = g_hash_table_lookup (group->by_number, GUINT_TO_POINTER ((guint) g_ascii_strtoull (number, NULL, 10)));
  if (entry == NULL)
    return;

  entry->is_seen = TRUE;
  entry->pending = g_str_equal (state, "PENDING") ? self->began : 0;
  entry->funcs->looked (state, g_strstrip (fields[5]), g_strstrip (fields[6]),
                        (int) g_ascii_strtoll (fields[4], NULL, 10), entry->user_data);
}

/* One of an array that is cancelled before it has begun is not shown any more */
static const char *
guess_state (JobsSlurmCluster *self,
             const Entry      *entry)
{
  if (entry->pending == 0 || !entry->group->is_seen || self->began - entry->pending > MEMORY * 1000)
    return NULL;

  return "CANCELLED";
}

/* Of what was asked for, and is not among what was answered */
static void
tell_missing (JobsSlurmCluster *self)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  g_autoptr (GPtrArray) users = NULL;
  GHashTableIter iter;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->by_user);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    if (entry->is_asked && !entry->is_seen)
      g_ptr_array_add (missing, entry);
  users = list_users (missing);
  for (guint i = 0; i < users->len; i++)
    {
      entry = g_hash_table_lookup (self->by_user, g_ptr_array_index (users, i));
      if (entry != NULL && entry->is_asked && !entry->is_seen)
        entry->funcs->looked (guess_state (self, entry), "", NULL, 0, entry->user_data);
    }
}

/* Those that sbatch may have submitted, and that are not there. It may be that the
 * controller has answered us before it has done that: so it is asked twice */
static void
retry_missing (JobsSlurmCluster *self)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  GHashTableIter iter;
  Group *group;

  g_hash_table_iter_init (&iter, self->groups);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &group))
    {
      if (group->id != 0 || !group->is_asked)
        continue;
      if (group->missed == 0)
        group->missed = g_get_monotonic_time ();
      else if (self->began >= group->missed + SUBMIT_AGAIN * 1000)
        g_ptr_array_add (missing, group);
    }
  for (guint i = 0; i < missing->len; i++)
    group_retry (g_ptr_array_index (missing, i));
}

static void
looked_cb (int         status,
           const char *out,
           const char *err,
           gpointer    user_data)
{
  g_autoptr (JobsSlurmCluster) self = user_data;
  g_auto (GStrv) lines = g_strsplit (out, "\n", -1);
  /* That is said where it knows none of them; where it knows some, nothing */
  gint64 took = (g_get_monotonic_time () - self->began) / 1000;
  gboolean answered = status == 0 || strstr (err, "Invalid job id specified") != NULL;

  self->is_looking = FALSE;
  self->n_failed = answered ? 0 : self->n_failed + 1;
  for (guint i = 0; answered && lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], "|", LOOK_N_FIELDS + 1);

      if (g_strv_length (fields) >= LOOK_N_FIELDS)
        tell (self, fields);
    }
  if (answered)
    {
      tell_missing (self);
      retry_missing (self);
    }

  self->interval = self->has_changed ? LOOK_MIN : MIN (self->interval * LOOK_GROWTH + 1, LOOK_MAX);
  self->interval = MAX (self->interval, MIN (LOOK_SHARE * took, LOOK_FAILED));
  self->has_changed = FALSE;
  cluster_plan (self);
  cluster_feed (self);
}

/* What is asked for: ids; NULL: all of the user's */
static char *
begin_look (JobsSlurmCluster *self)
{
  g_autoptr (GString) ids = g_string_new ("--jobs=");
  gboolean is_all = g_hash_table_size (self->groups) > LOOK_IDS_MAX;
  GHashTableIter iter;
  Group *group;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->groups);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &group))
    {
      group->is_asked = TRUE;
      group->is_seen = FALSE;
      is_all = is_all || group->id == 0;
      g_string_append_printf (ids, "%" G_GINT64_FORMAT ",", group->id);
    }
  g_hash_table_iter_init (&iter, self->by_user);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      entry->is_asked = entry->group != NULL;
      entry->is_seen = FALSE;
    }

  return is_all ? NULL : g_string_free (g_steal_pointer (&ids), FALSE);
}

static gboolean
look_cb (gpointer data)
{
  JobsSlurmCluster *self = data;
  g_autofree char *ids = begin_look (self);
  const char *argv[] = { "squeue", "--noheader", "--states=all", "--array", ids != NULL ? ids : "--me",
                         LOOK_FORMAT, NULL };

  jobs_timer_clear (&self->timer);
  cluster_ref (self);
  self->is_looking = TRUE;
  self->began = g_get_monotonic_time ();
  jobs_client_run (self->context, argv, NULL, NULL, looked_cb, self);

  return G_SOURCE_REMOVE;
}

static void
cluster_plan (JobsSlurmCluster *self)
{
  gint64 interval = self->interval;

  if (self->is_looking || g_hash_table_size (self->groups) == 0)
    return;

  if (self->n_failed > 0)
    interval = MIN (LOOK_AGAIN << MIN (self->n_failed - 1, 10), LOOK_FAILED);
  /* It is not put off by those that are submitted meanwhile */
  if (self->timer == NULL || g_source_get_ready_time (self->timer) > g_get_monotonic_time () + interval * 1000)
    jobs_timer_start (&self->timer, self->context, (guint) interval, look_cb, self);
}
