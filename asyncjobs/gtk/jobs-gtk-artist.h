/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-gtk-plan.h"

G_BEGIN_DECLS

/* Has a plan of what is in a board, and makes it anew when that is another.
 *
 * Signal: "drawn", there is a new plan, or none any more */
#define JOBS_GTK_TYPE_ARTIST (jobs_gtk_artist_get_type ())

G_DECLARE_FINAL_TYPE (JobsGtkArtist, jobs_gtk_artist, JOBS_GTK, ARTIST, GObject)

/* widget: for its font */
JobsGtkArtist *jobs_gtk_artist_new          (GtkWidget     *widget);
/* collapsed: nested engines are one node each */
void           jobs_gtk_artist_draw         (JobsGtkArtist *self,
                                             JobsBoard     *board,
                                             gboolean       collapsed);
/* (nullable) */
JobsGtkPlan   *jobs_gtk_artist_get_plan     (JobsGtkArtist *self);
/* (nullable): why there is none */
const char    *jobs_gtk_artist_get_obstacle (JobsGtkArtist *self);
/* Whether there would be one of nested engines as one node each */
gboolean       jobs_gtk_artist_can_collapse (JobsGtkArtist *self);

G_END_DECLS
