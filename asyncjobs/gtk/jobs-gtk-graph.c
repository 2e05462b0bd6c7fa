/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-gtk-artist.h"
#include "jobs-gtk-graph-private.h"
#include "jobs-gtk-look.h"
#include "jobs-gtk-paint.h"

/**
 * JobsGtkGraph:
 *
 * The graph of a run, drawn: its jobs, what each of them waits for, and how far it is. What
 * it shows is a [class@Jobs.Board], so the run may be one of this program or of another.
 *
 * Arrows lead from what is required to what requires it. A solid one stands for the end of
 * a job, a long dash for its success, dash and dot for its failure, a short dash for its
 * being ready, dots for a weak one. What goes on for ever has a dashed border, nested
 * engines are around what is in them. Colours and icons of states are those of
 * [class@Monitor] and change as the run goes on.
 *
 * The wheel moves the picture, and zooms with Ctrl; so do pinching, dragging, and the
 * keys `+`, `-`, `1` for its natural size and `0` for all of it. With
 * [property@Graph:follow] it goes along with what runs. A click selects a job, arrow keys
 * go from one to the next, Enter or a double click activates it.
 *
 * Where everything goes is found out by Graphviz, whose program `dot` has to be there.
 * The picture is made anew when jobs are added or removed, not when requirements alone are.
 * Beyond 2000 jobs there is a message instead of it; where most of them are in nested
 * engines, those can be drawn as one each: [property@Graph:collapsed].
 *
 * # CSS nodes
 *
 * Its node is `jobsgraph`.
 *
 * Since: 1.0
 */

/* Where names can be read well enough */
#define LEGIBLE 0.6

struct _JobsGtkGraph
{
  GtkWidget parent_instance;

  GtkWidget     *notice;
  GtkWidget     *notice_text;
  GtkWidget     *notice_button;

  JobsBoard     *board;
  JobsGtkArtist *artist;
  JobsGtkSight  *sight;
  double         zoom; /* as told */
  gboolean       follow;
  gboolean       collapsed;
  JobsLine      *selected;
};

enum
{
  PROP_0,
  PROP_BOARD,
  PROP_ZOOM,
  PROP_FOLLOW,
  PROP_COLLAPSED,
  PROP_SELECTED,
  N_PROPS
};

enum
{
  ACTIVATED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (JobsGtkGraph, jobs_gtk_graph, GTK_TYPE_WIDGET)

/* What runs is what the picture has to show */
static void
follow (JobsGtkGraph *self)
{
  JobsGtkPlan *plan = jobs_gtk_artist_get_plan (self->artist);
  graphene_rect_t front;

  if (plan == NULL || !jobs_gtk_plan_find_front (plan, &front))
    return;

  /* What is all there has not to be gone along with, if only it can be read */
  if (self->sight->is_fitted && self->sight->zoom >= LEGIBLE)
    return;

  if (self->sight->is_fitted)
    jobs_gtk_graph_set_zoom (self, LEGIBLE);
  jobs_gtk_sight_show (self->sight, &front);
}

static guint
find_selected (JobsGtkGraph *self)
{
  JobsGtkPlan *plan = jobs_gtk_artist_get_plan (self->artist);

  return plan != NULL && self->selected != NULL ? jobs_gtk_plan_find_line (plan, self->selected) : JOBS_GTK_PLAN_NONE;
}

/* For those who do not see it */
static void
describe (JobsGtkGraph *self)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (self);
  g_autofree char *label = NULL;
  g_autofree char *name = self->selected != NULL ? jobs_gtk_look_dup_name (self->selected) : NULL;
  g_autofree char *description = NULL;

  if (self->board != NULL)
    /* Translators: numbers of jobs */
    label = g_strdup_printf (_("Graph of the run: %u running, %u failed, %u finished"),
                             jobs_board_count (self->board, JOBS_STATE_RUNNING),
                             jobs_board_count (self->board, JOBS_STATE_FAILED),
                             jobs_board_count (self->board, JOBS_STATE_FINISHED));
  if (name != NULL)
    /* Translators: the name of the selected job, and its state */
    description = g_strdup_printf (_("%s: %s"), name,
                                   jobs_gtk_look_get_word (jobs_line_get_state (self->selected)));

  gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label != NULL ? label : _("Graph of the run"), -1);
  gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  description != NULL ? description : "", -1);
}

/* What it is told */

