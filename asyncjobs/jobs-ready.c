/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-ready.h"

static gboolean
entry_is_before (const JobsReadyEntry *a,
                 const JobsReadyEntry *b)
{
  if (a->priority != b->priority)
    return a->priority > b->priority;

  return a->serial != b->serial ? a->serial < b->serial : a->order < b->order;
}

static void
jobs_ready_sift_up (JobsReady *self,
                    guint      place)
{
  JobsReadyEntry *heap = (JobsReadyEntry *) (gpointer) self->heap->data;
  JobsReadyEntry entry = heap[place];

  while (place > 0)
    {
      guint parent = (place - 1) / 2;

      if (!entry_is_before (&entry, &heap[parent]))
        break;
      heap[place] = heap[parent];
      place = parent;
    }
  heap[place] = entry;
}

static void
jobs_ready_sift_down (JobsReady *self)
{
  JobsReadyEntry *heap = (JobsReadyEntry *) (gpointer) self->heap->data;
  JobsReadyEntry entry = heap[0];
  guint place = 0;
  guint len = self->heap->len;

  for (;;)
    {
      guint child = 2 * place + 1;

      if (child >= len)
        break;
      if (child + 1 < len && entry_is_before (&heap[child + 1], &heap[child]))
        child++;
      if (!entry_is_before (&heap[child], &entry))
        break;
      heap[place] = heap[child];
      place = child;
    }
  heap[place] = entry;
}

void
jobs_ready_grow (JobsReady *self)
{
  guint32 size = MAX (64, self->ring_size * 2);
  guint32 *ring = g_new (guint32, size);
  guint32 n_until_wrap = MIN (self->ring_used, self->ring_size - self->ring_first);

  if (self->ring_used > 0)
    {
      memcpy (ring, self->ring + self->ring_first, n_until_wrap * sizeof *ring);
      memcpy (ring + n_until_wrap, self->ring, (self->ring_used - n_until_wrap) * sizeof *ring);
    }
  g_free (self->ring);
  self->ring = ring;
  self->ring_size = size;
  self->ring_first = 0;
}

void
jobs_ready_clear (JobsReady *self)
{
  g_clear_pointer (&self->ring, g_free);
  g_clear_pointer (&self->heap, g_array_unref);
  memset (self, 0, sizeof *self);
}

void
jobs_ready_push_beside (JobsReady *self,
                        JobsReady *others,
                        guint32    index,
                        int        priority)
{
  /* The serial of the next one there: before that, and behind all that are there */
  guint64 serial = priority != 0 ? others->next_serial : others->n_popped + others->ring_used;
  JobsReadyEntry entry = { priority, self->next_order++, serial, index };

  jobs_ready_push_back (self, &entry);
}

/* One of priority 0 in the heap was popped before, hence older than the ring */
static inline gboolean
jobs_ready_is_heap_first (const JobsReady *self)
{
  return self->heap != NULL && self->heap->len > 0 &&
         (self->ring_used == 0 || g_array_index (self->heap, JobsReadyEntry, 0).priority >= 0);
}

gboolean
jobs_ready_is_before (const JobsReady *self,
                      const JobsReady *others)
{
  const JobsReadyEntry *first = &g_array_index (self->heap, JobsReadyEntry, 0);
  JobsReadyEntry other = { 0, 0, others->n_popped, 0 };

  if (jobs_ready_is_empty (others))
    return TRUE;
  if (jobs_ready_is_heap_first (others))
    other = g_array_index (others->heap, JobsReadyEntry, 0);
  if (first->priority != other.priority)
    return first->priority > other.priority;

  return first->serial <= other.serial;
}

void
jobs_ready_push_back (JobsReady            *self,
                      const JobsReadyEntry *entry)
{
  if (self->heap == NULL)
    self->heap = g_array_new (FALSE, FALSE, sizeof (JobsReadyEntry));
  g_array_append_vals (self->heap, entry, 1);
  jobs_ready_sift_up (self, self->heap->len - 1);
}

/* FALSE where the ring goes first */
gboolean
jobs_ready_pop_heap (JobsReady      *self,
                     JobsReadyEntry *entry)
{
  JobsReadyEntry *heap = (JobsReadyEntry *) (gpointer) self->heap->data;

  if (!jobs_ready_is_heap_first (self))
    return FALSE;

  *entry = heap[0];
  heap[0] = heap[self->heap->len - 1];
  g_array_set_size (self->heap, self->heap->len - 1);
  if (self->heap->len > 0)
    jobs_ready_sift_down (self);

  return TRUE;
}
