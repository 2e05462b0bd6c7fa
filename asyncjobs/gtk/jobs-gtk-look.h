/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define JOBS_GTK_N_STATES (JOBS_STATE_SKIPPED + 1)

/* How states look: in words of the user's language, as a symbolic icon, and in a colour
 * that can be read on the background of a light or a dark style */
const char *jobs_gtk_look_get_word    (JobsState state);
const char *jobs_gtk_look_get_icon    (JobsState state);
void        jobs_gtk_look_get_color   (JobsState state,
                                       gboolean  dark,
                                       GdkRGBA  *color);
/* The CSS class of what has the colour of a state, below a widget that is dressed */
const char *jobs_gtk_look_get_class   (JobsState state);

/* In class_init: so that a template finds our icons */
void        jobs_gtk_look_prepare     (void);
/* In the css_changed of a widget: sets its CSS class for its style, light or dark */
void        jobs_gtk_look_dress       (GtkWidget *widget);
gboolean    jobs_gtk_look_is_dark     (GtkWidget *widget);

/* The label of a line, or the last part of its path where it has none; harmless */
char       *jobs_gtk_look_dup_name    (JobsLine *line);
/* What is to be told of a line: its error, else its message; harmless. "" for nothing */
char       *jobs_gtk_look_dup_news    (JobsLine *line);
/* All that is known of it, for a tooltip */
char       *jobs_gtk_look_dup_tip     (JobsLine *line);
/* whole: in whole seconds, as for what goes on */
char       *jobs_gtk_look_dup_time    (gint64   usec,
                                       gboolean whole);

G_END_DECLS
