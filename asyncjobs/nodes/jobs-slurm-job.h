/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-process.h"

G_BEGIN_DECLS

/* One process as a job of Slurm: its script, its files in a folder that all machines
 * share, and what becomes of it. It reports to its process, and frees itself then */
typedef struct _JobsSlurmJob JobsSlurmJob;

/* @options: for sbatch; @folder is made where it is not. FALSE: nothing was begun */
gboolean jobs_slurm_job_begin  (JobsProcess       *process,
                                const char        *node,
                                const char        *folder,
                                const char *const *options,
                                GError           **error);
void     jobs_slurm_job_kill   (JobsProcess *process,
                                int          signum);

G_END_DECLS
