/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "jobs-bus-guard.h"

/* Names on a bus are never used again: what is known of one stays true. So many are kept */
#define KNOWN_MAX 1000

struct _JobsBusGuard
{
  GDBusConnection *connection;
  GCancellable    *cancellable;
  GHashTable      *known; /* unique name → whether it is ours */
};

/* A call that waits for the bus to say whose it is */
typedef struct
{
  JobsBusGuard           *guard;
  GDBusInterfaceSkeleton *interface;
  GDBusInterfaceVTable   *vtable;
  GDBusMethodInvocation  *invocation; /* (owned); returning takes it */
} Question;

void
jobs_bus_tell_gone (GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_CLOSED,
                                                 _("The run is not shown any more"));
}

static void
refuse (GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                                 _("This run belongs to another user"));
}

static void
let_through (GDBusInterfaceSkeleton *interface,
             GDBusInterfaceVTable   *vtable,
             GDBusMethodInvocation  *invocation)
{
  vtable->method_call (g_dbus_method_invocation_get_connection (invocation),
                       g_dbus_method_invocation_get_sender (invocation),
                       g_dbus_method_invocation_get_object_path (invocation),
                       g_dbus_method_invocation_get_interface_name (invocation),
                       g_dbus_method_invocation_get_method_name (invocation),
                       g_dbus_method_invocation_get_parameters (invocation),
                       invocation, interface);
}

static void
user_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Question *question = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint32 user = 0;
  gboolean ours;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &user);
  ours = reply != NULL && user == geteuid ();

  /* Without one, the guard may have gone */
  if (reply != NULL)
    {
      GHashTable *known = question->guard->known;

      if (g_hash_table_size (known) >= KNOWN_MAX)
        g_hash_table_remove_all (known);
      g_hash_table_insert (known, g_strdup (g_dbus_method_invocation_get_sender (question->invocation)),
                           GINT_TO_POINTER (ours));
    }

  if (ours)
    let_through (question->interface, question->vtable, question->invocation);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    jobs_bus_tell_gone (question->invocation);
  else
    refuse (question->invocation);
  g_object_unref (question->interface);
  g_free (question);
}

JobsBusGuard *
jobs_bus_guard_new (GDBusConnection *connection)
{
  JobsBusGuard *self = g_new0 (JobsBusGuard, 1);

  self->connection = g_object_ref (connection);
  self->cancellable = g_cancellable_new ();
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

static gboolean
is_peer_ours (JobsBusGuard *self)
{
  GCredentials *peer = g_dbus_connection_get_peer_credentials (self->connection);

  return peer != NULL && g_credentials_get_unix_user (peer, NULL) == geteuid ();
}

void
jobs_bus_guard_call (JobsBusGuard           *self,
                     GDBusInterfaceSkeleton *interface,
                     GDBusInterfaceVTable   *vtable,
                     GDBusMethodInvocation  *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  gpointer ours = NULL;
  Question *question;

  /* Between two alone, the socket has told */
  if (sender == NULL || g_hash_table_lookup_extended (self->known, sender, NULL, &ours))
    {
      if (sender == NULL ? is_peer_ours (self) : ours != NULL)
        let_through (interface, vtable, invocation);
      else
        refuse (invocation);
      return;
    }

  question = g_new (Question, 1);
  question->guard = self;
  question->interface = g_object_ref (interface);
  question->vtable = vtable;
  question->invocation = invocation;
  g_dbus_connection_call (self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionUnixUser", g_variant_new ("(s)", sender),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable,
                          user_cb, question);
}

void
jobs_bus_guard_free (JobsBusGuard *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->connection);
  g_hash_table_unref (self->known);
  g_free (self);
}
