/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "jobs-client.h"
#include "jobs-slurm-cluster.h"
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

typedef struct
{
  JobsSlurmCluster     *cluster;
  const JobsSlurmFuncs *funcs;
  gpointer              user_data;
  char                **argv;
  GBytes               *script;
  gint64                id;    /* 0: not known yet */
} Entry;

struct _JobsSlurmCluster
{
  GMainContext *context;
  guint         n_refs;

  GQueue      waiting;   /* Entry, to be submitted */
  guint       n_submits; /* go on */
  GHashTable *by_user;   /* user_data → Entry */
  GHashTable *by_id;     /* id → Entry */
  GSource    *again;     /* the pause before the next submit */

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

  g_strfreev (self->argv);
  g_clear_pointer (&self->script, g_bytes_unref);
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
      self->by_user = g_hash_table_new_full (NULL, NULL, NULL, entry_free);
      self->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
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
  g_hash_table_unref (self->by_id);
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
                           gint64            id,
                           int               signum)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, id);
  g_autofree char *option = g_strdup_printf ("--signal=%d", signum);
  /* The script itself is one of its processes */
  const char *signal[] = { "scancel", "--full", option, number, NULL };
  const char *cancel[] = { "scancel", number, NULL };

  jobs_client_run (self->context, signum != 0 ? signal : cancel, NULL, nothing_cb, NULL);
}

/* Submitting */

gboolean
jobs_slurm_cluster_is_away (const char *words)
{
  static const char *const patterns[] = {
    "Unable to contact slurm controller", "Socket timed out", "Resource temporarily unavailable",
    "try again", "Connection refused", "Zero Bytes were transmitted", "Job submit limit",
    "MaxJobCount", "QOSMaxSubmitJobPerUserLimit", "AssocMaxSubmitJobLimit",
  };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    if (strstr (words, patterns[i]) != NULL)
      return TRUE;

  return FALSE;
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
  Entry *entry = user_data;
  g_autoptr (JobsSlurmCluster) self = entry->cluster;

  self->n_submits--;
  /* "ID", or "ID;CLUSTER" */
  if (status == 0)
    entry->id = g_ascii_strtoll (out, NULL, 10);

  if (entry->id > 0)
    {
      g_hash_table_insert (self->by_id, &entry->id, entry);
      self->has_changed = TRUE;
      self->interval = LOOK_MIN;
      entry->funcs->submitted (entry->id, NULL, entry->user_data);
      cluster_plan (self);
    }
  else if (jobs_slurm_cluster_is_away (err))
    {
      g_queue_push_head (&self->waiting, entry);
      jobs_timer_start (&self->again, self->context, SUBMIT_AGAIN, again_cb, self);
      entry->funcs->submitted (0, NULL, entry->user_data);
    }
  else
    {
      const JobsSlurmFuncs *funcs = entry->funcs;
      gpointer data = entry->user_data;

      g_hash_table_remove (self->by_user, data);
      funcs->submitted (0, err, data);
    }

  cluster_feed (self);
}

static void
cluster_feed (JobsSlurmCluster *self)
{
  while (self->n_submits < SUBMITS_MAX && self->again == NULL)
    {
      Entry *entry = g_queue_pop_head (&self->waiting);

      if (entry == NULL)
        return;
      self->n_submits++;
      cluster_ref (self);
      jobs_client_run (self->context, (const char *const *) entry->argv, entry->script, submitted_cb, entry);
    }
}

void
jobs_slurm_cluster_submit (JobsSlurmCluster     *self,
                           const char *const    *argv,
                           GBytes               *script,
                           const JobsSlurmFuncs *funcs,
                           gpointer              user_data)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->cluster = self;
  entry->funcs = funcs;
  entry->user_data = user_data;
  entry->argv = g_strdupv ((char **) argv);
  entry->script = g_bytes_ref (script);
  g_hash_table_insert (self->by_user, user_data, entry);
  g_queue_push_tail (&self->waiting, entry);
  cluster_feed (self);
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

  if (entry == NULL)
    return;

  /* Where one ends, others will */
  self->has_changed = TRUE;
  g_hash_table_remove (self->by_id, &entry->id);
  g_hash_table_remove (self->by_user, user_data);
}

/* Looking */

