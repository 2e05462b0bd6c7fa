/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "../nodes/jobs-process-private.h"
#include "jobs-value.h"
#include "jobs-variables.h"

typedef struct
{
  char       *name;
  JobsAction *from;
} Input;

static void
input_free (gpointer data)
{
  Input *self = data;

  g_free (self->name);
  g_object_unref (self->from);
  g_free (self);
}

static gboolean
has_name (const char *variable,
          const char *name)
{
  gsize size = strlen (name);

  return strncmp (variable, name, size) == 0 && (variable[size] == '=' || variable[size] == '\0');
}

/* NULL for what a shell could not make anything of */
static char *
dup_text (const GValue *value)
{
  g_auto (GValue) text = G_VALUE_INIT;

  if (G_VALUE_HOLDS_STRING (value))
    return g_value_dup_string (value);
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_strdup (g_value_get_boolean (value) ? "true" : "false");
  if (G_VALUE_HOLDS_DOUBLE (value))
    return jobs_double_to_string (g_value_get_double (value));
  if (G_VALUE_HOLDS_FLOAT (value))
    return jobs_double_to_string (g_value_get_float (value));

  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
      g_value_init (&text, G_TYPE_STRING);
      g_value_transform (value, &text);
      return g_value_dup_string (&text);

    default:
      return NULL;
    }
}

gboolean
jobs_variables_is_name (const char *name)
{
  return name != NULL && *name != '\0' && strchr (name, '=') == NULL;
}

void
jobs_variables_set (JobsVariables *self,
                    const char    *name,
                    const char    *value)
{
  if (self->changes == NULL)
    self->changes = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->changes->len; i++)
    if (has_name (g_ptr_array_index (self->changes, i), name))
      {
        g_ptr_array_remove_index (self->changes, i);
        break;
      }

  g_ptr_array_add (self->changes,
                   value != NULL ? g_strconcat (name, "=", value, NULL) : g_strdup (name));
}

void
jobs_variables_add_input (JobsVariables *self,
                          const char    *name,
                          JobsAction    *from)
{
  Input *input = g_new (Input, 1);

  input->name = g_strdup (name);
  input->from = g_object_ref (from);

  if (self->inputs == NULL)
    self->inputs = g_ptr_array_new_with_free_func (input_free);
  g_ptr_array_add (self->inputs, input);
}

void
jobs_variables_pass (JobsVariables *self,
                     const char    *name)
{
  if (self->passed == NULL)
    self->passed = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->passed, g_strdup (name));
}

static char *
dup_result (JobsAction *action)
{
  const GValue *value = NULL;

  if (jobs_action_get_state (action) == JOBS_STATE_FINISHED)
    value = jobs_action_get_result (action);

  return value != NULL ? dup_text (value) : NULL;
}

GPtrArray *
jobs_variables_resolve (JobsVariables *self)
{
  GPtrArray *resolved = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; self->passed != NULL && i < self->passed->len; i++)
    {
      const char *name = g_ptr_array_index (self->passed, i);
      const char *value = g_getenv (name);

      if (value != NULL)
        g_ptr_array_add (resolved, g_strconcat (name, "=", value, NULL));
    }

  for (guint i = 0; self->changes != NULL && i < self->changes->len; i++)
    g_ptr_array_add (resolved, g_strdup (g_ptr_array_index (self->changes, i)));

  for (guint i = 0; self->inputs != NULL && i < self->inputs->len; i++)
    {
      Input *input = g_ptr_array_index (self->inputs, i);
      g_autofree char *text = dup_result (input->from);

      if (text != NULL)
        g_ptr_array_add (resolved, g_strconcat (input->name, "=", text, NULL));
    }
  g_ptr_array_add (resolved, NULL);

  return resolved;
}

void
jobs_variables_add_to_checksum (JobsVariables *self,
                                GChecksum     *checksum)
{
  for (guint i = 0; self->changes != NULL && i < self->changes->len; i++)
    if (!has_name (g_ptr_array_index (self->changes, i), JOBS_ATTEMPT_VARIABLE))
      jobs_checksum_add (checksum, g_ptr_array_index (self->changes, i));
  jobs_checksum_add (checksum, NULL);

  /* What it is may be a secret, and differ from run to run */
  for (guint i = 0; self->passed != NULL && i < self->passed->len; i++)
    jobs_checksum_add (checksum, g_ptr_array_index (self->passed, i));

  for (guint i = 0; self->inputs != NULL && i < self->inputs->len; i++)
    {
      Input *input = g_ptr_array_index (self->inputs, i);
      g_autofree char *path = jobs_action_dup_path (input->from);

      jobs_checksum_add (checksum, input->name);
      jobs_checksum_add (checksum, path);
    }
  jobs_checksum_add (checksum, NULL);
}

void
jobs_checksum_add (GChecksum  *checksum,
                   const char *text)
{
  g_autofree char *length = g_strdup_printf ("%" G_GSSIZE_FORMAT " ", text != NULL ? (gssize) strlen (text) : -1);

  g_checksum_update (checksum, (const guchar *) length, -1);
  if (text != NULL)
    g_checksum_update (checksum, (const guchar *) text, -1);
}

void
jobs_variables_dispose (JobsVariables *self)
{
  g_clear_pointer (&self->inputs, g_ptr_array_unref);
}

void
jobs_variables_clear (JobsVariables *self)
{
  jobs_variables_dispose (self);
  g_clear_pointer (&self->passed, g_ptr_array_unref);
  g_clear_pointer (&self->changes, g_ptr_array_unref);
}
