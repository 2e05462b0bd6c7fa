/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-terminal-levels.h"
#include "jobs-terminal-list.h"
#include "jobs-terminal-search.h"

/* Of those that run, so many are asked for at first: some are hidden in engines that
 * are closed, and more may come within the next frames */
#define ACTIVE_MIN 64

struct _JobsTerminalList
{
  JobsBoard *board;
  JobsLevels *tree;
  JobsTerminalSearch *search; /* NULL: no filter */
  JobsLevels *found;          /* of that */

  JobsPlace top;
  JobsPlace selected;
  gboolean is_at_start;       /* top stays the first, whatever that is */
  gboolean is_stale;          /* what is active is to be looked at again */
  gboolean has_moved;         /* what is found has to be found again */
  guint height;
  GArray *rows;
  GArray *former;             /* lines that are seen again are not to be made again */

  void (*told) (gpointer data);
  gpointer data;
};

static JobsLevels *
get_levels (JobsTerminalList *self)
{
  return self->found != NULL ? self->found : self->tree;
}

/* When lines come and go */

static gboolean
is_removed (JobsLevel *place,
            JobsLevel *level,
            guint      position,
            guint      removed)
{
  for (; place != NULL && place != level; place = place->parent)
    if (place->parent == level)
      return place->position >= position && place->position < position + removed;

  return FALSE;
}

static void
adapt_place (JobsPlace *place,
             JobsLevel *level,
             guint      position,
             guint      removed,
             guint      added)
{
  if (place->level == NULL || place->level->levels != level->levels)
    return;

  if (place->level != level)
    {
      if (is_removed (place->level, level, position, removed))
        jobs_place_clear (place);
    }
  else if (!place->is_active && place->index >= position)
    {
      if (place->index >= position + removed)
        place->index += added - removed;
      else
        jobs_place_clear (place);
    }
}

static void
levels_changed_cb (JobsLevel *level,
                   guint      position,
                   guint      removed,
                   guint      added,
                   gpointer   data)
{
  JobsTerminalList *self = data;

  adapt_place (&self->top, level, position, removed, added);
  adapt_place (&self->selected, level, position, removed, added);
  self->is_stale = TRUE;
  if (level->levels == self->tree)
    self->has_moved = TRUE;
  else if (self->told != NULL)
    self->told (self->data);
}

/* What stands first */

static guint
get_max_active (JobsTerminalList *self)
{
  guint max = 2 * self->height;

  if (self->top.level != NULL && self->top.is_active)
    max += 2 * self->top.index;
  if (self->selected.level != NULL && self->selected.is_active)
    max += 2 * self->selected.index;

  return MAX (max, ACTIVE_MIN);
}

static void
add_active (JobsTerminalList *self,
            JobsLine         *line)
{
  const char *path = jobs_line_get_path (line);
  const char *slash = strrchr (path, '/');
  JobsLevels *levels = get_levels (self);
  JobsLevel *level;

  if (self->search != NULL)
    level = jobs_terminal_search_matches (self->search, line) ? jobs_levels_get_root (levels) : NULL;
  else
    level = jobs_levels_find_nearest (levels, path, slash != NULL ? slash - path : 0);
  /* In a closed engine, that one stands for it */
  if (level != NULL && jobs_level_is_visible (level))
    jobs_level_add_active (level, line, -1);
}

/* What is selected stays where it is seen, whatever becomes of it: a key that is pressed
 * in the next moment must not meet another one */
static void
keep_place (JobsPlace *place,
            gboolean   is_selected)
{
  guint index;

  if (place->level == NULL || !place->is_active)
    return;

  if (g_ptr_array_find (place->level->active, place->line, &index))
    place->index = index;
  else if (is_selected && jobs_level_is_visible (place->level))
    {
      jobs_level_add_active (place->level, place->line, (int) place->index);
      place->index = MIN (place->index, place->level->active->len - 1);
    }
  else
    jobs_place_clear (place);
}

