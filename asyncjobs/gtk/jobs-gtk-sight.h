/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How a widget looks at a picture that may be larger than itself: what is at p in the
 * picture is at zoom * p + (x, y) on the widget. The wheel, fingers and dragging move it.
 *
 * Signals: "changed", it is to be drawn again; "taken", somebody has moved it by hand */
#define JOBS_GTK_TYPE_SIGHT (jobs_gtk_sight_get_type ())

G_DECLARE_FINAL_TYPE (JobsGtkSight, jobs_gtk_sight, JOBS_GTK, SIGHT, GObject)

#define JOBS_GTK_ZOOM_MIN  0.05
#define JOBS_GTK_ZOOM_MAX  4.0
#define JOBS_GTK_ZOOM_STEP 1.2

struct _JobsGtkSight
{
  GObject parent_instance;

  GtkWidget      *widget;    /* ours */
  graphene_size_t size;      /* of the picture */
  double          zoom;
  double          x;
  double          y;
  gboolean        is_fitted; /* nobody has moved it: all of it is seen */

  double          pointer_x;
  double          pointer_y;
  double          drag_x;    /* where the picture was */
  double          drag_y;
  double          pinch_zoom;

  guint           animation;
  double          goal_x;
  double          goal_y;
  gint64          frame_time;
};

JobsGtkSight *jobs_gtk_sight_new     (GtkWidget             *widget);
/* What is at a place of the widget stays there */
void          jobs_gtk_sight_zoom_at (JobsGtkSight          *self,
                                      double                 zoom,
                                      double                 x,
                                      double                 y);
/* All of it */
void          jobs_gtk_sight_fit     (JobsGtkSight          *self);
/* Glides to where an area is seen, or the middle of one that is too big */
void          jobs_gtk_sight_show    (JobsGtkSight          *self,
                                      const graphene_rect_t *area);
void          jobs_gtk_sight_stop    (JobsGtkSight          *self);
/* What of the picture is at a place of the widget */
void          jobs_gtk_sight_look_up (JobsGtkSight          *self,
                                      double                *x,
                                      double                *y);

G_END_DECLS
