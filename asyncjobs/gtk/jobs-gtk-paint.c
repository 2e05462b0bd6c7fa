/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>

#include "jobs-gtk-look.h"
#include "jobs-gtk-paint.h"

#define RADIUS     7.0
/* Smaller letters than that are dust */
#define TEXT_ZOOM  0.35
#define ARROW_SIZE 4.0

typedef struct
{
  JobsGtkPlan    *plan;
  JobsGtkSight   *sight;
  JobsLine       *selected;
  cairo_t        *cr;
  PangoLayout    *layout;
  graphene_rect_t seen; /* of the plan */
  gboolean        dark;
  GdkRGBA         text;
} Painter;

static void
set_color (Painter       *painter,
           const GdkRGBA *color,
           double         alpha)
{
  cairo_set_source_rgba (painter->cr, color->red, color->green, color->blue, alpha);
}

static void
add_rounded (cairo_t               *cr,
             const graphene_rect_t *area,
             double                 radius)
{
  double x = area->origin.x, y = area->origin.y;
  double right = x + area->size.width, bottom = y + area->size.height;

  cairo_new_sub_path (cr);
  cairo_arc (cr, right - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, right - radius, bottom - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, bottom - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static gboolean
is_seen (Painter               *painter,
         const graphene_rect_t *area)
{
  return graphene_rect_intersection (area, &painter->seen, NULL);
}

/* Edges */

static void
set_dashes (Painter      *painter,
            JobsCondition condition)
{
  static const struct
  {
    double dashes[4];
    int    n;
  } styles[] = {
    [JOBS_CONDITION_DONE] = { { 0 }, 0 },
    [JOBS_CONDITION_SUCCESS] = { { 9, 3 }, 2 },
    [JOBS_CONDITION_FAILURE] = { { 8, 3, 2, 3 }, 4 },
    [JOBS_CONDITION_READY] = { { 4, 4 }, 2 },
    [JOBS_CONDITION_AFTER] = { { 1.5, 3 }, 2 },
  };

  cairo_set_dash (painter->cr, styles[condition].dashes, styles[condition].n, 0);
}

/* What waits for a failure leads where nobody wants to go */
static void
set_edge_color (Painter           *painter,
                const JobsGtkEdge *edge)
{
  GdkRGBA color = painter->text;
  JobsState from = jobs_line_get_state (painter->plan->nodes[edge->from].line);
  double alpha = jobs_state_is_terminal (from) ? 0.35 : 0.6;

  if (edge->condition == JOBS_CONDITION_FAILURE)
    jobs_gtk_look_get_color (JOBS_STATE_FAILED, painter->dark, &color);
  set_color (painter, &color, alpha);
}

static void
paint_arrow (Painter           *painter,
             const JobsGtkEdge *edge)
{
  const graphene_point_t *last = &edge->points[edge->n_points - 1];
  double dx = edge->tip.x - last->x, dy = edge->tip.y - last->y;
  double length = hypot (dx, dy);

  if (!edge->has_tip || length <= 0)
    return;

  dx *= ARROW_SIZE / length;
  dy *= ARROW_SIZE / length;
  cairo_move_to (painter->cr, edge->tip.x, edge->tip.y);
  cairo_line_to (painter->cr, last->x - dy, last->y + dx);
  cairo_line_to (painter->cr, last->x + dy, last->y - dx);
  cairo_close_path (painter->cr);
  cairo_fill (painter->cr);
}

static void
paint_edge (Painter           *painter,
            const JobsGtkEdge *edge)
{
  cairo_t *cr = painter->cr;
  const graphene_point_t *p = edge->points;
  graphene_rect_t area;

  if (edge->n_points < 4)
    return;
  graphene_rect_init (&area, p[0].x, p[0].y, 0, 0);
  for (guint i = 1; i < edge->n_points; i++)
    graphene_rect_expand (&area, &p[i], &area);
  graphene_rect_inset (&area, -ARROW_SIZE, -ARROW_SIZE);
  if (!is_seen (painter, &area))
    return;

  set_edge_color (painter, edge);
  cairo_set_line_width (cr, 1.3);
  set_dashes (painter, edge->condition);
  cairo_move_to (cr, p[0].x, p[0].y);
  for (guint i = 1; i + 2 < edge->n_points; i += 3)
    cairo_curve_to (cr, p[i].x, p[i].y, p[i + 1].x, p[i + 1].y, p[i + 2].x, p[i + 2].y);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  paint_arrow (painter, edge);
}

/* Nodes */

static void
paint_name (Painter           *painter,
            const JobsGtkNode *node,
            double             y)
{
  double x = node->area.origin.x + JOBS_GTK_PLAN_ICON + 1.75 * JOBS_GTK_PLAN_PADDING;
  int height;

  if (painter->sight->zoom < TEXT_ZOOM)
    return;

  pango_layout_set_text (painter->layout, node->name, -1);
  pango_layout_set_width (painter->layout,
                          (int) ((node->area.origin.x + node->area.size.width - x - 4) * PANGO_SCALE));
  pango_layout_get_pixel_size (painter->layout, NULL, &height);
  set_color (painter, &painter->text, 1);
  cairo_move_to (painter->cr, x, y - height / 2.0);
  pango_cairo_show_layout (painter->cr, painter->layout);
}

static void
paint_border (Painter           *painter,
              const JobsGtkNode *node,
              const GdkRGBA     *color)
{
  cairo_t *cr = painter->cr;
  gboolean active = jobs_state_is_active (jobs_line_get_state (node->line));

  if (jobs_line_get_forever (node->line))
    cairo_set_dash (cr, (const double[]) { 5, 3 }, 2, 0);
  set_color (painter, color, node->is_cluster ? 0.6 : 1);
  cairo_set_line_width (cr, active ? 2 : 1.2);
  add_rounded (cr, &node->area, RADIUS);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);

  if (node->line == painter->selected)
    {
      graphene_rect_t around = node->area;

      graphene_rect_inset (&around, -3.5f, -3.5f);
      set_color (painter, color, 0.55);
      cairo_set_line_width (cr, 3);
      add_rounded (cr, &around, RADIUS + 3);
      cairo_stroke (cr);
    }
}

static void
paint_node (Painter           *painter,
            const JobsGtkNode *node)
{
  JobsState state = jobs_line_get_state (node->line);
  double fill = node->is_cluster ? 0.05 : jobs_state_is_active (state) ? 0.3 : 0.14;
  double progress = jobs_line_get_progress (node->line);
  GdkRGBA color;

  if (!is_seen (painter, &node->area))
    return;

  jobs_gtk_look_get_color (state, painter->dark, &color);
  add_rounded (painter->cr, &node->area, RADIUS);
  set_color (painter, &color, fill);
  cairo_fill_preserve (painter->cr);
  cairo_save (painter->cr);
  cairo_clip (painter->cr);
  if (!node->is_cluster && progress > 0 && !jobs_state_is_terminal (state))
    {
      cairo_rectangle (painter->cr, node->area.origin.x, node->area.origin.y + node->area.size.height - 4,
                       node->area.size.width * progress, 4);
      set_color (painter, &color, 0.8);
      cairo_fill (painter->cr);
    }
  cairo_restore (painter->cr);

  paint_border (painter, node, &color);
  paint_name (painter, node,
              node->area.origin.y + (node->is_cluster ? JOBS_GTK_PLAN_PADDING + 6 : node->area.size.height / 2));
}

/* GTK colours symbolic icons, cairo would not */
static void
paint_icon (Painter           *painter,
            const JobsGtkNode *node,
            GtkSnapshot       *snapshot)
{
  GtkWidget *widget = painter->sight->widget;
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (widget));
  JobsState state = jobs_line_get_state (node->line);
  g_autoptr (GtkIconPaintable) icon = NULL;
  graphene_point_t place = node->area.origin;
  GdkRGBA colors[4];

  if (!is_seen (painter, &node->area))
    return;

  icon = gtk_icon_theme_lookup_icon (theme, jobs_gtk_look_get_icon (state), NULL, JOBS_GTK_PLAN_ICON,
                                     MAX ((int) ceil (painter->sight->zoom), 1) *
                                       gtk_widget_get_scale_factor (widget),
                                     GTK_TEXT_DIR_NONE, 0);
  for (guint i = 0; i < G_N_ELEMENTS (colors); i++)
    jobs_gtk_look_get_color (state, painter->dark, &colors[i]);
  place.x += JOBS_GTK_PLAN_PADDING;
  place.y += node->is_cluster ? JOBS_GTK_PLAN_PADDING - 2 : (node->area.size.height - JOBS_GTK_PLAN_ICON) / 2;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &place);
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, JOBS_GTK_PLAN_ICON,
                                            JOBS_GTK_PLAN_ICON, colors, G_N_ELEMENTS (colors));
  gtk_snapshot_restore (snapshot);
}

