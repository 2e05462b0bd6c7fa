/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-matrix.h"

#include "jobs-schema.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  const char *name;  /* NULL: nodes; the last one */
  GPtrArray *values; /* of const char */
} Axis;

struct _JobsMatrix
{
  GArray *axes;
};

static void
axis_clear (gpointer data)
{
  Axis *axis = data;

  g_ptr_array_unref (axis->values);
}

static gboolean
check_value (const JobsYamlNode *value,
             JobsProblems       *problems)
{
  if (!jobs_schema_check (JOBS_SCHEMA_TEXT, value, NULL, problems))
    return FALSE;

  if (strchr (value->text, '/') != NULL)
    {
      jobs_problems_add (problems, value->place, JOBS_ERROR_SCHEMA,
                         _ ("'%s' would be a part of the job's name, which has no '/': list the "
                            "part that differs and write the rest where it is used"),
                         value->text);
      return FALSE;
    }

  if (strlen (value->text) > 255)
    {
      jobs_problems_add (problems, value->place, JOBS_ERROR_SCHEMA,
                         _ ("a value of a matrix has 255 bytes at most"));
      return FALSE;
    }

  return TRUE;
}

static gboolean
add_axis (JobsMatrix         *self,
          const JobsYamlNode *node,
          JobsProblems       *problems)
{
  Axis axis = { node->key, g_ptr_array_new () };
  gboolean good = TRUE;
  JobsYamlNode name = { .text = node->key, .place = node->key_place, .plain = TRUE };

  g_array_append_val (self->axes, axis);

  if (!jobs_schema_check (JOBS_SCHEMA_VARIABLE, &name, NULL, problems))
    good = FALSE;

  if (node->kind != JOBS_YAML_LIST || node->first == NULL)
    {
      jobs_schema_mismatch (node, _ ("a list of one value or more"), problems);
      return FALSE;
    }

  for (const JobsYamlNode *value = node->first; value != NULL; value = value->next)
    {
      good &= check_value (value, problems);
      g_ptr_array_add (axis.values, (gpointer) value->text);
    }

  return good;
}

JobsMatrix *
jobs_matrix_new (const JobsYamlNode *node,
                 JobsProblems       *problems)
{
  g_autoptr (JobsMatrix) self = g_new0 (JobsMatrix, 1);
  gboolean good = TRUE;

  self->axes = g_array_new (FALSE, FALSE, sizeof (Axis));
  g_array_set_clear_func (self->axes, axis_clear);

  if (node == NULL)
    return g_steal_pointer (&self);

  if (node->first == NULL)
    {
      jobs_schema_mismatch (node, _ ("a map of one list or more"), problems);
      return NULL;
    }

  for (const JobsYamlNode *axis = node->first; axis != NULL; axis = axis->next)
    good &= add_axis (self, axis, problems);

  return good ? g_steal_pointer (&self) : NULL;
}

void
jobs_matrix_free (JobsMatrix *self)
{
  g_array_unref (self->axes);
  g_free (self);
}

guint64
jobs_matrix_count (JobsMatrix *self)
{
  guint64 count = 1;

  for (guint i = 0; i < self->axes->len && count <= G_MAXUINT32; i++)
    count *= g_array_index (self->axes, Axis, i).values->len;

  return count;
}

/* The last axis turns fastest */
static const char *
get_value (JobsMatrix *self,
           guint       member,
           guint       axis)
{
  GPtrArray *values = g_array_index (self->axes, Axis, axis).values;

  for (guint i = axis + 1; i < self->axes->len; i++)
    member /= g_array_index (self->axes, Axis, i).values->len;

  return g_ptr_array_index (values, member % values->len);
}

void
jobs_matrix_add_nodes (JobsMatrix *self,
                       GPtrArray  *names)
{
  Axis axis = { NULL, g_ptr_array_ref (names) };

  g_array_append_val (self->axes, axis);
}

const char *
jobs_matrix_get_node (JobsMatrix *self,
                      guint       member)
{
  guint last = self->axes->len - 1;

  return self->axes->len > 0 && g_array_index (self->axes, Axis, last).name == NULL
           ? get_value (self, member, last) : NULL;
}

char *
jobs_matrix_dup_name (JobsMatrix *self,
                      const char *job,
                      guint       member)
{
  GString *name = g_string_new (job);

  for (guint i = 0; i < self->axes->len; i++)
    {
      g_string_append_c (name, i == 0 ? '[' : ',');
      g_string_append (name, get_value (self, member, i));
    }
  g_string_append_c (name, ']');

  return g_string_free (name, FALSE);
}

const char **
jobs_matrix_dup_variables (JobsMatrix *self,
                           guint       member)
{
  const char **variables = g_new0 (const char *, 2 * self->axes->len + 1);

  for (guint i = 0; i < self->axes->len && g_array_index (self->axes, Axis, i).name != NULL; i++)
    {
      variables[2 * i] = g_array_index (self->axes, Axis, i).name;
      variables[2 * i + 1] = get_value (self, member, i);
    }

  return variables;
}
