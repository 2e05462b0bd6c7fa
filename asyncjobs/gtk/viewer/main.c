/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

#include "viewer-window.h"

#define RESOURCES "/org/asyncjobs/Viewer/"

static ViewerWindow *
get_window (GtkApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (application);

  return window != NULL ? VIEWER_WINDOW (window) : viewer_window_new (application);
}

static void
startup_cb (GtkApplication *application)
{
  static const struct
  {
    const char *action;
    const char *keys[2];
  } keys[] = {
    { "win.open", { "<Control>o" } },    { "win.reload", { "F5" } },
    { "win.run", { "<Control>r" } },     { "win.pause", { "<Control>p" } },
    { "win.cancel", { "<Control>period" } }, { "window.close", { "<Control>w" } },
  };
  GdkDisplay *display = gdk_display_get_default ();
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (application, keys[i].action, keys[i].keys);

  gtk_css_provider_load_from_resource (provider, RESOURCES "viewer.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display), RESOURCES "icons");
  gtk_window_set_default_icon_name ("org.asyncjobs.Viewer");
}

static void
activate_cb (GtkApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (application)));
}

static void
open_cb (GtkApplication *application,
         GFile         **files,
         int             n_files,
         const char     *hint)
{
  ViewerWindow *window = get_window (application);
  g_autoptr (GVariant) run = g_object_steal_data (G_OBJECT (application), "run");

  gtk_window_present (GTK_WINDOW (window));
  viewer_window_open (window, files[0]);
  if (run != NULL)
    viewer_window_run (window);
}

static int
handle_local_options_cb (GtkApplication *application,
                         GVariantDict   *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("asyncjobs-viewer %s\n", PACKAGE_VERSION);
      return 0;
    }
  if (g_variant_dict_contains (options, "run"))
    g_object_set_data (G_OBJECT (application), "run", g_variant_ref_sink (g_variant_new_boolean (TRUE)));

  return -1;
}

/* Told to end: what runs is not left behind */
static gboolean
signal_cb (gpointer data)
{
  GtkApplication *application = data;
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (application));

  for (GList *link = windows; link != NULL; link = link->next)
    if (VIEWER_IS_WINDOW (link->data))
      viewer_window_end (link->data);

  return G_SOURCE_CONTINUE;
}

int
main (int    argc,
      char **argv)
{
  static const GOptionEntry entries[] = {
    { "run", 'r', 0, G_OPTION_ARG_NONE, NULL, N_("Run the jobs at once"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Show the version"), NULL },
    G_OPTION_ENTRY_NULL
  };
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  g_autoptr (GtkApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  /* A process for each file: jobs are run in its folder, and a mistake in one run does
   * no harm to another */
  application = gtk_application_new ("org.asyncjobs.Viewer", G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  g_application_add_main_option_entries (G_APPLICATION (application), entries);
  /* Translators: what is not an option of the command */
  g_application_set_option_context_parameter_string (G_APPLICATION (application), _("[FILE]"));
  g_application_set_option_context_summary (G_APPLICATION (application),
                                            _("Shows the jobs of a file as a list and as a graph, and runs them."));
  g_signal_connect (application, "startup", G_CALLBACK (startup_cb), NULL);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  g_signal_connect (application, "open", G_CALLBACK (open_cb), NULL);
  g_signal_connect (application, "handle-local-options", G_CALLBACK (handle_local_options_cb), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_unix_signal_add (signals[i], signal_cb, application);

  return g_application_run (G_APPLICATION (application), argc, argv);
}
