/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "viewer-attach.h"
#include "viewer-window.h"
#include "viewer-words.h"

struct _ViewerWindow
{
  GtkApplicationWindow parent_instance;

  GtkWidget *title;
  GtkWidget *subtitle;
  GtkWidget *progress;
  GtkWidget *verdict;
  GtkWidget *verdict_text;
  GtkWidget *stack;
  GtkWidget *problems_title;
  GtkWidget *problems;
  GtkWidget *monitor;
  GtkWidget *graph;
  GtkWidget *graph_side;

  GFile        *file;
  JobsScenario *scenario;
  JobsBoard    *board;
  gboolean      is_running; /* a run that was begun here */
  gboolean      is_ending;  /* the window goes with it */
  GtkWidget    *question;   /* whether to close; NULL: it is not asked */
};

G_DEFINE_FINAL_TYPE (ViewerWindow, viewer_window, GTK_TYPE_APPLICATION_WINDOW)

static JobsEngine *
get_engine (ViewerWindow *self)
{
  return self->scenario != NULL ? jobs_scenario_get_engine (self->scenario) : NULL;
}

/* What it shows */

static void
set_enabled (ViewerWindow *self,
             const char   *name,
             gboolean      enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
set_state (ViewerWindow *self,
           const char   *name,
           gboolean      state)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (state));
}

static gboolean
goes_on (ViewerWindow *self)
{
  JobsState state = self->board != NULL ? jobs_board_get_state (self->board) : JOBS_STATE_IDLE;

  return self->is_running || jobs_state_is_active (state);
}

static void
update (ViewerWindow *self)
{
  g_autofree char *text = self->board != NULL ? viewer_words_describe (self->board) : NULL;

  gtk_widget_set_visible (self->subtitle, text != NULL);
  gtk_label_set_text (GTK_LABEL (self->subtitle), text != NULL ? text : "");
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                 self->board != NULL ? viewer_words_measure (self->board) : 0);
  gtk_widget_set_visible (self->progress, goes_on (self));

  set_enabled (self, "run", self->scenario != NULL && !self->is_running);
  set_enabled (self, "pause", goes_on (self));
  set_enabled (self, "cancel", goes_on (self));
  set_enabled (self, "open", !self->is_running);
  if (g_action_map_lookup_action (G_ACTION_MAP (self), "attach") != NULL)
    set_enabled (self, "attach", !self->is_running);
  set_enabled (self, "reload", self->file != NULL && !self->is_running);
  set_state (self, "pause", self->board != NULL && jobs_board_get_paused (self->board));
}

/* As in the list: time that passes is whole seconds, and numbers that flicker say nothing */
static void
changed_cb (ViewerWindow *self)
{
  if (!jobs_state_is_active (jobs_board_get_state (self->board)))
    update (self);
}

static void
verdict_response_cb (ViewerWindow *self)
{
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->verdict), FALSE);
}

static void
show_verdict (ViewerWindow  *self,
              const char    *text,
              GtkMessageType type)
{
  g_autofree char *clean = viewer_words_clean (text);

  gtk_info_bar_set_message_type (GTK_INFO_BAR (self->verdict), type);
  gtk_label_set_text (GTK_LABEL (self->verdict_text), clean);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->verdict), TRUE);
}

static void
set_board (ViewerWindow *self,
           JobsBoard    *board)
{
  if (self->board != NULL)
    g_signal_handlers_disconnect_by_data (self->board, self);
  g_set_object (&self->board, board);
  if (board != NULL)
    {
      g_signal_connect_swapped (board, "changed", G_CALLBACK (changed_cb), self);
      g_signal_connect_swapped (board, "notify::elapsed", G_CALLBACK (update), self);
      g_signal_connect_swapped (board, "notify::state", G_CALLBACK (update), self);
      g_signal_connect_swapped (board, "notify::paused", G_CALLBACK (update), self);
    }

  jobs_gtk_monitor_set_board (JOBS_GTK_MONITOR (self->monitor), board);
  jobs_gtk_graph_set_board (JOBS_GTK_GRAPH (self->graph), board);
  verdict_response_cb (self);
}

