/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-types.h"

#include "jobs-process.h"

G_BEGIN_DECLS

#define JOBS_TYPE_NODE (jobs_node_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (JobsNode, jobs_node, JOBS, NODE, GObject)

/**
 * JobsNodeClass:
 * @begin: begins to run a process without blocking. Keep a reference to it, give
 *   it its output as that comes, and in the end one [method@Process.end] or
 *   [method@Process.fail], in the same main context. %FALSE with an error means
 *   that nothing runs, and nothing more is said to the process
 * @copy: begins to copy a file or a folder with all that is in it to the node
 *   (@push) or from it, likewise; signals reach what does it, and how far it is may be
 *   told by [method@Process.progress]. Without it, it cannot
 * @kill: sends a signal to the process and to all that it has started. One that
 *   has ended already is no error
 *
 * How a kind of node runs commands.
 *
 * Since: 1.0
 */
struct _JobsNodeClass
{
  GObjectClass parent_class;

  gboolean (*begin) (JobsNode    *self,
                     JobsProcess *process,
                     GError     **error);
  gboolean (*kill)  (JobsNode    *self,
                     JobsProcess *process,
                     int          signum,
                     GError     **error);

  gboolean (*copy)  (JobsNode    *self,
                     JobsProcess *process,
                     gboolean     push,
                     const char  *from,
                     const char  *to,
                     GError     **error);

  /*< private >*/
  gpointer padding[7];
};

JOBS_AVAILABLE_IN_1_0
const char *jobs_node_get_name (JobsNode *self);

G_END_DECLS
