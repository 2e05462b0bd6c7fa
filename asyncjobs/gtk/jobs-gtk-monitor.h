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

#define JOBS_GTK_TYPE_MONITOR (jobs_gtk_monitor_get_type ())

JOBS_GTK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsGtkMonitor, jobs_gtk_monitor, JOBS_GTK, MONITOR, GtkWidget)

JOBS_GTK_AVAILABLE_IN_1_0
GtkWidget *jobs_gtk_monitor_new          (JobsBoard *board);
JOBS_GTK_AVAILABLE_IN_1_0
JobsBoard *jobs_gtk_monitor_get_board    (JobsGtkMonitor *self);
JOBS_GTK_AVAILABLE_IN_1_0
void       jobs_gtk_monitor_set_board    (JobsGtkMonitor *self,
                                          JobsBoard      *board);
JOBS_GTK_AVAILABLE_IN_1_0
JobsLine  *jobs_gtk_monitor_get_selected (JobsGtkMonitor *self);
JOBS_GTK_AVAILABLE_IN_1_0
void       jobs_gtk_monitor_set_selected (JobsGtkMonitor *self,
                                          JobsLine       *line);

G_END_DECLS
