/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Processes that an earlier run has left behind. They are known by the variable
 * ASYNCJOBS_ATTEMPT in their environment, which all that they start inherits; and,
 * where they have dropped it, by pid and start time. Linux: /proc */

typedef struct
{
  gint64 pid;
  gint64 start; /* in ticks since boot; 0: not known */
} JobsOrphan;

/* From TERM to KILL where nobody says another time, ms */
#define JOBS_ORPHANS_GRACE 2000

/* Tells systems apart, as pids and start times do not. "": not known */
char   *jobs_orphans_dup_boot  (void);
/* 0: there is no such process (any more) */
gint64  jobs_orphans_get_start (gint64 pid);
/* To which attempt it belongs: the token of the run, the number of the job in it and that
 * of the attempt, with slashes; NULL: it says nothing of it */
char   *jobs_orphans_dup_mark  (gint64 pid);
/* Those that live, of attempts whose mark begins with @prefix, and of @known
 * (nullable). (element-type JobsOrphan) */
GArray *jobs_orphans_find      (const char *prefix,
                                GArray     *known);
/* Ends them: TERM, and KILL after @grace ms. Waits for that. FALSE where one is still
 * there, whose pid is in @pid then */
gboolean jobs_orphans_end      (const char *prefix,
                                GArray     *known,
                                guint       grace,
                                gint64     *pid);

G_END_DECLS
