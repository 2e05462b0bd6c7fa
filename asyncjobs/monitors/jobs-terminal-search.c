/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "../nodes/jobs-timer.h"

#include "jobs-terminal-search.h"

/* How long the main loop is kept each time, µs */
#define SLICE 4000

/* One line, or the next one to look at */
typedef struct
{
  GListModel *model; /* of a step: owned; of a match: kept by models */
  guint index;
} Spot;

struct _JobsTerminalSearch
{
  GObject parent_instance;

  GListModel *lines;
  char *text;         /* folded */
  GArray *matches;    /* Spot */
  GArray *steps;      /* Spot: the way down to where it looks */
  GHashTable *models; /* (owned): those in which something was found */
  GSource *source;    /* NULL: it is over */
};

static void jobs_terminal_search_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (JobsTerminalSearch, jobs_terminal_search, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, jobs_terminal_search_list_model_init))

static GType
jobs_terminal_search_get_item_type (GListModel *model)
{
  return JOBS_TYPE_LINE;
}

static guint
jobs_terminal_search_get_n_items (GListModel *model)
{
  return JOBS_TERMINAL_SEARCH (model)->matches->len;
}

static gpointer
jobs_terminal_search_get_item (GListModel *model,
                               guint       position)
{
  JobsTerminalSearch *self = JOBS_TERMINAL_SEARCH (model);
  Spot *spot;

  if (position >= self->matches->len)
    return NULL;

  spot = &g_array_index (self->matches, Spot, position);

  return g_list_model_get_item (spot->model, spot->index);
}

static void
jobs_terminal_search_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = jobs_terminal_search_get_item_type;
  iface->get_n_items = jobs_terminal_search_get_n_items;
  iface->get_item = jobs_terminal_search_get_item;
}

gboolean
jobs_terminal_search_matches (JobsTerminalSearch *self,
                              JobsLine           *line)
{
  g_autofree char *folded = g_utf8_casefold (jobs_line_get_path (line), -1);

  return strstr (folded, self->text) != NULL;
}

static void
push_step (JobsTerminalSearch *self,
           GListModel         *model)
{
  Spot step = { g_object_ref (model), 0 };

  g_array_append_val (self->steps, step);
}

static void
clear_step (gpointer data)
{
  g_object_unref (((Spot *) data)->model);
}

/* FALSE: that was all */
static gboolean
look_at_next (JobsTerminalSearch *self)
{
  Spot *step, spot;
  g_autoptr (JobsLine) line = NULL;

  if (self->steps->len == 0)
    return FALSE;

  step = &g_array_index (self->steps, Spot, self->steps->len - 1);
  spot = (Spot) { step->model, step->index++ };
  line = g_list_model_get_item (spot.model, spot.index);
  if (line == NULL)
    {
      g_array_set_size (self->steps, self->steps->len - 1);
      return TRUE;
    }

  if (jobs_terminal_search_matches (self, line))
    {
      if (!g_hash_table_contains (self->models, spot.model))
        g_hash_table_add (self->models, g_object_ref (spot.model));
      g_array_append_val (self->matches, spot);
    }
  if (jobs_line_get_children (line) != NULL)
    push_step (self, jobs_line_get_children (line));

  return TRUE;
}

static gboolean
search_cb (gpointer data)
{
  JobsTerminalSearch *self = data;
  g_autoptr (JobsTerminalSearch) kept = g_object_ref (self);
  gint64 deadline = g_get_monotonic_time () + SLICE;
  guint before = self->matches->len;
  gboolean goes_on;

  do
    goes_on = look_at_next (self);
  while (goes_on && g_get_monotonic_time () < deadline);

  if (!goes_on)
    jobs_timer_clear (&self->source);
  g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->matches->len - before);

  return goes_on;
}

void
jobs_terminal_search_restart (JobsTerminalSearch *self)
{
  guint before = self->matches->len;

  jobs_timer_clear (&self->source);
  g_array_set_size (self->steps, 0);
  g_array_set_size (self->matches, 0);
  g_hash_table_remove_all (self->models);
  if (before > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, before, 0);

  push_step (self, self->lines);
  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT_IDLE);
  g_source_set_callback (self->source, search_cb, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

static void
jobs_terminal_search_dispose (GObject *object)
{
  jobs_timer_clear (&JOBS_TERMINAL_SEARCH (object)->source);

  G_OBJECT_CLASS (jobs_terminal_search_parent_class)->dispose (object);
}

static void
jobs_terminal_search_finalize (GObject *object)
{
  JobsTerminalSearch *self = JOBS_TERMINAL_SEARCH (object);

  g_array_unref (self->steps);
  g_array_unref (self->matches);
  g_hash_table_unref (self->models);
  g_object_unref (self->lines);
  g_free (self->text);

  G_OBJECT_CLASS (jobs_terminal_search_parent_class)->finalize (object);
}

static void
jobs_terminal_search_class_init (JobsTerminalSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = jobs_terminal_search_dispose;
  G_OBJECT_CLASS (klass)->finalize = jobs_terminal_search_finalize;
}

static void
jobs_terminal_search_init (JobsTerminalSearch *self)
{
  self->matches = g_array_new (FALSE, FALSE, sizeof (Spot));
  self->steps = g_array_new (FALSE, FALSE, sizeof (Spot));
  g_array_set_clear_func (self->steps, clear_step);
  self->models = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

JobsTerminalSearch *
jobs_terminal_search_new (GListModel *lines,
                          const char *text)
{
  JobsTerminalSearch *self = g_object_new (JOBS_TYPE_TERMINAL_SEARCH, NULL);

  self->lines = g_object_ref (lines);
  self->text = g_utf8_casefold (text, -1);
  jobs_terminal_search_restart (self);

  return self;
}

gboolean
jobs_terminal_search_is_over (JobsTerminalSearch *self)
{
  return self->source == NULL;
}