static void
find_active (JobsTerminalList *self)
{
  JobsLevels *levels = get_levels (self);
  guint max = get_max_active (self);
  guint top = self->top.is_active ? self->top.index : 0;
  JobsLevel *top_level = self->top.is_active ? self->top.level : NULL;
  JobsLine *still = !self->selected.is_active ? self->selected.line : NULL;
  g_autoptr (GPtrArray) lines = jobs_board_dup_active (self->board, max);

  self->is_stale = FALSE;
  jobs_levels_clear_active (levels);
  jobs_levels_add_engines (levels, still);
  for (guint i = 0; i < lines->len; i++)
    if (g_ptr_array_index (lines, i) != still)
      add_active (self, g_ptr_array_index (lines, i));
  jobs_levels_sort_active (levels);

  keep_place (&self->selected, TRUE);
  keep_place (&self->top, FALSE);
  if (self->top.level == NULL && top_level != NULL && top < top_level->active->len)
    {
      JobsPlace place = { top_level, TRUE, top, g_ptr_array_index (top_level->active, top) };

      jobs_place_set (&self->top, &place);
    }
}

static void
refresh (JobsTerminalList *self)
{
  if (self->has_moved && self->search != NULL)
    jobs_terminal_search_restart (self->search);
  self->has_moved = FALSE;
  if (self->is_stale)
    find_active (self);
}

/* Rows */

static void
clear_row (gpointer data)
{
  g_object_unref (((JobsTerminalRow *) data)->line);
}

static GArray *
rows_new (void)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (JobsTerminalRow));

  g_array_set_clear_func (rows, clear_row);

  return rows;
}

