/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "jobs-gtk-look.h"
#include "jobs-gtk-plan.h"

/* Graphviz counts in points, of which an inch has this many; a pixel is one here */
#define POINTS       72.0
/* That of an arrow of the size that we ask for, pixels */
#define ARROW_LENGTH 7.0f

guint
jobs_gtk_plan_count (GListModel *lines,
                     gboolean    collapsed,
                     guint       max)
{
  guint n = g_list_model_get_n_items (lines), total = n;

  if (collapsed || n >= max)
    return MIN (n, max);

  for (guint i = 0; i < n && total < max; i++)
    {
      g_autoptr (JobsLine) line = g_list_model_get_item (lines, i);

      /* It is about to tell that it has become shorter */
      if (line == NULL)
        break;
      if (jobs_line_get_children (line) != NULL)
        total += jobs_gtk_plan_count (jobs_line_get_children (line), FALSE, max - total);
    }

  return MIN (total, max);
}

/* Nodes */

typedef struct
{
  gboolean     collapsed;
  PangoLayout *layout;
  GArray      *nodes;
} Builder;

static void
add_node (Builder  *builder,
          JobsLine *line,
          guint     parent)
{
  JobsGtkNode node = { .line = g_object_ref (line), .parent = parent };
  GListModel *children = jobs_line_get_children (line);
  int width;

  node.name = jobs_gtk_look_dup_name (line);
  node.is_cluster = children != NULL && !builder->collapsed && g_list_model_get_n_items (children) > 0;
  node.head = node.tail = builder->nodes->len;
  pango_layout_set_text (builder->layout, node.name, -1);
  pango_layout_get_pixel_size (builder->layout, &width, NULL);
  node.area.size.width = (float) (MIN (width, 280) + JOBS_GTK_PLAN_ICON + 3 * JOBS_GTK_PLAN_PADDING);
  node.area.size.height = JOBS_GTK_PLAN_ROW;

  g_array_append_val (builder->nodes, node);
}

/* An engine, then all in it, then what is beside it: as dot has them */
static void
add_nodes (Builder    *builder,
           GListModel *lines,
           guint       parent)
{
  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (JobsLine) line = g_list_model_get_item (lines, i);
      guint number = builder->nodes->len;

      if (line == NULL)
        break;
      add_node (builder, line, parent);
      if (g_array_index (builder->nodes, JobsGtkNode, number).is_cluster)
        add_nodes (builder, jobs_line_get_children (line), number);
    }
}

static void
clear_edge (gpointer data)
{
  g_free (((JobsGtkEdge *) data)->points);
}

JobsGtkPlan *
jobs_gtk_plan_new (JobsBoard *board,
                   gboolean   collapsed,
                   GtkWidget *widget)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  JobsGtkPlan *plan = g_new0 (JobsGtkPlan, 1);
  Builder builder = { collapsed, layout, g_array_new (FALSE, TRUE, sizeof (JobsGtkNode)) };

  add_nodes (&builder, G_LIST_MODEL (board), JOBS_GTK_PLAN_NONE);
  plan->n_nodes = builder.nodes->len;
  plan->nodes = (JobsGtkNode *) (gpointer) g_array_free (builder.nodes, FALSE);
  plan->edges = g_array_new (FALSE, TRUE, sizeof (JobsGtkEdge));
  g_array_set_clear_func (plan->edges, clear_edge);

  return plan;
}

GPtrArray *
jobs_gtk_plan_dup_lines (JobsGtkPlan *plan)
{
  GPtrArray *lines = g_ptr_array_new_full (plan->n_nodes, g_object_unref);

  for (guint i = 0; i < plan->n_nodes; i++)
    g_ptr_array_add (lines, g_object_ref (plan->nodes[i].line));

  return lines;
}

/* Edges */

/* For Graphviz arrows lead from node to node; we end them at the border of a cluster, since
 * its own way to do so makes it crash at times. They lead to the first of those in it that
 * wait for none of them, from the last that none of them waits for */
