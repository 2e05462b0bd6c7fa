/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../jobs-action.h"

G_BEGIN_DECLS

/* The actions that run, in the order of their starts */
typedef struct _JobsActive JobsActive;

JobsActive *jobs_active_new       (void);
void        jobs_active_free      (JobsActive *self);
void        jobs_active_clear     (JobsActive *self);
/* To be called when its state has changed, at once or later: looks whether it runs now, and
 * since when */
void        jobs_active_note      (JobsActive *self,
                                   JobsAction *action);
gboolean    jobs_active_contains  (JobsActive *self,
                                   JobsAction *action);
/* (element-type JobsAction): the first one; borrowed, until the next change */
GList      *jobs_active_get_first (JobsActive *self);

G_END_DECLS
