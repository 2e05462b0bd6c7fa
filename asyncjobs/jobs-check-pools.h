/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-action-private.h"

G_BEGIN_DECLS

/* Circles of engines each of which holds a pool while something inside it waits for
 * one that the next engine holds. Whether it comes to that is a matter of who is
 * first: they are worth a warning, and no error. */
typedef struct _JobsCheckPools JobsCheckPools;

JobsCheckPools *jobs_check_pools_new      (void);
void            jobs_check_pools_free     (JobsCheckPools *self);
/* An action that needs pools; holder (nullable) is the innermost engine around it that
 * needs some itself */
void            jobs_check_pools_add      (JobsCheckPools *self,
                                           JobsAction     *action,
                                           JobsEngine     *holder);
/* A line for each circle, (element-type utf8). Linear, where there are few. User code
 * is called */
void            jobs_check_pools_describe (JobsCheckPools *self,
                                           GPtrArray      *lines);

G_END_DECLS
