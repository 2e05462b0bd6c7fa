/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-engine.h"

G_BEGIN_DECLS

#define JOBS_TYPE_SCENARIO (jobs_scenario_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsScenario, jobs_scenario, JOBS, SCENARIO, GObject)

/* What a file says */
JOBS_AVAILABLE_IN_1_0
JobsScenario *jobs_scenario_new_from_file      (const char *filename,
                                                GError    **error);
JOBS_AVAILABLE_IN_1_0
JobsScenario *jobs_scenario_new_from_bytes     (GBytes     *bytes,
                                                const char *name,
                                                GError    **error);
JOBS_AVAILABLE_IN_1_0
JobsEngine   *jobs_scenario_get_engine         (JobsScenario *self);
JOBS_AVAILABLE_IN_1_0
const char   *jobs_scenario_get_name           (JobsScenario *self);
JOBS_AVAILABLE_IN_1_0
char        **jobs_scenario_dup_warnings       (JobsScenario *self);
JOBS_AVAILABLE_IN_1_0
char        **jobs_scenario_dup_secrets        (JobsScenario *self);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_scenario_dup_nodes          (JobsScenario *self);
JOBS_AVAILABLE_IN_1_0
char        **jobs_scenario_dup_names          (JobsScenario *self);

/* What a command line changes, before a run */
JOBS_AVAILABLE_IN_1_0
void          jobs_scenario_setenv             (JobsScenario *self,
                                                const char   *name,
                                                const char   *value);
JOBS_AVAILABLE_IN_1_0
void          jobs_scenario_set_on_failure     (JobsScenario *self,
                                                JobsOnFailure on_failure);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_scenario_select             (JobsScenario      *self,
                                                const char *const *names,
                                                gboolean           with_requirements,
                                                GError           **error);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_scenario_skip               (JobsScenario      *self,
                                                const char *const *names,
                                                GError           **error);

/* What it amounts to, on all levels */
JOBS_AVAILABLE_IN_1_0
guint         jobs_scenario_get_n_jobs         (JobsScenario *self);
JOBS_AVAILABLE_IN_1_0
guint         jobs_scenario_get_n_requirements (JobsScenario *self);
JOBS_AVAILABLE_IN_1_0
guint         jobs_scenario_get_longest_path   (JobsScenario *self,
                                                gint64       *duration);

G_END_DECLS
