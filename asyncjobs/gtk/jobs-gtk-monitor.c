/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "../monitors/jobs-visible.h"

#include "jobs-gtk-list.h"
#include "jobs-gtk-look.h"
#include "jobs-gtk-monitor.h"
#include "jobs-gtk-output.h"
#include "jobs-gtk-rows.h"

/**
 * JobsGtkMonitor:
 *
 * A run as a list of its jobs, one row for each: its state, how much of it is done, how
 * long it takes and what it says.
 *
 * What it shows is a [class@Jobs.Board], so the run may be one of this program or of
 * another. Nested engines are branches of a tree. A click on a header sorts the rows, its
 * menu has them in the order of the engine again; they are filtered by a text in their
 * path and by their state. An engine is shown where one of its jobs is.
 *
 * A menu, on the right button, the menu key or Shift-F10, cancels a job or tries it again,
 * copies its path, and shows what it has written; so does Enter, or a double click.
 *
 * Only what is on the screen costs time: a run of a million jobs opens and scrolls. While
 * it is sorted, or filtered by states, it looks at all of them once a second at most.
 *
 * The widget keeps no engine alive, and can be given another board, or none, at any time.
 * It is used in the thread of GTK, which has to be that of the board.
 *
 * # CSS nodes
 *
 * Its node is `jobsmonitor`. What has the colour of a state has a class such as
 * `.jobs-failed`.
 *
 * Since: 1.0
 */

struct _JobsGtkMonitor
{
  GtkWidget parent_instance;

  GtkWidget *paned;
  GtkWidget *search;
  GtkWidget *show_all;
  GtkWidget *show_running;
  GtkWidget *show_failed;
  GtkWidget *trouble;
  GtkWidget *trouble_text;
  GtkWidget *stack;
  GtkWidget *nothing;
  GtkWidget *view;
  GtkWidget *output;
  GtkWidget *menu;

  GMenuModel *header_menu; /* of the template */

  JobsBoard          *board;
  JobsGtkRows        *rows;
  JobsGtkList        *list;
  GtkSingleSelection *selection;
  JobsLine           *selected; /* a row does not keep its line */
  JobsState           selected_state; /* as the actions are enabled for */
};

enum
{
  PROP_0,
  PROP_BOARD,
  PROP_SELECTED,
  N_PROPS
};

enum
{
  RETRIED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (JobsGtkMonitor, jobs_gtk_monitor, GTK_TYPE_WIDGET)

/* What is shown */

static void
update_stack (JobsGtkMonitor *self)
{
  guint n = g_list_model_get_n_items (jobs_gtk_list_get_model (self->list));
  guint all = self->board != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->board)) : 0;

  gtk_label_set_text (GTK_LABEL (self->nothing), all > 0 ? _("No job matches") : _("No jobs"));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), n > 0 ? "lines" : "nothing");
}

static guint
count (JobsGtkMonitor *self,
       JobsState       first,
       JobsState       last)
{
  guint n = 0;

  for (JobsState state = first; self->board != NULL && state <= last; state++)
    n += jobs_board_count (self->board, state);

  return n;
}

