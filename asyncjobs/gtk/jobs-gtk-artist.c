/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-gtk-artist.h"
#include "jobs-gtk-draft.h"

/* Many may be added one after the other: they are drawn together, ms */
#define PATIENCE 50

struct _JobsGtkArtist
{
  GObject parent_instance;

  GtkWidget    *widget; /* ours */
  JobsBoard    *board;
  gboolean      collapsed;
  gboolean      can_collapse;

  JobsGtkPlan  *plan;
  char         *obstacle;
  GPtrArray    *watched; /* GListModel (owned): what is in it, level by level */
  GCancellable *draft;   /* the next one is being made */
  gboolean      is_stale; /* and is not what there is any more */
  guint         timer;
};

enum
{
  DRAWN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (JobsGtkArtist, jobs_gtk_artist, G_TYPE_OBJECT)

static void
take_plan (JobsGtkArtist *self,
           JobsGtkPlan   *plan,
           const char    *obstacle)
{
  g_clear_pointer (&self->plan, jobs_gtk_plan_free);
  g_free (self->obstacle);
  self->plan = plan;
  self->obstacle = g_strdup (obstacle);
  g_signal_emit (self, signals[DRAWN], 0);
}

static gboolean draw_cb (gpointer data);

static void
draw_soon (JobsGtkArtist *self)
{
  if (self->timer == 0)
    self->timer = g_timeout_add (PATIENCE, draw_cb, self);
}

static void
end_draft (JobsGtkArtist *self)
{
  g_clear_object (&self->draft);
  if (self->is_stale)
    draw_soon (self);
}

static void
drafted_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (JobsGtkArtist) self = data;
  g_autoptr (GError) error = NULL;
  JobsGtkPlan *plan = jobs_gtk_draft_finish (result, &error);

  /* There is another one by now, or nobody who wants it */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  end_draft (self);
  take_plan (self, plan, error != NULL ? error->message : NULL);
}

static void
cancel_draft (JobsGtkArtist *self)
{
  if (self->draft != NULL)
    g_cancellable_cancel (self->draft);
  g_clear_object (&self->draft);
}

/* What the jobs require, for which a plan waits */

/* One plan, until it is handed over */
typedef struct
{
  JobsGtkArtist *artist; /* (owned) */
  JobsGtkPlan   *plan;   /* (owned) */
  GCancellable  *draft;  /* (owned) */
} Sketch;

static void
sketch_free (Sketch *sketch)
{
  g_clear_pointer (&sketch->plan, jobs_gtk_plan_free);
  g_object_unref (sketch->artist);
  g_object_unref (sketch->draft);
  g_free (sketch);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sketch, sketch_free)