static void
drawn_cb (JobsGtkGraph *self)
{
  JobsGtkPlan *plan = jobs_gtk_artist_get_plan (self->artist);
  const char *obstacle = jobs_gtk_artist_get_obstacle (self->artist);

  gtk_widget_set_visible (self->notice, obstacle != NULL);
  gtk_label_set_text (GTK_LABEL (self->notice_text), obstacle != NULL ? obstacle : "");
  gtk_widget_set_visible (self->notice_button, jobs_gtk_artist_can_collapse (self->artist));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (plan == NULL)
    return;

  self->sight->size = plan->size;
  if (self->sight->is_fitted)
    jobs_gtk_sight_fit (self->sight);
  if (self->follow)
    follow (self);
}

static void
sight_changed_cb (JobsGtkGraph *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->zoom == self->sight->zoom)
    return;

  self->zoom = self->sight->zoom;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ZOOM]);
}

/* By hand: from now on it stays where it is put */
static void
sight_taken_cb (JobsGtkGraph *self)
{
  jobs_gtk_graph_set_follow (self, FALSE);
}

static void
changed_cb (JobsGtkGraph *self,
            GPtrArray    *lines)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || jobs_gtk_artist_get_plan (self->artist) == NULL)
    return;

  gtk_widget_queue_draw (GTK_WIDGET (self));
  describe (self);
  if (self->follow)
    follow (self);
}

static void
collapse_cb (JobsGtkGraph *self)
{
  jobs_gtk_graph_set_collapsed (self, TRUE);
}

/* The mouse, fingers and keys */

static guint
find_at (JobsGtkGraph *self,
         double        x,
         double        y)
{
  JobsGtkPlan *plan = jobs_gtk_artist_get_plan (self->artist);

  if (plan == NULL)
    return JOBS_GTK_PLAN_NONE;

  jobs_gtk_sight_look_up (self->sight, &x, &y);

  return jobs_gtk_plan_find (plan, x, y);
}

void
jobs_gtk_graph_activate (JobsGtkGraph *self)
{
  if (self->selected != NULL)
    g_signal_emit (self, signals[ACTIVATED], 0, self->selected);
}

static void
released_cb (JobsGtkGraph    *self,
             int              n_press,
             double           x,
             double           y,
             GtkGestureClick *click)
{
  JobsGtkPlan *plan = jobs_gtk_artist_get_plan (self->artist);
  guint number = find_at (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  jobs_gtk_graph_set_selected (self, number != JOBS_GTK_PLAN_NONE ? plan->nodes[number].line : NULL);
  if (n_press == 2)
    jobs_gtk_graph_activate (self);
}

void
jobs_gtk_graph_step (JobsGtkGraph *self,
                     int           dx,
                     int           dy)
{
  JobsGtkPlan *plan = jobs_gtk_artist_get_plan (self->artist);
  guint from = find_selected (self), to = 0;

  if (plan == NULL)
    return;

  if (from != JOBS_GTK_PLAN_NONE)
    to = jobs_gtk_plan_find_next (plan, from, dx, dy);
  if (to != JOBS_GTK_PLAN_NONE)
    jobs_gtk_graph_set_selected (self, plan->nodes[to].line);
}

/* The widget */

static void
jobs_gtk_graph_snapshot (GtkWidget   *widget,
                         GtkSnapshot *snapshot)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (widget);
  JobsGtkPlan *plan = jobs_gtk_artist_get_plan (self->artist);

  if (plan != NULL)
    jobs_gtk_paint (plan, self->sight, self->selected, snapshot);

  GTK_WIDGET_CLASS (jobs_gtk_graph_parent_class)->snapshot (widget, snapshot);
}

static void
jobs_gtk_graph_size_allocate (GtkWidget *widget,
                              int        width,
                              int        height,
                              int        baseline)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (widget);

  gtk_widget_size_allocate (self->notice, &(GtkAllocation) { 0, 0, width, height }, baseline);
  if (self->sight->is_fitted)
    jobs_gtk_sight_fit (self->sight);
}

static void
jobs_gtk_graph_measure (GtkWidget     *widget,
                        GtkOrientation orientation,
                        int            for_size,
                        int           *minimum,
                        int           *natural,
                        int           *minimum_baseline,
                        int           *natural_baseline)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (widget);

  gtk_widget_measure (self->notice, orientation, for_size, minimum, natural, NULL, NULL);
  *minimum = MAX (*minimum, 100);
  *natural = MAX (*natural, 400);
}

