/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs-gtk.h>

#include "../test-support.h"

/* What the tests of widgets have in common beside that: jobs, windows, and the mouse */

static inline void
setup (int    *argc,
       char ***argv)
{
  /* What hangs is to end here rather than never */
  alarm (170);
  gtk_test_init (argc, argv, NULL);
}

/* Owned by the engine */
static inline JobsAction *
add_delay (JobsEngine *engine,
           const char *label,
           guint       duration)
{
  JobsAction *action = jobs_delay_action_new (label, duration);

  g_assert_true (jobs_engine_add (engine, action));
  g_object_unref (action);

  return action;
}

static inline JobsAction *
add_command (JobsEngine *engine,
             const char *label,
             const char *command)
{
  JobsAction *action = jobs_command_action_new_shell (label, NULL, command);

  g_assert_true (jobs_engine_add (engine, action));
  g_object_unref (action);

  return action;
}

/* One in a window that is on the screen, of this size */
static inline GtkWidget *
show (GtkWidget *child,
      int        width,
      int        height)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  spin_until (gtk_widget_get_mapped (child) && gtk_widget_get_width (child) > 1);

  return window;
}

/* Until it has been drawn once more, with all that has changed */
static inline void
drawn_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static inline void
draw (GtkWidget *widget)
{
  gboolean drawn = FALSE;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gulong handler = g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (drawn_cb), &drawn);

  gtk_widget_queue_draw (widget);
  spin_until (drawn);
  g_signal_handler_disconnect (clock, handler);
}

static inline void
xdotool (const char *words)
{
  g_autofree char *command = g_strdup_printf ("xdotool %s", words);
  int status;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

/* A widget of this type in another, the first that there is */
static inline GtkWidget *
find_widget (GtkWidget *widget,
             GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* What a label, or an inscription, says; NULL for other widgets */
static inline const char *
peek_text (GtkWidget *widget)
{
  if (GTK_IS_INSCRIPTION (widget))
    return gtk_inscription_get_text (GTK_INSCRIPTION (widget));

  return GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : NULL;
}

/* One that says this and is seen */
static inline GtkWidget *
find_label (GtkWidget  *widget,
            const char *text)
{
  if (gtk_widget_get_mapped (widget) && g_strcmp0 (peek_text (widget), text) == 0)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }

  return NULL;
}