static void
tell (JobsSlurmCluster *self,
      char            **fields,
      GHashTable       *seen)
{
  gint64 id = g_ascii_strtoll (g_strstrip (fields[0]), NULL, 10);
  Entry *entry = g_hash_table_lookup (self->by_id, &id);

  if (entry == NULL)
    return;

  g_hash_table_add (seen, entry->user_data);
  entry->funcs->looked (g_strstrip (fields[1]), g_strstrip (fields[3]),
                        (int) g_ascii_strtoll (fields[2], NULL, 10), entry->user_data);
}

/* Of what was asked for, and is not among what was answered */
static void
tell_missing (JobsSlurmCluster *self,
              GHashTable       *asked,
              GHashTable       *seen)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer user_data;
  Entry *entry;

  g_hash_table_iter_init (&iter, asked);
  while (g_hash_table_iter_next (&iter, &user_data, NULL))
    {
      if (!g_hash_table_contains (seen, user_data))
        g_ptr_array_add (missing, user_data);
    }
  for (guint i = 0; i < missing->len; i++)
    {
      entry = g_hash_table_lookup (self->by_user, g_ptr_array_index (missing, i));
      if (entry != NULL)
        entry->funcs->looked (NULL, NULL, 0, entry->user_data);
    }
}

typedef struct
{
  JobsSlurmCluster *cluster;
  GHashTable       *asked; /* user_data */
} Look;

static void
looked_cb (int         status,
           const char *out,
           const char *err,
           gpointer    user_data)
{
  g_autofree Look *look = user_data;
  g_autoptr (JobsSlurmCluster) self = look->cluster;
  g_autoptr (GHashTable) asked = look->asked;
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (out, "\n", -1);
  /* That is said where it knows none of them; where it knows some, nothing */
  gint64 took = (g_get_monotonic_time () - self->began) / 1000;
  gboolean answered = status == 0 || strstr (err, "Invalid job id specified") != NULL;

  self->is_looking = FALSE;
  self->n_failed = answered ? 0 : self->n_failed + 1;
  for (guint i = 0; answered && lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], "|", 5);

      if (g_strv_length (fields) >= 4)
        tell (self, fields, seen);
    }
  if (answered)
    tell_missing (self, asked, seen);

  self->interval = self->has_changed ? LOOK_MIN : MIN (self->interval * LOOK_GROWTH + 1, LOOK_MAX);
  self->interval = MAX (self->interval, MIN (LOOK_SHARE * took, LOOK_FAILED));
  self->has_changed = FALSE;
  cluster_plan (self);
}

static gboolean
look_cb (gpointer data)
{
  JobsSlurmCluster *self = data;
  g_autoptr (GString) ids = g_string_new ("--jobs=");
  const char *argv[] = { "squeue", "--noheader", "--states=all", "--array", NULL,
                         "--Format=JobID:|,State:|,exit_code:|,Reason:|", NULL };
  GHashTableIter iter;
  Entry *entry;
  Look *look;

  jobs_timer_clear (&self->timer);
  look = g_new0 (Look, 1);
  look->cluster = cluster_ref (self);
  look->asked = g_hash_table_new (NULL, NULL);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      g_string_append_printf (ids, "%" G_GINT64_FORMAT ",", entry->id);
      g_hash_table_add (look->asked, entry->user_data);
    }
  argv[4] = g_hash_table_size (look->asked) <= LOOK_IDS_MAX ? ids->str : "--me";
  self->is_looking = TRUE;
  self->began = g_get_monotonic_time ();
  jobs_client_run (self->context, argv, NULL, looked_cb, look);

  return G_SOURCE_REMOVE;
}

static void
cluster_plan (JobsSlurmCluster *self)
{
  gint64 interval = self->interval;

  if (self->is_looking || g_hash_table_size (self->by_id) == 0)
    return;

  if (self->n_failed > 0)
    interval = MIN (LOOK_AGAIN << MIN (self->n_failed - 1, 10), LOOK_FAILED);
  /* It is not put off by those that are submitted meanwhile */
  if (self->timer == NULL || g_source_get_ready_time (self->timer) > g_get_monotonic_time () + interval * 1000)
    jobs_timer_start (&self->timer, self->context, (guint) interval, look_cb, self);
}
