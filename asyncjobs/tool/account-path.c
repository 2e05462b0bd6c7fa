/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "account.h"

/* The longest path through a run: jobs that had to run one after the other, with how
 * long each has taken. However much runs at once, no run is shorter.
 *
 * A job is two points, its start and its end, which for an engine are those of what it
 * holds. Each point knows by which one it is latest.
 *
 * A JobsPicture has another one: of the actions of an engine, with times that are expected,
 * and where none are known it is the one with most actions. Here there are no actions, but
 * jobs with paths, of which some may have been left out; what a job took is from its first
 * attempt to the end of the last, and what took no time is not on the path. */

typedef struct
{
  gint64 time;
  guint via;      /* the point before it; ACCOUNT_NONE: the start of the run */
  guint n_before; /* that are not placed yet */
  GArray *behind; /* (element-type guint) (nullable) */
} Point;

#define START_OF(job) (2 * (job))
#define END_OF(job) (2 * (job) + 1)

static void
link_points (Point *points,
             guint  before,
             guint  behind)
{
  if (points[before].behind == NULL)
    points[before].behind = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (points[before].behind, behind);
  points[behind].n_before++;
}

static void
link_job (Account *self,
          Point   *points,
          guint    number)
{
  const AccountJob *job = g_ptr_array_index (self->jobs, number);

  link_points (points, START_OF (number), END_OF (number));
  for (guint i = 0; i < job->needs->len; i++)
    {
      const AccountNeed *need = &g_array_index (job->needs, AccountNeed, i);

      /* One that has only to be ready is not waited for to its end */
      link_points (points, need->condition == JOBS_CONDITION_READY ? START_OF (need->job) : END_OF (need->job),
                   START_OF (number));
    }
  if (job->around != ACCOUNT_NONE)
    {
      link_points (points, START_OF (job->around), START_OF (number));
      link_points (points, END_OF (number), END_OF (job->around));
    }
}

/* What holds others takes no time of its own, and what goes on for ever is not waited for */
static gint64
get_weight (Account *self,
            guint    number)
{
  const AccountJob *job = g_ptr_array_index (self->jobs, number);

  if (job->is_engine || job->is_forever)
    return 0;

  return MAX (account_job_get_time (self, job), 0);
}

static void
place_points (Account *self,
              Point   *points)
{
  g_autoptr (GArray) ready = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < 2 * self->jobs->len; i++)
    if (points[i].n_before == 0)
      g_array_append_val (ready, i);

  while (ready->len > 0)
    {
      guint point = g_array_index (ready, guint, ready->len - 1);
      GArray *behind = points[point].behind;

      g_array_set_size (ready, ready->len - 1);
      for (guint i = 0; behind != NULL && i < behind->len; i++)
        {
          guint other = g_array_index (behind, guint, i);
          gint64 time = points[point].time + (other == point + 1 && point % 2 == 0 ? get_weight (self, point / 2) : 0);

          if (time > points[other].time || points[other].via == ACCOUNT_NONE)
            {
              points[other].time = time;
              points[other].via = point;
            }
          if (--points[other].n_before == 0)
            g_array_append_val (ready, other);
        }
    }
}

void
account_find_longest (Account *self)
{
  g_autofree Point *points = g_new0 (Point, 2 * self->jobs->len + 1);
  g_autoptr (GPtrArray) backwards = g_ptr_array_new ();
  guint last = ACCOUNT_NONE;

  if (self->unknown != NULL)
    return;

  for (guint i = 0; i < 2 * self->jobs->len; i++)
    points[i].via = ACCOUNT_NONE;
  for (guint i = 0; i < self->jobs->len; i++)
    link_job (self, points, i);
  place_points (self, points);

  for (guint i = 0; i < 2 * self->jobs->len; i++)
    if (last == ACCOUNT_NONE || points[i].time > points[last].time)
      last = i;
  if (last != ACCOUNT_NONE)
    self->length = points[last].time;

  /* Both points of a job are on it where its time is */
  for (guint point = last; point != ACCOUNT_NONE; point = points[point].via)
    if (point % 2 == 1 && points[point].via == point - 1 && get_weight (self, point / 2) > 0)
      g_ptr_array_add (backwards, g_ptr_array_index (self->jobs, point / 2));
  for (guint i = backwards->len; i > 0; i--)
    {
      AccountJob *job = g_ptr_array_index (backwards, i - 1);

      g_ptr_array_add (self->longest, job);
      job->place = self->longest->len;
    }

  for (guint i = 0; i < 2 * self->jobs->len; i++)
    g_clear_pointer (&points[i].behind, g_array_unref);
}