static gboolean
jobs_gtk_graph_query_tooltip (GtkWidget  *widget,
                              int         x,
                              int         y,
                              gboolean    keyboard,
                              GtkTooltip *tooltip)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (widget);
  guint number = keyboard ? find_selected (self) : find_at (self, x, y);
  g_autofree char *tip = NULL;

  if (number == JOBS_GTK_PLAN_NONE)
    return FALSE;
  tip = jobs_gtk_look_dup_tip (jobs_gtk_artist_get_plan (self->artist)->nodes[number].line);
  gtk_tooltip_set_text (tooltip, tip);

  return TRUE;
}

static void
jobs_gtk_graph_map (GtkWidget *widget)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (widget);

  GTK_WIDGET_CLASS (jobs_gtk_graph_parent_class)->map (widget);

  describe (self);
  if (self->follow)
    follow (self);
}

static void
jobs_gtk_graph_css_changed (GtkWidget         *widget,
                            GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (jobs_gtk_graph_parent_class)->css_changed (widget, change);

  jobs_gtk_look_dress (widget);
  gtk_widget_queue_draw (widget);
}

static void
jobs_gtk_graph_dispose (GObject *object)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (object);

  if (self->board != NULL)
    g_signal_handlers_disconnect_by_data (self->board, self);
  g_clear_object (&self->board);
  /* Somebody else may keep these, as Graphviz the artist while it is at work */
  if (self->artist != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->artist, self);
      jobs_gtk_artist_draw (self->artist, NULL, FALSE);
      g_signal_handlers_disconnect_by_data (self->sight, self);
      jobs_gtk_sight_stop (self->sight);
    }
  g_clear_object (&self->artist);
  g_clear_object (&self->sight);
  g_clear_object (&self->selected);
  g_clear_pointer (&self->notice, gtk_widget_unparent);

  G_OBJECT_CLASS (jobs_gtk_graph_parent_class)->dispose (object);
}

