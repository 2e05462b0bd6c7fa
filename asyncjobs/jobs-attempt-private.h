/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-attempt.h"
#include "jobs-pump.h"

G_BEGIN_DECLS

/* What has happened to an attempt since its owner was last called */
typedef enum
{
  JOBS_ATTEMPT_READY   = 1 << 0, /* it said that it is ready */
  JOBS_ATTEMPT_REPORT  = 1 << 1, /* it reported progress; only the last report is kept */
  JOBS_ATTEMPT_OUTCOME = 1 << 2, /* it has its outcome; this comes once, and last */
} JobsAttemptEvents;

/* Called by the pump, in its context */
typedef void (*JobsAttemptFunc) (JobsAttempt      *attempt,
                                 JobsAttemptEvents events,
                                 gpointer          owner);

/* @action may be NULL (a resource's). The owner needs no reference of its own:
 * the attempt stays until the owner was told of the outcome, since one whose
 * last reference goes without an outcome is ABANDONED, and told of */
JobsAttempt  *jobs_attempt_new            (JobsPump       *pump,
                                           JobsAction     *action,
                                           guint           number,
                                           JobsAttemptFunc func,
                                           gpointer        owner);
/* The owner goes: what the attempt does from here on is of interest to nobody */
void          jobs_attempt_disown         (JobsAttempt *self);
/* A reference where somebody still has one, else NULL: it has been abandoned, and
 * the owner will hear of it */
JobsAttempt  *jobs_attempt_ref_if_alive   (JobsAttempt *self);
/* Cancels its cancellable, if it has one */
void          jobs_attempt_cancel         (JobsAttempt *self);
gboolean      jobs_attempt_is_cancellable (JobsAttempt *self);
JobsPump     *jobs_attempt_get_pump       (JobsAttempt *self);
/* The outcome comes from the library itself: its author may still give one,
 * which is ignored without a word. Takes @value (nullable) and @error
 * (nullable); both may be there */
void          jobs_attempt_end_by_owner   (JobsAttempt *self,
                                           GValue      *value,
                                           GError      *error);

/* After the outcome; the caller takes over what they return */
GError       *jobs_attempt_steal_error    (JobsAttempt *self);
gboolean      jobs_attempt_steal_value    (JobsAttempt *self,
                                           GValue      *value);
gboolean      jobs_attempt_is_abandoned   (JobsAttempt *self);
/* After a report; message as in steal */
double        jobs_attempt_get_fraction   (JobsAttempt *self);
char         *jobs_attempt_steal_message  (JobsAttempt *self);
/* FALSE from start() or the like: its error, or one that says that there was none,
 * becomes the outcome unless there is one already; takes @error */
void          jobs_attempt_take_refusal   (JobsAttempt *self,
                                           const char  *what,
                                           GError      *error);

G_END_DECLS
