/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The columns of a view, and the rows that it has on the screen just now. Only those
 * are brought up to date, by whoever hears of changes */
#define JOBS_GTK_TYPE_ROWS (jobs_gtk_rows_get_type ())

G_DECLARE_FINAL_TYPE (JobsGtkRows, jobs_gtk_rows, JOBS_GTK, ROWS, GObject)

/* Adds its columns to view, whose items are GtkTreeListRow of JobsLine. menu: of their
 * headers */
JobsGtkRows *jobs_gtk_rows_new          (GtkColumnView *view,
                                         GMenuModel    *menu);
/* lines: (element-type JobsLine) (nullable): those that may have changed; all */
void         jobs_gtk_rows_update       (JobsGtkRows   *self,
                                         GPtrArray     *lines);
/* The times of what runs */
void         jobs_gtk_rows_tick         (JobsGtkRows   *self);
/* (transfer none) (nullable): the row that widget is in */
GtkListItem *jobs_gtk_rows_find_item    (GtkWidget     *widget);
/* (transfer none) (nullable): what shows the label of a line, if it is on the screen */
GtkWidget   *jobs_gtk_rows_peek_widget  (JobsGtkRows   *self,
                                         JobsLine      *line);

G_END_DECLS
