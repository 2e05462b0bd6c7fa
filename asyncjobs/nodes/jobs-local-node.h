/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-node.h"

G_BEGIN_DECLS

/**
 * JOBS_LOCAL_NODE_DRAIN:
 *
 * How long output is still read once a command has ended, ms. Only where
 * something that left the command's process group keeps the pipe open does it
 * take that long.
 *
 * Since: 1.0
 */
#define JOBS_LOCAL_NODE_DRAIN 100

#define JOBS_TYPE_LOCAL_NODE (jobs_local_node_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsLocalNode, jobs_local_node, JOBS, LOCAL_NODE, JobsNode)

JOBS_AVAILABLE_IN_1_0
JobsNode *jobs_local_node_new         (const char *name);
JOBS_AVAILABLE_IN_1_0
JobsNode *jobs_local_node_get_default (void);
JOBS_AVAILABLE_IN_1_0
void      jobs_local_node_signal_all  (int         signum);
JOBS_AVAILABLE_IN_1_0
void      jobs_local_node_kill_all    (void);

G_END_DECLS
