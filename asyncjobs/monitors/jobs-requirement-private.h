/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-requirement.h"

G_BEGIN_DECLS

JobsRequirement *jobs_requirement_new  (JobsLine     *line,
                                        JobsLine     *other,
                                        JobsCondition condition);
/* (transfer full) (element-type JobsRequirement): for some of them, which it frees */
GPtrArray       *jobs_requirements_new (void);

G_END_DECLS
