/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-slurm-node.h"

G_BEGIN_DECLS

/* Where the files of its jobs are, also where that was not set */
char *jobs_slurm_node_dup_real_folder (JobsSlurmNode *self);

G_END_DECLS