static void
set_counted (GtkWidget  *button,
             const char *label,
             guint       n)
{
  GtkInscription *words = GTK_INSCRIPTION (gtk_button_get_child (GTK_BUTTON (button)));
  g_autofree char *text = n > 0 ? g_strdup_printf ("%s  %u", label, n) : g_strdup (label);

  /* With as many digits, nothing is laid out anew */
  gtk_inscription_set_min_chars (words, g_utf8_strlen (text, -1));
  if (g_strcmp0 (gtk_inscription_get_text (words), text) == 0)
    return;

  gtk_inscription_set_text (words, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
update_counts (JobsGtkMonitor *self)
{
  /* Translators: shows all jobs; their number follows */
  set_counted (self->show_all, _("All"), count (self, JOBS_STATE_IDLE, JOBS_STATE_SKIPPED));
  /* Translators: shows only jobs that run; their number follows */
  set_counted (self->show_running, _("Running"), count (self, JOBS_STATE_RUNNING, JOBS_STATE_CANCELLING));
  /* Translators: shows only jobs that failed; their number follows */
  set_counted (self->show_failed, _("Failed"), count (self, JOBS_STATE_FAILED, JOBS_STATE_TIMED_OUT));
}

/* What can be done with the selected one */
static void
update_actions (JobsGtkMonitor *self)
{
  JobsLine *line = self->selected;
  GtkWidget *widget = GTK_WIDGET (self);
  JobsState state = line != NULL ? jobs_line_get_state (line) : JOBS_STATE_IDLE;

  self->selected_state = state;
  gtk_widget_action_set_enabled (widget, "job.cancel",
                                 line != NULL && !jobs_state_is_terminal (state) &&
                                   state != JOBS_STATE_CANCELLING);
  gtk_widget_action_set_enabled (widget, "job.retry",
                                 line != NULL && jobs_state_is_terminal (state) &&
                                   state != JOBS_STATE_FINISHED);
  gtk_widget_action_set_enabled (widget, "job.show-output", line != NULL);
  gtk_widget_action_set_enabled (widget, "job.copy-path", line != NULL);
}

/* Filtering */

static void
search_changed_cb (JobsGtkMonitor *self)
{
  jobs_gtk_list_set_text (self->list, gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

static void
stop_search_cb (JobsGtkMonitor *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (self->view);
}

static void
show_toggled_cb (JobsGtkMonitor *self)
{
  JobsGtkShow show = JOBS_GTK_SHOW_ALL;

  if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->show_running)))
    show = JOBS_GTK_SHOW_RUNNING;
  else if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->show_failed)))
    show = JOBS_GTK_SHOW_FAILED;

  jobs_gtk_list_set_show (self->list, show);
}

/* What the board tells */

static void
changed_cb (JobsGtkMonitor *self,
            GPtrArray      *lines)
{
  /* What nobody sees is brought up to date when it is seen again */
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  jobs_gtk_rows_update (self->rows, lines);
  if (self->selected != NULL && jobs_line_get_state (self->selected) != self->selected_state)
    update_actions (self);
  if (!jobs_state_is_active (jobs_board_get_state (self->board)))
    update_counts (self);
}

/* What is shown as time that passes is whole seconds, and numbers that flicker say nothing */
static void
tick_cb (JobsGtkMonitor *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  update_counts (self);
  jobs_gtk_rows_tick (self->rows);
  jobs_gtk_list_look_again (self->list);
}

static void
trouble_cb (JobsGtkMonitor *self,
            const char     *message)
{
  g_autoptr (GString) text = g_string_new (NULL);

  jobs_visible_append (text, message, -1);
  gtk_label_set_text (GTK_LABEL (self->trouble_text), text->str);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->trouble), TRUE);
}

static void
trouble_response_cb (JobsGtkMonitor *self)
{
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->trouble), FALSE);
}

/* What is done with a job */

static void
cancel_cb (GtkWidget  *widget,
           const char *action_name,
           GVariant   *parameter)
{
  JobsGtkMonitor *self = JOBS_GTK_MONITOR (widget);

  jobs_board_cancel_line (self->board, self->selected);
}

static void
retry_cb (GtkWidget  *widget,
          const char *action_name,
          GVariant   *parameter)
{
  JobsGtkMonitor *self = JOBS_GTK_MONITOR (widget);
  g_autoptr (JobsLine) line = g_object_ref (self->selected);

  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->trouble), FALSE);
  jobs_board_retry_line (self->board, line);
  g_signal_emit (self, signals[RETRIED], 0, line);
}

static void
show_output_cb (GtkWidget  *widget,
                const char *action_name,
                GVariant   *parameter)
{
  JobsGtkMonitor *self = JOBS_GTK_MONITOR (widget);

  jobs_gtk_output_show (JOBS_GTK_OUTPUT (self->output), self->board, self->selected);
}

static void
copy_path_cb (GtkWidget  *widget,
              const char *action_name,
              GVariant   *parameter)
{
  JobsLine *line = JOBS_GTK_MONITOR (widget)->selected;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), jobs_line_get_path (line));
}

/* A header that is clicked on sorts for good */
static void
unsort_cb (GtkWidget  *widget,
           const char *action_name,
           GVariant   *parameter)
{
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (JOBS_GTK_MONITOR (widget)->view), NULL, GTK_SORT_ASCENDING);
}

static void
activate_cb (JobsGtkMonitor *self,
             guint           position)
{
  gtk_single_selection_set_selected (self->selection, position);
  gtk_widget_activate_action (GTK_WIDGET (self), "job.show-output", NULL);
}

