/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What drives a run: a queue of small pieces of work, emptied in one main
 * context by one source, about a millisecond at a time. Whoever changes
 * something puts a post into it, from any thread, and returns. */
typedef struct _JobsPump JobsPump;
typedef struct _JobsPost JobsPost;

typedef void (*JobsPostFunc) (JobsPost *post);

/* Embedded in what is to be done; @func is called once per time it is posted */
struct _JobsPost
{
  JobsPostFunc func;
  JobsPost    *next;
  JobsPost    *previous;
  int          queued; /* atomic */
};

#define JOBS_POST_CONTAINER(post, type, member) \
  ((type *) (gpointer) ((guint8 *) (post) - G_STRUCT_OFFSET (type, member)))

JobsPump     *jobs_pump_new              (GMainContext *context,
                                          int           priority);
JobsPump     *jobs_pump_ref              (JobsPump *self);
void          jobs_pump_unref            (JobsPump *self);
/* In the context: it is attached to it as long as somebody holds it. The last
 * release calls what is still in the queue; posts to a pump that nobody holds
 * are refused */
void          jobs_pump_hold             (JobsPump *self);
void          jobs_pump_release          (JobsPump *self);
GMainContext *jobs_pump_get_context      (JobsPump *self);
/* Any thread. Whether it is the context's, or that is in no thread's hands now */
gboolean      jobs_pump_is_in_its_thread (JobsPump *self);
void          jobs_pump_set_priority     (JobsPump *self,
                                          int       priority);
/* Any thread. FALSE where it is in the queue already, or refused */
gboolean      jobs_pump_post             (JobsPump *self,
                                          JobsPost *post);
/* In the context. TRUE where it was in the queue; then its func is not called */
gboolean      jobs_pump_withdraw         (JobsPump *self,
                                          JobsPost *post);
/* Whether the pump has had its time and a func that loops should post itself again */
gboolean      jobs_pump_is_out_of_time   (JobsPump *self);
/* What has just been done took long, without a look: no more in this dispatch */
void          jobs_pump_yield            (JobsPump *self);
/* When that will be (monotonic µs), for what does not loop here */
gint64        jobs_pump_get_end_of_slice (JobsPump *self);
/* For tests of this program: how long one dispatch of a pump may take, µs. What is done in the
 * usual time depends on the machine; in none, or in a day, it is always the same */
void          jobs_pump_set_slice        (gint64 us);

G_END_DECLS
