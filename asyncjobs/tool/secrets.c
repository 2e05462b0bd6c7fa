/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "scenario/jobs-secrets.h"
#include "secrets.h"

/* A shorter line, of a value that has several, may be anything */
#define MIN_LINE 8

static GPtrArray *values;

/* What is shown may be a few lines out of many, and what is no UTF-8 is made so
 * before it comes here */
static void
learn (const char *value)
{
  g_autofree char *valid = NULL;
  g_auto (GStrv) lines = NULL;

  if (value == NULL || *value == '\0')
    return;

  valid = g_utf8_make_valid (value, -1);
  jobs_secrets_add (values, value);
  if (!g_str_equal (valid, value))
    jobs_secrets_add (values, valid);

  lines = g_strsplit (valid, "\n", -1);
  for (guint i = 0; lines[1] != NULL && lines[i] != NULL; i++)
    if (strlen (lines[i]) >= MIN_LINE)
      jobs_secrets_add (values, lines[i]);
}

/* What an entry, NAME=VALUE, says of the name; NULL: it is of another one */
static const char *
get_value (const char *entry,
           const char *name)
{
  gsize length = strlen (name);

  return strncmp (entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

void
secrets_learn (JobsScenario      *scenario,
               const char *const *env)
{
  g_auto (GStrv) names = jobs_scenario_dup_secrets (scenario);

  values = jobs_secrets_new ();
  for (guint i = 0; names[i] != NULL; i++)
    {
      learn (g_getenv (names[i]));
      for (guint j = 0; env != NULL && env[j] != NULL; j++)
        learn (get_value (env[j], names[i]));
    }
}

gboolean
secrets_check (JobsScenario      *scenario,
               const char *const *env)
{
  g_auto (GStrv) names = jobs_scenario_dup_secrets (scenario);
  gboolean good = TRUE;

  for (guint i = 0; names[i] != NULL; i++)
    {
      gboolean is_set = g_getenv (names[i]) != NULL;

      for (guint j = 0; env != NULL && env[j] != NULL; j++)
        is_set |= get_value (env[j], names[i]) != NULL;
      if (is_set)
        continue;

      /* Translators: secret-env is a key of job files */
      tool_note (_("‘%s’, a secret-env of the job file, is not set in your environment: export it first"),
                 names[i]);
      good = FALSE;
    }
  if (!good)
    tool_note ("%s", _("nothing was run"));

  return good;
}

gboolean
secrets_exist (void)
{
  return values != NULL && values->len > 0;
}

void
secrets_hide_in (GString *bytes)
{
  if (values != NULL)
    jobs_secrets_hide_in (values, bytes);
}

char *
secrets_hide (const char *text)
{
  GString *hidden = g_string_new (text);

  secrets_hide_in (hidden);

  return g_string_free (hidden, FALSE);
}

void
secrets_foreach (SecretsFunc func,
                 gpointer    data)
{
  for (guint i = 0; values != NULL && i < values->len; i++)
    func (g_ptr_array_index (values, i), data);
}
