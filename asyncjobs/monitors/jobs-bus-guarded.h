/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-bus-guard.h"
#include "jobs-bus-skeletons.h"

G_BEGIN_DECLS

/* What stands on a bus for a run and for an action, whose methods are called for our own
 * user only.
 *
 * GDBus has a signal for that, g-authorize-method, which is emitted in another thread: it
 * would take one for each call, and find there what belongs to our context. Nor would a filter
 * of the connection hear of calls elsewhere. Here all is in our own, and before there is an
 * answer. */

/* Somebody reads a property, or calls a method other than GetChanges, which tells of actions by
 * itself */
typedef void (*JobsBusAskedFunc) (gpointer data);

/* Both as long as the guard and data are there, which are not kept: none is called that has
 * been taken off the bus */
JobsBusRun1    *jobs_bus_guarded_run_new    (JobsBusGuard    *guard,
                                             JobsBusAskedFunc asked,
                                             gpointer         data);
JobsBusAction1 *jobs_bus_guarded_action_new (JobsBusGuard    *guard);

G_END_DECLS
