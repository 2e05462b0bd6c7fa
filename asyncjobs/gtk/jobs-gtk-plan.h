/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where everything in the picture of a run is, in pixels at a zoom of 1. Graphviz
 * finds that out */

typedef struct
{
  JobsLine       *line;
  char           *name;
  gboolean        is_cluster; /* an engine, with those in it inside */
  guint           parent;     /* the cluster that it is in; JOBS_GTK_PLAN_NONE */
  guint           head;       /* the node in it to which arrows lead, and from which; its own */
  guint           tail;
  graphene_rect_t area;
} JobsGtkNode;

typedef struct
{
  guint             from;
  guint             to;
  JobsCondition     condition;
  graphene_point_t *points; /* of a curve: 3 n + 1 of them */
  guint             n_points;
  graphene_point_t  tip;    /* of the arrow, where has_tip */
  gboolean          has_tip;
} JobsGtkEdge;

typedef struct
{
  JobsGtkNode    *nodes;
  guint           n_nodes;
  GArray         *edges; /* JobsGtkEdge */
  graphene_size_t size;
} JobsGtkPlan;

#define JOBS_GTK_PLAN_NONE      G_MAXUINT
/* Beyond that nobody sees anything in the picture, and Graphviz takes minutes */
#define JOBS_GTK_PLAN_MAX       2000
#define JOBS_GTK_PLAN_ROW       30
#define JOBS_GTK_PLAN_ICON      16
#define JOBS_GTK_PLAN_PADDING   8

/* How many nodes it would have; stops counting at max. lines: of a board, or of an engine */
guint        jobs_gtk_plan_count  (GListModel  *lines,
                                   gboolean     collapsed,
                                   guint        max);
/* The nodes, not yet placed. widget: for its font */
JobsGtkPlan *jobs_gtk_plan_new    (JobsBoard   *board,
                                   gboolean     collapsed,
                                   GtkWidget   *widget);
/* (transfer full) (element-type JobsLine): those of the nodes */
GPtrArray   *jobs_gtk_plan_dup_lines (JobsGtkPlan *plan);
/* (element-type JobsRequirement): what these require, which are the edges; once */
void         jobs_gtk_plan_take_requirements (JobsGtkPlan *plan,
                                              GPtrArray   *requirements);
void         jobs_gtk_plan_free   (JobsGtkPlan     *plan);
/* For Graphviz */
char        *jobs_gtk_plan_to_dot (JobsGtkPlan     *plan);
/* Takes the places from what it wrote; FALSE: they cannot be found in it */
gboolean     jobs_gtk_plan_place  (JobsGtkPlan     *plan,
                                   const char      *text);
/* The innermost node at a place, or NONE */
guint        jobs_gtk_plan_find   (JobsGtkPlan     *plan,
                                   double           x,
                                   double           y);
/* Around all that runs; FALSE: nothing does */
gboolean     jobs_gtk_plan_find_front (JobsGtkPlan     *plan,
                                       graphene_rect_t *front);
guint        jobs_gtk_plan_find_line (JobsGtkPlan  *plan,
                                      JobsLine     *line);
/* The nearest one beside another in a direction, or NONE */
guint        jobs_gtk_plan_find_next (JobsGtkPlan  *plan,
                                      guint         from,
                                      int           dx,
                                      int           dy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsGtkPlan, jobs_gtk_plan_free)

G_END_DECLS
