/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-node.h"

G_BEGIN_DECLS

#define JOBS_TYPE_SLURM_NODE (jobs_slurm_node_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsSlurmNode, jobs_slurm_node, JOBS, SLURM_NODE, JobsNode)

JOBS_AVAILABLE_IN_1_0
JobsNode   *jobs_slurm_node_new        (const char *name);
JOBS_AVAILABLE_IN_1_0
void        jobs_slurm_node_add_option (JobsSlurmNode *self,
                                        const char    *option);
JOBS_AVAILABLE_IN_1_0
const char *jobs_slurm_node_get_folder (JobsSlurmNode *self);
JOBS_AVAILABLE_IN_1_0
void        jobs_slurm_node_set_folder (JobsSlurmNode *self,
                                        const char    *folder);

G_END_DECLS
