/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-gtk-graph.h"

G_BEGIN_DECLS

/* Selects the next one in a direction */
void jobs_gtk_graph_step      (JobsGtkGraph   *self,
                               int             dx,
                               int             dy);
void jobs_gtk_graph_activate  (JobsGtkGraph   *self);
/* For its class_init */
void jobs_gtk_graph_bind_keys (GtkWidgetClass *widget_class);

G_END_DECLS
