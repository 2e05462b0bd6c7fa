/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Which lines are shown. An engine is where one of those in it is */
typedef enum
{
  JOBS_GTK_SHOW_ALL,
  JOBS_GTK_SHOW_RUNNING,
  JOBS_GTK_SHOW_FAILED,
} JobsGtkShow;

#define JOBS_GTK_TYPE_SIEVE (jobs_gtk_sieve_get_type ())

G_DECLARE_FINAL_TYPE (JobsGtkSieve, jobs_gtk_sieve, JOBS_GTK, SIEVE, GtkFilter)

/* A filter of GtkTreeListRow */
JobsGtkSieve *jobs_gtk_sieve_new      (void);
void          jobs_gtk_sieve_set_text (JobsGtkSieve *self,
                                       const char   *text);
void          jobs_gtk_sieve_set_show (JobsGtkSieve *self,
                                       JobsGtkShow   show);
/* Whether it lets all pass, and looks at none */
gboolean      jobs_gtk_sieve_is_open  (JobsGtkSieve *self);
/* Whether what it lets pass changes with the states of lines */
gboolean      jobs_gtk_sieve_is_live  (JobsGtkSieve *self);

G_END_DECLS
