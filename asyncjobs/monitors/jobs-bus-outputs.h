/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../jobs-action.h"

G_BEGIN_DECLS

/* What commands write, kept for those who ask for it by GetOutput, and no longer */
typedef struct _JobsBusOutputs JobsBusOutputs;

JobsBusOutputs *jobs_bus_outputs_new   (void);
/* Who still waits gets an error */
void            jobs_bus_outputs_free  (JobsBusOutputs        *self);
/* Takes the invocation, and answers it once there is something */
void            jobs_bus_outputs_get   (JobsBusOutputs        *self,
                                        JobsAction            *action,
                                        guint64                position,
                                        GDBusMethodInvocation *invocation);
/* Answers who waits for what has come meanwhile */
void            jobs_bus_outputs_flush (JobsBusOutputs        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusOutputs, jobs_bus_outputs_free)

G_END_DECLS
