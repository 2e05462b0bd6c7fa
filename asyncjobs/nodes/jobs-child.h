/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A child process that leads a process group, from its spawn until it is reaped */
typedef struct _JobsChild JobsChild;

/* The leader has ended, its group is killed, it is reaped. With an error its wait
 * status was lost: somebody else has reaped it */
typedef void (*JobsChildFunc) (int           wait_status,
                               const GError *error,
                               gpointer      data);

/* Watches it in @context, which must stay until then. @destroy is called with @data
 * after @func */
JobsChild *jobs_child_new       (GPid           pid,
                                 GMainContext  *context,
                                 JobsChildFunc  func,
                                 gpointer       data,
                                 GDestroyNotify destroy);
/* After its end */
void       jobs_child_free      (JobsChild *self);
/* To its whole group; harmless after its end */
void       jobs_child_kill      (JobsChild *self,
                                 int        signum);

/* To the groups of all children that live now; any thread */
void       jobs_child_kill_all  (int signum);
/* For tests: as on a system without pidfds */
void       jobs_child_set_pidfd (gboolean use);

G_END_DECLS
