/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-active.h"

struct _JobsActive
{
  GQueue actions;    /* JobsAction (owned) */
  GHashTable *links; /* JobsAction → its GList there */
};

JobsActive *
jobs_active_new (void)
{
  JobsActive *self = g_new0 (JobsActive, 1);

  self->links = g_hash_table_new (NULL, NULL);

  return self;
}

void
jobs_active_free (JobsActive *self)
{
  jobs_active_clear (self);
  g_hash_table_unref (self->links);
  g_free (self);
}

void
jobs_active_clear (JobsActive *self)
{
  g_hash_table_remove_all (self->links);
  g_queue_clear_full (&self->actions, g_object_unref);
}

static void
add (JobsActive *self,
     JobsAction *action)
{
  g_queue_push_tail (&self->actions, g_object_ref (action));
  g_hash_table_insert (self->links, action, self->actions.tail);
}

static void
drop (JobsActive *self,
      JobsAction *action,
      GList      *link)
{
  g_hash_table_remove (self->links, action);
  g_queue_delete_link (&self->actions, link);
  g_object_unref (action);
}

void
jobs_active_note (JobsActive *self,
                  JobsAction *action)
{
  gboolean is_active = jobs_state_is_active (jobs_action_get_state (action));
  GList *link = g_hash_table_lookup (self->links, action);

  if (link == NULL)
    {
      if (is_active)
        add (self, action);
    }
  else if (!is_active)
    {
      drop (self, action, link);
    }
  else if (jobs_action_get_start_time (action) > jobs_action_get_start_time (self->actions.tail->data))
    {
      /* It has ended and begun again since we looked */
      drop (self, action, link);
      add (self, action);
    }
}

gboolean
jobs_active_contains (JobsActive *self,
                      JobsAction *action)
{
  return g_hash_table_contains (self->links, action);
}

GList *
jobs_active_get_first (JobsActive *self)
{
  return self->actions.head;
}
