/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-types.h"

G_BEGIN_DECLS

#define JOBS_TYPE_ACTION (jobs_action_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (JobsAction, jobs_action, JOBS, ACTION, GObject)

/**
 * JobsActionClass:
 * @perform: does the work, which has ended when it returns; where a class has
 *   it, @start is not called and there is no attempt. A value is given by
 *   [method@Action.take_result]
 * @start: begins the work without blocking. Keep a reference to the attempt and
 *   give it one outcome, now or later, from any thread. %FALSE with an error is
 *   the outcome itself
 * @stop: asks the work of an attempt to end soon; the attempt's cancellable has
 *   been cancelled already. The default fails the attempt as cancelled, unless
 *   its cancellable was ever asked for
 * @clean_up: called once per action and run at the end of the run, also for an
 *   action that never started; has an attempt of its own and may take time
 * @dup_label: a label where none was given
 * @dup_details: what the action does, for lists and debriefs
 *
 * What a kind of action does.
 *
 * All are called in the context of the run and never under a lock.
 *
 * Since: 1.0
 */
struct _JobsActionClass
{
  GObjectClass parent_class;

  gboolean (*perform)     (JobsAction *self,
                           GError    **error);
  gboolean (*start)       (JobsAction  *self,
                           JobsAttempt *attempt,
                           GError     **error);
  gboolean (*stop)        (JobsAction  *self,
                           JobsAttempt *attempt,
                           GError     **error);
  gboolean (*clean_up)    (JobsAction  *self,
                           JobsAttempt *attempt,
                           GError     **error);
  char *   (*dup_label)   (JobsAction *self);
  char *   (*dup_details) (JobsAction *self);

  /*< private >*/
  gpointer padding[8];
};

/* What it is called */
JOBS_AVAILABLE_IN_1_0
const char   *jobs_action_get_label           (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_label           (JobsAction *self,
                                               const char *label);
JOBS_AVAILABLE_IN_1_0
const char   *jobs_action_get_details         (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_details         (JobsAction *self,
                                               const char *details);
JOBS_AVAILABLE_IN_1_0
char         *jobs_action_dup_display_label   (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
char         *jobs_action_dup_display_details (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
char         *jobs_action_dup_path            (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
char         *jobs_action_to_string           (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
JobsEngine   *jobs_action_get_engine          (JobsAction *self);

/* Policy */
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_get_critical        (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_critical        (JobsAction *self,
                                               gboolean    critical);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_get_idempotent      (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_idempotent      (JobsAction *self,
                                               gboolean    idempotent);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_get_forever         (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_forever         (JobsAction *self,
                                               gboolean    forever);
JOBS_AVAILABLE_IN_1_0
guint         jobs_action_get_timeout         (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_timeout         (JobsAction *self,
                                               guint       timeout);
JOBS_AVAILABLE_IN_1_0
guint         jobs_action_get_retries         (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_retries         (JobsAction *self,
                                               guint       retries);
JOBS_AVAILABLE_IN_1_0
guint         jobs_action_get_retry_delay     (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_retry_delay     (JobsAction *self,
                                               guint       delay);
JOBS_AVAILABLE_IN_1_0
guint         jobs_action_get_retry_delay_max (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_retry_delay_max (JobsAction *self,
                                               guint       delay);
JOBS_AVAILABLE_IN_1_0
int           jobs_action_get_priority        (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_set_priority        (JobsAction *self,
                                               int         priority);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_add_pool            (JobsAction *self,
                                               JobsPool   *pool,
                                               guint       amount);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_remove_pool         (JobsAction *self,
                                               JobsPool   *pool);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_action_dup_pools           (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
guint         jobs_action_get_pool_amount     (JobsAction *self,
                                               JobsPool   *pool);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_use                 (JobsAction   *self,
                                               JobsResource *resource);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_action_dup_resources       (JobsAction *self);

/* Requirements */
JOBS_AVAILABLE_IN_1_0
void          jobs_action_requires            (JobsAction *self,
                                               JobsAction *other);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_requires_full       (JobsAction   *self,
                                               JobsAction   *other,
                                               JobsCondition condition,
                                               GError      **error);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_requires_sequence   (JobsAction   *self,
                                               JobsSequence *sequence);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_drop_requirement    (JobsAction *self,
                                               JobsAction *other);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_get_requirement     (JobsAction    *self,
                                               JobsAction    *other,
                                               JobsCondition *condition);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_action_dup_requirements    (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_action_dup_dependents      (JobsAction *self);

/* Its life */
JOBS_AVAILABLE_IN_1_0
JobsState     jobs_action_get_state           (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_is_done             (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_is_ended            (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_is_ready            (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
const GValue *jobs_action_get_result          (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_take_result         (JobsAction   *self,
                                               const GValue *value);
JOBS_AVAILABLE_IN_1_0
const GError *jobs_action_get_error           (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
gint64        jobs_action_get_start_time      (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
gint64        jobs_action_get_end_time        (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
guint         jobs_action_get_attempts        (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
double        jobs_action_get_progress        (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
const char   *jobs_action_get_message         (JobsAction *self);

/* Running it */
JOBS_AVAILABLE_IN_1_0
void          jobs_action_cancel              (JobsAction *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_action_run_async           (JobsAction         *self,
                                               GCancellable       *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_action_run_finish          (JobsAction   *self,
                                               GAsyncResult *result,
                                               GError      **error);

G_END_DECLS
