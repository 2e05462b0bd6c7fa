/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The actions of a run that may start, in the order in which they do: by
 * priority, then the time at which they became ready. Most have the default
 * priority 0 and come once: they are in a ring. The others are in a heap, which
 * keeps the place of one that had to wait once more. */
typedef struct
{
  int priority;
  guint32 order;  /* of those with the same serial: see jobs_ready_push_beside () */
  guint64 serial;
  guint32 index;
} JobsReadyEntry;

typedef struct
{
  guint32 *ring;
  guint32 ring_size; /* a power of two, or 0 */
  guint32 ring_first;
  guint32 ring_used;
  GArray *heap; /* (element-type JobsReadyEntry) (nullable) */
  guint64 next_serial;
  guint64 n_popped; /* off the ring: the serial of the next one there */
  guint32 next_order;
} JobsReady;

void     jobs_ready_clear       (JobsReady *self);
/* In a queue that is in order with that of the others, and has only such in it: behind
 * all of its priority in both */
void     jobs_ready_push_beside (JobsReady *self,
                                 JobsReady *others,
                                 guint32    index,
                                 int        priority);
/* Whether the first one there, which must be, has its turn before the first of the others */
gboolean jobs_ready_is_before   (const JobsReady *self,
                                 const JobsReady *others);
/* At the place that it had when it was popped */
void     jobs_ready_push_back   (JobsReady            *self,
                                 const JobsReadyEntry *entry);

/*< private >*/
void     jobs_ready_grow        (JobsReady *self);
gboolean jobs_ready_pop_heap    (JobsReady      *self,
                                 JobsReadyEntry *entry);

/*< public >*/
static inline gboolean
jobs_ready_is_empty (const JobsReady *self)
{
  return self->ring_used == 0 && (self->heap == NULL || self->heap->len == 0);
}

/* Behind all of its priority */
static inline void
jobs_ready_push (JobsReady *self,
                 guint32    index,
                 int        priority)
{
  if (G_UNLIKELY (priority != 0))
    {
      JobsReadyEntry entry = { priority, 0, self->next_serial++, index };

      jobs_ready_push_back (self, &entry);
      return;
    }

  if (G_UNLIKELY (self->ring_used == self->ring_size))
    jobs_ready_grow (self);
  self->ring[(self->ring_first + self->ring_used++) & (self->ring_size - 1)] = index;
}

/* What one that finds nobody before it would be popped as, pushed with priority 0 */
static inline JobsReadyEntry
jobs_ready_pass (JobsReady *self,
                 guint32    index)
{
  return (JobsReadyEntry) { 0, 0, self->n_popped++, index };
}

static inline gboolean
jobs_ready_pop (JobsReady      *self,
                JobsReadyEntry *entry)
{
  if (G_UNLIKELY (self->heap != NULL) && jobs_ready_pop_heap (self, entry))
    return TRUE;
  if (self->ring_used == 0)
    return FALSE;

  *entry = jobs_ready_pass (self, self->ring[self->ring_first]);
  self->ring_first = (self->ring_first + 1) & (self->ring_size - 1);
  self->ring_used--;

  return TRUE;
}

G_END_DECLS
