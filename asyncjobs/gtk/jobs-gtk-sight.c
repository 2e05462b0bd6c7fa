/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>

#include "jobs-gtk-sight.h"

/* As much as is left free around the picture, pixels */
#define MARGIN 16
/* One click of the wheel, pixels */
#define WHEEL  60

enum
{
  CHANGED,
  TAKEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (JobsGtkSight, jobs_gtk_sight, G_TYPE_OBJECT)

static void
set (JobsGtkSight *self,
     double        zoom,
     double        x,
     double        y)
{
  self->zoom = zoom;
  self->x = x;
  self->y = y;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
take (JobsGtkSight *self)
{
  jobs_gtk_sight_stop (self);
  self->is_fitted = FALSE;
  g_signal_emit (self, signals[TAKEN], 0);
}

/* Gliding */

/* Half of the way in a tenth of a second, whatever the frames cost */
static gboolean
animate_cb (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       data)
{
  JobsGtkSight *self = data;
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  double part = 1 - exp2 (-(double) MAX (now - self->frame_time, 0) / 100000);
  double x = self->x + (self->goal_x - self->x) * part;
  double y = self->y + (self->goal_y - self->y) * part;

  self->frame_time = now;
  if (hypot (self->goal_x - x, self->goal_y - y) < 0.5)
    {
      self->animation = 0;
      set (self, self->zoom, self->goal_x, self->goal_y);
      return G_SOURCE_REMOVE;
    }
  set (self, self->zoom, x, y);

  return G_SOURCE_CONTINUE;
}

static void
glide (JobsGtkSight *self,
       double        x,
       double        y)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (self->widget);
  gboolean animations = TRUE;

  self->goal_x = x;
  self->goal_y = y;
  g_object_get (gtk_widget_get_settings (self->widget), "gtk-enable-animations", &animations, NULL);
  if (clock == NULL || !animations)
    {
      set (self, self->zoom, x, y);
      return;
    }
  if (self->animation != 0)
    return;

  self->frame_time = gdk_frame_clock_get_frame_time (clock);
  self->animation = gtk_widget_add_tick_callback (self->widget, animate_cb, self, NULL);
}

/* The wheel, fingers and dragging */

static void
drag_begin_cb (JobsGtkSight   *self,
               double          x,
               double          y,
               GtkGestureDrag *drag)
{
  self->drag_x = self->x;
  self->drag_y = self->y;
}

static void
drag_update_cb (JobsGtkSight   *self,
                double          x,
                double          y,
                GtkGestureDrag *drag)
{
  /* One that has only trembled is a click */
  if (!gtk_drag_check_threshold (self->widget, 0, 0, (int) x, (int) y))
    return;

  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  take (self);
  set (self, self->zoom, self->drag_x + x, self->drag_y + y);
}

static gboolean
scroll_cb (JobsGtkSight             *self,
           double                    dx,
           double                    dy,
           GtkEventControllerScroll *scroll)
{
  GdkModifierType modifiers = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (scroll));
  double step = gdk_scroll_event_get_direction (event) == GDK_SCROLL_SMOOTH ? 20 : WHEEL;

  if (modifiers & GDK_CONTROL_MASK)
    {
      jobs_gtk_sight_zoom_at (self, self->zoom * pow (JOBS_GTK_ZOOM_STEP, -dy * step / WHEEL),
                              self->pointer_x, self->pointer_y);
      return TRUE;
    }

  take (self);
  if (modifiers & GDK_SHIFT_MASK)
    set (self, self->zoom, self->x - dy * step, self->y);
  else
    set (self, self->zoom, self->x - dx * step, self->y - dy * step);

  return TRUE;
}

static void
motion_cb (JobsGtkSight *self,
           double        x,
           double        y)
{
  self->pointer_x = x;
  self->pointer_y = y;
}

static void
pinch_begin_cb (JobsGtkSight *self)
{
  self->pinch_zoom = self->zoom;
}

static void
pinch_cb (JobsGtkSight *self,
          double        scale,
          GtkGesture   *pinch)
{
  double x, y;

  if (gtk_gesture_get_bounding_box_center (pinch, &x, &y))
    jobs_gtk_sight_zoom_at (self, self->pinch_zoom * scale, x, y);
}

