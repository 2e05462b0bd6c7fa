/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "../actions/jobs-command-action.h"

#include "jobs-bus-guard.h"
#include "jobs-bus-outputs.h"

/* Of each output, bytes: one message may have all of it */
#define KEEP_MAX (256 * 1024)
/* How long one is kept that nobody asks for, µs */
#define KEEP_TIME (10 * G_TIME_SPAN_SECOND)

struct _JobsBusOutputs
{
  GHashTable *outputs; /* JobsAction → Output */
};

typedef struct
{
  JobsAction *action;
  gulong      handler;
  guint64     start; /* the position of kept */
  GString    *kept;
  GPtrArray  *waits; /* Wait */
  gint64      asked;
} Output;

typedef struct
{
  GDBusMethodInvocation *invocation;
  guint64                position;
} Wait;

static void
refuse_wait (Wait *wait)
{
  jobs_bus_tell_gone (wait->invocation);
}

static void
output_free (gpointer data)
{
  Output *output = data;

  g_clear_signal_handler (&output->handler, output->action);
  g_object_unref (output->action);
  g_ptr_array_foreach (output->waits, (GFunc) refuse_wait, NULL);
  g_ptr_array_unref (output->waits);
  g_string_free (output->kept, TRUE);
  g_free (output);
}

static void
output_cb (JobsCommandAction *action,
           guint              stream,
           GBytes            *bytes,
           Output            *output)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  gsize cut;

  g_string_append_len (output->kept, data, (gssize) size);
  /* Half as much again, so that not each piece moves all of it */
  if (output->kept->len <= KEEP_MAX + KEEP_MAX / 2)
    return;

  cut = output->kept->len - KEEP_MAX;
  g_string_erase (output->kept, 0, (gssize) cut);
  output->start += cut;
}

static Output *
ensure_output (JobsBusOutputs *self,
               JobsAction     *action)
{
  Output *output = g_hash_table_lookup (self->outputs, action);
  g_autofree char *tail = NULL;

  if (output != NULL)
    return output;

  tail = jobs_command_action_dup_tail (JOBS_COMMAND_ACTION (action));
  output = g_new0 (Output, 1);
  output->action = g_object_ref (action);
  output->kept = g_string_new (tail);
  output->waits = g_ptr_array_new_with_free_func (g_free);
  output->handler = g_signal_connect (action, "output", G_CALLBACK (output_cb), output);
  g_hash_table_insert (self->outputs, action, output);

  return output;
}

/* FALSE: there is nothing yet */
static gboolean
answer (Output                *output,
        guint64                position,
        GDBusMethodInvocation *invocation)
{
  guint64 end = output->start + output->kept->len;
  gsize skipped;

  if (position == end)
    return FALSE;

  /* What came before may have been dropped, or belong to what was kept for others */
  if (position < output->start || position > end)
    position = output->start;
  skipped = position - output->start;
  g_dbus_method_invocation_return_value (
    invocation,
    g_variant_new ("(t@ay)", position,
                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, output->kept->str + skipped,
                                              output->kept->len - skipped, 1)));

  return TRUE;
}

void
jobs_bus_outputs_get (JobsBusOutputs        *self,
                      JobsAction            *action,
                      guint64                position,
                      GDBusMethodInvocation *invocation)
{
  Output *output;
  Wait *wait;

  if (!JOBS_IS_COMMAND_ACTION (action))
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                                     _("Only commands have output"));
      return;
    }

  output = ensure_output (self, action);
  output->asked = g_get_monotonic_time ();
  if (answer (output, position, invocation))
    return;

  wait = g_new (Wait, 1);
  wait->invocation = invocation;
  wait->position = position;
  g_ptr_array_add (output->waits, wait);
}

void
jobs_bus_outputs_flush (JobsBusOutputs *self)
{
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  Output *output;

  g_hash_table_iter_init (&iter, self->outputs);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &output))
    {
      for (guint i = output->waits->len; i > 0; i--)
        {
          Wait *wait = output->waits->pdata[i - 1];

          if (!answer (output, wait->position, wait->invocation))
            continue;
          g_ptr_array_remove_index_fast (output->waits, i - 1);
          output->asked = now;
        }
      if (output->waits->len == 0 && now - output->asked > KEEP_TIME)
        g_hash_table_iter_remove (&iter);
    }
}

JobsBusOutputs *
jobs_bus_outputs_new (void)
{
  JobsBusOutputs *self = g_new0 (JobsBusOutputs, 1);

  self->outputs = g_hash_table_new_full (NULL, NULL, NULL, output_free);

  return self;
}

void
jobs_bus_outputs_free (JobsBusOutputs *self)
{
  g_hash_table_unref (self->outputs);
  g_free (self);
}
