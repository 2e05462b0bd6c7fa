/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-bus-guarded.h"

static GDBusInterfaceVTable *
get_vtable_of (gpointer klass,
               gpointer interface)
{
  return G_DBUS_INTERFACE_SKELETON_CLASS (klass)->get_vtable (interface);
}

/* The run */

#define JOBS_BUS_TYPE_GUARDED_RUN (jobs_bus_guarded_run_get_type ())

G_DECLARE_FINAL_TYPE (JobsBusGuardedRun, jobs_bus_guarded_run, JOBS_BUS, GUARDED_RUN, JobsBusRun1Skeleton)

struct _JobsBusGuardedRun
{
  JobsBusRun1Skeleton parent_instance;

  JobsBusGuard    *guard;
  JobsBusAskedFunc asked;
  gpointer         data;
};

G_DEFINE_FINAL_TYPE (JobsBusGuardedRun, jobs_bus_guarded_run, JOBS_BUS_TYPE_RUN1_SKELETON)

static void
run_method_call (GDBusConnection       *connection,
                 const char            *sender,
                 const char            *path,
                 const char            *interface,
                 const char            *method,
                 GVariant              *arguments,
                 GDBusMethodInvocation *invocation,
                 gpointer               data)
{
  JobsBusGuardedRun *self = data;

  if (!g_str_equal (method, "GetChanges"))
    self->asked (self->data);
  jobs_bus_guard_call (self->guard, data, get_vtable_of (jobs_bus_guarded_run_parent_class, self), invocation);
}

static GVariant *
run_get_property (GDBusConnection *connection,
                  const char      *sender,
                  const char      *path,
                  const char      *interface,
                  const char      *property,
                  GError         **error,
                  gpointer         data)
{
  JobsBusGuardedRun *self = data;

  self->asked (self->data);

  return get_vtable_of (jobs_bus_guarded_run_parent_class, self)
    ->get_property (connection, sender, path, interface, property, error, data);
}

static GDBusInterfaceVTable *
jobs_bus_guarded_run_get_vtable (GDBusInterfaceSkeleton *interface)
{
  static GDBusInterfaceVTable vtable = { run_method_call, run_get_property };

  return &vtable;
}

static void
jobs_bus_guarded_run_class_init (JobsBusGuardedRunClass *klass)
{
  G_DBUS_INTERFACE_SKELETON_CLASS (klass)->get_vtable = jobs_bus_guarded_run_get_vtable;
}

static void
jobs_bus_guarded_run_init (JobsBusGuardedRun *self)
{
}

JobsBusRun1 *
jobs_bus_guarded_run_new (JobsBusGuard    *guard,
                          JobsBusAskedFunc asked,
                          gpointer         data)
{
  JobsBusGuardedRun *self = g_object_new (JOBS_BUS_TYPE_GUARDED_RUN, NULL);

  self->guard = guard;
  self->asked = asked;
  self->data = data;

  return JOBS_BUS_RUN1 (self);
}

/* An action */

#define JOBS_BUS_TYPE_GUARDED_ACTION (jobs_bus_guarded_action_get_type ())

G_DECLARE_FINAL_TYPE (JobsBusGuardedAction, jobs_bus_guarded_action, JOBS_BUS, GUARDED_ACTION, JobsBusAction1Skeleton)

struct _JobsBusGuardedAction
{
  JobsBusAction1Skeleton parent_instance;

  JobsBusGuard *guard;
};

G_DEFINE_FINAL_TYPE (JobsBusGuardedAction, jobs_bus_guarded_action, JOBS_BUS_TYPE_ACTION1_SKELETON)

static void
action_method_call (GDBusConnection       *connection,
                    const char            *sender,
                    const char            *path,
                    const char            *interface,
                    const char            *method,
                    GVariant              *arguments,
                    GDBusMethodInvocation *invocation,
                    gpointer               data)
{
  JobsBusGuardedAction *self = data;

  jobs_bus_guard_call (self->guard, data, get_vtable_of (jobs_bus_guarded_action_parent_class, self), invocation);
}

static GDBusInterfaceVTable action_vtable;

static GDBusInterfaceVTable *
jobs_bus_guarded_action_get_vtable (GDBusInterfaceSkeleton *interface)
{
  return &action_vtable;
}

static void
jobs_bus_guarded_action_class_init (JobsBusGuardedActionClass *klass)
{
  /* One for all, whichever asks for it: properties are read as ever */
  action_vtable = *get_vtable_of (jobs_bus_guarded_action_parent_class, NULL);
  action_vtable.method_call = action_method_call;
  G_DBUS_INTERFACE_SKELETON_CLASS (klass)->get_vtable = jobs_bus_guarded_action_get_vtable;
}

static void
jobs_bus_guarded_action_init (JobsBusGuardedAction *self)
{
}

JobsBusAction1 *
jobs_bus_guarded_action_new (JobsBusGuard *guard)
{
  JobsBusGuardedAction *self = g_object_new (JOBS_BUS_TYPE_GUARDED_ACTION, NULL);

  self->guard = guard;

  return JOBS_BUS_ACTION1 (self);
}
