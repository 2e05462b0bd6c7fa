/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <signal.h>

#include "jobs-bus-connect.h"

/* Where a program handles SIGCHLD, that of each command that ends wakes any thread that does not
 * block it, for nothing: of what a connection costs a run of short commands, that may be nearly
 * all. Other signals stay as they are, for what is blocked here may reach programs that are begun
 * by threads of a pool. Threads inherit what they block from who makes them, and the one of GDBus
 * is made where the first connection of the program is opened. And no thread of a pool is to stay
 * behind, which takes it as well */

typedef struct
{
  GTask          *task;
  GTaskThreadFunc func;
} Work;

static gpointer
work_cb (gpointer data)
{
  Work *work = data;
  GTask *task = work->task;

  work->func (task, g_task_get_source_object (task), NULL, g_task_get_cancellable (task));
  g_free (work);
  g_object_unref (task);

  return NULL;
}

/* Takes the task */
static void
run_in_thread (GTask          *task,
               GTaskThreadFunc func)
{
  Work *work = g_new (Work, 1);
  GError *error = NULL;
  GThread *thread;

  work->task = task;
  work->func = func;
  thread = g_thread_try_new ("asyncjobs-bus", work_cb, work, &error);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return;
    }

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", error->message);
  g_error_free (error);
  g_object_unref (task);
  g_free (work);
}

/* It may look for a bus that is not there by running programs, which inherit what is blocked:
 * here nothing is */
static void
find_address (GTask        *task,
              gpointer      source,
              gpointer      data,
              GCancellable *cancellable)
{
  GError *error = NULL;
  char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, cancellable, &error);

  if (address != NULL)
    g_task_return_pointer (task, address, g_free);
  else
    g_task_return_error (task, error);
}

static void
open_connection (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  GError *error = NULL;
  sigset_t ends;

  sigemptyset (&ends);
  sigaddset (&ends, SIGCHLD);
  pthread_sigmask (SIG_BLOCK, &ends, NULL);
  if (g_initable_init (G_INITABLE (source), cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_pointer (task, g_object_ref (source), g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
address_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autofree char *address = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (GDBusConnection) connection = NULL;

  if (address == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* It is made here, in the context where it belongs, and opened there */
  connection = g_object_new (G_TYPE_DBUS_CONNECTION, "address", address, "flags",
                             G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                               G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                             NULL);
  run_in_thread (g_task_new (connection, g_task_get_cancellable (task), opened_cb, g_object_ref (task)),
                 open_connection);
}

void
jobs_bus_connect_async (GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, jobs_bus_connect_async);
  run_in_thread (g_task_new (NULL, cancellable, address_cb, task), find_address);
}

GDBusConnection *
jobs_bus_connect_finish (GAsyncResult *result,
                         GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
