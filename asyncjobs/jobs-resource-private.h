/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-deadlines.h"
#include "jobs-pump.h"
#include "jobs-resource.h"

G_BEGIN_DECLS

/* The resources that one outermost run has in use. Several runs of one context
 * may use the same resource: it is opened by the first user of all and closed
 * after the last run that used it. All in the pump's context. */
typedef struct _JobsLeases JobsLeases;

/* @error is NULL where all are open */
typedef void (*JobsLeasesOpenFunc)  (gpointer      data,
                                     const GError *error);
typedef void (*JobsLeasesCloseFunc) (gpointer   data,
                                     GPtrArray *errors); /* (element-type GError) or NULL */

typedef enum
{
  JOBS_LEASES_OPEN,    /* all are open now */
  JOBS_LEASES_WAIT,    /* func will be called by the pump */
  JOBS_LEASES_REFUSED, /* error is set: one is in use in another context */
} JobsLeasesAnswer;

JobsLeases      *jobs_leases_new        (JobsPump *pump);
/* After close, or where nothing was ever opened */
void             jobs_leases_free       (JobsLeases *self);
/* Opens what is not open of @resources and of all their parents, parents first.
 * One that failed to open is tried again by the next one that asks */
JobsLeasesAnswer jobs_leases_open       (JobsLeases        *self,
                                         GPtrArray         *resources,
                                         JobsLeasesOpenFunc func,
                                         gpointer           data,
                                         GError           **error);
/* The user does not wait any longer; func is not called. The opening goes on */
void             jobs_leases_forget     (JobsLeases *self,
                                         gpointer    data);
/* Gives all of them back; closes those that no other run uses, children before
 * parents, siblings at once, and calls func when all are closed or at the time
 * due (monotonic µs, 0 = no limit), whatever comes first. func may be called
 * before this returns */
void             jobs_leases_close      (JobsLeases         *self,
                                         gint64              due,
                                         JobsLeasesCloseFunc func,
                                         gpointer            data);
/* While closing: brings the limit forward */
void             jobs_leases_hurry      (JobsLeases *self,
                                         gint64      due);
gboolean         jobs_leases_is_empty   (JobsLeases *self);

G_END_DECLS
