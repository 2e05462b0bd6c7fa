/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-bus-guarded.h"
#include "jobs-bus-table.h"

G_BEGIN_DECLS

/* The objects that stand on a bus for a run and for rows of its table */
typedef struct _JobsBusObjects JobsBusObjects;

/* path: that of the object manager, all others are below it. asked: somebody asks for
 * something, and they are not open yet: before he is answered, those are to be added that
 * there should be, and opened */
JobsBusObjects *jobs_bus_objects_new              (const char      *path,
                                                   JobsBusTable    *table,
                                                   JobsBusGuard    *guard,
                                                   JobsBusAskedFunc asked,
                                                   gpointer         data);
/* Nothing is on the bus afterwards */
void            jobs_bus_objects_free             (JobsBusObjects  *self);

JobsBusRun1    *jobs_bus_objects_get_run          (JobsBusObjects  *self);
/* From now on the run is on the bus */
void            jobs_bus_objects_show             (JobsBusObjects  *self,
                                                   GDBusConnection *connection);
/* And actions are, of which nobody is told that they have come, and later ones, of which all
 * who listen are */
void            jobs_bus_objects_open             (JobsBusObjects  *self);
gboolean        jobs_bus_objects_are_open         (JobsBusObjects  *self);

void            jobs_bus_objects_add              (JobsBusObjects  *self,
                                                   JobsBusRow      *row);
/* Takes away those that are not among rows (element-type JobsBusRow) and adds those
 * that are; of the former, the table forgets the row */
void            jobs_bus_objects_keep_only        (JobsBusObjects  *self,
                                                   GPtrArray       *rows);
/* Takes away what has no row any more */
void            jobs_bus_objects_drop_removed     (JobsBusObjects  *self);
/* Tells of what has changed. Does nothing where it has no object */
void            jobs_bus_objects_update           (JobsBusObjects  *self,
                                                   JobsBusRow      *row);
void            jobs_bus_objects_update_all       (JobsBusObjects  *self);
/* Tells of what has been set of the run */
void            jobs_bus_objects_tell_run         (JobsBusObjects  *self);
/* Something may have been sent since the last time */
gboolean        jobs_bus_objects_take_sent        (JobsBusObjects  *self);
/* Requirements lead to objects, which may have come later */
void            jobs_bus_objects_set_requirements (JobsBusObjects  *self);

/* Of an action, wherever the wish came from; takes the invocation, and answers it */
void            jobs_bus_cancel_row               (JobsBusRow            *row,
                                                   GDBusMethodInvocation *invocation);
void            jobs_bus_retry_row                (JobsBusRow            *row,
                                                   GDBusMethodInvocation *invocation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusObjects, jobs_bus_objects_free)

G_END_DECLS
