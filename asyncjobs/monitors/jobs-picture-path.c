/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-picture-private.h"

/* The longest path in a picture: the actions and requirements that say how soon all could
 * end, in each engine on the way. What has not run counts with what is expected of it.
 *
 * Not what the report of the tool calls so: that knows jobs by what a journal or a run has
 * of their attempts, those that failed included, and nothing but that. */

/* Where an action stands in its engine, if each starts as soon as it may */
typedef struct
{
  gint64 start;    /* after the start of the engine around it; µs */
  gint64 end;
  gint64 length;   /* of an engine: the end of what is in it */
  guint via;       /* the edge without which it would start earlier */
  guint last;      /* of an engine: the one that ends with it; 0: none */
  guint n_unmet;   /* requirements, and for an engine what is in it, that have no place yet */
  guint edges;     /* where in outgoing those begin that lead from the one before it */
  gboolean runs;
} Place;

typedef struct
{
  JobsPicture *picture;
  Place *places;
  guint *outgoing; /* edges, by where they lead from */
} Search;

static const JobsPictureEdge *
get_edge (Search *self,
          guint   edge)
{
  return &g_array_index (self->picture->edges, JobsPictureEdge, edge);
}

static void
search_prepare (Search *self)
{
  JobsPicture *picture = self->picture;
  guint sum = 0;

  self->places = g_new0 (Place, picture->n_items + 1);
  self->outgoing = g_new (guint, picture->edges->len + 1);

  for (guint i = 0; i < picture->n_items; i++)
    {
      self->places[i].via = JOBS_PICTURE_NO_EDGE;
      self->places[i].n_unmet += picture->items[i].n_edges;
      if (i > 0)
        self->places[picture->items[i].parent].n_unmet++;
    }

  for (guint i = 0; i < picture->edges->len; i++)
    self->places[get_edge (self, i)->from + 1].edges++;
  for (guint i = 0; i <= picture->n_items; i++)
    sum = self->places[i].edges += sum;

  /* From the last to the first: then edges is where they begin */
  for (guint i = picture->edges->len; i-- > 0;)
    self->outgoing[--self->places[get_edge (self, i)->from + 1].edges] = i;
}

/* Whether it takes time: not what is over without having run, and not, when all goes
 * well, what is there for a failure */
static gboolean
does_run (Search *self,
          guint   number)
{
  const JobsPictureItem *item = &self->picture->items[number];

  if (item->state == JOBS_STATE_SKIPPED || item->is_forever)
    return FALSE;
  if (item->state != JOBS_STATE_IDLE)
    return TRUE;

  for (guint i = item->first_edge; i < item->first_edge + item->n_edges; i++)
    {
      const JobsPictureEdge *edge = get_edge (self, i);
      gboolean is_served = self->places[edge->from].runs || self->picture->items[edge->from].is_forever;

      if (edge->condition == JOBS_CONDITION_FAILURE ||
          (!is_served && (edge->condition == JOBS_CONDITION_SUCCESS || edge->condition == JOBS_CONDITION_READY)))
        return FALSE;
    }

  return TRUE;
}

static gint64
get_length (Search *self,
            guint   number)
{
  const JobsPictureItem *item = &self->picture->items[number];

  if (!self->places[number].runs)
    return 0;
  if (item->is_engine)
    return MAX (self->places[number].length, 1);
  if (jobs_state_is_active (item->state))
    return MAX (MAX (item->duration, item->estimate), 1);

  return MAX (item->duration >= 0 ? item->duration : item->estimate, 1);
}

/* Of two that are met at the same time, one that has run says more */
static gboolean
is_better (Search *self,
           guint   edge,
           guint   other)
{
  return other != JOBS_PICTURE_NO_EDGE &&
         self->places[get_edge (self, edge)->from].runs && !self->places[get_edge (self, other)->from].runs;
}

