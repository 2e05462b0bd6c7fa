/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-node.h"

G_BEGIN_DECLS

/**
 * JOBS_SSH_NODE_MAX_SESSIONS:
 *
 * The default of [property@SshNode:max-sessions]; OpenSSH's server allows ten.
 *
 * Since: 1.0
 */
#define JOBS_SSH_NODE_MAX_SESSIONS 8

/**
 * JOBS_SSH_NODE_CONNECT_TIMEOUT:
 *
 * The default of [property@SshNode:connect-timeout], ms.
 *
 * Since: 1.0
 */
#define JOBS_SSH_NODE_CONNECT_TIMEOUT 15000

#define JOBS_TYPE_SSH_NODE (jobs_ssh_node_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsSshNode, jobs_ssh_node, JOBS, SSH_NODE, JobsNode)

JOBS_AVAILABLE_IN_1_0
JobsNode    *jobs_ssh_node_new                 (const char  *name,
                                                const char  *destination,
                                                JobsSshNode *gateway);
JOBS_AVAILABLE_IN_1_0
const char  *jobs_ssh_node_get_destination     (JobsSshNode *self);
JOBS_AVAILABLE_IN_1_0
JobsSshNode *jobs_ssh_node_get_gateway         (JobsSshNode *self);
JOBS_AVAILABLE_IN_1_0
const char  *jobs_ssh_node_get_config_file     (JobsSshNode *self);
JOBS_AVAILABLE_IN_1_0
void         jobs_ssh_node_set_config_file     (JobsSshNode *self,
                                                const char  *config_file);
JOBS_AVAILABLE_IN_1_0
void         jobs_ssh_node_add_option          (JobsSshNode *self,
                                                const char  *option);
JOBS_AVAILABLE_IN_1_0
guint        jobs_ssh_node_get_max_sessions    (JobsSshNode *self);
JOBS_AVAILABLE_IN_1_0
void         jobs_ssh_node_set_max_sessions    (JobsSshNode *self,
                                                guint        max_sessions);
JOBS_AVAILABLE_IN_1_0
guint        jobs_ssh_node_get_connect_timeout (JobsSshNode *self);
JOBS_AVAILABLE_IN_1_0
void         jobs_ssh_node_set_connect_timeout (JobsSshNode *self,
                                                guint        connect_timeout);

G_END_DECLS