static void
pop_up (JobsGtkMonitor     *self,
        const GdkRectangle *place)
{
  update_actions (self);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), place);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
pressed_cb (JobsGtkMonitor  *self,
            int              n_press,
            double           x,
            double           y,
            GtkGestureClick *gesture)
{
  GtkWidget *picked = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  GtkListItem *item;

  if (picked == NULL || gtk_widget_get_ancestor (picked, GTK_TYPE_COLUMN_VIEW) == NULL)
    return;
  item = jobs_gtk_rows_find_item (picked);
  if (item == NULL)
    return;

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_single_selection_set_selected (self->selection, gtk_list_item_get_position (item));
  pop_up (self, &(GdkRectangle) { (int) x, (int) y, 1, 1 });
}

/* Of the row that has the focus, which a key may have moved without selecting it */
static gboolean
menu_key_cb (GtkWidget *widget,
             GVariant  *arguments,
             gpointer   data)
{
  JobsGtkMonitor *self = JOBS_GTK_MONITOR (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkListItem *item;
  JobsLine *line;
  GtkWidget *cell;
  graphene_rect_t bounds;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, self->view))
    return FALSE;

  item = jobs_gtk_rows_find_item (focus);
  if (item != NULL)
    gtk_single_selection_set_selected (self->selection, gtk_list_item_get_position (item));
  line = self->selected;
  cell = line != NULL ? jobs_gtk_rows_peek_widget (self->rows, line) : NULL;
  if (cell == NULL || !gtk_widget_compute_bounds (cell, widget, &bounds))
    return FALSE;

  pop_up (self, &(GdkRectangle) { (int) bounds.origin.x + 16, (int) bounds.origin.y, 1,
                                  (int) bounds.size.height });

  return TRUE;
}

/* Letters filter. The entry would take any key by itself, the one of our menu too */
static gboolean
key_pressed_cb (JobsGtkMonitor        *self,
                guint                  key,
                guint                  code,
                GdkModifierType        state,
                GtkEventControllerKey *controller)
{
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (self->search));

  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0 ||
      !g_unichar_isgraph (gdk_keyval_to_unicode (key)) ||
      !gtk_event_controller_key_forward (controller, GTK_WIDGET (text)))
    return FALSE;

  gtk_text_grab_focus_without_selecting (GTK_TEXT (text));

  return TRUE;
}

static gboolean
search_key_cb (GtkWidget *widget,
               GVariant  *arguments,
               gpointer   data)
{
  return gtk_widget_grab_focus (JOBS_GTK_MONITOR (widget)->search);
}

static void
selected_cb (JobsGtkMonitor *self)
{
  JobsGtkOutput *output = JOBS_GTK_OUTPUT (self->output);
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);

  g_clear_object (&self->selected);
  if (row != NULL)
    self->selected = gtk_tree_list_row_get_item (row);
  update_actions (self);
  /* An open pane shows the one that is looked at */
  if (self->selected != NULL && jobs_gtk_output_get_line (output) != NULL)
    jobs_gtk_output_show (output, self->board, self->selected);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
}

/* The widget */

/* Who comes by Tab comes to the list: with the focus, an entry has its cursor blink, which
 * draws sixty times a second */
static gboolean
jobs_gtk_monitor_focus (GtkWidget       *widget,
                        GtkDirectionType direction)
{
  GtkWidget *view = JOBS_GTK_MONITOR (widget)->view;

  if (direction == GTK_DIR_TAB_FORWARD && gtk_widget_get_focus_child (widget) == NULL &&
      gtk_widget_child_focus (view, direction))
    return TRUE;

  return GTK_WIDGET_CLASS (jobs_gtk_monitor_parent_class)->focus (widget, direction);
}

static void
jobs_gtk_monitor_map (GtkWidget *widget)
{
  JobsGtkMonitor *self = JOBS_GTK_MONITOR (widget);

  GTK_WIDGET_CLASS (jobs_gtk_monitor_parent_class)->map (widget);

  jobs_gtk_rows_update (self->rows, NULL);
  jobs_gtk_list_look_again (self->list);
  update_counts (self);
}

