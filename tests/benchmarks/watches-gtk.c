/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A window that is there in both runs, and nobody in it, or one of them. It needs a display */

#include "watches.h"

#include <asyncjobs-gtk.h>

static GtkWidget *window = NULL;
static GtkWidget *monitor = NULL;

static void
after_paint_cb (GdkFrameClock *clock,
                guint         *frames)
{
  (*frames)++;
}

/* Two frames: with the second one, it has its size */
static void
wait_until_painted (void)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  guint frames = 0;
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (after_paint_cb), &frames);

  while (frames < 2)
    {
      gtk_widget_queue_draw (window);
      g_main_context_iteration (NULL, TRUE);
    }
  g_signal_handler_disconnect (clock, handler);
}

static void
open_window (JobsEngine *engine)
{
  gtk_init ();
  /* Sixty frames a second for nothing */
  g_object_set (gtk_settings_get_default (), "gtk-cursor-blink", FALSE, NULL);
  monitor = jobs_gtk_monitor_new (NULL);
  window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (window), 960, 640);
  gtk_window_set_child (GTK_WINDOW (window), monitor);
  gtk_window_present (GTK_WINDOW (window));
  wait_until_painted ();
}

static void
open_monitor (JobsEngine *engine)
{
  g_autoptr (JobsBoard) board = engine != NULL ? jobs_engine_board_new (engine) : NULL;

  open_window (engine);
  jobs_gtk_monitor_set_board (JOBS_GTK_MONITOR (monitor), board);
  wait_until_painted ();
}

static void
close_window (void)
{
  gtk_window_destroy (GTK_WINDOW (window));
}

/* It is there already, or nobody is */
static GObject *
watch_no_more (JobsEngine    *engine,
               GOutputStream *stream)
{
  return NULL;
}

const Watch watches[] = {
  { "none", NULL, open_window, close_window, watch_no_more },
  { "window", NULL, open_monitor, close_window, watch_no_more },
  { NULL },
};
