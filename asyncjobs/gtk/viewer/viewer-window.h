/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs-gtk.h>

G_BEGIN_DECLS

#define VIEWER_TYPE_WINDOW (viewer_window_get_type ())

G_DECLARE_FINAL_TYPE (ViewerWindow, viewer_window, VIEWER, WINDOW, GtkApplicationWindow)

ViewerWindow *viewer_window_new        (GtkApplication *application);
/* A job file, which is run once somebody wants that */
void          viewer_window_open       (ViewerWindow   *self,
                                        GFile          *file);
/* A run of this or of another program, which goes on without the window */
void          viewer_window_show_board (ViewerWindow   *self,
                                        JobsBoard      *board);
void          viewer_window_run        (ViewerWindow   *self);
/* Closes it, after its run has been cancelled and has ended */
void          viewer_window_end        (ViewerWindow   *self);

G_END_DECLS
