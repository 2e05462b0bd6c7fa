/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-terminal-levels.h"

struct _JobsLevels
{
  JobsLevel *root;
  GHashTable *by_line; /* JobsLine → JobsLevel */
  GHashTable *by_path; /* path, of the line → JobsLevel */
  GHashTable *active;  /* JobsLine: those in the arrays of the levels */
  guint n_learned;
  gboolean is_flat;    /* nothing is nested in what is shown */

  JobsLevelsFunc changed;
  gpointer data;
};

/* Engines are looked for among so many lines; others are known once they were shown, and
 * closed until somebody opens them */
#define LEARN_MAX 1000

static void level_free (gpointer data);

static gboolean
is_active_line (JobsLine *line)
{
  return jobs_state_is_active (jobs_line_get_state (line));
}

static void learn_from (JobsLevel *self,
                        guint      position,
                        guint      n_items);

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  JobsLevel  *self)
{
  JobsLevels *levels = self->levels;

  levels->changed (self, position, removed, added, levels->data);
  for (guint i = self->nested->len; i > 0; i--)
    {
      JobsLevel *nested = g_ptr_array_index (self->nested, i - 1);

      if (nested->position >= position + removed)
        nested->position += added - removed;
      else if (nested->position >= position)
        g_ptr_array_remove_index (self->nested, i - 1);
    }
  learn_from (self, position, added);
}

static JobsLevel *
level_new (JobsLevels *levels,
           JobsLevel  *parent,
           GListModel *model)
{
  JobsLevel *self = g_new0 (JobsLevel, 1);

  self->levels = levels;
  self->parent = parent;
  self->depth = parent != NULL ? parent->depth + 1 : 0;
  self->model = g_object_ref (model);
  self->handler = g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), self);
  self->is_open = TRUE;
  self->nested = g_ptr_array_new_with_free_func (level_free);
  self->active = g_ptr_array_new_with_free_func (g_object_unref);

  return self;
}

static void
forget_active (JobsLevel *self)
{
  for (guint i = 0; i < self->active->len; i++)
    g_hash_table_remove (self->levels->active, self->active->pdata[i]);
  g_ptr_array_set_size (self->active, 0);
}

static void
level_free (gpointer data)
{
  JobsLevel *self = data;

  g_ptr_array_unref (self->nested);
  forget_active (self);
  g_ptr_array_unref (self->active);
  g_clear_signal_handler (&self->handler, self->model);
  g_object_unref (self->model);
  if (self->line != NULL)
    {
      const char *path = jobs_line_get_path (self->line);

      g_hash_table_remove (self->levels->by_line, self->line);
      if (g_hash_table_lookup (self->levels->by_path, path) == self)
        g_hash_table_remove (self->levels->by_path, path);
      g_object_unref (self->line);
    }
  g_free (self);
}

static void
insert_nested (JobsLevel *self,
               JobsLevel *nested)
{
  guint i = self->nested->len;

  while (i > 0 && ((JobsLevel *) g_ptr_array_index (self->nested, i - 1))->position > nested->position)
    i--;
  g_ptr_array_insert (self->nested, (int) i, nested);
}

JobsLevel *
jobs_levels_learn (JobsLevel *parent,
                   guint      position,
                   JobsLine  *line,
                   gboolean   is_open)
{
  JobsLevels *levels = parent->levels;
  GListModel *model = jobs_line_get_children (line);
  JobsLevel *self;

  if (model == NULL || levels->is_flat)
    return NULL;

  self = g_hash_table_lookup (levels->by_line, line);
  if (self != NULL)
    return self;

  self = level_new (levels, parent, model);
  self->line = g_object_ref (line);
  self->position = position;
  self->is_open = is_open;
  insert_nested (parent, self);
  g_hash_table_insert (levels->by_line, line, self);
  g_hash_table_insert (levels->by_path, (char *) jobs_line_get_path (line), self);

  return self;
}

/* All of one level before what is nested in it: those above count most */
static void
learn_from (JobsLevel *self,
            guint      position,
            guint      n_items)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  guint next = 0;

  for (;;)
    {
      for (guint i = position; i < position + n_items && !self->levels->is_flat &&
           self->levels->n_learned < LEARN_MAX; i++)
        {
          g_autoptr (JobsLine) line = g_list_model_get_item (self->model, i);
          JobsLevel *nested = line != NULL ? jobs_levels_learn (self, i, line, TRUE) : NULL;

          self->levels->n_learned++;
          if (nested != NULL)
            g_ptr_array_add (found, nested);
        }
      if (next == found->len)
        return;

      self = g_ptr_array_index (found, next++);
      position = 0;
      n_items = g_list_model_get_n_items (self->model);
    }
}