static void
add_controller (JobsGtkSight       *self,
                GtkEventController *controller,
                const char         *signal,
                GCallback           callback)
{
  g_signal_connect_object (controller, signal, callback, self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->widget, controller);
}

static void
jobs_gtk_sight_class_init (JobsGtkSightClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  signals[CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[TAKEN] = g_signal_new ("taken", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
jobs_gtk_sight_init (JobsGtkSight *self)
{
  self->zoom = 1;
  self->is_fitted = TRUE;
}

JobsGtkSight *
jobs_gtk_sight_new (GtkWidget *widget)
{
  JobsGtkSight *self = g_object_new (JOBS_GTK_TYPE_SIGHT, NULL);
  GtkEventController *drag = GTK_EVENT_CONTROLLER (gtk_gesture_drag_new ());
  GtkEventController *pinch = GTK_EVENT_CONTROLLER (gtk_gesture_zoom_new ());

  self->widget = widget;
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self, G_CONNECT_SWAPPED);
  add_controller (self, drag, "drag-update", G_CALLBACK (drag_update_cb));
  g_signal_connect_object (pinch, "begin", G_CALLBACK (pinch_begin_cb), self, G_CONNECT_SWAPPED);
  add_controller (self, pinch, "scale-changed", G_CALLBACK (pinch_cb));
  add_controller (self, gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES), "scroll",
                  G_CALLBACK (scroll_cb));
  add_controller (self, gtk_event_controller_motion_new (), "motion", G_CALLBACK (motion_cb));

  return self;
}

void
jobs_gtk_sight_zoom_at (JobsGtkSight *self,
                        double        zoom,
                        double        x,
                        double        y)
{
  double factor;

  zoom = CLAMP (zoom, JOBS_GTK_ZOOM_MIN, JOBS_GTK_ZOOM_MAX);
  factor = zoom / self->zoom;
  jobs_gtk_sight_stop (self);
  self->is_fitted = FALSE;
  set (self, zoom, x - (x - self->x) * factor, y - (y - self->y) * factor);
}

void
jobs_gtk_sight_fit (JobsGtkSight *self)
{
  double width = gtk_widget_get_width (self->widget), height = gtk_widget_get_height (self->widget);
  double zoom;

  self->is_fitted = TRUE;
  jobs_gtk_sight_stop (self);
  if (self->size.width <= 0 || self->size.height <= 0 || width <= 2 * MARGIN || height <= 2 * MARGIN)
    return;

  zoom = MIN ((width - 2 * MARGIN) / self->size.width, (height - 2 * MARGIN) / self->size.height);
  zoom = CLAMP (zoom, JOBS_GTK_ZOOM_MIN, 1);
  set (self, zoom, (width - self->size.width * zoom) / 2, (height - self->size.height * zoom) / 2);
}

void
jobs_gtk_sight_show (JobsGtkSight          *self,
                     const graphene_rect_t *area)
{
  double room[] = { gtk_widget_get_width (self->widget), gtk_widget_get_height (self->widget) };
  double begin[] = { area->origin.x * self->zoom, area->origin.y * self->zoom };
  double size[] = { area->size.width * self->zoom, area->size.height * self->zoom };
  double goal[] = { self->x, self->y };

  for (guint i = 0; i < G_N_ELEMENTS (goal); i++)
    {
      double margin = MIN (room[i] / 4, 48);

      if (size[i] + 2 * margin > room[i])
        goal[i] = room[i] / 2 - (begin[i] + size[i] / 2);
      else
        goal[i] = CLAMP (goal[i], margin - begin[i], room[i] - margin - begin[i] - size[i]);
    }

  if (hypot (goal[0] - self->x, goal[1] - self->y) < 0.5)
    return;

  self->is_fitted = FALSE;
  glide (self, goal[0], goal[1]);
}

void
jobs_gtk_sight_stop (JobsGtkSight *self)
{
  if (self->animation != 0)
    gtk_widget_remove_tick_callback (self->widget, self->animation);
  self->animation = 0;
}

void
jobs_gtk_sight_look_up (JobsGtkSight *self,
                        double       *x,
                        double       *y)
{
  *x = (*x - self->x) / self->zoom;
  *y = (*y - self->y) / self->zoom;
}
