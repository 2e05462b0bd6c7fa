/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "../actions/jobs-command-action.h"
#include "../jobs-engine.h"

#include "jobs-bus-names.h"
#include "jobs-bus-objects.h"
#include "jobs-bus-words.h"
#include "jobs-engine-board-private.h"

/* Each object costs some 30 µs and a message to all who listen whenever it changes. So there
 * is one for each action only where these are not many, see jobs-bus-monitor.c, and there is
 * none before somebody has asked for anything but changes: a run that nobody watches, or a
 * board, does not pay for them. That is noticed here, in our own context and before the call is answered, which
 * GDBusObjectManagerServer does not tell of */

struct _JobsBusObjects
{
  JobsBusObjectManager *manager;
  char                 *path;
  JobsBusTable         *table;  /* (unowned) */
  JobsBusGuard         *guard;  /* (unowned) */
  JobsBusRun1          *run;
  GHashTable           *things; /* number → Thing */

  JobsBusAskedFunc asked;
  gpointer         data;

  GDBusConnection *connection;  /* NULL: nothing is shown yet */
  guint            place;       /* where actions are, whether there is one or not */
  gboolean         is_open;     /* somebody has asked: actions have their objects */
  gboolean         has_sent;
};

/* What stands for one action */
typedef struct
{
  JobsBusObjects *objects;
  guint           number;
  char           *path;
  JobsBusAction1 *skeleton;
} Thing;

static char *
dup_path (JobsBusObjects *self,
          guint           number)
{
  return number == 0 ? g_strconcat (self->path, "/run", NULL)
                     : g_strdup_printf ("%s/actions/%u", self->path, number);
}

static void
export (JobsBusObjects *self,
        gpointer        interface,
        const char     *path)
{
  g_autoptr (GError) error = NULL;

  if (!g_dbus_interface_skeleton_export (interface, self->connection, path, &error))
    g_warning ("%s: %s", path, error->message);
}

static void
unexport (gpointer interface)
{
  if (g_dbus_interface_skeleton_get_connection (interface) != NULL)
    g_dbus_interface_skeleton_unexport (interface);
}

/* (transfer floating): of an object that has one alone */
static GVariant *
get_interfaces (gpointer interface)
{
  g_autoptr (GVariant) properties = g_dbus_interface_skeleton_get_properties (interface);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (&builder, "{s@a{sv}}", g_dbus_interface_skeleton_get_info (interface)->name, properties);

  return g_variant_builder_end (&builder);
}

/* Methods */

void
jobs_bus_cancel_row (JobsBusRow            *row,
                     GDBusMethodInvocation *invocation)
{
  g_autoptr (JobsAction) action = NULL;

  if (row == NULL)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, JOBS_BUS_ERROR_UNKNOWN, _("There is no such action"));
      return;
    }

  action = g_object_ref (row->action);
  jobs_action_cancel (action);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

void
jobs_bus_retry_row (JobsBusRow            *row,
                    GDBusMethodInvocation *invocation)
{
  g_autoptr (JobsAction) action = row != NULL ? g_object_ref (row->action) : NULL;
  g_autoptr (GError) error = NULL;

  if (action == NULL || jobs_action_get_engine (action) == NULL)
    g_dbus_method_invocation_return_dbus_error (invocation, JOBS_BUS_ERROR_UNKNOWN, _("There is no such action"));
  else if (!jobs_engine_board_retry (action, &error))
    g_dbus_method_invocation_return_dbus_error (invocation, JOBS_BUS_ERROR_REFUSED, error->message);
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}

static gboolean
cancel_cb (JobsBusAction1        *skeleton,
           GDBusMethodInvocation *invocation,
           Thing                 *thing)
{
  jobs_bus_cancel_row (jobs_bus_table_get (thing->objects->table, thing->number), invocation);

  return TRUE;
}

static gboolean
retry_cb (JobsBusAction1        *skeleton,
          GDBusMethodInvocation *invocation,
          Thing                 *thing)
{
  jobs_bus_retry_row (jobs_bus_table_get (thing->objects->table, thing->number), invocation);

  return TRUE;
}

static gboolean
get_output_cb (JobsBusAction1        *skeleton,
               GDBusMethodInvocation *invocation,
               Thing                 *thing)
{
  JobsBusRow *row = jobs_bus_table_get (thing->objects->table, thing->number);
  JobsAction *action = row != NULL ? row->action : NULL;
  g_autofree char *tail = NULL, *valid = NULL;

  if (JOBS_IS_COMMAND_ACTION (action))
    tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action));
  jobs_bus_action1_complete_get_output (skeleton, invocation, jobs_bus_text (tail, &valid));

  return TRUE;
}

/* Objects of actions */

