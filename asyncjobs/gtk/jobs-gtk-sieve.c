/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-gtk-look.h"
#include "jobs-gtk-sieve.h"

struct _JobsGtkSieve
{
  GtkFilter parent_instance;

  char       *text; /* folded; NULL: any */
  JobsGtkShow show;
};

G_DEFINE_FINAL_TYPE (JobsGtkSieve, jobs_gtk_sieve, GTK_TYPE_FILTER)

static gboolean
has_text (const char *where,
          const char *text)
{
  g_autofree char *folded = NULL;

  if (where == NULL)
    return FALSE;
  folded = g_utf8_casefold (where, -1);

  return strstr (folded, text) != NULL;
}

static gboolean
has_state (JobsGtkSieve *self,
           JobsState     state)
{
  switch (self->show)
    {
    case JOBS_GTK_SHOW_RUNNING:
      return jobs_state_is_active (state);
    case JOBS_GTK_SHOW_FAILED:
      return state == JOBS_STATE_FAILED || state == JOBS_STATE_TIMED_OUT;
    case JOBS_GTK_SHOW_ALL:
    default:
      return TRUE;
    }
}

static gboolean
passes (JobsGtkSieve *self,
        JobsLine     *line)
{
  GListModel *children;

  if (has_state (self, jobs_line_get_state (line)) &&
      (self->text == NULL || has_text (jobs_line_get_path (line), self->text) ||
       has_text (jobs_line_get_label (line), self->text)))
    return TRUE;

  children = jobs_line_get_children (line);
  for (guint i = 0; children != NULL && i < g_list_model_get_n_items (children); i++)
    {
      g_autoptr (JobsLine) child = g_list_model_get_item (children, i);

      if (child != NULL && passes (self, child))
        return TRUE;
    }

  return FALSE;
}

static gboolean
jobs_gtk_sieve_match (GtkFilter *filter,
                      gpointer   item)
{
  g_autoptr (JobsLine) line = gtk_tree_list_row_get_item (item);

  return line != NULL && passes (JOBS_GTK_SIEVE (filter), line);
}

static GtkFilterMatch
jobs_gtk_sieve_get_strictness (GtkFilter *filter)
{
  return jobs_gtk_sieve_is_open (JOBS_GTK_SIEVE (filter)) ? GTK_FILTER_MATCH_ALL : GTK_FILTER_MATCH_SOME;
}

static void
jobs_gtk_sieve_finalize (GObject *object)
{
  g_free (JOBS_GTK_SIEVE (object)->text);

  G_OBJECT_CLASS (jobs_gtk_sieve_parent_class)->finalize (object);
}

static void
jobs_gtk_sieve_class_init (JobsGtkSieveClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = jobs_gtk_sieve_finalize;
  GTK_FILTER_CLASS (klass)->match = jobs_gtk_sieve_match;
  GTK_FILTER_CLASS (klass)->get_strictness = jobs_gtk_sieve_get_strictness;
}

static void
jobs_gtk_sieve_init (JobsGtkSieve *self)
{
}

JobsGtkSieve *
jobs_gtk_sieve_new (void)
{
  return g_object_new (JOBS_GTK_TYPE_SIEVE, NULL);
}

void
jobs_gtk_sieve_set_text (JobsGtkSieve *self,
                         const char   *text)
{
  g_autofree char *folded = text != NULL && text[0] != '\0' ? g_utf8_casefold (text, -1) : NULL;

  if (g_strcmp0 (folded, self->text) == 0)
    return;

  g_free (self->text);
  self->text = g_steal_pointer (&folded);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

void
jobs_gtk_sieve_set_show (JobsGtkSieve *self,
                         JobsGtkShow   show)
{
  if (self->show == show)
    return;

  self->show = show;
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

gboolean
jobs_gtk_sieve_is_open (JobsGtkSieve *self)
{
  return self->text == NULL && self->show == JOBS_GTK_SHOW_ALL;
}

gboolean
jobs_gtk_sieve_is_live (JobsGtkSieve *self)
{
  return self->show != JOBS_GTK_SHOW_ALL;
}
