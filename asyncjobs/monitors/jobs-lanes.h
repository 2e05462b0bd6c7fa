/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bars in as few rows as they need so that none lies on another */
typedef struct _JobsLanes JobsLanes;

JobsLanes *jobs_lanes_new  (void);
void       jobs_lanes_free (JobsLanes *self);
/* The lowest one that is free at that time; it is taken until it is given back */
guint      jobs_lanes_take (JobsLanes *self,
                            gint64     start);
void       jobs_lanes_give (JobsLanes *self,
                            guint      lane,
                            gint64     end);
/* How many there are */
guint      jobs_lanes_count (JobsLanes *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsLanes, jobs_lanes_free)

G_END_DECLS