static void
jobs_gtk_graph_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (object);

  switch (prop_id)
    {
    case PROP_BOARD:
      g_value_set_object (value, self->board);
      break;
    case PROP_ZOOM:
      g_value_set_double (value, self->zoom);
      break;
    case PROP_FOLLOW:
      g_value_set_boolean (value, self->follow);
      break;
    case PROP_COLLAPSED:
      g_value_set_boolean (value, self->collapsed);
      break;
    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
jobs_gtk_graph_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  JobsGtkGraph *self = JOBS_GTK_GRAPH (object);

  switch (prop_id)
    {
    case PROP_BOARD:
      jobs_gtk_graph_set_board (self, g_value_get_object (value));
      break;
    case PROP_ZOOM:
      jobs_gtk_graph_set_zoom (self, g_value_get_double (value));
      break;
    case PROP_FOLLOW:
      jobs_gtk_graph_set_follow (self, g_value_get_boolean (value));
      break;
    case PROP_COLLAPSED:
      jobs_gtk_graph_set_collapsed (self, g_value_get_boolean (value));
      break;
    case PROP_SELECTED:
      jobs_gtk_graph_set_selected (self, g_value_get_object (value));
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
   * JobsGtkGraph:board: (getter get_board) (setter set_board)
   *
   * The run that is drawn; %NULL for none.
   *
   * Since: 1.0
   */
  props[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, JOBS_TYPE_BOARD, flags);

  /**
   * JobsGtkGraph:zoom: (getter get_zoom) (setter set_zoom)
   *
   * How big the picture is; 1.0 is its natural size.
   *
   * Since: 1.0
   */
  props[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, JOBS_GTK_ZOOM_MIN, JOBS_GTK_ZOOM_MAX, 1.0,
                                          flags);

  /**
   * JobsGtkGraph:follow: (getter get_follow) (setter set_follow)
   *
   * Whether the picture moves so that what runs is seen. Moving it by hand ends that.
   *
   * Since: 1.0
   */
  props[PROP_FOLLOW] = g_param_spec_boolean ("follow", NULL, NULL, FALSE, flags);

  /**
   * JobsGtkGraph:collapsed: (getter get_collapsed) (setter set_collapsed)
   *
   * Whether nested engines are drawn as one node each.
   *
   * Since: 1.0
   */
  props[PROP_COLLAPSED] = g_param_spec_boolean ("collapsed", NULL, NULL, FALSE, flags);

  /**
   * JobsGtkGraph:selected: (getter get_selected) (setter set_selected)
   *
   * The line of the job that is selected; %NULL where none is.
   *
   * Since: 1.0
   */
  props[PROP_SELECTED] = g_param_spec_object ("selected", NULL, NULL, JOBS_TYPE_LINE, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
jobs_gtk_graph_class_init (JobsGtkGraphClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = jobs_gtk_graph_dispose;
  object_class->get_property = jobs_gtk_graph_get_property;
  object_class->set_property = jobs_gtk_graph_set_property;
  widget_class->snapshot = jobs_gtk_graph_snapshot;
  widget_class->size_allocate = jobs_gtk_graph_size_allocate;
  widget_class->measure = jobs_gtk_graph_measure;
  widget_class->query_tooltip = jobs_gtk_graph_query_tooltip;
  widget_class->map = jobs_gtk_graph_map;
  widget_class->css_changed = jobs_gtk_graph_css_changed;

  jobs_gtk_look_prepare ();
  install_properties (object_class);

  /**
   * JobsGtkGraph::activated:
   * @self: the graph
   * @line: the line of a job
   *
   * The selected job was activated: by Enter, or by a double click.
   *
   * It is emitted in the thread of GTK, as all signals of widgets; handlers may set
   * another board.
   *
   * Since: 1.0
   */
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 1, JOBS_TYPE_LINE);

  gtk_widget_class_set_css_name (widget_class, "jobsgraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/asyncjobs/gtk/graph.ui");
  gtk_widget_class_bind_template_child (widget_class, JobsGtkGraph, notice);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkGraph, notice_text);
  gtk_widget_class_bind_template_child (widget_class, JobsGtkGraph, notice_button);
  gtk_widget_class_bind_template_callback (widget_class, collapse_cb);
  gtk_widget_class_bind_template_callback (widget_class, released_cb);
  jobs_gtk_graph_bind_keys (widget_class);
}

static void
jobs_gtk_graph_init (JobsGtkGraph *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->zoom = 1;
  gtk_widget_init_template (widget);
  self->artist = jobs_gtk_artist_new (widget);
  g_signal_connect_swapped (self->artist, "drawn", G_CALLBACK (drawn_cb), self);

  self->sight = jobs_gtk_sight_new (widget);
  g_signal_connect_swapped (self->sight, "changed", G_CALLBACK (sight_changed_cb), self);
  g_signal_connect_swapped (self->sight, "taken", G_CALLBACK (sight_taken_cb), self);

}

/**
 * jobs_gtk_graph_new:
 * @board: (nullable): the run to draw
 *
 * Makes a widget that draws a run.
 *
 * Returns: (transfer floating): the widget
 *
 * Since: 1.0
 */
GtkWidget *
jobs_gtk_graph_new (JobsBoard *board)
{
  g_return_val_if_fail (board == NULL || JOBS_IS_BOARD (board), NULL);

  return g_object_new (JOBS_GTK_TYPE_GRAPH, "board", board, NULL);
}

/**
 * jobs_gtk_graph_get_board:
 * @self: a graph
 *
 * The run that is drawn.
 *
 * Returns: (transfer none) (nullable): its board
 *
 * Since: 1.0
 */
JobsBoard *
jobs_gtk_graph_get_board (JobsGtkGraph *self)
{
  g_return_val_if_fail (JOBS_GTK_IS_GRAPH (self), NULL);

  return self->board;
}

/**
 * jobs_gtk_graph_set_board:
 * @self: a graph
 * @board: (nullable): the run to draw; %NULL draws none
 *
 * Sets which run is drawn. It may be one that goes on.
 *
 * Since: 1.0
 */
void
jobs_gtk_graph_set_board (JobsGtkGraph *self,
                          JobsBoard    *board)
{
  g_return_if_fail (JOBS_GTK_IS_GRAPH (self));
  g_return_if_fail (board == NULL || JOBS_IS_BOARD (board));

  if (self->board == board)
    return;

  if (self->board != NULL)
    g_signal_handlers_disconnect_by_data (self->board, self);
  g_set_object (&self->board, board);
  if (board != NULL)
    g_signal_connect_swapped (board, "changed", G_CALLBACK (changed_cb), self);

  jobs_gtk_graph_set_selected (self, NULL);
  self->sight->is_fitted = TRUE;
  jobs_gtk_artist_draw (self->artist, board, self->collapsed);
  describe (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BOARD]);
}

/**
 * jobs_gtk_graph_get_zoom:
 * @self: a graph
 *
 * How big the picture is.
 *
 * Returns: its size in relation to its natural one
 *
 * Since: 1.0
 */
double
jobs_gtk_graph_get_zoom (JobsGtkGraph *self)
{
  g_return_val_if_fail (JOBS_GTK_IS_GRAPH (self), 1);

  return self->zoom;
}

