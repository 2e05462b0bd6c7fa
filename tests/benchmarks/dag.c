/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dag.h"

#define LAYER_WIDTH 1000

typedef void (*AddRequirements) (GArray *requirements, guint32 job, guint32 n_jobs);

static void
add_none (GArray *requirements, guint32 job, guint32 n_jobs)
{
}

static void
add_previous (GArray *requirements, guint32 job, guint32 n_jobs)
{
  if (job > 0)
    {
      guint32 previous = job - 1;

      g_array_append_val (requirements, previous);
    }
}

/* Three different jobs of the layer before, by a generator of our own: GRand
 * may change between versions, and other languages lack it */
static void
add_layered (GArray *requirements, guint32 job, guint32 n_jobs)
{
  static guint32 random;
  guint32 first;
  guint n = 0;

  if (job == 0)
    random = 42;
  if (job < LAYER_WIDTH)
    return;

  first = (job / LAYER_WIDTH - 1) * LAYER_WIDTH;
  while (n < 3)
    {
      const guint32 *last = &g_array_index (requirements, guint32, requirements->len - n);
      guint32 other;

      random = random * 1664525u + 1013904223u;
      other = first + (random >> 8) % LAYER_WIDTH;
      if ((n > 0 && last[0] == other) || (n > 1 && last[1] == other))
        continue;
      g_array_append_val (requirements, other);
      n++;
    }
}

/* A binary heap upside down: its root is the last job */
static void
add_tree (GArray *requirements, guint32 job, guint32 n_jobs)
{
  guint64 place = n_jobs - 1 - job;

  for (guint64 child = 2 * place + 1; child <= 2 * place + 2 && child < n_jobs; child++)
    {
      guint32 other = (guint32) (n_jobs - 1 - child);

      g_array_append_val (requirements, other);
    }
}

/* NULL: no such shape */
Dag *
dag_new (const char *shape, guint32 n_jobs)
{
  static const struct
  {
    const char *name;
    AddRequirements add;
  } shapes[] = {
    { "independent", add_none },
    { "chain", add_previous },
    { "layered", add_layered },
    { "tree", add_tree },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (g_str_equal (shapes[i].name, shape))
      {
        Dag *self = g_new0 (Dag, 1);
        GArray *requirements = g_array_new (FALSE, FALSE, sizeof (guint32));

        self->n_jobs = n_jobs;
        self->offsets = g_new (guint32, n_jobs + 1);
        for (guint32 job = 0; job < n_jobs; job++)
          {
            self->offsets[job] = requirements->len;
            shapes[i].add (requirements, job, n_jobs);
          }
        self->offsets[n_jobs] = requirements->len;
        self->requirements = (guint32 *) (void *) g_array_free (requirements, FALSE);
        return self;
      }

  return NULL;
}

void
dag_free (Dag *self)
{
  g_free (self->offsets);
  g_free (self->requirements);
  g_free (self);
}