static void
jobs_gtk_monitor_css_changed (GtkWidget         *widget,
                              GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (jobs_gtk_monitor_parent_class)->css_changed (widget, change);

  jobs_gtk_look_dress (widget);
}

static void
jobs_gtk_monitor_dispose (GObject *object)
{
  JobsGtkMonitor *self = JOBS_GTK_MONITOR (object);
  GtkWidget *child;

  if (self->selection != NULL)
    {
      jobs_gtk_monitor_set_board (self, NULL);
      g_signal_handlers_disconnect_by_data (self->selection, self);
      g_signal_handlers_disconnect_by_data (jobs_gtk_list_get_model (self->list), self);
    }
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  g_clear_object (&self->rows);
  g_clear_object (&self->list);
  g_clear_object (&self->selection);
  g_clear_object (&self->selected);

  G_OBJECT_CLASS (jobs_gtk_monitor_parent_class)->dispose (object);
}

static void
jobs_gtk_monitor_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  JobsGtkMonitor *self = JOBS_GTK_MONITOR (object);

  switch (prop_id)
    {
    case PROP_BOARD:
      g_value_set_object (value, self->board);
      break;
    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_gtk_monitor_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  JobsGtkMonitor *self = JOBS_GTK_MONITOR (object);

  switch (prop_id)
    {
    case PROP_BOARD:
      jobs_gtk_monitor_set_board (self, g_value_get_object (value));
      break;
    case PROP_SELECTED:
      jobs_gtk_monitor_set_selected (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * JobsGtkMonitor:board: (getter get_board) (setter set_board)
   *
   * The run that is shown; %NULL for none.
   *
   * Since: 1.0
   */
  props[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, JOBS_TYPE_BOARD, flags);

  /**
   * JobsGtkMonitor:selected: (getter get_selected) (setter set_selected)
   *
   * The line of the job that is selected; %NULL where none is.
   *
   * Since: 1.0
   */
  props[PROP_SELECTED] = g_param_spec_object ("selected", NULL, NULL, JOBS_TYPE_LINE, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (JOBS_GTK_TYPE_OUTPUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/asyncjobs/gtk/monitor.ui");
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, paned);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, search);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, show_all);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, show_running);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, show_failed);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, trouble);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, trouble_text);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, stack);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, nothing);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, view);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, output);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, menu);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkMonitor, header_menu);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, trouble_response_cb);
}

static void
jobs_gtk_monitor_class_init (JobsGtkMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = jobs_gtk_monitor_dispose;
  object_class->get_property = jobs_gtk_monitor_get_property;
  object_class->set_property = jobs_gtk_monitor_set_property;
  widget_class->focus = jobs_gtk_monitor_focus;
  widget_class->map = jobs_gtk_monitor_map;
  widget_class->css_changed = jobs_gtk_monitor_css_changed;

  jobs_gtk_look_prepare ();
  install_properties (object_class);

  /**
   * JobsGtkMonitor::retried:
   * @self: the monitor
   * @line: the line of a job
   *
   * The user has asked that a job be tried again, and so was the board. Where the run has
   * ended, whoever began it may begin it once more: see [method@Jobs.Engine.retry].
   *
   * Since: 1.0
   */
  signals[RETRIED] = g_signal_new ("retried", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, JOBS_TYPE_LINE);

  gtk_widget_class_set_css_name (widget_class, "jobsmonitor");
  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "job.cancel", NULL, cancel_cb);
  gtk_widget_class_install_action (widget_class, "job.retry", NULL, retry_cb);
  gtk_widget_class_install_action (widget_class, "job.show-output", NULL, show_output_cb);
  gtk_widget_class_install_action (widget_class, "job.copy-path", NULL, copy_path_cb);
  gtk_widget_class_install_action (widget_class, "jobs.unsort", NULL, unsort_cb);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, menu_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, menu_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, search_key_cb, NULL);
}