static void
set_title (ViewerWindow *self,
           const char   *title)
{
  g_autofree char *clean = viewer_words_clean (title);

  gtk_label_set_text (GTK_LABEL (self->title), clean);
  gtk_window_set_title (GTK_WINDOW (self), clean);
}

static void
show_problems (ViewerWindow *self,
               const char   *name,
               const char   *problems)
{
  g_autofree char *clean = viewer_words_clean (problems);
  g_autofree char *title = viewer_words_count (name, problems);

  set_board (self, NULL);
  gtk_label_set_text (GTK_LABEL (self->problems_title), title);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->problems)), clean, -1);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "problems");
  update (self);
}

void
viewer_window_show_board (ViewerWindow *self,
                          JobsBoard    *board)
{
  const char *title = jobs_board_get_title (board);

  /* One of another program is run by that */
  if (!JOBS_IS_ENGINE_BOARD (board))
    {
      g_clear_object (&self->scenario);
      g_clear_object (&self->file);
    }
  set_board (self, board);
  set_title (self, title != NULL ? title : _("asyncjobs Viewer"));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "run");
  update (self);
}

/* Its run */

static void
close_question (ViewerWindow *self)
{
  if (self->question != NULL)
    gtk_window_destroy (GTK_WINDOW (self->question));
  self->question = NULL;
}

static void
orchestrate_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (ViewerWindow) self = data;
  JobsEngine *engine = JOBS_ENGINE (source);
  g_autoptr (GError) error = NULL;
  gboolean success = jobs_engine_orchestrate_finish (engine, result, &error);
  g_autofree char *why = jobs_engine_why (engine);

  self->is_running = FALSE;
  if (self->is_ending)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }

  /* What was asked while it went on is no question any more */
  close_question (self);
  jobs_board_update (self->board);
  show_verdict (self, why != NULL && why[0] != '\0' ? why : success ? _("The run went well") : error->message,
                success ? GTK_MESSAGE_INFO : GTK_MESSAGE_ERROR);
  update (self);
}

void
viewer_window_run (ViewerWindow *self)
{
  if (self->scenario == NULL || self->is_running)
    return;

  self->is_running = TRUE;
  verdict_response_cb (self);
  jobs_engine_orchestrate_async (get_engine (self), NULL, orchestrate_cb, g_object_ref (self));
  update (self);
}

/* After a run a job that is to be tried again waits for the next one */
static void
retried_cb (ViewerWindow *self,
            JobsLine     *line)
{
  GObject *action = jobs_line_get_source (line);

  if (JOBS_IS_ACTION (action) && !jobs_state_is_terminal (jobs_action_get_state (JOBS_ACTION (action))))
    viewer_window_run (self);
}

void
viewer_window_end (ViewerWindow *self)
{
  if (!self->is_running)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }

  self->is_ending = TRUE;
  jobs_engine_cancel (get_engine (self));
}

static void
question_cb (ViewerWindow *self,
             int           response)
{
  close_question (self);
  if (response == GTK_RESPONSE_ACCEPT)
    viewer_window_end (self);
}

static gboolean
viewer_window_close_request (GtkWindow *window)
{
  ViewerWindow *self = VIEWER_WINDOW (window);

  if (!self->is_running || self->is_ending)
    return self->is_ending;

  if (self->question == NULL)
    {
      self->question = gtk_message_dialog_new (window, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                               GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s",
                                               _("The jobs are still running"));
      gtk_message_dialog_format_secondary_text (
        GTK_MESSAGE_DIALOG (self->question), "%s",
        _("If the window is closed, the run is cancelled: what runs is told to end."));
      gtk_dialog_add_button (GTK_DIALOG (self->question), _("_Keep Running"), GTK_RESPONSE_CANCEL);
      gtk_dialog_add_button (GTK_DIALOG (self->question), _("_Cancel the Run and Close"), GTK_RESPONSE_ACCEPT);
      gtk_dialog_set_default_response (GTK_DIALOG (self->question), GTK_RESPONSE_CANCEL);
      gtk_widget_add_css_class (gtk_dialog_get_widget_for_response (GTK_DIALOG (self->question), GTK_RESPONSE_ACCEPT),
                                "destructive-action");
      g_signal_connect_swapped (self->question, "response", G_CALLBACK (question_cb), self);
    }
  gtk_window_present (GTK_WINDOW (self->question));

  return TRUE;
}