/* Whoever has not asked is not told */
static void
put (Thing *thing)
{
  JobsBusObjects *self = thing->objects;

  export (self, thing->skeleton, thing->path);
  if (!self->is_open)
    return;

  jobs_bus_object_manager_emit_interfaces_added (self->manager, thing->path, get_interfaces (thing->skeleton));
  self->has_sent = TRUE;
}

static void
thing_free (gpointer data)
{
  static const char *const interfaces[] = { JOBS_BUS_ACTION_INTERFACE, NULL };
  Thing *thing = data;
  JobsBusRow *row = jobs_bus_table_get (thing->objects->table, thing->number);

  if (row != NULL)
    jobs_bus_table_set_object (thing->objects->table, row, FALSE);
  jobs_bus_object_manager_emit_interfaces_removed (thing->objects->manager, thing->path, interfaces);
  thing->objects->has_sent = TRUE;
  unexport (thing->skeleton);
  g_signal_handlers_disconnect_by_data (thing->skeleton, thing);
  g_object_unref (thing->skeleton);
  g_free (thing->path);
  g_free (thing);
}

static void
set_facts (Thing      *thing,
           JobsBusRow *row)
{
  g_autofree char *parent = dup_path (thing->objects, row->parent);
  g_autofree char *path = NULL, *label = NULL, *details = NULL;
  JobsBusAction1 *skeleton = thing->skeleton;

  jobs_bus_action1_set_path (skeleton, jobs_bus_text (jobs_line_get_path (row->line), &path));
  jobs_bus_action1_set_label (skeleton, jobs_bus_text (jobs_line_get_label (row->line), &label));
  jobs_bus_action1_set_details (skeleton, jobs_bus_text (jobs_line_get_details (row->line), &details));
  jobs_bus_action1_set_critical (skeleton, jobs_line_get_critical (row->line));
  jobs_bus_action1_set_forever (skeleton, jobs_line_get_forever (row->line));
  jobs_bus_action1_set_is_engine (skeleton, jobs_line_get_children (row->line) != NULL);
  jobs_bus_action1_set_parent (skeleton, parent);
  jobs_bus_action1_set_requirements (skeleton, g_variant_new ("a(os)", NULL));
}

static void
set_news (Thing      *thing,
          JobsBusRow *row)
{
  g_autofree char *message = NULL, *error = NULL;
  JobsBusAction1 *skeleton = thing->skeleton;

  jobs_bus_action1_set_state (skeleton, jobs_state_get_nick (jobs_line_get_state (row->line)));
  jobs_bus_action1_set_start_time (skeleton, jobs_line_get_start_time (row->line));
  jobs_bus_action1_set_end_time (skeleton, jobs_line_get_end_time (row->line));
  jobs_bus_action1_set_attempts (skeleton, jobs_line_get_attempts (row->line));
  jobs_bus_action1_set_progress (skeleton, jobs_line_get_progress (row->line));
  jobs_bus_action1_set_message (skeleton, jobs_bus_text (jobs_line_get_message (row->line), &message));
  jobs_bus_action1_set_error (skeleton, jobs_bus_text (jobs_line_get_error (row->line), &error));
}

/* Now, and not in the next turn: whoever flushes the connection means it too. What has not
 * changed after all is not sent, and waited for in vain, which costs less than to know */
static void
flush (JobsBusObjects *self,
       gpointer        interface)
{
  g_dbus_interface_skeleton_flush (interface);
  self->has_sent = TRUE;
}

static void
tell_news (Thing      *thing,
           JobsBusRow *row)
{
  set_news (thing, row);
  flush (thing->objects, thing->skeleton);
}

static GVariant *
make_requirements (JobsBusObjects *self,
                   JobsAction     *action)
{
  g_autoptr (GPtrArray) others = jobs_action_dup_requirements (action);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(os)"));
  for (guint i = 0; i < others->len; i++)
    {
      JobsBusRow *row = jobs_bus_table_find (self->table, others->pdata[i]);
      g_autofree char *path = row != NULL ? dup_path (self, row->number) : NULL;
      JobsCondition condition;

      if (row != NULL && jobs_action_get_requirement (action, others->pdata[i], &condition))
        g_variant_builder_add (&builder, "(os)", path, jobs_bus_get_word (condition));
    }

  return g_variant_builder_end (&builder);
}

void
jobs_bus_objects_set_requirements (JobsBusObjects *self)
{
  GHashTableIter iter;
  Thing *thing;

  g_hash_table_iter_init (&iter, self->things);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &thing))
    {
      JobsBusRow *row = jobs_bus_table_get (self->table, thing->number);

      if (row != NULL)
        jobs_bus_action1_set_requirements (thing->skeleton, make_requirements (self, row->action));
    }
}