static void
search_place (Search *self,
              guint   number)
{
  const JobsPictureItem *item = &self->picture->items[number];
  Place *place = &self->places[number];
  Place *around = &self->places[item->parent];

  place->runs = does_run (self, number);
  for (guint i = item->first_edge; i < item->first_edge + item->n_edges; i++)
    {
      const JobsPictureEdge *edge = get_edge (self, i);
      gint64 met = edge->condition == JOBS_CONDITION_READY ? self->places[edge->from].start
                                                           : self->places[edge->from].end;

      if (met > place->start || (met == place->start && is_better (self, i, place->via)))
        {
          place->start = met;
          place->via = i;
        }
    }

  place->end = place->start + get_length (self, number);
  if (number > 0 && place->runs && place->end > around->length)
    {
      around->length = place->end;
      around->last = number;
    }
}

static void
meet (Search *self,
      GArray *queue,
      guint   number)
{
  if (--self->places[number].n_unmet == 0)
    g_array_append_val (queue, number);
}

/* Each behind its requirements, and an engine behind what is in it. What is in a circle,
 * or behind one, gets no place */
static void
search_run (Search *self)
{
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->picture->n_items; i++)
    if (self->places[i].n_unmet == 0)
      g_array_append_val (queue, i);

  for (guint i = 0; i < queue->len; i++)
    {
      guint number = g_array_index (queue, guint, i);

      search_place (self, number);
      for (guint j = self->places[number + 1].edges;
           j < self->picture->edges->len && get_edge (self, self->outgoing[j])->from == number; j++)
        meet (self, queue, get_edge (self, self->outgoing[j])->to);
      if (number > 0)
        meet (self, queue, self->picture->items[number].parent);
    }
}

/* Back from the end, in each engine that is on the way; returns how many actions there are */
static guint
search_mark (Search *self)
{
  g_autoptr (GArray) engines = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n_actions = 0;
  guint whole = 0;

  g_array_append_val (engines, whole);
  while (engines->len > 0)
    {
      guint number = self->places[g_array_index (engines, guint, engines->len - 1)].last;
      gboolean is_passed = TRUE; /* to its end, and not to where it is ready only */

      g_array_set_size (engines, engines->len - 1);
      while (number != 0)
        {
          JobsPictureItem *item = &self->picture->items[number];
          guint via = self->places[number].via;

          item->is_on_path = self->places[number].runs;
          if (item->is_on_path && item->is_engine && is_passed)
            g_array_append_val (engines, number);
          else if (item->is_on_path && !item->is_engine)
            n_actions++;

          number = 0;
          if (via != JOBS_PICTURE_NO_EDGE)
            {
              g_array_index (self->picture->edges, JobsPictureEdge, via).is_on_path = TRUE;
              is_passed = get_edge (self, via)->condition != JOBS_CONDITION_READY;
              number = get_edge (self, via)->from;
            }
        }
    }

  return n_actions;
}

static void
forget_path (JobsPicture *self)
{
  for (guint i = 0; i < self->n_items; i++)
    self->items[i].is_on_path = FALSE;
  for (guint i = 0; i < self->edges->len; i++)
    g_array_index (self->edges, JobsPictureEdge, i).is_on_path = FALSE;
}

static gboolean
knows_durations (JobsPicture *self)
{
  for (guint i = 0; i < self->n_items; i++)
    if (!self->items[i].is_engine && MAX (self->items[i].duration, self->items[i].estimate) > 0)
      return TRUE;

  return FALSE;
}

void
jobs_picture_ensure_path (JobsPicture *self)
{
  Search search = { self };

  if (self->has_path)
    return;

  self->has_path = TRUE;
  forget_path (self);
  search_prepare (&search);
  search_run (&search);
  /* One of many that stand side by side is no path */
  if (search_mark (&search) < 2 && !knows_durations (self))
    forget_path (self);

  g_free (search.places);
  g_free (search.outgoing);
}
