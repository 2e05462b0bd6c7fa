/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "clock.h"

#define MORNING G_GINT64_CONSTANT (1000000000)

gint64 __wrap_g_get_monotonic_time   (void);
void   __wrap_g_source_set_ready_time (GSource *source,
                                       gint64   ready_time);
void   __real_g_source_set_ready_time (GSource *source,
                                       gint64   ready_time);
double __wrap_g_random_double        (void);

static gint64 now = MORNING;
static double jitter;

/* The one source of the library that is ready at a time */
static GSource *source_of_deadlines;
static gint64 due = -1;

gint64
__wrap_g_get_monotonic_time (void)
{
  return now;
}

void
__wrap_g_source_set_ready_time (GSource *source,
                                gint64   ready_time)
{
  g_assert (source_of_deadlines == NULL || source_of_deadlines == source);

  source_of_deadlines = source;
  due = ready_time;
  __real_g_source_set_ready_time (source, due >= 0 && due <= now ? 0 : -1);
}

double
__wrap_g_random_double (void)
{
  return jitter;
}

void
clock_reset (void)
{
  now = MORNING;
  source_of_deadlines = NULL;
  due = -1;
}

gint64
clock_get (void)
{
  return now;
}

void
clock_advance (gint64 to)
{
  g_assert (to >= now);

  now = to;
  if (source_of_deadlines != NULL && due >= 0 && due <= now)
    __real_g_source_set_ready_time (source_of_deadlines, 0);
}

void
clock_set_jitter (double to)
{
  jitter = to;
}