static void
find_heads_and_tails (JobsGtkPlan *plan)
{
  g_autofree gboolean *waits = g_new0 (gboolean, plan->n_nodes);
  g_autofree gboolean *is_awaited = g_new0 (gboolean, plan->n_nodes);

  for (guint i = 0; i < plan->edges->len; i++)
    {
      const JobsGtkEdge *edge = &g_array_index (plan->edges, JobsGtkEdge, i);

      waits[edge->to] = TRUE;
      is_awaited[edge->from] = TRUE;
    }

  /* All in a cluster may be one circle */
  for (guint i = 0; i < plan->n_nodes; i++)
    if (plan->nodes[i].is_cluster)
      plan->nodes[i].head = plan->nodes[i].tail = i + 1;
  for (guint i = plan->n_nodes; i-- > 0;)
    if (plan->nodes[i].parent != JOBS_GTK_PLAN_NONE && !waits[i])
      plan->nodes[plan->nodes[i].parent].head = i;
  for (guint i = 0; i < plan->n_nodes; i++)
    if (plan->nodes[i].parent != JOBS_GTK_PLAN_NONE && !is_awaited[i])
      plan->nodes[plan->nodes[i].parent].tail = i;

  /* One that is a cluster itself has them in it, and comes before what is in it */
  for (guint i = plan->n_nodes; i-- > 0;)
    {
      plan->nodes[i].head = plan->nodes[plan->nodes[i].head].head;
      plan->nodes[i].tail = plan->nodes[plan->nodes[i].tail].tail;
    }
}

void
jobs_gtk_plan_take_requirements (JobsGtkPlan *plan,
                                 GPtrArray   *requirements)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < plan->n_nodes; i++)
    g_hash_table_insert (numbers, plan->nodes[i].line, GUINT_TO_POINTER (i));

  for (guint i = 0; i < requirements->len; i++)
    {
      const JobsRequirement *requirement = requirements->pdata[i];
      JobsGtkEdge edge = { .condition = requirement->condition };
      gpointer from, to;

      /* One end may have come since the nodes were made: they are about to be made anew */
      if (!g_hash_table_lookup_extended (numbers, requirement->other, NULL, &from) ||
          !g_hash_table_lookup_extended (numbers, requirement->line, NULL, &to))
        continue;

      edge.from = GPOINTER_TO_UINT (from);
      edge.to = GPOINTER_TO_UINT (to);
      g_array_append_val (plan->edges, edge);
    }

  find_heads_and_tails (plan);
}

void
jobs_gtk_plan_free (JobsGtkPlan *plan)
{
  for (guint i = 0; i < plan->n_nodes; i++)
    {
      g_object_unref (plan->nodes[i].line);
      g_free (plan->nodes[i].name);
    }
  g_free (plan->nodes);
  g_array_unref (plan->edges);
  g_free (plan);
}

/* To Graphviz */

static void
append_number (GString    *text,
               const char *name,
               double      value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, "%s=%s", name, g_ascii_formatd (buffer, sizeof buffer, "%.4f", value));
}

static void
append_node (GString           *text,
             const JobsGtkNode *node,
             guint              number)
{
  if (node->is_cluster)
    {
      /* Only the room for its name matters; the letters of this font have one width */
      guint n = (guint) (node->area.size.width / 6) + 1;
      g_autofree char *room = g_strnfill (n, 'm');

      g_string_append_printf (text, "subgraph cluster_%u { margin=10; label=\"%s\";\n", number, room);
      return;
    }

  g_string_append_printf (text, "n%u [", number);
  append_number (text, "width", node->area.size.width / POINTS);
  append_number (text, ", height", node->area.size.height / POINTS);
  g_string_append (text, "];\n");
}

char *
jobs_gtk_plan_to_dot (JobsGtkPlan *plan)
{
  GString *text = g_string_new (NULL);
  guint open = JOBS_GTK_PLAN_NONE;

  g_string_append (text, "digraph jobs {\n"
                         "nodesep=0.28; ranksep=0.42; margin=0; pad=0;\n"
                         "fontname=Courier; fontsize=10; labeljust=l;\n"
                         "node [shape=box, fixedsize=true, label=\"\"]; edge [arrowsize=0.7];\n");
  for (guint i = 0; i < plan->n_nodes; i++)
    {
      for (; open != plan->nodes[i].parent; open = plan->nodes[open].parent)
        g_string_append (text, "}\n");
      append_node (text, &plan->nodes[i], i);
      if (plan->nodes[i].is_cluster)
        open = i;
    }
  for (; open != JOBS_GTK_PLAN_NONE; open = plan->nodes[open].parent)
    g_string_append (text, "}\n");
  for (guint i = 0; i < plan->edges->len; i++)
    {
      const JobsGtkEdge *edge = &g_array_index (plan->edges, JobsGtkEdge, i);

      g_string_append_printf (text, "n%u -> n%u [id=e%u];\n", plan->nodes[edge->from].tail,
                              plan->nodes[edge->to].head, i);
    }
  g_string_append (text, "}\n");

  return g_string_free (text, FALSE);
}

