/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-process.h"

G_BEGIN_DECLS

/* Jobs of one node that may be submitted together, each with a number: what is to be done
 * for them, and a folder that has the files of all, each with that number */
typedef struct _JobsSlurmBatch JobsSlurmBatch;

enum
{
  JOBS_SLURM_STDIN,
  JOBS_SLURM_STDOUT,
  JOBS_SLURM_STDERR,
  JOBS_SLURM_WHY, /* it could not begin: by its script */
  JOBS_SLURM_N_FILES,
};

/* @node: for errors; @above: where its folder is to be; @run (nullable): to which run the
 * jobs belong, which is in the name of the folder. The folder goes with the last reference */
JobsSlurmBatch *jobs_slurm_batch_new         (const char        *node,
                                              const char        *above,
                                              const char        *run,
                                              const char *const *options,
                                              GError           **error);
JobsSlurmBatch *jobs_slurm_batch_ref         (JobsSlurmBatch    *self);
void            jobs_slurm_batch_unref       (JobsSlurmBatch    *self);
guint           jobs_slurm_batch_count_refs  (JobsSlurmBatch    *self);
/* Whether it is for such jobs, and has room for one more: there are @max at most */
gboolean        jobs_slurm_batch_takes       (JobsSlurmBatch    *self,
                                              guint              max,
                                              const char        *above,
                                              const char        *run,
                                              const char *const *options);
/* Takes its @name, by which Slurm knows it. FALSE: a shell cannot run that */
gboolean        jobs_slurm_batch_add         (JobsSlurmBatch    *self,
                                              JobsProcess       *process,
                                              char              *name,
                                              guint             *number,
                                              GError           **error);
const char     *jobs_slurm_batch_get_folder  (JobsSlurmBatch    *self);
char           *jobs_slurm_batch_dup_file    (JobsSlurmBatch    *self,
                                              guint              which,
                                              guint              number);
/* How some of its jobs (element-type guint) are submitted: one alone, or several as an
 * array; all have the name of the first one */
const char     *jobs_slurm_batch_get_name    (JobsSlurmBatch    *self,
                                              GArray            *numbers);
char          **jobs_slurm_batch_dup_argv    (JobsSlurmBatch    *self,
                                              GArray            *numbers);
GBytes         *jobs_slurm_batch_make_script (JobsSlurmBatch    *self,
                                              GArray            *numbers);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsSlurmBatch, jobs_slurm_batch_unref)

G_END_DECLS
