/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "../actions/jobs-command-action.h"
#include "../jobs-engine.h"

#include "jobs-bus-names.h"
#include "jobs-bus-objects.h"
#include "jobs-engine-board-private.h"

/* GDBusObjectManagerServer serves a few hundred objects well, and each of them costs
 * some 30 µs and a message to all who listen whenever it changes. So there is one for
 * each action only where these are not many: see jobs-bus-monitor.c */

struct _JobsBusObjects
{
  GDBusObjectManagerServer *manager;
  char                     *path;
  JobsBusTable             *table;  /* (unowned) */
  JobsBusGuard             *guard;  /* (unowned) */
  JobsBusRun1              *run;
  GHashTable               *things; /* number → Thing */
  gboolean                  has_sent;
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
put (JobsBusObjects *self,
     const char     *path,
     gpointer        interface)
{
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (path);

  jobs_bus_guard_watch (self->guard, interface);
  g_dbus_object_skeleton_add_interface (object, interface);
  g_dbus_object_manager_server_export (self->manager, object);
  self->has_sent = TRUE;
}

/* Methods */

void
jobs_bus_cancel_row (JobsBusRow            *row,
                     GDBusMethodInvocation *invocation)
{
  g_autoptr (JobsLine) line = NULL;

  if (row == NULL)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, JOBS_BUS_ERROR_UNKNOWN, _("There is no such action"));
      return;
    }

  line = g_object_ref (row->line);
  jobs_action_cancel (JOBS_ACTION (jobs_line_get_source (line)));
  g_dbus_method_invocation_return_value (invocation, NULL);
}

void
jobs_bus_retry_row (JobsBusRow            *row,
                    GDBusMethodInvocation *invocation)
{
  g_autoptr (JobsLine) line = NULL;
  g_autoptr (GError) error = NULL;
  JobsAction *action = NULL;

  if (row != NULL)
    {
      line = g_object_ref (row->line);
      action = JOBS_ACTION (jobs_line_get_source (line));
    }

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
  GObject *action = row != NULL ? jobs_line_get_source (row->line) : NULL;
  g_autofree char *tail = NULL, *valid = NULL;

  if (JOBS_IS_COMMAND_ACTION (action))
    tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action));
  jobs_bus_action1_complete_get_output (skeleton, invocation, jobs_bus_text (tail, &valid));

  return TRUE;
}

/* Objects of actions */

static void
thing_free (gpointer data)
{
  Thing *thing = data;

  g_dbus_object_manager_server_unexport (thing->objects->manager, thing->path);
  thing->objects->has_sent = TRUE;
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
      JobsBusRow *row = jobs_bus_table_find_action (self->table, others->pdata[i]);
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
        jobs_bus_action1_set_requirements (thing->skeleton,
                                           make_requirements (self, JOBS_ACTION (jobs_line_get_source (row->line))));
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
  thing->skeleton = jobs_bus_action1_skeleton_new ();
  g_signal_connect (thing->skeleton, "handle-cancel", G_CALLBACK (cancel_cb), thing);
  g_signal_connect (thing->skeleton, "handle-retry", G_CALLBACK (retry_cb), thing);
  g_signal_connect (thing->skeleton, "handle-get-output", G_CALLBACK (get_output_cb), thing);
  set_facts (thing, row);
  set_news (thing, row);
  g_hash_table_insert (self->things, GUINT_TO_POINTER (row->number), thing);
  put (self, thing->path, thing->skeleton);
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
  g_dbus_object_manager_server_set_connection (self->manager, connection);
}

JobsBusObjects *
jobs_bus_objects_new (const char   *path,
                      JobsBusTable *table,
                      JobsBusGuard *guard)
{
  JobsBusObjects *self = g_new0 (JobsBusObjects, 1);
  g_autofree char *run = NULL;

  self->manager = g_dbus_object_manager_server_new (path);
  self->path = g_strdup (path);
  self->table = table;
  self->guard = guard;
  self->things = g_hash_table_new_full (NULL, NULL, NULL, thing_free);
  self->run = jobs_bus_run1_skeleton_new ();
  run = dup_path (self, 0);
  put (self, run, self->run);

  return self;
}

void
jobs_bus_objects_free (JobsBusObjects *self)
{
  /* First, so that nobody is told of each of them */
  g_dbus_object_manager_server_set_connection (self->manager, NULL);
  g_hash_table_unref (self->things);
  g_object_unref (self->run);
  g_object_unref (self->manager);
  g_free (self->path);
  g_free (self);
}