static void
jobs_gtk_monitor_init (JobsGtkMonitor *self)
{
  GtkColumnView *view;

  gtk_widget_init_template (GTK_WIDGET (self));
  view = GTK_COLUMN_VIEW (self->view);
  self->rows = jobs_gtk_rows_new (view, self->header_menu);
  self->list = jobs_gtk_list_new (gtk_column_view_get_sorter (view));
  self->selection = gtk_single_selection_new (g_object_ref (jobs_gtk_list_get_model (self->list)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (view, GTK_SELECTION_MODEL (self->selection));

  g_signal_connect_object (jobs_gtk_list_get_model (self->list), "items-changed", G_CALLBACK (update_stack), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self);
  update_stack (self);
  update_actions (self);
}

/**
 * jobs_gtk_monitor_new:
 * @board: (nullable): the run to show
 *
 * Makes a widget that shows a run.
 *
 * Returns: (transfer floating): the widget
 *
 * Since: 1.0
 */
GtkWidget *
jobs_gtk_monitor_new (JobsBoard *board)
{
  g_return_val_if_fail (board == NULL || JOBS_IS_BOARD (board), NULL);

  return g_object_new (JOBS_GTK_TYPE_MONITOR, "board", board, NULL);
}

/**
 * jobs_gtk_monitor_get_board:
 * @self: a monitor
 *
 * The run that is shown.
 *
 * Returns: (transfer none) (nullable): its board
 *
 * Since: 1.0
 */
JobsBoard *
jobs_gtk_monitor_get_board (JobsGtkMonitor *self)
{
  g_return_val_if_fail (JOBS_GTK_IS_MONITOR (self), NULL);

  return self->board;
}

/**
 * jobs_gtk_monitor_set_board:
 * @self: a monitor
 * @board: (nullable): the run to show; %NULL shows none
 *
 * Sets which run is shown. It may be one that goes on.
 *
 * Since: 1.0
 */
void
jobs_gtk_monitor_set_board (JobsGtkMonitor *self,
                            JobsBoard      *board)
{
  g_return_if_fail (JOBS_GTK_IS_MONITOR (self));
  g_return_if_fail (board == NULL || JOBS_IS_BOARD (board));

  if (self->board == board)
    return;

  jobs_gtk_output_show (JOBS_GTK_OUTPUT (self->output), NULL, NULL);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (self->trouble), FALSE);
  if (self->board != NULL)
    g_signal_handlers_disconnect_by_data (self->board, self);

  g_set_object (&self->board, board);
  if (board != NULL)
    {
      g_signal_connect_swapped (board, "changed", G_CALLBACK (changed_cb), self);
      g_signal_connect_swapped (board, "notify::elapsed", G_CALLBACK (tick_cb), self);
      g_signal_connect_swapped (board, "notify::state", G_CALLBACK (tick_cb), self);
      g_signal_connect_swapped (board, "trouble", G_CALLBACK (trouble_cb), self);
    }
  jobs_gtk_list_set_board (self->list, board);
  update_stack (self);
  update_counts (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BOARD]);
}

/**
 * jobs_gtk_monitor_get_selected:
 * @self: a monitor
 *
 * The job that is selected.
 *
 * Returns: (transfer none) (nullable): its line
 *
 * Since: 1.0
 */
JobsLine *
jobs_gtk_monitor_get_selected (JobsGtkMonitor *self)
{
  g_return_val_if_fail (JOBS_GTK_IS_MONITOR (self), NULL);

  return self->selected;
}

static void
scroll_to (JobsGtkMonitor *self,
           guint           position)
{
  /* A column view has no such function before GTK 4.12, but its list has an action */
  for (GtkWidget *child = gtk_widget_get_first_child (self->view); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_LIST_VIEW (child))
      gtk_widget_activate_action (child, "list.scroll-to-item", "u", position);
}

/**
 * jobs_gtk_monitor_set_selected:
 * @self: a monitor
 * @line: (nullable): the line of a job; %NULL selects none
 *
 * Selects a job and scrolls to it. The engines that it is in are opened. One that the
 * filter hides, or that is in no engine of the board, cannot be selected: then none is.
 *
 * Since: 1.0
 */
void
jobs_gtk_monitor_set_selected (JobsGtkMonitor *self,
                               JobsLine       *line)
{
  guint place;

  g_return_if_fail (JOBS_GTK_IS_MONITOR (self));
  g_return_if_fail (line == NULL || JOBS_IS_LINE (line));

  if (line == self->selected)
    return;

  place = line != NULL ? jobs_gtk_list_find (self->list, line) : GTK_INVALID_LIST_POSITION;
  gtk_single_selection_set_selected (self->selection, place);
  if (place != GTK_INVALID_LIST_POSITION)
    scroll_to (self, place);
}