JobsLevels *
jobs_levels_new (GListModel    *lines,
                 gboolean       is_flat,
                 JobsLevelsFunc changed,
                 gpointer       data)
{
  JobsLevels *self = g_new0 (JobsLevels, 1);

  self->is_flat = is_flat;
  self->changed = changed;
  self->data = data;
  self->by_line = g_hash_table_new (NULL, NULL);
  self->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  self->active = g_hash_table_new (NULL, NULL);
  self->root = level_new (self, NULL, lines);
  learn_from (self->root, 0, g_list_model_get_n_items (lines));

  return self;
}

void
jobs_levels_free (JobsLevels *self)
{
  level_free (self->root);
  g_hash_table_unref (self->by_line);
  g_hash_table_unref (self->by_path);
  g_hash_table_unref (self->active);
  g_free (self);
}

JobsLevel *
jobs_levels_get_root (JobsLevels *self)
{
  return self->root;
}

JobsLevel *
jobs_levels_find (JobsLevels *self,
                  JobsLine   *line)
{
  return g_hash_table_lookup (self->by_line, line);
}

JobsLevel *
jobs_levels_find_nearest (JobsLevels *self,
                          const char *path,
                          gsize       length)
{
  g_autofree char *around = g_strndup (path, length);

  while (*around != '\0')
    {
      JobsLevel *level = g_hash_table_lookup (self->by_path, around);
      char *slash;

      if (level != NULL)
        return level;

      slash = strrchr (around, '/');
      *(slash != NULL ? slash : around) = '\0';
    }

  return self->root;
}

gboolean
jobs_level_is_visible (JobsLevel *self)
{
  while (self != NULL && self->is_open)
    self = self->parent;

  return self == NULL;
}

static guint
count (JobsLevel *self)
{
  guint n = g_list_model_get_n_items (self->model);

  for (guint i = 0; i < self->nested->len; i++)
    {
      JobsLevel *nested = g_ptr_array_index (self->nested, i);

      if (nested->is_open)
        n += count (nested);
    }

  return n;
}

guint
jobs_levels_count (JobsLevels *self)
{
  return count (self->root);
}

/* Which lines stand first */

static void
foreach_level (JobsLevel *self,
               void (*func) (JobsLevel *level))
{
  func (self);
  for (guint i = 0; i < self->nested->len; i++)
    foreach_level (g_ptr_array_index (self->nested, i), func);
}

void
jobs_levels_clear_active (JobsLevels *self)
{
  foreach_level (self->root, forget_active);
}

void
jobs_level_add_active (JobsLevel *self,
                       JobsLine  *line,
                       int        index)
{
  if (g_hash_table_add (self->levels->active, line))
    g_ptr_array_insert (self->active, MIN (index, (int) self->active->len), g_object_ref (line));
}

static int
compare_starts (gconstpointer a,
                gconstpointer b)
{
  gint64 one = jobs_line_get_start_time (*(JobsLine **) a);
  gint64 other = jobs_line_get_start_time (*(JobsLine **) b);

  return (one > other) - (one < other);
}

static void
sort_level (JobsLevel *self)
{
  g_ptr_array_sort (self->active, compare_starts);
}

void
jobs_levels_sort_active (JobsLevels *self)
{
  foreach_level (self->root, sort_level);
}

gboolean
jobs_levels_is_active (JobsLevels *self,
                       JobsLine   *line)
{
  return g_hash_table_contains (self->active, line);
}

static void
add_engines (JobsLevel *self,
             JobsLine  *without)
{
  for (guint i = 0; i < self->nested->len; i++)
    {
      JobsLevel *nested = g_ptr_array_index (self->nested, i);

      if (nested->line != without && is_active_line (nested->line))
        jobs_level_add_active (self, nested->line, -1);
      if (nested->is_open)
        add_engines (nested, without);
    }
}

void
jobs_levels_add_engines (JobsLevels *self,
                         JobsLine   *without)
{
  add_engines (self->root, without);
}

/* Steps */

