/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "../monitors/jobs-visible.h"

#include "jobs-gtk-look.h"

#define RESOURCES "/org/asyncjobs/gtk/"

typedef struct
{
  const char *word;
  const char *icon;
  const char *css_class;
  const char *light; /* on a light background */
  const char *dark;
} Look;

static const Look looks[JOBS_GTK_N_STATES] = {
  /* Translators: states of jobs */
  { N_("idle"), "jobs-idle-symbolic", "jobs-idle", "#5e5c64", "#a5a4ab" },
  /* Translators: a state of jobs: it may start as soon as there is room for it */
  { N_("scheduled"), "jobs-scheduled-symbolic", "jobs-scheduled", "#7d5a00", "#f5c211" },
  /* Translators: a state of jobs */
  { N_("running"), "jobs-running-symbolic", "jobs-running", "#1a5fb4", "#82b6f2" },
  /* Translators: a state of jobs: it was told to end, and has not yet */
  { N_("cancelling"), "jobs-cancelling-symbolic", "jobs-cancelling", "#813d9c", "#dc8add" },
  /* Translators: a state of jobs: it ended well */
  { N_("finished"), "jobs-finished-symbolic", "jobs-finished", "#1f7a3f", "#6fdc94" },
  /* Translators: a state of jobs */
  { N_("failed"), "jobs-failed-symbolic", "jobs-failed", "#c01c28", "#ff8583" },
  { N_("timed out"), "jobs-timed-out-symbolic", "jobs-timed-out", "#a8440a", "#ffab57" },
  /* Translators: a state of jobs: it was made to end, or not begun, from outside */
  { N_("cancelled"), "jobs-cancelled-symbolic", "jobs-cancelled", "#6d4aa0", "#c0a4ea" },
  /* Translators: a state of jobs: it was not begun because of how others ended */
  { N_("skipped"), "jobs-skipped-symbolic", "jobs-skipped", "#6a696f", "#8f8e94" },
};

static const Look *
get_look (JobsState state)
{
  g_return_val_if_fail ((guint) state < JOBS_GTK_N_STATES, &looks[JOBS_STATE_IDLE]);

  return &looks[state];
}

const char *
jobs_gtk_look_get_word (JobsState state)
{
  return _(get_look (state)->word);
}

const char *
jobs_gtk_look_get_icon (JobsState state)
{
  return get_look (state)->icon;
}

const char *
jobs_gtk_look_get_class (JobsState state)
{
  return get_look (state)->css_class;
}

void
jobs_gtk_look_get_color (JobsState state,
                         gboolean  dark,
                         GdkRGBA  *color)
{
  const Look *look = get_look (state);

  gdk_rgba_parse (color, dark ? look->dark : look->light);
}

/* Style */

static void
prepare_display_cb (GdkDisplayManager *manager,
                    GdkDisplay        *display)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  g_autoptr (GString) css = g_string_new (NULL);
  g_autoptr (GBytes) bytes =
    g_resources_lookup_data (RESOURCES "style.css", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  g_string_append_len (css, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
  for (guint i = 0; i < JOBS_GTK_N_STATES; i++)
    {
      const Look *look = &looks[i];

      g_string_append_printf (css, ".%s { color: %s; } .jobs-dark .%s { color: %s; }\n", look->css_class,
                              look->light, look->css_class, look->dark);
      /* On the colour of a selection only that of its text can be read */
      g_string_append_printf (css, "jobsmonitor row:selected .%s { color: inherit; }\n", look->css_class);
    }

  gtk_css_provider_load_from_data (provider, css->str, (gssize) css->len);
  /* Below applications, which may have another taste */
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION - 1);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display), RESOURCES "icons");
}

void
jobs_gtk_look_prepare (void)
{
  static gsize once;
  GdkDisplayManager *manager = gdk_display_manager_get ();

  if (!g_once_init_enter (&once))
    return;

  for (GSList *displays = gdk_display_manager_list_displays (manager); displays != NULL;
       displays = g_slist_delete_link (displays, displays))
    prepare_display_cb (manager, displays->data);
  g_signal_connect (manager, "display-opened", G_CALLBACK (prepare_display_cb), NULL);
  g_once_init_leave (&once, 1);
}