void
jobs_bus_objects_add (JobsBusObjects *self,
                      JobsBusRow     *row)
{
  Thing *thing;

  if (g_hash_table_contains (self->things, GUINT_TO_POINTER (row->number)))
    return;

  thing = g_new0 (Thing, 1);
  thing->objects = self;
  thing->number = row->number;
  thing->path = dup_path (self, row->number);
  thing->skeleton = jobs_bus_guarded_action_new (self->guard);
  g_signal_connect (thing->skeleton, "handle-cancel", G_CALLBACK (cancel_cb), thing);
  g_signal_connect (thing->skeleton, "handle-retry", G_CALLBACK (retry_cb), thing);
  g_signal_connect (thing->skeleton, "handle-get-output", G_CALLBACK (get_output_cb), thing);
  jobs_bus_table_set_object (self->table, row, TRUE);
  set_facts (thing, row);
  set_news (thing, row);
  g_hash_table_insert (self->things, GUINT_TO_POINTER (row->number), thing);
  if (self->is_open)
    put (thing);
}

void
jobs_bus_objects_keep_only (JobsBusObjects *self,
                            GPtrArray      *rows)
{
  g_autoptr (GHashTable) kept = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer number;

  for (guint i = 0; i < rows->len; i++)
    {
      JobsBusRow *row = rows->pdata[i];

      g_hash_table_add (kept, GUINT_TO_POINTER (row->number));
      jobs_bus_objects_add (self, row);
    }

  g_hash_table_iter_init (&iter, self->things);
  while (g_hash_table_iter_next (&iter, &number, NULL))
    if (!g_hash_table_contains (kept, number))
      {
        g_hash_table_iter_remove (&iter);
        jobs_bus_table_release (self->table, GPOINTER_TO_UINT (number));
      }
}

void
jobs_bus_objects_drop_removed (JobsBusObjects *self)
{
  GHashTableIter iter;
  gpointer number;

  g_hash_table_iter_init (&iter, self->things);
  while (g_hash_table_iter_next (&iter, &number, NULL))
    if (jobs_bus_table_get (self->table, GPOINTER_TO_UINT (number)) == NULL)
      g_hash_table_iter_remove (&iter);
}

void
jobs_bus_objects_update (JobsBusObjects *self,
                         JobsBusRow     *row)
{
  Thing *thing = g_hash_table_lookup (self->things, GUINT_TO_POINTER (row->number));

  if (thing != NULL)
    tell_news (thing, row);
}

void
jobs_bus_objects_update_all (JobsBusObjects *self)
{
  GHashTableIter iter;
  Thing *thing;

  g_hash_table_iter_init (&iter, self->things);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &thing))
    {
      JobsBusRow *row = jobs_bus_table_get (self->table, thing->number);

      if (row != NULL)
        tell_news (thing, row);
    }
}

/* Somebody asks */

static void
ask (gpointer data)
{
  JobsBusObjects *self = data;

  if (!self->is_open)
    self->asked (self->data);
}

static gboolean
get_managed_objects_cb (JobsBusObjectManager  *manager,
                        GDBusMethodInvocation *invocation,
                        JobsBusObjects        *self)
{
  g_autofree char *run = dup_path (self, 0);
  GVariantBuilder builder;
  GHashTableIter iter;
  Thing *thing;

  ask (self);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  g_variant_builder_add (&builder, "{o@a{sa{sv}}}", run, get_interfaces (self->run));
  g_hash_table_iter_init (&iter, self->things);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &thing))
    g_variant_builder_add (&builder, "{o@a{sa{sv}}}", thing->path, get_interfaces (thing->skeleton));
  jobs_bus_object_manager_complete_get_managed_objects (manager, invocation, g_variant_builder_end (&builder));

  return TRUE;
}

/* Where actions have their objects, GDBus asks us for those that it does not know: so the first
 * who looks for them there, or for one of them, finds them, too. Later there are none
 * that it does not know */

static Thing *
find_thing (JobsBusObjects *self,
            const char     *name)
{
  guint64 number;
  Thing *thing;

  if (name == NULL || !g_ascii_string_to_unsigned (name, 10, 1, G_MAXUINT, &number, NULL))
    return NULL;

  thing = g_hash_table_lookup (self->things, GUINT_TO_POINTER ((guint) number));

  return thing != NULL && g_str_has_suffix (thing->path, name) ? thing : NULL;
}

static GDBusInterfaceVTable *
get_vtable (Thing *thing)
{
  return g_dbus_interface_skeleton_get_vtable (G_DBUS_INTERFACE_SKELETON (thing->skeleton));
}

static char **
enumerate_cb (GDBusConnection *connection,
              const char      *sender,
              const char      *place,
              gpointer         data)
{
  ask (data);

  return NULL;
}