/* From Graphviz: the same text with places. Of its language only what it writes itself
 * has to be understood */

/* The next word, string or sign; FALSE at the end */
static gboolean
next_token (const char **text,
            GString     *token)
{
  const char *p = *text;

  g_string_truncate (token, 0);
  while (g_ascii_isspace (*p))
    p++;

  if (*p == '"')
    {
      for (p++; *p != '\0' && *p != '"'; p++)
        {
          /* A long string is broken by a backslash at the end of the line */
          if (*p == '\\' && p[1] != '\0' && *++p == '\n')
            continue;
          g_string_append_c (token, *p);
        }
      p += *p == '"' ? 1 : 0;
      *text = p;
      return TRUE;
    }

  if (*p != '\0' && strchr ("{}[];,=", *p) != NULL)
    {
      g_string_append_c (token, *p++);
    }
  else
    {
      while (*p != '\0' && !g_ascii_isspace (*p) && strchr ("{}[];,=\"", *p) == NULL)
        g_string_append_c (token, *p++);
    }
  *text = p;

  return token->len > 0;
}

/* Two numbers with a comma between them; the picture of Graphviz stands on its head */
static gboolean
read_point (const char      **text,
            JobsGtkPlan      *plan,
            graphene_point_t *point)
{
  char *end;

  point->x = (float) g_ascii_strtod (*text, &end);
  if (end == *text || *end != ',')
    return FALSE;
  *text = end + 1;
  point->y = plan->size.height - (float) g_ascii_strtod (*text, &end);
  if (end == *text)
    return FALSE;
  *text = end;

  return TRUE;
}

static gboolean
read_box (const char      *text,
          JobsGtkPlan     *plan,
          graphene_rect_t *box)
{
  graphene_point_t low, high;

  if (!read_point (&text, plan, &low) || *text++ != ',' || !read_point (&text, plan, &high))
    return FALSE;
  graphene_rect_init (box, low.x, high.y, high.x - low.x, low.y - high.y);

  return TRUE;
}

/* [e,TIP ]POINT POINT POINT POINT ... */
static void
read_curve (const char  *text,
            JobsGtkPlan *plan,
            JobsGtkEdge *edge)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (graphene_point_t));
  graphene_point_t point;

  if (g_str_has_prefix (text, "e,"))
    {
      text += 2;
      edge->has_tip = read_point (&text, plan, &edge->tip);
    }
  for (;;)
    {
      while (*text == ' ')
        text++;
      if (!read_point (&text, plan, &point))
        break;
      g_array_append_val (points, point);
    }

  if (points->len < 4)
    return;
  g_free (edge->points);
  edge->n_points = points->len - (points->len - 1) % 3;
  edge->points = g_memdup2 (points->data, edge->n_points * sizeof (graphene_point_t));
}

/* subject: what the attributes are of */
static void
take_attribute (JobsGtkPlan *plan,
                const char  *subject,
                guint        cluster,
                const char  *name,
                const char  *value,
                guint       *edge,
                char       **curve)
{
  guint number = (guint) g_ascii_strtoull (subject + 1, NULL, 10);

  if (g_str_equal (subject, "graph") && g_str_equal (name, "bb"))
    {
      graphene_rect_t box;

      if (cluster < plan->n_nodes)
        read_box (value, plan, &plan->nodes[cluster].area);
      else if (read_box (value, plan, &box))
        plan->size = box.size;
    }
  else if (subject[0] == 'n' && g_ascii_isdigit (subject[1]) && g_str_equal (name, "pos") &&
           number < plan->n_nodes && strstr (value, " ") == NULL)
    {
      graphene_point_t center;

      if (read_point (&value, plan, &center))
        {
          graphene_rect_t *area = &plan->nodes[number].area;

          area->origin.x = center.x - area->size.width / 2;
          area->origin.y = center.y - area->size.height / 2;
        }
    }
  else if (g_str_equal (name, "id") && value[0] == 'e')
    {
      *edge = (guint) g_ascii_strtoull (value + 1, NULL, 10);
    }
  else if (g_str_equal (name, "pos"))
    {
      g_free (*curve);
      *curve = g_strdup (value);
    }
}

