/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-types.h"

G_BEGIN_DECLS

#define JOBS_TYPE_SEQUENCE (jobs_sequence_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsSequence, jobs_sequence, JOBS, SEQUENCE, GObject)

JOBS_AVAILABLE_IN_1_0
JobsSequence *jobs_sequence_new               (void);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_sequence_append            (JobsSequence *self,
                                               JobsAction   *action);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_sequence_append_sequence   (JobsSequence *self,
                                               JobsSequence *other);
JOBS_AVAILABLE_IN_1_0
void          jobs_sequence_requires          (JobsSequence *self,
                                               JobsAction   *other);
JOBS_AVAILABLE_IN_1_0
void          jobs_sequence_requires_sequence (JobsSequence *self,
                                               JobsSequence *other);
JOBS_AVAILABLE_IN_1_0
JobsAction   *jobs_sequence_get_first         (JobsSequence *self);
JOBS_AVAILABLE_IN_1_0
JobsAction   *jobs_sequence_get_last          (JobsSequence *self);
JOBS_AVAILABLE_IN_1_0
JobsEngine   *jobs_sequence_get_engine        (JobsSequence *self);

G_END_DECLS
