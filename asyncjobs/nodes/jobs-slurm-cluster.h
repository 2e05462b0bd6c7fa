/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-slurm-batch.h"
#include "jobs-slurm-turns.h"

G_BEGIN_DECLS

/* What Slurm is asked and told by all jobs in one main context: one squeue at a time
 * for all of them, and no more than a few sbatch. What is not known, because the
 * controller does not answer, is asked for again, and nothing follows from it */
typedef struct _JobsSlurmCluster JobsSlurmCluster;

/* One job in it; all strings belong to whoever looks at it */
typedef struct
{
  /* By sbatch: an id, and the name that goes with it; or NULL and why not; all NULL: it
   * waits for another try */
  void (*submitted) (const char *id,
                     const char *name,
                     const char *reason,
                     gpointer    user_data);
  /* Each time that it is looked at. state: as squeue calls it, NULL: Slurm does not
   * know the job any more. number: by which it knows it beside its id; wait_status:
   * after its end */
  void (*looked)    (const char *state,
                     const char *reason,
                     const char *number,
                     int         wait_status,
                     gpointer    user_data);
} JobsSlurmFuncs;

/* That of a context, made where there is none. To be released */
JobsSlurmCluster *jobs_slurm_cluster_ref_for_context (GMainContext *context);
void              jobs_slurm_cluster_unref    (JobsSlurmCluster *self);

/* Where a job belongs that is to be submitted now: with those that come in the same turn
 * of the main loop and ask for the same. See jobs_slurm_batch_new () */
JobsSlurmBatch   *jobs_slurm_cluster_ref_batch (JobsSlurmCluster     *self,
                                                const char           *node,
                                                const char           *above,
                                                const char           *run,
                                                const char *const    *options,
                                                GError              **error);
void              jobs_slurm_cluster_unref_batch (JobsSlurmCluster *self,
                                                  JobsSlurmBatch   *batch);
/* In its turn, with others of @batch. Calls come later */
void              jobs_slurm_cluster_submit    (JobsSlurmCluster     *self,
                                                JobsSlurmBatch       *batch,
                                                guint                 number,
                                                const JobsSlurmFuncs *funcs,
                                                gpointer              user_data);
/* Before sbatch has begun: TRUE, and it never does, and no more is said of it */
gboolean          jobs_slurm_cluster_withdraw  (JobsSlurmCluster     *self,
                                                gpointer              user_data);
/* No more is said of it; not while sbatch goes on */
void              jobs_slurm_cluster_forget    (JobsSlurmCluster     *self,
                                                gpointer              user_data);
/* A signal for all that belongs to the job; 0: it is cancelled */
void              jobs_slurm_cluster_signal    (JobsSlurmCluster     *self,
                                                const char           *id,
                                                int                   signum);
/* For what its jobs do themselves */
JobsSlurmTurns   *jobs_slurm_cluster_get_turns (JobsSlurmCluster     *self);
/* Words of Slurm's: it is too busy or away, and may do better later */
gboolean          jobs_slurm_cluster_is_away   (const char           *words);

G_END_DECLS
