/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../jobs-engine.h"

G_BEGIN_DECLS

#define JOBS_TYPE_BRANCH (jobs_branch_get_type ())

G_DECLARE_FINAL_TYPE (JobsBranch, jobs_branch, JOBS, BRANCH, GObject)

/* (transfer full): the line of an action */
typedef gpointer (*JobsBranchFunc) (JobsAction *action,
                                    gpointer    owner);

/* The lines of what one engine holds, made when they are asked for. Keeps neither the
 * engine nor the owner; without one of them it is empty */
GListModel *jobs_branch_new (JobsEngine    *engine,
                             GObject       *owner,
                             JobsBranchFunc func);

G_END_DECLS