static void
place_take (JobsPlace *self,
            JobsLevel *level,
            gboolean   is_active,
            guint      index,
            JobsLine  *line)
{
  g_clear_object (&self->line);
  *self = (JobsPlace) { level, is_active, index, line };
}

static void
place_active (JobsPlace *self,
              JobsLevel *level,
              guint      index)
{
  place_take (self, level, TRUE, index, g_object_ref (g_ptr_array_index (level->active, index)));
}

/* From position on, one way or the other, over those that stand first */
static gboolean
place_seek (JobsPlace *self,
            JobsLevel *level,
            guint      position,
            int        step)
{
  guint n = g_list_model_get_n_items (level->model);

  /* Below 0 it is past the end, too */
  for (; position < n; position += step)
    {
      g_autoptr (JobsLine) line = g_list_model_get_item (level->model, position);

      if (line == NULL)
        return FALSE;
      if (jobs_levels_is_active (level->levels, line))
        continue;

      jobs_levels_learn (level, position, line, FALSE);
      place_take (self, level, FALSE, position, g_steal_pointer (&line));
      return TRUE;
    }

  return FALSE;
}

static gboolean
place_first_in (JobsPlace *self,
                JobsLevel *level)
{
  if (level->active->len == 0)
    return place_seek (self, level, 0, 1);

  place_active (self, level, 0);

  return TRUE;
}

static gboolean
place_last_in (JobsPlace *self,
               JobsLevel *level)
{
  gboolean found = FALSE;

  while (level != NULL && level->is_open)
    {
      guint n = g_list_model_get_n_items (level->model);

      if (!place_seek (self, level, n - 1, -1))
        {
          if (level->active->len == 0)
            break;
          place_active (self, level, level->active->len - 1);
        }
      found = TRUE;
      level = jobs_levels_find (level->levels, self->line);
    }

  return found;
}

gboolean
jobs_place_first (JobsPlace  *self,
                  JobsLevels *levels)
{
  return place_first_in (self, levels->root);
}

gboolean
jobs_place_last (JobsPlace  *self,
                 JobsLevels *levels)
{
  return place_last_in (self, levels->root);
}

gboolean
jobs_place_up (JobsPlace *self)
{
  JobsLevel *level = self->level;
  guint index;

  if (level->parent == NULL)
    return FALSE;

  if (g_ptr_array_find (level->parent->active, level->line, &index))
    place_active (self, level->parent, index);
  else
    place_take (self, level->parent, FALSE, level->position, g_object_ref (level->line));

  return TRUE;
}

static gboolean
place_next_sibling (JobsPlace *self)
{
  if (!self->is_active)
    return place_seek (self, self->level, self->index + 1, 1);
  if (self->index + 1 >= self->level->active->len)
    return place_seek (self, self->level, 0, 1);

  place_active (self, self->level, self->index + 1);

  return TRUE;
}

gboolean
jobs_place_next (JobsPlace *self)
{
  JobsLevel *inside = jobs_levels_find (self->level->levels, self->line);
  JobsPlace place = { NULL };
  gboolean found;

  if (inside != NULL && inside->is_open && place_first_in (self, inside))
    return TRUE;

  jobs_place_set (&place, self);
  do
    found = place_next_sibling (&place);
  while (!found && jobs_place_up (&place));
  if (found)
    jobs_place_set (self, &place);
  jobs_place_clear (&place);

  return found;
}

gboolean
jobs_place_previous (JobsPlace *self)
{
  JobsLevel *level = self->level;
  JobsLevel *inside;

  if (self->is_active && self->index > 0)
    place_active (self, level, self->index - 1);
  else if (self->is_active)
    return jobs_place_up (self);
  else if (!place_seek (self, level, self->index - 1, -1))
    {
      if (level->active->len == 0)
        return jobs_place_up (self);
      place_active (self, level, level->active->len - 1);
    }

  inside = jobs_levels_find (level->levels, self->line);
  if (inside != NULL)
    place_last_in (self, inside);

  return TRUE;
}

void
jobs_place_clear (JobsPlace *self)
{
  place_take (self, NULL, FALSE, 0, NULL);
}

void
jobs_place_set (JobsPlace       *self,
                const JobsPlace *other)
{
  place_take (self, other->level, other->is_active, other->index,
              other->line != NULL ? g_object_ref (other->line) : NULL);
}
