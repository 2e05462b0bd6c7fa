/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-lanes.h"

#define TAKEN G_MAXINT64

struct _JobsLanes
{
  GArray *ends; /* (element-type gint64): until when each is in use */
  guint first;  /* all below are taken */
};

JobsLanes *
jobs_lanes_new (void)
{
  JobsLanes *self = g_new0 (JobsLanes, 1);

  self->ends = g_array_new (FALSE, FALSE, sizeof (gint64));

  return self;
}

void
jobs_lanes_free (JobsLanes *self)
{
  g_array_unref (self->ends);
  g_free (self);
}

guint
jobs_lanes_take (JobsLanes *self,
                 gint64     start)
{
  const gint64 taken = TAKEN;
  guint lane;

  while (self->first < self->ends->len && g_array_index (self->ends, gint64, self->first) == TAKEN)
    self->first++;

  for (lane = self->first; lane < self->ends->len; lane++)
    if (g_array_index (self->ends, gint64, lane) <= start)
      {
        g_array_index (self->ends, gint64, lane) = TAKEN;
        return lane;
      }
  g_array_append_val (self->ends, taken);

  return lane;
}

void
jobs_lanes_give (JobsLanes *self,
                 guint      lane,
                 gint64     end)
{
  g_array_index (self->ends, gint64, lane) = end;
  self->first = MIN (self->first, lane);
}

guint
jobs_lanes_count (JobsLanes *self)
{
  return self->ends->len;
}