/* Files */

void
viewer_window_open (ViewerWindow *self,
                    GFile        *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *folder = path != NULL ? g_path_get_dirname (path) : NULL;
  g_autoptr (JobsBoard) board = NULL;
  g_auto (GStrv) warnings = NULL;
  g_autoptr (GError) error = NULL;

  if (self->is_running)
    return;

  g_set_object (&self->file, file);
  g_clear_object (&self->scenario);
  set_title (self, name);
  if (path == NULL)
    {
      show_problems (self, name, _("Only files of this machine can be run"));
      return;
    }

  /* Where `asyncjobs run -C FOLDER` would run them */
  if (g_chdir (folder) == 0)
    self->scenario = jobs_scenario_new_from_file (name, &error);
  else
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", folder, g_strerror (errno));
  if (self->scenario == NULL || !jobs_engine_check (get_engine (self), NULL, &error))
    {
      g_clear_object (&self->scenario);
      show_problems (self, name, error->message);
      return;
    }

  board = jobs_engine_board_new (get_engine (self));
  if (jobs_board_get_title (board) == NULL)
    jobs_board_set_title (board, jobs_scenario_get_name (self->scenario));
  if (jobs_board_get_title (board) == NULL)
    jobs_board_set_title (board, name);
  viewer_window_show_board (self, board);

  warnings = jobs_scenario_dup_warnings (self->scenario);
  if (warnings != NULL && warnings[0] != NULL)
    {
      g_autofree char *text = g_strjoinv ("\n", warnings);

      show_verdict (self, text, GTK_MESSAGE_WARNING);
    }
}

static void
chosen_cb (ViewerWindow         *self,
           int                   response,
           GtkFileChooserNative *chooser)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

  if (response == GTK_RESPONSE_ACCEPT && file != NULL)
    viewer_window_open (self, file);
  g_object_unref (chooser);
}

