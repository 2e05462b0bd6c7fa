/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "jobs-line.h"

G_BEGIN_DECLS

#define JOBS_TYPE_REQUIREMENT (jobs_requirement_get_type ())

typedef struct _JobsRequirement JobsRequirement;

/**
 * JobsRequirement:
 * @line: the line of an action
 * @other: that of another one, which it requires
 * @condition: when that requirement is met
 *
 * What one action requires, as a monitor shows it: see
 * [method@Board.list_requirements_async].
 *
 * Since: 1.0
 */
struct _JobsRequirement
{
  JobsLine     *line;
  JobsLine     *other;
  JobsCondition condition;
};

JOBS_AVAILABLE_IN_1_0
GType            jobs_requirement_get_type (void) G_GNUC_CONST;
JOBS_AVAILABLE_IN_1_0
JobsRequirement *jobs_requirement_copy     (const JobsRequirement *self);
JOBS_AVAILABLE_IN_1_0
void             jobs_requirement_free     (JobsRequirement       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsRequirement, jobs_requirement_free)

G_END_DECLS
