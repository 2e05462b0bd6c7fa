/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-pump.h"

/* How long one dispatch may take, µs: a sixteenth of a frame at 60 Hz */
#define DISPATCH_TIME 1000

/* The clock costs as much as a cheap job: it is read after each piece of work
 * at first, and more seldom, down to every so many, as long as they are short. Before
 * the first look something has been done: on no machine does a run stand still */
#define FIRST_STRIDE 2
#define MAX_STRIDE 64
#define SHORT_STRIDE_TIME 30

struct _JobsPump
{
  gatomicrefcount ref_count;
  GMainContext *context;
  GSource *source; /* has a reference to the pump; NULL where nobody holds it */
  int priority;
  guint n_holders;

  GMutex lock; /* of what follows */
  JobsPost *first;
  JobsPost *last;
  gboolean open;

  gint64 until;
  gboolean is_over; /* the time of this dispatch */
  gint64 last_look;
  guint stride;
  guint steps;
};

typedef struct
{
  GSource source;
  JobsPump *pump;
} PumpSource;

static gint64 dispatch_time = DISPATCH_TIME;

static JobsPost *
jobs_pump_take_first (JobsPump *self)
{
  JobsPost *post;

  g_mutex_lock (&self->lock);
  post = self->first;
  if (post != NULL)
    {
      self->first = post->next;
      if (self->first != NULL)
        self->first->previous = NULL;
      else
        self->last = NULL;
      post->next = NULL;
      g_atomic_int_set (&post->queued, FALSE);
    }
  g_mutex_unlock (&self->lock);

  return post;
}

static gboolean
pump_source_check (GSource *source)
{
  JobsPump *self = ((PumpSource *) source)->pump;
  gboolean has_work;

  g_mutex_lock (&self->lock);
  has_work = self->first != NULL;
  g_mutex_unlock (&self->lock);

  return has_work;
}

/* Instead of a ready time, which cannot be set without waking up the loop by a write to
 * a file: that costs as much as an asynchronous action */
static gboolean
pump_source_prepare (GSource *source,
                     int     *timeout)
{
  *timeout = -1;

  return pump_source_check (source);
}

/* The source is not set to recurse: a user's function that runs a main loop of
 * its own holds up the run that called it, and that run only. GLib does not
 * even look at a source in dispatch then, so the inner loop does not spin. */
static gboolean
pump_source_dispatch (GSource    *source,
                      GSourceFunc callback,
                      gpointer    user_data)
{
  JobsPump *self = jobs_pump_ref (((PumpSource *) source)->pump);
  JobsPost *post;

  self->last_look = g_get_monotonic_time ();
  self->until = self->last_look + dispatch_time;
  self->is_over = FALSE;
  self->stride = FIRST_STRIDE;
  self->steps = 0;

  while ((post = jobs_pump_take_first (self)) != NULL)
    {
      post->func (post);
      if (jobs_pump_is_out_of_time (self))
        break;
    }

  jobs_pump_unref (self);

  return G_SOURCE_CONTINUE;
}

static void
pump_source_finalize (GSource *source)
{
  g_clear_pointer (&((PumpSource *) source)->pump, jobs_pump_unref);
}

static GSourceFuncs pump_source_funcs = {
  .prepare = pump_source_prepare,
  .check = pump_source_check,
  .dispatch = pump_source_dispatch,
  .finalize = pump_source_finalize,
};