/* Below an engine its name goes without saying */
static const char *
get_name (JobsPlace *place)
{
  const char *path = jobs_line_get_path (place->line);
  const char *around = place->level->line != NULL ? jobs_line_get_path (place->level->line) : "";
  gsize length = strlen (around);

  return length > 0 && strncmp (path, around, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

static void
add_row (JobsTerminalList *self,
         JobsPlace        *place)
{
  JobsLevel *inside = jobs_levels_find (place->level->levels, place->line);
  JobsTerminalRow row = {
    .line = g_object_ref (place->line),
    .name = get_name (place),
    .depth = place->level->depth,
    .fold = inside == NULL ? JOBS_FOLD_NONE : inside->is_open ? JOBS_FOLD_OPEN : JOBS_FOLD_CLOSED,
    .is_selected = place->line == self->selected.line,
  };

  g_array_append_val (self->rows, row);
}

/* TRUE: the selected one is among them, if there is one */
static gboolean
add_rows (JobsTerminalList *self)
{
  JobsPlace place = { NULL };
  gboolean found = self->selected.level == NULL;

  if (self->is_at_start || self->top.level == NULL)
    {
      self->is_at_start = TRUE;
      if (!jobs_place_first (&self->top, get_levels (self)))
        jobs_place_clear (&self->top);
    }
  if (self->top.level == NULL)
    return TRUE;

  jobs_place_set (&place, &self->top);
  do
    {
      add_row (self, &place);
      found |= place.line == self->selected.line;
    }
  while (self->rows->len < self->height && jobs_place_next (&place));
  jobs_place_clear (&place);

  return found;
}

static gboolean
fill_rows (JobsTerminalList *self)
{
  GArray *former = self->rows;
  gboolean found;

  self->rows = self->former;
  self->former = former;
  found = add_rows (self);
  g_array_set_size (self->former, 0);

  return found;
}

static void
scroll_up (JobsTerminalList *self,
           guint             n)
{
  while (n > 0 && jobs_place_previous (&self->top))
    n--;
  self->is_at_start = n > 0;
}

/* Whether the selected one is somewhere above the top; looks no further than one moves
 * by a key */
static gboolean
is_above (JobsTerminalList *self)
{
  JobsPlace place = { NULL };
  gboolean found = FALSE;

  if (self->top.level == NULL)
    return FALSE;

  jobs_place_set (&place, &self->top);
  for (guint i = 0; i <= self->height && !found && jobs_place_previous (&place); i++)
    found = place.line == self->selected.line;
  jobs_place_clear (&place);

  return found;
}

GArray *
jobs_terminal_list_lay_out (JobsTerminalList *self,
                            guint             height)
{
  self->height = MAX (height, 1);
  refresh (self);

  if (!fill_rows (self))
    {
      gboolean above = !self->is_at_start && is_above (self);

      jobs_place_set (&self->top, &self->selected);
      self->is_at_start = FALSE;
      if (!above)
        scroll_up (self, self->height - 1);
      fill_rows (self);
    }
  /* Where rows have gone at the end, others come down */
  if (self->rows->len < self->height && !self->is_at_start)
    {
      scroll_up (self, self->height - self->rows->len);
      fill_rows (self);
    }

  return self->rows;
}

guint
jobs_terminal_list_count (JobsTerminalList *self)
{
  return jobs_levels_count (get_levels (self));
}

/* What is selected */

JobsLine *
jobs_terminal_list_get_selected (JobsTerminalList *self)
{
  return self->selected.line;
}

void
jobs_terminal_list_unselect (JobsTerminalList *self)
{
  jobs_place_clear (&self->selected);
  self->is_stale = TRUE;
}

void
jobs_terminal_list_move (JobsTerminalList *self,
                         int               delta)
{
  refresh (self);
  self->is_stale = TRUE;
  if (self->selected.level == NULL)
    {
      /* The first one that is seen, by whichever key */
      if (self->is_at_start || self->top.level == NULL)
        jobs_terminal_list_move_to_end (self, FALSE);
      else
        jobs_place_set (&self->selected, &self->top);
      return;
    }

  for (; delta > 0 && jobs_place_next (&self->selected); delta--)
    ;
  for (; delta < 0 && jobs_place_previous (&self->selected); delta++)
    ;
}

void
jobs_terminal_list_move_to_end (JobsTerminalList *self,
                                gboolean          last)
{
  refresh (self);
  self->is_stale = TRUE;
  if (last)
    jobs_place_last (&self->selected, get_levels (self));
  else
    {
      jobs_place_first (&self->selected, get_levels (self));
      self->is_at_start = TRUE;
    }
}

void
jobs_terminal_list_fold (JobsTerminalList *self,
                         gboolean          open)
{
  JobsLevel *level;

  refresh (self);
  if (self->selected.level == NULL)
    return;

  level = jobs_levels_find (get_levels (self), self->selected.line);
  if (level != NULL && level->is_open != open)
    {
      level->is_open = open;
      /* What was seen first may be in it */
      if (self->top.level != NULL && !jobs_level_is_visible (self->top.level))
        jobs_place_set (&self->top, &self->selected);
    }
  else if (!open)
    jobs_place_up (&self->selected);
  else if (level != NULL)
    jobs_place_next (&self->selected);
  self->is_stale = TRUE;
}

gboolean
jobs_terminal_list_toggle (JobsTerminalList *self)
{
  JobsLevel *level;

  refresh (self);
  level = self->selected.level != NULL ? jobs_levels_find (get_levels (self), self->selected.line) : NULL;
  if (level == NULL)
    return FALSE;

  jobs_terminal_list_fold (self, !level->is_open);

  return TRUE;
}

/* The filter */

void
jobs_terminal_list_filter (JobsTerminalList *self,
                           const char       *text,
                           void (*found) (gpointer data),
                           gpointer          data)
{
  jobs_place_clear (&self->top);
  jobs_place_clear (&self->selected);
  g_clear_pointer (&self->found, jobs_levels_free);
  g_clear_object (&self->search);
  self->is_at_start = TRUE;
  self->is_stale = TRUE;
  self->told = found;
  self->data = data;
  if (text == NULL || *text == '\0')
    return;

  jobs_levels_clear_active (self->tree);
  self->search = jobs_terminal_search_new (G_LIST_MODEL (self->board), text);
  self->found = jobs_levels_new (G_LIST_MODEL (self->search), TRUE, levels_changed_cb, self);
}

gboolean
jobs_terminal_list_is_searching (JobsTerminalList *self)
{
  return self->search != NULL && !jobs_terminal_search_is_over (self->search);
}

/* Beginning and end */

JobsTerminalList *
jobs_terminal_list_new (JobsBoard *board)
{
  JobsTerminalList *self = g_new0 (JobsTerminalList, 1);

  self->board = g_object_ref (board);
  self->rows = rows_new ();
  self->former = rows_new ();
  self->is_at_start = TRUE;
  self->is_stale = TRUE;
  self->tree = jobs_levels_new (G_LIST_MODEL (board), FALSE, levels_changed_cb, self);

  return self;
}

void
jobs_terminal_list_free (JobsTerminalList *self)
{
  jobs_place_clear (&self->top);
  jobs_place_clear (&self->selected);
  g_array_unref (self->rows);
  g_array_unref (self->former);
  g_clear_pointer (&self->found, jobs_levels_free);
  g_clear_object (&self->search);
  jobs_levels_free (self->tree);
  g_object_unref (self->board);
  g_free (self);
}

void
jobs_terminal_list_touch (JobsTerminalList *self)
{
  self->is_stale = TRUE;
}
