/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "viewer-attach.h"
#include "viewer-words.h"

#ifdef JOBS_TYPE_BUS_BOARD

/* One question which run to look at */
typedef struct
{
  ViewerWindow    *window; /* (owned) */
  GDBusConnection *bus;
  GtkWidget       *dialog;
  GtkWidget       *list;
} Attach;

static void
attach_free (Attach *self)
{
  g_object_unref (self->window);
  g_clear_object (&self->bus);
  g_free (self);
}

static void
tell (ViewerWindow *window,
      const char   *text)
{
  g_autofree char *clean = viewer_words_clean (text);
  GtkWidget *dialog = gtk_message_dialog_new (GTK_WINDOW (window), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_INFO, GTK_BUTTONS_CLOSE, "%s", clean);

  g_signal_connect (dialog, "response", G_CALLBACK (gtk_window_destroy), NULL);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
board_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr (ViewerWindow) window = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JobsBoard) board = jobs_bus_board_new_finish (result, &error);

  if (board == NULL)
    tell (window, error->message);
  else
    viewer_window_show_board (window, board);
}

static void
row_activated_cb (Attach        *self,
                  GtkListBoxRow *row)
{
  jobs_bus_board_new_async (self->bus, g_object_get_data (G_OBJECT (row), "name"), NULL, board_cb,
                            g_object_ref (self->window));
  gtk_window_destroy (GTK_WINDOW (self->dialog));
}

static void
add_row (Attach     *self,
         const char *name)
{
  GtkWidget *row = gtk_list_box_row_new ();
  g_autofree char *clean = viewer_words_clean (name);
  GtkWidget *label = gtk_label_new (clean);

  gtk_widget_add_css_class (label, "viewer-run");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
}

/* The question goes with its window */
static void
ask (Attach      *self,
     char *const *names)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->dialog = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (self->dialog), _("Runs of Other Programs"));
  gtk_window_set_transient_for (GTK_WINDOW (self->dialog), GTK_WINDOW (self->window));
  gtk_window_set_modal (GTK_WINDOW (self->dialog), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self->dialog), 420, 280);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (self->dialog), TRUE);
  g_object_set_data_full (G_OBJECT (self->dialog), "attach", self, (GDestroyNotify) attach_free);

  self->list = gtk_list_box_new ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Runs of other programs"), -1);
  for (guint i = 0; names[i] != NULL; i++)
    add_row (self, names[i]);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_window_set_child (GTK_WINDOW (self->dialog), scroller);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

static void
runs_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Attach *self = data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = jobs_bus_list_runs_finish (self->bus, result, &error);

  if (names != NULL && names[0] != NULL)
    {
      ask (self, names);
      return;
    }

  tell (self->window, error != NULL ? error->message : _("No other program shows a run just now"));
  attach_free (self);
}

static void
bus_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  Attach *self = data;
  g_autoptr (GError) error = NULL;

  self->bus = g_bus_get_finish (result, &error);
  if (self->bus == NULL)
    {
      tell (self->window, error->message);
      attach_free (self);
      return;
    }

  jobs_bus_list_runs_async (self->bus, NULL, runs_cb, self);
}

static void
attach_cb (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       data)
{
  Attach *self = g_new0 (Attach, 1);

  self->window = g_object_ref (data);
  g_bus_get (G_BUS_TYPE_SESSION, NULL, bus_cb, self);
}

void
viewer_attach_add (ViewerWindow *window)
{
  static const GActionEntry entries[] = { { "attach", attach_cb } };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}

#else

void
viewer_attach_add (ViewerWindow *window)
{
}

#endif
