/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-gtk-graph-private.h"
#include "jobs-gtk-sight.h"

static gboolean
step_cb (GtkWidget *widget,
         GVariant  *arguments,
         gpointer   data)
{
  int dx, dy;

  g_variant_get (arguments, "(ii)", &dx, &dy);
  jobs_gtk_graph_step (JOBS_GTK_GRAPH (widget), dx, dy);

  return TRUE;
}

static gboolean
zoom_key_cb (GtkWidget *widget,
             GVariant  *arguments,
             gpointer   data)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (widget);
  double factor;

  g_variant_get (arguments, "(d)", &factor);
  jobs_gtk_graph_set_zoom (self, jobs_gtk_graph_get_zoom (self) * factor);

  return TRUE;
}

static gboolean
natural_key_cb (GtkWidget *widget,
                GVariant  *arguments,
                gpointer   data)
{
  jobs_gtk_graph_set_zoom (JOBS_GTK_GRAPH (widget), 1);

  return TRUE;
}

static gboolean
fit_key_cb (GtkWidget *widget,
            GVariant  *arguments,
            gpointer   data)
{
  jobs_gtk_graph_fit (JOBS_GTK_GRAPH (widget));

  return TRUE;
}

static gboolean
activate_key_cb (GtkWidget *widget,
                 GVariant  *arguments,
                 gpointer   data)
{
  jobs_gtk_graph_activate (JOBS_GTK_GRAPH (widget));

  return TRUE;
}

void
jobs_gtk_graph_bind_keys (GtkWidgetClass *widget_class)
{
  static const struct
  {
    guint keys[2];
    int   dx;
    int   dy;
  } steps[] = {
    { { GDK_KEY_Left, GDK_KEY_KP_Left }, -1, 0 },
    { { GDK_KEY_Right, GDK_KEY_KP_Right }, 1, 0 },
    { { GDK_KEY_Up, GDK_KEY_KP_Up }, 0, -1 },
    { { GDK_KEY_Down, GDK_KEY_KP_Down }, 0, 1 },
  };
  static const guint in[] = { GDK_KEY_plus, GDK_KEY_equal, GDK_KEY_KP_Add };
  static const guint out[] = { GDK_KEY_minus, GDK_KEY_KP_Subtract };
  static const guint natural[] = { GDK_KEY_1, GDK_KEY_KP_1 };
  static const guint all[] = { GDK_KEY_0, GDK_KEY_KP_0 };
  static const guint enter[] = { GDK_KEY_Return, GDK_KEY_KP_Enter, GDK_KEY_space };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    for (guint j = 0; j < 2; j++)
      gtk_widget_class_add_binding (widget_class, steps[i].keys[j], 0, step_cb, "(ii)", steps[i].dx, steps[i].dy);
  for (guint i = 0; i < G_N_ELEMENTS (in); i++)
    gtk_widget_class_add_binding (widget_class, in[i], 0, zoom_key_cb, "(d)", JOBS_GTK_ZOOM_STEP);
  for (guint i = 0; i < G_N_ELEMENTS (out); i++)
    gtk_widget_class_add_binding (widget_class, out[i], 0, zoom_key_cb, "(d)", 1 / JOBS_GTK_ZOOM_STEP);
  for (guint i = 0; i < G_N_ELEMENTS (natural); i++)
    gtk_widget_class_add_binding (widget_class, natural[i], 0, natural_key_cb, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    gtk_widget_class_add_binding (widget_class, all[i], 0, fit_key_cb, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (enter); i++)
    gtk_widget_class_add_binding (widget_class, enter[i], 0, activate_key_cb, NULL);
}
