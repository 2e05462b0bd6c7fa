/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-active.h"

/* An action that runs */
typedef struct
{
  GList link; /* first, so that it leads to the rest; its data: JobsAction (owned) */
  gint64 start;
} Item;

struct _JobsActive
{
  GQueue items;          /* the links of Items, from the oldest start on */
  GHashTable *by_action; /* JobsAction → Item (owned) */
};

static void
item_free (gpointer data)
{
  Item *self = data;

  g_object_unref (self->link.data);
  g_free (self);
}

JobsActive *
jobs_active_new (void)
{
  JobsActive *self = g_new0 (JobsActive, 1);

  self->by_action = g_hash_table_new_full (NULL, NULL, NULL, item_free);

  return self;
}

void
jobs_active_free (JobsActive *self)
{
  g_hash_table_unref (self->by_action);
  g_free (self);
}

void
jobs_active_clear (JobsActive *self)
{
  g_queue_init (&self->items);
  g_hash_table_remove_all (self->by_action);
}

/* Most begin last, and what is noted late is not by much: it is looked for from the end */
static void
add (JobsActive *self,
     JobsAction *action,
     gint64      start)
{
  Item *item = g_new0 (Item, 1);
  GList *before = self->items.tail;

  item->link.data = g_object_ref (action);
  item->start = start;
  while (before != NULL && ((Item *) before)->start > start)
    before = before->prev;
  g_queue_insert_after_link (&self->items, before, &item->link);
  g_hash_table_insert (self->by_action, action, item);
}

static void
drop (JobsActive *self,
      Item       *item)
{
  g_queue_unlink (&self->items, &item->link);
  g_hash_table_remove (self->by_action, item->link.data);
}

void
jobs_active_note (JobsActive *self,
                  JobsAction *action)
{
  gboolean is_active = jobs_state_is_active (jobs_action_get_state (action));
  gint64 start = jobs_action_get_start_time (action);
  Item *item = g_hash_table_lookup (self->by_action, action);

  /* Not every kind of action keeps its times */
  if (start == 0)
    start = item != NULL ? item->start : g_get_monotonic_time ();

  /* It may have ended and begun again since we looked */
  if (item != NULL && (!is_active || item->start != start))
    {
      drop (self, item);
      item = NULL;
    }
  if (item == NULL && is_active)
    add (self, action, start);
}

gboolean
jobs_active_contains (JobsActive *self,
                      JobsAction *action)
{
  return g_hash_table_contains (self->by_action, action);
}

GList *
jobs_active_get_first (JobsActive *self)
{
  return self->items.head;
}