/* What is in brackets */
static void
take_attributes (JobsGtkPlan *plan,
                 const char **text,
                 const char  *subject,
                 guint        cluster)
{
  g_autoptr (GString) token = g_string_new (NULL);
  g_autofree char *name = NULL;
  g_autofree char *curve = NULL;
  guint edge = JOBS_GTK_PLAN_NONE;
  gboolean value = FALSE;

  while (next_token (text, token) && !g_str_equal (token->str, "]"))
    {
      if (value)
        take_attribute (plan, subject, cluster, name, token->str, &edge, &curve);
      value = g_str_equal (token->str, "=");
      if (!value)
        {
          g_free (name);
          name = g_strdup (token->str);
        }
    }

  if (curve != NULL && edge < plan->edges->len)
    read_curve (curve, plan, &g_array_index (plan->edges, JobsGtkEdge, edge));
}

/* Where arrows end at clusters */

static graphene_point_t
get_between (const graphene_point_t *a,
             const graphene_point_t *b,
             float                   t)
{
  return GRAPHENE_POINT_INIT (a->x + (b->x - a->x) * t, a->y + (b->y - a->y) * t);
}

/* Makes of one piece of a curve two of the same shape, as de Casteljau does */
static void
split (const graphene_point_t *p,
       float                   t,
       graphene_point_t       *left,
       graphene_point_t       *right)
{
  graphene_point_t middle = get_between (&p[1], &p[2], t);

  left[0] = p[0];
  left[1] = get_between (&p[0], &p[1], t);
  left[2] = get_between (&left[1], &middle, t);
  right[3] = p[3];
  right[2] = get_between (&p[2], &p[3], t);
  right[1] = get_between (&middle, &right[2], t);
  left[3] = right[0] = get_between (&left[2], &right[1], t);
}

/* Where a piece that begins outside of an area comes into it; or, backwards, one that
 * begins within it leaves it */
static float
find_border (const graphene_point_t *p,
             const graphene_rect_t  *area,
             gboolean                leaves)
{
  float low = 0, high = 1;

  for (guint i = 0; i < 20; i++)
    {
      graphene_point_t left[4], right[4];
      float t = (low + high) / 2;

      split (p, t, left, right);
      if (graphene_rect_contains_point (area, &right[0]) == leaves)
        low = t;
      else
        high = t;
    }

  return high;
}

static void
clip_tail (JobsGtkEdge           *edge,
           const graphene_rect_t *area)
{
  for (guint i = edge->n_points - 1; i >= 3; i -= 3)
    {
      graphene_point_t *p = &edge->points[i - 3], left[4], right[4];

      if (!graphene_rect_contains_point (area, &p[0]) || graphene_rect_contains_point (area, &p[3]))
        continue;

      split (p, find_border (p, area, TRUE), left, right);
      memcpy (p, right, sizeof right);
      edge->n_points -= i - 3;
      memmove (edge->points, p, edge->n_points * sizeof *p);
      return;
    }
}

static void
clip_head (JobsGtkEdge           *edge,
           const graphene_rect_t *area)
{
  for (guint i = 0; i + 3 < edge->n_points; i += 3)
    {
      graphene_point_t *p = &edge->points[i], left[4], right[4];
      float t, low = 0;

      if (graphene_rect_contains_point (area, &p[0]) || !graphene_rect_contains_point (area, &p[3]))
        continue;

      t = find_border (p, area, FALSE);
      split (p, t, left, right);
      edge->tip = right[0];
      /* Back to where the arrow begins */
      for (guint n = 0; n < 20; n++)
        {
          float middle = (low + t) / 2;

          split (p, middle, left, right);
          if (graphene_point_distance (&right[0], &edge->tip, NULL, NULL) < ARROW_LENGTH)
            t = middle;
          else
            low = middle;
        }
      memcpy (p, left, sizeof left);
      edge->n_points = i + 4;
      return;
    }
}

