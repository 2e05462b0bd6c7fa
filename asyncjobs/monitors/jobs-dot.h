/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-engine.h"

G_BEGIN_DECLS

JOBS_AVAILABLE_IN_1_0
char *jobs_engine_to_dot (JobsEngine *self);

G_END_DECLS
