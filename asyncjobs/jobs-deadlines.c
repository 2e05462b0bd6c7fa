/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-deadlines.h"

#define FANOUT   4 /* children of a place in the heap: with 16 bytes each, one cache line */
#define NOT_SET  G_MAXINT64
#define MIN_SIZE 16

/* The time is beside the pointer so that sifting touches nothing but the heap */
typedef struct
{
  gint64        due;
  JobsDeadline *deadline;
} Place;

struct _JobsDeadlines
{
  guint         n_refs;  /* under registry_lock */
  GMainContext *context;
  GSource      *source;

  Place        *heap;
  guint         n_armed;
  guint         size;

  gint64        ready_time; /* of the source; NOT_SET for none */
  gint64        horizon;    /* the time of the dispatch that goes on, or NOT_SET */
};

typedef struct
{
  GSource        parent;
  JobsDeadlines *deadlines;
} DeadlinesSource;

static GMutex registry_lock;
static GHashTable *registry; /* GMainContext → JobsDeadlines, both borrowed */

static void
put (JobsDeadlines *self,
     guint          at,
     Place          place)
{
  self->heap[at] = place;
  place.deadline->slot = at + 1;
}

static void
sift_up (JobsDeadlines *self,
         guint          at,
         Place          place)
{
  while (at > 0)
    {
      guint parent = (at - 1) / FANOUT;

      if (self->heap[parent].due <= place.due)
        break;

      put (self, at, self->heap[parent]);
      at = parent;
    }

  put (self, at, place);
}

static void
sift_down (JobsDeadlines *self,
           guint          at,
           Place          place)
{
  for (;;)
    {
      guint64 first = (guint64) at * FANOUT + 1;
      guint64 end = MIN (first + FANOUT, self->n_armed);
      guint least = first;

      if (first >= end)
        break;

      for (guint child = first + 1; child < end; child++)
        if (self->heap[child].due < self->heap[least].due)
          least = child;

      if (self->heap[least].due >= place.due)
        break;

      put (self, at, self->heap[least]);
      at = least;
    }

  put (self, at, place);
}

static void
sift (JobsDeadlines *self,
      guint          at,
      Place          place)
{
  if (at > 0 && place.due < self->heap[(at - 1) / FANOUT].due)
    sift_up (self, at, place);
  else
    sift_down (self, at, place);
}

static void
set_ready_time (JobsDeadlines *self,
                gint64         ready_time)
{
  if (ready_time == self->ready_time)
    return;

  self->ready_time = ready_time;
  g_source_set_ready_time (self->source, ready_time == NOT_SET ? -1 : ready_time);
}

static gboolean
dispatch (GSource    *source,
          GSourceFunc callback,
          gpointer    user_data)
{
  JobsDeadlines *self = jobs_deadlines_ref (((DeadlinesSource *) source)->deadlines);
  gint64 outer_horizon = self->horizon;
  gint64 now = g_get_monotonic_time ();

  self->horizon = now;

  while (self->n_armed > 0 && self->heap[0].due <= now)
    {
      JobsDeadline *deadline = self->heap[0].deadline;

      jobs_deadlines_disarm (self, deadline);
      deadline->func (deadline);
    }

  self->horizon = outer_horizon;
  set_ready_time (self, self->n_armed > 0 ? self->heap[0].due : NOT_SET);

  /* A func may have dropped the last reference but this */
  jobs_deadlines_unref (self);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = dispatch };

static JobsDeadlines *
deadlines_new (GMainContext *context)
{
  JobsDeadlines *self = g_new0 (JobsDeadlines, 1);

  self->context = g_main_context_ref (context);
  self->ready_time = NOT_SET;
  self->horizon = NOT_SET;

  self->source = g_source_new (&source_funcs, sizeof (DeadlinesSource));
  ((DeadlinesSource *) self->source)->deadlines = self;
  g_source_set_static_name (self->source, "[asyncjobs] deadlines");
  /* Nested loops wait for deadlines too, and one may be run by what a func set off */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, context);

  return self;
}

static void
deadlines_free (JobsDeadlines *self)
{
  /* Whoever arms one holds a reference until it is due or disarmed */
  g_assert (self->n_armed == 0);

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_main_context_unref (self->context);
  g_free (self->heap);
  g_free (self);
}

JobsDeadlines *
jobs_deadlines_ref_for_context (GMainContext *context)
{
  JobsDeadlines *self;

  if (context == NULL)
    context = g_main_context_default ();

  g_mutex_lock (&registry_lock);

  if (registry == NULL)
    registry = g_hash_table_new (NULL, NULL);

  self = g_hash_table_lookup (registry, context);
  if (self == NULL)
    {
      self = deadlines_new (context);
      g_hash_table_insert (registry, context, self);
    }
  self->n_refs++;

  g_mutex_unlock (&registry_lock);

  return self;
}

JobsDeadlines *
jobs_deadlines_ref (JobsDeadlines *self)
{
  g_mutex_lock (&registry_lock);
  self->n_refs++;
  g_mutex_unlock (&registry_lock);

  return self;
}

void
jobs_deadlines_unref (JobsDeadlines *self)
{
  gboolean last;

  g_mutex_lock (&registry_lock);

  g_assert (self->n_refs > 0);
  last = --self->n_refs == 0;
  if (last)
    {
      g_hash_table_remove (registry, self->context);
      if (g_hash_table_size (registry) == 0)
        g_clear_pointer (&registry, g_hash_table_unref);
    }

  g_mutex_unlock (&registry_lock);

  if (last)
    deadlines_free (self);
}

void
jobs_deadlines_arm (JobsDeadlines *self,
                    JobsDeadline  *deadline,
                    gint64         due)
{
  g_assert (deadline->func != NULL);

  /* What a func arms belongs to the next dispatch, or one that arms itself
   * for a time already past would keep this one going for ever */
  if (self->horizon != NOT_SET)
    due = MAX (due, self->horizon + 1);

  deadline->due = due;

  if (deadline->slot != 0)
    {
      g_assert (self->heap[deadline->slot - 1].deadline == deadline);
      sift (self, deadline->slot - 1, (Place) { due, deadline });
    }
  else
    {
      if (self->n_armed == self->size)
        {
          self->size = MAX (MIN_SIZE, self->size * 2);
          self->heap = g_renew (Place, self->heap, self->size);
        }
      sift_up (self, self->n_armed++, (Place) { due, deadline });
    }

  /* Setting the time wakes the loop up. It is left where the head went further
   * off: the source finds out by itself, once, instead of at each disarm */
  if (self->heap[0].due < self->ready_time)
    set_ready_time (self, self->heap[0].due);
}

void
jobs_deadlines_disarm (JobsDeadlines *self,
                       JobsDeadline  *deadline)
{
  guint at = deadline->slot - 1;
  Place last;

  if (deadline->slot == 0)
    return;

  g_assert (at < self->n_armed && self->heap[at].deadline == deadline);

  deadline->slot = 0;
  last = self->heap[--self->n_armed];
  if (at < self->n_armed)
    sift (self, at, last);
}

guint
jobs_deadlines_get_n_armed (JobsDeadlines *self)
{
  return self->n_armed;
}