static void
open_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       data)
{
  ViewerWindow *self = data;
  GtkFileChooserNative *chooser =
    gtk_file_chooser_native_new (_("Open a Job File"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  g_autoptr (GtkFileFilter) yaml = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();

  gtk_file_filter_set_name (yaml, _("Job files"));
  gtk_file_filter_add_suffix (yaml, "yaml");
  gtk_file_filter_add_suffix (yaml, "yml");
  gtk_file_filter_set_name (all, _("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), yaml);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), all);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_object (chooser, "response", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static gboolean
drop_cb (ViewerWindow *self,
         const GValue *value)
{
  if (self->is_running)
    return FALSE;

  viewer_window_open (self, g_value_get_object (value));

  return TRUE;
}

static void
reload_cb (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       data)
{
  ViewerWindow *self = data;
  g_autoptr (GFile) file = g_object_ref (self->file);

  viewer_window_open (self, file);
}

/* What else can be done */

static void
run_cb (GSimpleAction *action,
        GVariant      *parameter,
        gpointer       data)
{
  viewer_window_run (data);
}

static void
pause_cb (GSimpleAction *action,
          GVariant      *state,
          gpointer       data)
{
  ViewerWindow *self = data;

  g_simple_action_set_state (action, state);
  if (self->board == NULL)
    return;
  if (g_variant_get_boolean (state))
    jobs_board_pause (self->board);
  else
    jobs_board_resume (self->board);
}

static void
cancel_cb (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       data)
{
  jobs_board_cancel (((ViewerWindow *) data)->board);
}

static void
graph_cb (GSimpleAction *action,
          GVariant      *state,
          gpointer       data)
{
  g_simple_action_set_state (action, state);
  gtk_widget_set_visible (((ViewerWindow *) data)->graph_side, g_variant_get_boolean (state));
}

static void
dark_cb (GSimpleAction *action,
         GVariant      *state,
         gpointer       data)
{
  g_simple_action_set_state (action, state);
  g_object_set (gtk_widget_get_settings (data), "gtk-application-prefer-dark-theme", g_variant_get_boolean (state),
                NULL);
}

static void
about_cb (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       data)
{
  gtk_show_about_dialog (data, "program-name", _("asyncjobs Viewer"), "logo-icon-name", "org.asyncjobs.Viewer",
                         "version", PACKAGE_VERSION, "comments", _("Run the jobs of a file and watch them"),
                         "license-type", GTK_LICENSE_LGPL_2_1, NULL);
}

static void
zoom_in_cb (ViewerWindow *self)
{
  JobsGtkGraph *graph = JOBS_GTK_GRAPH (self->graph);

  jobs_gtk_graph_set_zoom (graph, jobs_gtk_graph_get_zoom (graph) * 1.2);
}

static void
zoom_out_cb (ViewerWindow *self)
{
  JobsGtkGraph *graph = JOBS_GTK_GRAPH (self->graph);

  jobs_gtk_graph_set_zoom (graph, jobs_gtk_graph_get_zoom (graph) / 1.2);
}

static void
fit_cb (ViewerWindow *self)
{
  jobs_gtk_graph_fit (JOBS_GTK_GRAPH (self->graph));
}

static void
activated_cb (ViewerWindow *self,
              JobsLine     *line)
{
  gtk_widget_activate_action (self->monitor, "job.show-output", NULL);
}

/* The class */

static void
viewer_window_dispose (GObject *object)
{
  ViewerWindow *self = VIEWER_WINDOW (object);

  if (self->board != NULL)
    g_signal_handlers_disconnect_by_data (self->board, self);
  g_clear_object (&self->board);
  g_clear_object (&self->scenario);
  g_clear_object (&self->file);

  G_OBJECT_CLASS (viewer_window_parent_class)->dispose (object);
}

static void
viewer_window_class_init (ViewerWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viewer_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = viewer_window_close_request;

  g_type_ensure (JOBS_GTK_TYPE_MONITOR);
  g_type_ensure (JOBS_GTK_TYPE_GRAPH);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/asyncjobs/Viewer/window.ui");
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, title);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, verdict);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, verdict_text);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, problems_title);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, problems);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, monitor);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, graph);
  gtk_widget_class_bind_template_child (widget_class, ViewerWindow, graph_side);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, fit_cb);
  gtk_widget_class_bind_template_callback (widget_class, retried_cb);
  gtk_widget_class_bind_template_callback (widget_class, verdict_response_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_in_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_out_cb);
}

static void
viewer_window_init (ViewerWindow *self)
{
  static const GActionEntry entries[] = {
    { "open", open_cb },
    { "reload", reload_cb },
    { "run", run_cb },
    { "cancel", cancel_cb },
    { "about", about_cb },
    { "pause", NULL, NULL, "false", pause_cb },
    { "graph", NULL, NULL, "true", graph_cb },
    { "dark", NULL, NULL, "false", dark_cb },
  };
  GtkDropTarget *drop = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);
  g_autoptr (GPropertyAction) collapse = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  collapse = g_property_action_new ("collapse", self->graph, "collapsed");
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (collapse));
  viewer_attach_add (self);

  g_signal_connect_swapped (drop, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
  update (self);
}

ViewerWindow *
viewer_window_new (GtkApplication *application)
{
  return g_object_new (VIEWER_TYPE_WINDOW, "application", application, NULL);
}