/* Whatever the theme is called: where text is light, the background is dark */
gboolean
jobs_gtk_look_is_dark (GtkWidget *widget)
{
  GdkRGBA text;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &text);

  return 0.299 * text.red + 0.587 * text.green + 0.114 * text.blue > 0.5;
}

void
jobs_gtk_look_dress (GtkWidget *widget)
{
  gboolean dark = jobs_gtk_look_is_dark (widget);

  if (dark == gtk_widget_has_css_class (widget, "jobs-dark"))
    return;

  if (dark)
    gtk_widget_add_css_class (widget, "jobs-dark");
  else
    gtk_widget_remove_css_class (widget, "jobs-dark");
}

/* Words */

char *
jobs_gtk_look_dup_name (JobsLine *line)
{
  g_autoptr (GString) name = g_string_new (NULL);
  const char *label = jobs_line_get_label (line);
  const char *path = jobs_line_get_path (line);
  const char *slash = strrchr (path, '/');

  if (label == NULL)
    label = slash != NULL ? slash + 1 : path;
  jobs_visible_append (name, label, -1);

  return g_string_free (g_steal_pointer (&name), FALSE);
}

/* The first line of it */
static void
append_line (GString    *to,
             const char *text)
{
  const char *newline = strchr (text, '\n');

  if (newline == NULL)
    {
      jobs_visible_append (to, text, -1);
      return;
    }

  jobs_visible_append (to, text, newline - text);
  if (newline[1] != '\0')
    g_string_append (to, " …");
}

char *
jobs_gtk_look_dup_news (JobsLine *line)
{
  GString *news = g_string_new (NULL);
  const char *text = jobs_line_get_error (line);

  if (text == NULL)
    text = jobs_line_get_message (line);
  if (text != NULL)
    append_line (news, text);

  return g_string_free (news, FALSE);
}

static void
append_field (GString    *tip,
              const char *text)
{
  if (text == NULL)
    return;

  g_string_append_c (tip, '\n');
  append_line (tip, text);
}

char *
jobs_gtk_look_dup_tip (JobsLine *line)
{
  GString *tip = g_string_new (NULL);
  guint attempts = jobs_line_get_attempts (line);

  jobs_visible_append (tip, jobs_line_get_path (line), -1);
  g_string_append_printf (tip, "\n%s", jobs_gtk_look_get_word (jobs_line_get_state (line)));
  if (attempts > 1)
    /* Translators: behind a state, and so there is a blank before it */
    g_string_append_printf (tip, g_dngettext (GETTEXT_PACKAGE, " (%u attempt)", " (%u attempts)", attempts),
                            attempts);
  append_field (tip, jobs_line_get_details (line));
  append_field (tip, jobs_line_get_message (line));
  append_field (tip, jobs_line_get_error (line));

  return g_string_free (tip, FALSE);
}

char *
jobs_gtk_look_dup_time (gint64   usec,
                        gboolean whole)
{
  gint64 seconds = usec / G_USEC_PER_SEC;

  if (usec < 0)
    return g_strdup ("");
  if (seconds < 60 && whole)
    /* Translators: how long something has taken until now, in seconds */
    return g_strdup_printf (_("%d s"), (int) seconds);
  if (seconds < 60)
    /* Translators: how long something took, in seconds */
    return g_strdup_printf (_("%.2f s"), usec / (double) G_USEC_PER_SEC);
  if (seconds < 3600)
    /* Translators: minutes and seconds */
    return g_strdup_printf (_("%d:%02d"), (int) seconds / 60, (int) seconds % 60);

  /* Translators: hours, minutes and seconds */
  return g_strdup_printf (_("%d:%02d:%02d"), (int) (seconds / 3600), (int) (seconds / 60 % 60),
                          (int) (seconds % 60));
}