static void
paint_all (Painter     *painter,
           GtkSnapshot *snapshot)
{
  JobsGtkPlan *plan = painter->plan;
  JobsGtkSight *sight = painter->sight;

  /* Clusters, then arrows, then what they lead to */
  for (guint i = 0; i < plan->n_nodes; i++)
    if (plan->nodes[i].is_cluster)
      paint_node (painter, &plan->nodes[i]);
  for (guint i = 0; i < plan->edges->len; i++)
    paint_edge (painter, &g_array_index (plan->edges, JobsGtkEdge, i));
  for (guint i = 0; i < plan->n_nodes; i++)
    if (!plan->nodes[i].is_cluster)
      paint_node (painter, &plan->nodes[i]);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) sight->x, (float) sight->y));
  gtk_snapshot_scale (snapshot, (float) sight->zoom, (float) sight->zoom);
  for (guint i = 0; i < plan->n_nodes && sight->zoom >= TEXT_ZOOM; i++)
    paint_icon (painter, &plan->nodes[i], snapshot);
  gtk_snapshot_restore (snapshot);
}

void
jobs_gtk_paint (JobsGtkPlan  *plan,
                JobsGtkSight *sight,
                JobsLine     *selected,
                GtkSnapshot  *snapshot)
{
  GtkWidget *widget = sight->widget;
  float width = (float) gtk_widget_get_width (widget), height = (float) gtk_widget_get_height (widget);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  Painter painter = { plan, sight, selected };

  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  painter.layout = layout;
  painter.dark = jobs_gtk_look_is_dark (widget);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &painter.text);
  /* What is around nodes, as the mark of a selected one, belongs to them */
  graphene_rect_init (&painter.seen, (float) (-sight->x / sight->zoom) - 8, (float) (-sight->y / sight->zoom) - 8,
                      width / (float) sight->zoom + 16, height / (float) sight->zoom + 16);

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  painter.cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  cairo_translate (painter.cr, sight->x, sight->y);
  cairo_scale (painter.cr, sight->zoom, sight->zoom);
  paint_all (&painter, snapshot);
  cairo_destroy (painter.cr);
  gtk_snapshot_pop (snapshot);
}