/**
 * jobs_gtk_graph_set_zoom:
 * @self: a graph
 * @zoom: its size in relation to its natural one
 *
 * Sets how big the picture is. What is in the middle stays there; what is too much or
 * too little becomes what is possible.
 *
 * Since: 1.0
 */
void
jobs_gtk_graph_set_zoom (JobsGtkGraph *self,
                         double        zoom)
{
  g_return_if_fail (JOBS_GTK_IS_GRAPH (self));
  g_return_if_fail (zoom > 0);

  jobs_gtk_sight_zoom_at (self->sight, zoom, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                          gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
}

/**
 * jobs_gtk_graph_fit:
 * @self: a graph
 *
 * Shows all of the picture, and goes on to do so when the widget gets another size.
 *
 * Since: 1.0
 */
void
jobs_gtk_graph_fit (JobsGtkGraph *self)
{
  g_return_if_fail (JOBS_GTK_IS_GRAPH (self));

  jobs_gtk_graph_set_follow (self, FALSE);
  jobs_gtk_sight_fit (self->sight);
}

/**
 * jobs_gtk_graph_get_follow:
 * @self: a graph
 *
 * Whether the picture goes along with what runs.
 *
 * Returns: whether it follows
 *
 * Since: 1.0
 */
gboolean
jobs_gtk_graph_get_follow (JobsGtkGraph *self)
{
  g_return_val_if_fail (JOBS_GTK_IS_GRAPH (self), FALSE);

  return self->follow;
}

/**
 * jobs_gtk_graph_set_follow:
 * @self: a graph
 * @follow_it: whether to follow
 *
 * Sets whether the picture goes along with what runs. Where that needs more room than
 * there is, its middle is shown.
 *
 * Since: 1.0
 */
void
jobs_gtk_graph_set_follow (JobsGtkGraph *self,
                           gboolean      follow_it)
{
  g_return_if_fail (JOBS_GTK_IS_GRAPH (self));

  follow_it = !!follow_it;
  if (self->follow == follow_it)
    return;

  self->follow = follow_it;
  if (follow_it)
    follow (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FOLLOW]);
}

/**
 * jobs_gtk_graph_get_collapsed:
 * @self: a graph
 *
 * Whether nested engines are drawn as one node each.
 *
 * Returns: whether they are
 *
 * Since: 1.0
 */
gboolean
jobs_gtk_graph_get_collapsed (JobsGtkGraph *self)
{
  g_return_val_if_fail (JOBS_GTK_IS_GRAPH (self), FALSE);

  return self->collapsed;
}

/**
 * jobs_gtk_graph_set_collapsed:
 * @self: a graph
 * @collapsed: whether to draw them so
 *
 * Sets whether nested engines are drawn as one node each, without what is in them.
 *
 * Since: 1.0
 */
void
jobs_gtk_graph_set_collapsed (JobsGtkGraph *self,
                              gboolean      collapsed)
{
  g_return_if_fail (JOBS_GTK_IS_GRAPH (self));

  collapsed = !!collapsed;
  if (self->collapsed == collapsed)
    return;

  self->collapsed = collapsed;
  jobs_gtk_artist_draw (self->artist, self->board, collapsed);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COLLAPSED]);
}

/**
 * jobs_gtk_graph_get_selected:
 * @self: a graph
 *
 * The job that is selected.
 *
 * Returns: (transfer none) (nullable): its line
 *
 * Since: 1.0
 */
JobsLine *
jobs_gtk_graph_get_selected (JobsGtkGraph *self)
{
  g_return_val_if_fail (JOBS_GTK_IS_GRAPH (self), NULL);

  return self->selected;
}

/**
 * jobs_gtk_graph_set_selected:
 * @self: a graph
 * @line: (nullable): the line of a job; %NULL selects none
 *
 * Selects a job, and moves the picture so that it is seen.
 *
 * Since: 1.0
 */
void
jobs_gtk_graph_set_selected (JobsGtkGraph *self,
                             JobsLine     *line)
{
  JobsGtkPlan *plan;
  guint number;

  g_return_if_fail (JOBS_GTK_IS_GRAPH (self));
  g_return_if_fail (line == NULL || JOBS_IS_LINE (line));

  if (!g_set_object (&self->selected, line))
    return;

  plan = jobs_gtk_artist_get_plan (self->artist);
  number = find_selected (self);
  /* All that is fitted is seen already; what follows goes elsewhere */
  if (number != JOBS_GTK_PLAN_NONE && !self->follow && !self->sight->is_fitted)
    jobs_gtk_sight_show (self->sight, &plan->nodes[number].area);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTED]);
}
