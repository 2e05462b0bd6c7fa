/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-bus-table.h"

G_BEGIN_DECLS

/* Who calls GetChanges, and waits until there are some */
typedef struct _JobsBusCallers JobsBusCallers;

JobsBusCallers *jobs_bus_callers_new        (JobsBusTable          *table,
                                             JobsBoard             *board);
/* Who still waits gets an error */
void            jobs_bus_callers_free       (JobsBusCallers        *self);
/* Takes the invocation, and answers it now or later */
void            jobs_bus_callers_ask        (JobsBusCallers        *self,
                                             guint64                since,
                                             guint                  known,
                                             guint                  max,
                                             GDBusMethodInvocation *invocation);
/* Answers those for whom there is something, half as often as the board tells of changes at most; from
 * now on at once, where that is hurried */
void            jobs_bus_callers_answer     (JobsBusCallers        *self,
                                             gboolean               is_hurried);
/* All who follow the run have heard the last of it, as far as we can know */
gboolean        jobs_bus_callers_have_heard (JobsBusCallers        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusCallers, jobs_bus_callers_free)

G_END_DECLS
