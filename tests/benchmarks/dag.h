/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A graph that is the same on each machine. Every requirement of job i has a
 * lower number, so jobs can be made in the order of their numbers; those of i
 * are requirements[offsets[i]] up to requirements[offsets[i + 1] - 1]. */
typedef struct
{
  guint32 n_jobs;
  guint32 *offsets;
  guint32 *requirements;
} Dag;

Dag *dag_new  (const char *shape,
               guint32     n_jobs);
void dag_free (Dag *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Dag, dag_free)

G_END_DECLS