static GDBusInterfaceInfo **
introspect_cb (GDBusConnection *connection,
               const char      *sender,
               const char      *place,
               const char      *name,
               gpointer         data)
{
  GDBusInterfaceInfo **interfaces;
  Thing *thing;

  ask (data);
  thing = find_thing (data, name);
  if (thing == NULL)
    return NULL;

  interfaces = g_new0 (GDBusInterfaceInfo *, 2);
  interfaces[0] =
    g_dbus_interface_info_ref (g_dbus_interface_skeleton_get_info (G_DBUS_INTERFACE_SKELETON (thing->skeleton)));

  return interfaces;
}

/* Both come a turn later, when the object may have gone again */

static void
method_call (GDBusConnection       *connection,
             const char            *sender,
             const char            *path,
             const char            *interface,
             const char            *method,
             GVariant              *arguments,
             GDBusMethodInvocation *invocation,
             gpointer               data)
{
  Thing *thing = find_thing (data, strrchr (path, '/') + 1);

  if (thing == NULL)
    g_dbus_method_invocation_return_dbus_error (invocation, JOBS_BUS_ERROR_UNKNOWN, _("There is no such action"));
  else
    get_vtable (thing)->method_call (connection, sender, path, interface, method, arguments, invocation,
                                     thing->skeleton);
}

static GVariant *
get_property (GDBusConnection *connection,
              const char      *sender,
              const char      *path,
              const char      *interface,
              const char      *property,
              GError         **error,
              gpointer         data)
{
  Thing *thing = find_thing (data, strrchr (path, '/') + 1);

  if (thing == NULL)
    {
      g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT, _("There is no such action"));
      return NULL;
    }

  return get_vtable (thing)->get_property (connection, sender, path, interface, property, error, thing->skeleton);
}

static const GDBusInterfaceVTable *
dispatch_cb (GDBusConnection *connection,
             const char      *sender,
             const char      *place,
             const char      *interface,
             const char      *name,
             gpointer        *user_data,
             gpointer         data)
{
  static const GDBusInterfaceVTable vtable = { method_call, get_property };

  *user_data = data;

  return &vtable;
}

void
jobs_bus_objects_open (JobsBusObjects *self)
{
  GHashTableIter iter;
  Thing *thing;

  jobs_bus_objects_set_requirements (self);
  g_hash_table_iter_init (&iter, self->things);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &thing))
    put (thing);
  self->is_open = TRUE;
}

gboolean
jobs_bus_objects_are_open (JobsBusObjects *self)
{
  return self->is_open;
}

/* All of them */

JobsBusRun1 *
jobs_bus_objects_get_run (JobsBusObjects *self)
{
  return self->run;
}

void
jobs_bus_objects_tell_run (JobsBusObjects *self)
{
  flush (self, self->run);
}

gboolean
jobs_bus_objects_take_sent (JobsBusObjects *self)
{
  gboolean has_sent = self->has_sent;

  self->has_sent = FALSE;

  return has_sent;
}

void
jobs_bus_objects_show (JobsBusObjects  *self,
                       GDBusConnection *connection)
{
  static const GDBusSubtreeVTable vtable = { enumerate_cb, introspect_cb, dispatch_cb };
  g_autofree char *run = dup_path (self, 0);
  g_autofree char *place = g_strconcat (self->path, "/actions", NULL);
  g_autoptr (GError) error = NULL;

  self->connection = g_object_ref (connection);
  export (self, self->manager, self->path);
  export (self, self->run, run);
  self->place = g_dbus_connection_register_subtree (connection, place, &vtable,
                                                    G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, self, NULL,
                                                    &error);
  if (self->place == 0)
    g_warning ("%s: %s", place, error->message);
}

JobsBusObjects *
jobs_bus_objects_new (const char      *path,
                      JobsBusTable    *table,
                      JobsBusGuard    *guard,
                      JobsBusAskedFunc asked,
                      gpointer         data)
{
  JobsBusObjects *self = g_new0 (JobsBusObjects, 1);

  self->path = g_strdup (path);
  self->table = table;
  self->guard = guard;
  self->asked = asked;
  self->data = data;
  self->things = g_hash_table_new_full (NULL, NULL, NULL, thing_free);
  self->manager = jobs_bus_object_manager_skeleton_new ();
  g_signal_connect (self->manager, "handle-get-managed-objects", G_CALLBACK (get_managed_objects_cb), self);
  self->run = jobs_bus_guarded_run_new (guard, ask, self);

  return self;
}

void
jobs_bus_objects_free (JobsBusObjects *self)
{
  /* First, so that nobody is told of each of them */
  unexport (self->manager);
  if (self->place != 0)
    g_dbus_connection_unregister_subtree (self->connection, self->place);
  g_hash_table_unref (self->things);
  unexport (self->run);
  g_signal_handlers_disconnect_by_data (self->manager, self);
  g_object_unref (self->run);
  g_object_unref (self->manager);
  g_clear_object (&self->connection);
  g_free (self->path);
  g_free (self);
}
