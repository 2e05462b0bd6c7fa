/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-gtk-list.h"

/* As many rows as are opened by themselves so that one sees what a filter finds in them */
#define EXPANDED_MAX    10000
/* From here on filtering and sorting do not hold up the window */
#define INCREMENTAL_MIN 5000

struct _JobsGtkList
{
  GObject parent_instance;

  JobsBoard          *board;
  JobsGtkSieve       *sieve;
  GtkSorter          *headers;
  GtkSorter          *sorter; /* the same, level by level */
  GtkTreeListModel   *tree;
  GtkFilterListModel *filtered;
  GtkSortListModel   *sorted;
};

G_DEFINE_FINAL_TYPE (JobsGtkList, jobs_gtk_list, G_TYPE_OBJECT)

static void
set_patience (JobsGtkList *self)
{
  gboolean incremental =
    self->tree != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->tree)) >= INCREMENTAL_MIN;

  gtk_filter_list_model_set_incremental (self->filtered, incremental);
  gtk_sort_list_model_set_incremental (self->sorted, incremental);
}

/* A sorter of the rows of a tree has an order even where that of the headers has none, and
 * would have all lines made */
static void
headers_changed_cb (JobsGtkList *self)
{
  gboolean sort = gtk_sorter_get_order (self->headers) != GTK_SORTER_ORDER_NONE;

  set_patience (self);
  gtk_sort_list_model_set_sorter (self->sorted, sort ? self->sorter : NULL);
}

/* All that matches is to be seen */
static void
expand (JobsGtkList *self)
{
  GListModel *tree = G_LIST_MODEL (self->tree);

  for (guint i = 0; i < MIN (g_list_model_get_n_items (tree), EXPANDED_MAX); i++)
    {
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_row (self->tree, i);

      if (g_list_model_get_n_items (tree) < EXPANDED_MAX)
        gtk_tree_list_row_set_expanded (row, TRUE);
    }
}

static GListModel *
get_children_cb (gpointer item,
                 gpointer data)
{
  GListModel *children = jobs_line_get_children (item);

  return children != NULL ? g_object_ref (children) : NULL;
}

static void
jobs_gtk_list_finalize (GObject *object)
{
  JobsGtkList *self = JOBS_GTK_LIST (object);

  g_clear_object (&self->board);
  g_clear_object (&self->sieve);
  g_clear_object (&self->headers);
  g_clear_object (&self->sorter);
  g_clear_object (&self->tree);
  g_clear_object (&self->filtered);
  g_clear_object (&self->sorted);

  G_OBJECT_CLASS (jobs_gtk_list_parent_class)->finalize (object);
}

static void
jobs_gtk_list_class_init (JobsGtkListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = jobs_gtk_list_finalize;
}

static void
jobs_gtk_list_init (JobsGtkList *self)
{
  self->sieve = jobs_gtk_sieve_new ();
  self->filtered = gtk_filter_list_model_new (NULL, GTK_FILTER (g_object_ref (self->sieve)));
  self->sorted = gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (self->filtered)), NULL);
}

JobsGtkList *
jobs_gtk_list_new (GtkSorter *headers)
{
  JobsGtkList *self = g_object_new (JOBS_GTK_TYPE_LIST, NULL);

  self->headers = g_object_ref (headers);
  self->sorter = GTK_SORTER (gtk_tree_list_row_sorter_new (g_object_ref (headers)));
  g_signal_connect_object (headers, "changed", G_CALLBACK (headers_changed_cb), self, G_CONNECT_SWAPPED);

  return self;
}

void
jobs_gtk_list_set_board (JobsGtkList *self,
                         JobsBoard   *board)
{
  gtk_filter_list_model_set_model (self->filtered, NULL);
  g_clear_object (&self->tree);
  g_set_object (&self->board, board);
  if (board == NULL)
    return;

  self->tree = gtk_tree_list_model_new (G_LIST_MODEL (g_object_ref (board)), FALSE, FALSE, get_children_cb, NULL,
                                        NULL);
  set_patience (self);
  if (!jobs_gtk_sieve_is_open (self->sieve))
    expand (self);
  gtk_filter_list_model_set_model (self->filtered, G_LIST_MODEL (self->tree));
}