static void
requirements_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (Sketch) sketch = data;
  JobsGtkArtist *self = sketch->artist;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) requirements = jobs_board_list_requirements_finish (JOBS_BOARD (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (requirements == NULL)
    {
      end_draft (self);
      /* What was drawn before goes on to be true of all the rest */
      if (self->plan == NULL)
        take_plan (self, NULL, error->message);
      return;
    }

  jobs_gtk_plan_take_requirements (sketch->plan, requirements);
  jobs_gtk_draft_async (g_steal_pointer (&sketch->plan), sketch->draft, drafted_cb, g_object_ref (self));
}

/* Why there can be no plan; NULL: there can be one */
static const char *
find_obstacle (JobsGtkArtist *self)
{
  GListModel *lines = G_LIST_MODEL (self->board);
  guint n = jobs_gtk_plan_count (lines, self->collapsed, JOBS_GTK_PLAN_MAX + 1);

  self->can_collapse = FALSE;
  if (n == 0)
    return _("No jobs");
  if (n <= JOBS_GTK_PLAN_MAX)
    return NULL;

  self->can_collapse = !self->collapsed &&
                       jobs_gtk_plan_count (lines, TRUE, JOBS_GTK_PLAN_MAX + 1) <= JOBS_GTK_PLAN_MAX;

  return self->can_collapse ? _("There are too many jobs to draw. Most of them are in nested engines, which "
                                "can be drawn as one each.")
                            : _("There are too many jobs to draw. The list shows them all.");
}

/* What it watches */

static gboolean
draw_cb (gpointer data)
{
  JobsGtkArtist *self = data;

  self->timer = 0;
  /* It is drawn to its end: a run that adds jobs without a pause would never be otherwise */
  if (self->draft != NULL && find_obstacle (self) == NULL)
    self->is_stale = TRUE;
  else
    jobs_gtk_artist_draw (self, self->board, self->collapsed);

  return G_SOURCE_REMOVE;
}

static void
items_changed_cb (JobsGtkArtist *self)
{
  draw_soon (self);
}

static void
watch (JobsGtkArtist *self,
       GListModel    *level)
{
  g_ptr_array_add (self->watched, g_object_ref (level));
  g_signal_connect_swapped (level, "items-changed", G_CALLBACK (items_changed_cb), self);
}

static void
clear_watched (JobsGtkArtist *self)
{
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_func (self->watched->pdata[i], items_changed_cb, self);
  g_ptr_array_set_size (self->watched, 0);
}

/* Begins a new plan, and watches what is in it */
static void
begin_sketch (JobsGtkArtist *self)
{
  Sketch *sketch = g_new0 (Sketch, 1);
  g_autoptr (GPtrArray) lines = NULL;

  self->draft = g_cancellable_new ();
  sketch->artist = g_object_ref (self);
  sketch->plan = jobs_gtk_plan_new (self->board, self->collapsed, self->widget);
  sketch->draft = g_object_ref (self->draft);

  lines = jobs_gtk_plan_dup_lines (sketch->plan);
  for (guint i = 0; i < lines->len && !self->collapsed; i++)
    if (jobs_line_get_children (lines->pdata[i]) != NULL)
      watch (self, jobs_line_get_children (lines->pdata[i]));
  jobs_board_list_requirements_async (self->board, lines, self->draft, requirements_cb, sketch);
}

static void
jobs_gtk_artist_dispose (GObject *object)
{
  JobsGtkArtist *self = JOBS_GTK_ARTIST (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  cancel_draft (self);
  clear_watched (self);
  g_clear_object (&self->board);
  g_clear_pointer (&self->plan, jobs_gtk_plan_free);

  G_OBJECT_CLASS (jobs_gtk_artist_parent_class)->dispose (object);
}

static void
jobs_gtk_artist_finalize (GObject *object)
{
  JobsGtkArtist *self = JOBS_GTK_ARTIST (object);

  g_ptr_array_unref (self->watched);
  g_free (self->obstacle);

  G_OBJECT_CLASS (jobs_gtk_artist_parent_class)->finalize (object);
}

static void
jobs_gtk_artist_class_init (JobsGtkArtistClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = jobs_gtk_artist_dispose;
  G_OBJECT_CLASS (klass)->finalize = jobs_gtk_artist_finalize;

  signals[DRAWN] = g_signal_new ("drawn", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
jobs_gtk_artist_init (JobsGtkArtist *self)
{
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
}

JobsGtkArtist *
jobs_gtk_artist_new (GtkWidget *widget)
{
  JobsGtkArtist *self = g_object_new (JOBS_GTK_TYPE_ARTIST, NULL);

  self->widget = widget;

  return self;
}

void
jobs_gtk_artist_draw (JobsGtkArtist *self,
                      JobsBoard     *board,
                      gboolean       collapsed)
{
  gboolean other = self->board != board;
  const char *obstacle;

  g_clear_handle_id (&self->timer, g_source_remove);
  cancel_draft (self);
  self->is_stale = FALSE;
  clear_watched (self);
  g_set_object (&self->board, board);
  self->collapsed = collapsed;
  if (board == NULL)
    {
      take_plan (self, NULL, NULL);
      return;
    }

  watch (self, G_LIST_MODEL (board));
  obstacle = find_obstacle (self);
  if (obstacle != NULL || other)
    take_plan (self, NULL, obstacle);
  if (obstacle != NULL)
    return;

  begin_sketch (self);
}

JobsGtkPlan *
jobs_gtk_artist_get_plan (JobsGtkArtist *self)
{
  return self->plan;
}

const char *
jobs_gtk_artist_get_obstacle (JobsGtkArtist *self)
{
  return self->obstacle;
}

gboolean
jobs_gtk_artist_can_collapse (JobsGtkArtist *self)
{
  return self->can_collapse;
}
