/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-slurm-turns.h"
#include "jobs-timer.h"

/* In one dispatch, µs */
#define TIME_MAX 2000

/* That of output elsewhere: who draws something comes before it */
#define PRIORITY (G_PRIORITY_HIGH_IDLE + 20)

typedef struct
{
  GSourceFunc func;
  gpointer    user_data;
} Turn;

struct _JobsSlurmTurns
{
  guint         n_refs;
  GMainContext *context;
  GSource      *source;
  GQueue        waiting; /* (element-type Turn) */
};

JobsSlurmTurns *
jobs_slurm_turns_new (GMainContext *context)
{
  JobsSlurmTurns *self = g_new0 (JobsSlurmTurns, 1);

  self->n_refs = 1;
  self->context = g_main_context_ref (context);

  return self;
}

void
jobs_slurm_turns_unref (JobsSlurmTurns *self)
{
  self->n_refs--;
  if (self->n_refs > 0)
    return;

  g_assert (g_queue_is_empty (&self->waiting));
  jobs_timer_clear (&self->source);
  g_main_context_unref (self->context);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsSlurmTurns, jobs_slurm_turns_unref)

static gboolean
turn_cb (gpointer data)
{
  /* The last one may let go of it */
  g_autoptr (JobsSlurmTurns) self = data;
  gint64 until = g_get_monotonic_time () + TIME_MAX;

  self->n_refs++;
  do
    {
      Turn *turn = g_queue_pop_head (&self->waiting);

      if (turn->func (turn->user_data))
        g_queue_push_tail (&self->waiting, turn);
      else
        g_free (turn);
    }
  while (!g_queue_is_empty (&self->waiting) && g_get_monotonic_time () < until);

  if (!g_queue_is_empty (&self->waiting))
    return G_SOURCE_CONTINUE;

  jobs_timer_clear (&self->source);

  return G_SOURCE_REMOVE;
}

void
jobs_slurm_turns_add (JobsSlurmTurns *self,
                      GSourceFunc     func,
                      gpointer        user_data)
{
  Turn *turn = g_new (Turn, 1);

  *turn = (Turn) { func, user_data };
  g_queue_push_tail (&self->waiting, turn);
  if (self->source != NULL)
    return;

  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, PRIORITY);
  g_source_set_callback (self->source, turn_cb, self, NULL);
  g_source_attach (self->source, self->context);
}