static void
clip_edges (JobsGtkPlan *plan)
{
  for (guint i = 0; i < plan->edges->len; i++)
    {
      JobsGtkEdge *edge = &g_array_index (plan->edges, JobsGtkEdge, i);
      const JobsGtkNode *from = &plan->nodes[edge->from], *to = &plan->nodes[edge->to];

      if (from->is_cluster && edge->n_points > 0)
        clip_tail (edge, &from->area);
      if (to->is_cluster && edge->n_points > 0)
        clip_head (edge, &to->area);
    }
}

gboolean
jobs_gtk_plan_place (JobsGtkPlan *plan,
                     const char  *text)
{
  g_autoptr (GString) token = g_string_new (NULL);
  g_autofree char *subject = g_strdup ("");
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint));
  guint cluster = JOBS_GTK_PLAN_NONE;

  while (next_token (&text, token))
    {
      if (g_str_equal (token->str, "{"))
        {
          g_array_append_val (open, cluster);
          cluster = g_str_has_prefix (subject, "cluster_")
                      ? (guint) g_ascii_strtoull (subject + strlen ("cluster_"), NULL, 10)
                      : JOBS_GTK_PLAN_NONE;
        }
      else if (g_str_equal (token->str, "}") && open->len > 0)
        {
          cluster = g_array_index (open, guint, open->len - 1);
          g_array_set_size (open, open->len - 1);
        }
      else if (g_str_equal (token->str, "["))
        {
          take_attributes (plan, &text, subject, cluster);
        }
      else
        {
          g_free (subject);
          subject = g_strdup (token->str);
        }
    }

  clip_edges (plan);

  return plan->size.width > 0 && plan->size.height > 0;
}

guint
jobs_gtk_plan_find (JobsGtkPlan *plan,
                    double       x,
                    double       y)
{
  graphene_point_t point = GRAPHENE_POINT_INIT ((float) x, (float) y);

  /* What is in a cluster comes behind it */
  for (guint i = plan->n_nodes; i-- > 0;)
    if (graphene_rect_contains_point (&plan->nodes[i].area, &point))
      return i;

  return JOBS_GTK_PLAN_NONE;
}

gboolean
jobs_gtk_plan_find_front (JobsGtkPlan     *plan,
                          graphene_rect_t *front)
{
  gboolean found = FALSE;

  for (guint i = 0; i < plan->n_nodes; i++)
    {
      const JobsGtkNode *node = &plan->nodes[i];

      if (node->is_cluster || !jobs_state_is_active (jobs_line_get_state (node->line)))
        continue;
      if (found)
        graphene_rect_union (front, &node->area, front);
      else
        *front = node->area;
      found = TRUE;
    }

  return found;
}

guint
jobs_gtk_plan_find_line (JobsGtkPlan *plan,
                         JobsLine    *line)
{
  for (guint i = 0; i < plan->n_nodes; i++)
    if (plan->nodes[i].line == line)
      return i;

  return JOBS_GTK_PLAN_NONE;
}

guint
jobs_gtk_plan_find_next (JobsGtkPlan *plan,
                         guint        from,
                         int          dx,
                         int          dy)
{
  graphene_point_t center, other;
  guint found = JOBS_GTK_PLAN_NONE;
  double least = G_MAXDOUBLE;

  graphene_rect_get_center (&plan->nodes[from].area, &center);
  for (guint i = 0; i < plan->n_nodes; i++)
    {
      double along, aside, distance;

      graphene_rect_get_center (&plan->nodes[i].area, &other);
      along = (other.x - center.x) * dx + (other.y - center.y) * dy;
      aside = fabs ((other.x - center.x) * dy) + fabs ((other.y - center.y) * dx);
      /* What is ahead is meant rather than what is beside */
      distance = along + 2 * aside;
      if (i == from || plan->nodes[i].is_cluster || along < 1 || distance >= least)
        continue;
      least = distance;
      found = i;
    }

  return found;
}
