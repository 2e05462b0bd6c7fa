/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-action.h"

G_BEGIN_DECLS

#define JOBS_TYPE_ENGINE (jobs_engine_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (JobsEngine, jobs_engine, JOBS, ENGINE, JobsAction)

/**
 * JobsEngineClass:
 *
 * Since: 1.0
 */
struct _JobsEngineClass
{
  JobsActionClass parent_class;

  /*< private >*/
  gpointer padding[8];
};

JOBS_AVAILABLE_IN_1_0
JobsEngine   *jobs_engine_new                  (void);

/* What it holds */
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_add                  (JobsEngine *self,
                                                JobsAction *action);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_add_many             (JobsEngine  *self,
                                                JobsAction **actions,
                                                guint        n_actions);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_add_sequence         (JobsEngine   *self,
                                                JobsSequence *sequence);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_remove               (JobsEngine *self,
                                                JobsAction *action);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_clear                (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_clear_async          (JobsEngine         *self,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_clear_finish         (JobsEngine   *self,
                                                GAsyncResult *result,
                                                GError      **error);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_contains             (JobsEngine *self,
                                                JobsAction *action);
JOBS_AVAILABLE_IN_1_0
JobsAction   *jobs_engine_lookup               (JobsEngine *self,
                                                const char *path);
JOBS_AVAILABLE_IN_1_0
guint         jobs_engine_count                (JobsEngine *self,
                                                JobsState   state);

/* Policy of the whole */
JOBS_AVAILABLE_IN_1_0
guint         jobs_engine_get_window           (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_set_window           (JobsEngine *self,
                                                guint       window);
JOBS_AVAILABLE_IN_1_0
JobsOnFailure jobs_engine_get_on_failure       (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_set_on_failure       (JobsEngine   *self,
                                                JobsOnFailure on_failure);
JOBS_AVAILABLE_IN_1_0
guint         jobs_engine_get_grace            (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_set_grace            (JobsEngine *self,
                                                guint       grace);
JOBS_AVAILABLE_IN_1_0
guint         jobs_engine_get_shutdown_timeout (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_set_shutdown_timeout (JobsEngine *self,
                                                guint       timeout);
JOBS_AVAILABLE_IN_1_0
int           jobs_engine_get_source_priority  (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_set_source_priority  (JobsEngine *self,
                                                int         priority);

/* Its runs */
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_orchestrate          (JobsEngine   *self,
                                                GCancellable *cancellable,
                                                GError      **error);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_orchestrate_async    (JobsEngine         *self,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_orchestrate_finish   (JobsEngine   *self,
                                                GAsyncResult *result,
                                                GError      **error);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_shutdown_async       (JobsEngine         *self,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_shutdown_finish      (JobsEngine   *self,
                                                GAsyncResult *result,
                                                GError      **error);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_cancel               (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_pause                (JobsEngine    *self,
                                                JobsPauseFlags flags);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_resume               (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_is_paused            (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_is_active            (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_can_retry            (JobsEngine *self,
                                                JobsAction *action,
                                                GError    **error);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_retry                (JobsEngine *self,
                                                JobsAction *action,
                                                GError    **error);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_restore              (JobsEngine   *self,
                                                JobsAction   *action,
                                                const GValue *result);
JOBS_AVAILABLE_IN_1_0
guint         jobs_engine_get_n_stuck          (JobsEngine *self);

/* What became of them */
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_get_verdict          (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
JobsAction   *jobs_engine_get_culprit          (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
char        **jobs_engine_dup_clean_up_failures (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
char         *jobs_engine_why                  (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
char         *jobs_engine_dup_stats            (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
char         *jobs_engine_dup_list             (JobsEngine *self,
                                                gboolean    details);
JOBS_AVAILABLE_IN_1_0
char         *jobs_engine_debrief              (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
GVariant     *jobs_engine_dup_report           (JobsEngine *self);

/* The graph: questions */
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_check                (JobsEngine *self,
                                                char     ***warnings,
                                                GError    **error);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_engine_dup_order            (JobsEngine *self,
                                                GError    **error);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_engine_dup_entries          (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_engine_dup_exits            (JobsEngine *self,
                                                gboolean    with_forever);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_engine_dup_predecessors     (JobsEngine  *self,
                                                JobsAction **actions,
                                                guint        n_actions,
                                                gboolean     transitive);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_engine_dup_successors       (JobsEngine  *self,
                                                JobsAction **actions,
                                                guint        n_actions,
                                                gboolean     transitive);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_engine_dup_all              (JobsEngine *self,
                                                gboolean    with_engines);

/* The graph: surgery */
JOBS_AVAILABLE_IN_1_0
guint         jobs_engine_sanitize             (JobsEngine *self);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_engine_bypass_and_remove    (JobsEngine *self,
                                                JobsAction *action);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_keep_only            (JobsEngine  *self,
                                                JobsAction **actions,
                                                guint        n_actions);
JOBS_AVAILABLE_IN_1_0
void          jobs_engine_keep_only_between    (JobsEngine  *self,
                                                JobsAction **starts,
                                                guint        n_starts,
                                                JobsAction **ends,
                                                guint        n_ends,
                                                gboolean     keep_starts,
                                                gboolean     keep_ends);

G_END_DECLS
