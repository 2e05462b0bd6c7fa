/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All timers of a main context on one source: a heap, so that the loop's cost
 * per iteration does not grow with their number (a GTimeoutSource each cost
 * 5.5 ms per iteration at 100 000). Only used where the context is owned. */
typedef struct _JobsDeadlines JobsDeadlines;
typedef struct _JobsDeadline  JobsDeadline;

/* Called in the context when it is due, and disarmed. It must not call user
 * code: it posts to a pump, or gives an attempt its outcome */
typedef void (*JobsDeadlineFunc) (JobsDeadline *deadline);

/* Embedded in what waits; all zero but for func when new */
struct _JobsDeadline
{
  JobsDeadlineFunc func;
  gint64           due;  /* monotonic, µs */
  guint            slot; /* 1 + its place in the heap, 0 where it is not armed */
};

#define JOBS_DEADLINE_CONTAINER(deadline, type, member) \
  ((type *) (gpointer) ((guint8 *) (deadline) - G_STRUCT_OFFSET (type, member)))

/* The one of a context (NULL: the global default one), made on first use */
JobsDeadlines *jobs_deadlines_ref_for_context (GMainContext  *context);
JobsDeadlines *jobs_deadlines_ref             (JobsDeadlines *self);
void           jobs_deadlines_unref           (JobsDeadlines *self);
/* Arms it, or moves it where it is armed */
void           jobs_deadlines_arm             (JobsDeadlines *self,
                                               JobsDeadline  *deadline,
                                               gint64         due);
/* Harmless where it is not armed */
void           jobs_deadlines_disarm          (JobsDeadlines *self,
                                               JobsDeadline  *deadline);
guint          jobs_deadlines_get_n_armed     (JobsDeadlines *self);

static inline gboolean
jobs_deadline_is_armed (const JobsDeadline *deadline)
{
  return deadline->slot != 0;
}

G_END_DECLS
