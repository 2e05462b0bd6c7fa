/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sees to it that methods are called by our own user alone */
typedef struct _JobsBusGuard JobsBusGuard;

JobsBusGuard *jobs_bus_guard_new  (GDBusConnection        *connection);
/* Has a method called by the table that GDBus would have called it by, now or when it is
 * known whose the call is, or refuses it; takes the invocation */
void          jobs_bus_guard_call (JobsBusGuard           *self,
                                   GDBusInterfaceSkeleton *interface,
                                   GDBusInterfaceVTable   *vtable,
                                   GDBusMethodInvocation  *invocation);
/* Calls whose caller is not known yet are told that the run has gone */
void          jobs_bus_guard_free (JobsBusGuard           *self);

/* Tells who waits for an answer that the run is not shown any more; takes the invocation */
void          jobs_bus_tell_gone  (GDBusMethodInvocation  *invocation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsBusGuard, jobs_bus_guard_free)

G_END_DECLS
