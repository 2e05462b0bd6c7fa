/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <sys/wait.h>
#include <unistd.h>

#include "jobs-client.h"
#include "jobs-local-node.h"
#include "jobs-process-private.h"

typedef struct
{
  JobsProcess   *process;
  GString       *words[2];
  JobsClientFunc func;
  gpointer       user_data;
} Client;

static void
client_finish (Client *self,
               int     status)
{
  self->func (status, self->words[0]->str, self->words[1]->str, self->user_data);

  g_string_free (self->words[0], TRUE);
  g_string_free (self->words[1], TRUE);
  g_clear_object (&self->process);
  g_free (self);
}

static void
client_output (JobsProcess  *process,
               guint         stream,
               const guint8 *data,
               gsize         size,
               gpointer      owner)
{
  Client *self = owner;

  g_string_append_len (self->words[stream - STDOUT_FILENO], (const char *) data, (gssize) size);
}

static void
client_ended (JobsProcess  *process,
              int           wait_status,
              const GError *error,
              gpointer      owner)
{
  Client *self = owner;

  if (error != NULL)
    g_string_assign (self->words[1], error->message);
  client_finish (self, error != NULL            ? -1
                       : WIFEXITED (wait_status) ? WEXITSTATUS (wait_status)
                                                 : JOBS_CLIENT_KILLED);
}

static gboolean
client_failed_cb (gpointer data)
{
  client_finish (data, -1);

  return G_SOURCE_REMOVE;
}

void
jobs_client_run (GMainContext      *context,
                 const char *const *argv,
                 const char *const *environment,
                 GBytes            *input,
                 JobsClientFunc     func,
                 gpointer           user_data)
{
  static const JobsProcessFuncs funcs = { client_output, client_ended };
  Client *self = g_new0 (Client, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSource) source = NULL;

  self->words[0] = g_string_new (NULL);
  self->words[1] = g_string_new (NULL);
  self->func = func;
  self->user_data = user_data;
  self->process = jobs_process_new (jobs_local_node_get_default (), context, argv, environment, NULL, input,
                                    &funcs, self);
  if (jobs_process_begin (self->process, &error))
    return;

  g_string_assign (self->words[1], error->message);
  source = g_idle_source_new ();
  g_source_set_callback (source, client_failed_cb, self, NULL);
  g_source_attach (source, context);
}
