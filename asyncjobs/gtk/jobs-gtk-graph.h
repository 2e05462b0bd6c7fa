/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_GTK_INSIDE) && !defined(JOBS_GTK_COMPILATION)
#error "Only <asyncjobs-gtk.h> can be included directly."
#endif

#include <asyncjobs.h>
#include <gtk/gtk.h>

#include "jobs-gtk-version.h"

G_BEGIN_DECLS

#define JOBS_GTK_TYPE_GRAPH (jobs_gtk_graph_get_type ())

JOBS_GTK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsGtkGraph, jobs_gtk_graph, JOBS_GTK, GRAPH, GtkWidget)

JOBS_GTK_AVAILABLE_IN_1_0
GtkWidget *jobs_gtk_graph_new           (JobsBoard *board);
JOBS_GTK_AVAILABLE_IN_1_0
JobsBoard *jobs_gtk_graph_get_board     (JobsGtkGraph *self);
JOBS_GTK_AVAILABLE_IN_1_0
void       jobs_gtk_graph_set_board     (JobsGtkGraph *self,
                                         JobsBoard    *board);

/* What is seen of it */
JOBS_GTK_AVAILABLE_IN_1_0
double     jobs_gtk_graph_get_zoom      (JobsGtkGraph *self);
JOBS_GTK_AVAILABLE_IN_1_0
void       jobs_gtk_graph_set_zoom      (JobsGtkGraph *self,
                                         double        zoom);
JOBS_GTK_AVAILABLE_IN_1_0
void       jobs_gtk_graph_fit           (JobsGtkGraph *self);
JOBS_GTK_AVAILABLE_IN_1_0
gboolean   jobs_gtk_graph_get_follow    (JobsGtkGraph *self);
JOBS_GTK_AVAILABLE_IN_1_0
void       jobs_gtk_graph_set_follow    (JobsGtkGraph *self,
                                         gboolean      follow_it);
JOBS_GTK_AVAILABLE_IN_1_0
gboolean   jobs_gtk_graph_get_collapsed (JobsGtkGraph *self);
JOBS_GTK_AVAILABLE_IN_1_0
void       jobs_gtk_graph_set_collapsed (JobsGtkGraph *self,
                                         gboolean      collapsed);
JOBS_GTK_AVAILABLE_IN_1_0
JobsLine  *jobs_gtk_graph_get_selected  (JobsGtkGraph *self);
JOBS_GTK_AVAILABLE_IN_1_0
void       jobs_gtk_graph_set_selected  (JobsGtkGraph *self,
                                         JobsLine     *line);

G_END_DECLS