JobsPump *
jobs_pump_new (GMainContext *context,
               int           priority)
{
  JobsPump *self = g_new0 (JobsPump, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  self->priority = priority;

  return self;
}

JobsPump *
jobs_pump_ref (JobsPump *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
jobs_pump_unref (JobsPump *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->source == NULL || g_source_is_destroyed (self->source));
  g_clear_pointer (&self->source, g_source_unref);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
jobs_pump_hold (JobsPump *self)
{
  if (self->n_holders++ > 0)
    return;

  g_assert (self->source == NULL);

  self->source = g_source_new (&pump_source_funcs, sizeof (PumpSource));
  ((PumpSource *) self->source)->pump = jobs_pump_ref (self);
  g_source_set_static_name (self->source, "[asyncjobs] pump");
  g_source_set_priority (self->source, self->priority);
  g_source_attach (self->source, self->context);

  g_mutex_lock (&self->lock);
  self->open = TRUE;
  g_mutex_unlock (&self->lock);
}

void
jobs_pump_release (JobsPump *self)
{
  GSource *source;
  JobsPost *post;

  g_assert (self->n_holders > 0);

  if (--self->n_holders > 0)
    return;

  g_mutex_lock (&self->lock);
  self->open = FALSE;
  source = g_steal_pointer (&self->source);
  g_mutex_unlock (&self->lock);

  /* What is left are attempts that nobody owns any more: they let go of
   * themselves */
  while ((post = jobs_pump_take_first (self)) != NULL)
    post->func (post);

  /* May drop the last reference */
  g_source_destroy (source);
  g_source_unref (source);
}

GMainContext *
jobs_pump_get_context (JobsPump *self)
{
  return self->context;
}

gboolean
jobs_pump_is_in_its_thread (JobsPump *self)
{
  if (g_main_context_is_owner (self->context))
    return TRUE;
  /* Before the loop, and between two iterations, nobody owns it */
  if (!g_main_context_acquire (self->context))
    return FALSE;

  g_main_context_release (self->context);

  return TRUE;
}

void
jobs_pump_set_priority (JobsPump *self,
                        int       priority)
{
  self->priority = priority;
  if (self->source != NULL)
    g_source_set_priority (self->source, priority);
}

gboolean
jobs_pump_post (JobsPump *self,
                JobsPost *post)
{
  gboolean posted = FALSE;
  gboolean is_first = FALSE;

  g_mutex_lock (&self->lock);
  if (self->open && !post->queued)
    {
      g_atomic_int_set (&post->queued, TRUE);
      post->next = NULL;
      post->previous = self->last;
      if (self->last != NULL)
        self->last->next = post;
      else
        self->first = post;
      self->last = post;
      posted = TRUE;
      is_first = post->previous == NULL;
    }
  g_mutex_unlock (&self->lock);

  /* Its own thread looks before it waits */
  if (is_first && !g_main_context_is_owner (self->context))
    g_main_context_wakeup (self->context);

  return posted;
}

gboolean
jobs_pump_withdraw (JobsPump *self,
                    JobsPost *post)
{
  gboolean was_queued;

  /* Most often it is not, and an asynchronous action asks several times. Who posts it
   * at this moment, in another thread, could as well be later */
  if (!g_atomic_int_get (&post->queued))
    return FALSE;

  g_mutex_lock (&self->lock);
  was_queued = post->queued;
  if (was_queued)
    {
      if (post->previous != NULL)
        post->previous->next = post->next;
      else
        self->first = post->next;
      if (post->next != NULL)
        post->next->previous = post->previous;
      else
        self->last = post->previous;
      post->next = post->previous = NULL;
      g_atomic_int_set (&post->queued, FALSE);
    }
  g_mutex_unlock (&self->lock);

  return was_queued;
}

gboolean
jobs_pump_is_out_of_time (JobsPump *self)
{
  gint64 now;

  if (self->is_over)
    return TRUE;
  if (++self->steps < self->stride)
    return FALSE;

  self->steps = 0;
  now = g_get_monotonic_time ();
  if (now - self->last_look < SHORT_STRIDE_TIME)
    self->stride = MIN (self->stride * 2, MAX_STRIDE);
  else
    self->stride = 1;
  self->last_look = now;
  self->is_over = now >= self->until;

  return self->is_over;
}

void
jobs_pump_yield (JobsPump *self)
{
  self->is_over = TRUE;
}

gint64
jobs_pump_get_end_of_slice (JobsPump *self)
{
  return self->until;
}

void
jobs_pump_set_slice (gint64 us)
{
  dispatch_time = us;
}
