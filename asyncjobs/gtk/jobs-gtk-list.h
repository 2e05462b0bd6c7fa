/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-gtk-sieve.h"

G_BEGIN_DECLS

/* What of a board is listed, and in which order: a tree that is filtered and sorted. While
 * it is neither, no line is made for that */
#define JOBS_GTK_TYPE_LIST (jobs_gtk_list_get_type ())

G_DECLARE_FINAL_TYPE (JobsGtkList, jobs_gtk_list, JOBS_GTK, LIST, GObject)

/* headers: what the headers of the columns compare by */
JobsGtkList *jobs_gtk_list_new        (GtkSorter   *headers);
void         jobs_gtk_list_set_board  (JobsGtkList *self,
                                       JobsBoard   *board);
/* Of GtkTreeListRow of JobsLine */
GListModel  *jobs_gtk_list_get_model  (JobsGtkList *self);
void         jobs_gtk_list_set_text   (JobsGtkList *self,
                                       const char  *text);
void         jobs_gtk_list_set_show   (JobsGtkList *self,
                                       JobsGtkShow  show);
/* States have changed: what is sorted or filtered by them is no longer so */
void         jobs_gtk_list_look_again (JobsGtkList *self);
/* Opens all that a line is in; its place in the model, or GTK_INVALID_LIST_POSITION */
guint        jobs_gtk_list_find       (JobsGtkList *self,
                                       JobsLine    *line);

G_END_DECLS