GListModel *
jobs_gtk_list_get_model (JobsGtkList *self)
{
  return G_LIST_MODEL (self->sorted);
}

static void
begin_filtering (JobsGtkList *self)
{
  if (self->tree == NULL)
    return;

  if (jobs_gtk_sieve_is_open (self->sieve))
    expand (self);
  set_patience (self);
}

void
jobs_gtk_list_set_text (JobsGtkList *self,
                        const char  *text)
{
  if (text[0] != '\0')
    begin_filtering (self);
  jobs_gtk_sieve_set_text (self->sieve, text);
}

void
jobs_gtk_list_set_show (JobsGtkList *self,
                        JobsGtkShow  show)
{
  if (show != JOBS_GTK_SHOW_ALL)
    begin_filtering (self);
  jobs_gtk_sieve_set_show (self->sieve, show);
}

void
jobs_gtk_list_look_again (JobsGtkList *self)
{
  /* Not before the last look is over: one at a million lines takes longer than we would
   * leave it */
  if (gtk_filter_list_model_get_pending (self->filtered) > 0 || gtk_sort_list_model_get_pending (self->sorted) > 0)
    return;

  if (jobs_gtk_sieve_is_live (self->sieve))
    gtk_filter_changed (GTK_FILTER (self->sieve), GTK_FILTER_CHANGE_DIFFERENT);
  if (gtk_sort_list_model_get_sorter (self->sorted) != NULL)
    gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

/* Where a line is */

/* Whether it is in an engine of this path, at any depth */
static gboolean
is_below (JobsLine   *line,
          const char *path)
{
  gsize length = strlen (path);

  return strncmp (jobs_line_get_path (line), path, length) == 0 && jobs_line_get_path (line)[length] == '/';
}

/* The place of a line on one level, or of the one that it is in */
static guint
find_on_level (GListModel *level,
               JobsLine   *line,
               gboolean   *within)
{
  guint place = GTK_INVALID_LIST_POSITION;

  *within = TRUE;
  /* Two may have the same path: the line itself comes first */
  for (guint i = 0; i < g_list_model_get_n_items (level); i++)
    {
      g_autoptr (JobsLine) candidate = g_list_model_get_item (level, i);

      if (candidate == line)
        {
          *within = FALSE;
          return i;
        }
      if (place == GTK_INVALID_LIST_POSITION && jobs_line_get_children (candidate) != NULL &&
          is_below (line, jobs_line_get_path (candidate)))
        place = i;
    }

  return place;
}

/* NULL: it is in none of them */
static GtkTreeListRow *
find_row (JobsGtkList *self,
          JobsLine    *line)
{
  g_autoptr (GtkTreeListRow) row = NULL;
  GListModel *level = G_LIST_MODEL (self->board);
  gboolean within = TRUE;

  while (within)
    {
      guint place = find_on_level (level, line, &within);
      GtkTreeListRow *next;

      if (place == GTK_INVALID_LIST_POSITION)
        return NULL;

      next = row == NULL ? gtk_tree_list_model_get_child_row (self->tree, place)
                         : gtk_tree_list_row_get_child_row (row, place);
      g_clear_object (&row);
      row = next;
      if (within)
        {
          gtk_tree_list_row_set_expanded (row, TRUE);
          level = gtk_tree_list_row_get_children (row);
        }
    }

  return g_steal_pointer (&row);
}

guint
jobs_gtk_list_find (JobsGtkList *self,
                    JobsLine    *line)
{
  GListModel *model = G_LIST_MODEL (self->sorted);
  g_autoptr (GtkTreeListRow) row = self->board != NULL ? find_row (self, line) : NULL;

  for (guint i = 0; row != NULL && i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GtkTreeListRow) candidate = g_list_model_get_item (model, i);

      if (candidate == row)
        return i;
    }

  return GTK_INVALID_LIST_POSITION;
}
