/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <string.h>

#include "secrets.h"

/* A shorter line, of a value that has several, may be anything */
#define MIN_LINE 8

static GPtrArray *values;

/* The longer ones first: one may be a part of another */
static int
compare_lengths (gconstpointer a,
                 gconstpointer b)
{
  gsize one = strlen (*(char *const *) a), two = strlen (*(char *const *) b);

  return one < two ? 1 : one > two ? -1 : 0;
}

static void
add (const char *value)
{
  if (*value != '\0')
    g_ptr_array_add (values, g_strdup (value));
}

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
  add (value);
  if (!g_str_equal (valid, value))
    add (valid);

  lines = g_strsplit (valid, "\n", -1);
  for (guint i = 0; lines[1] != NULL && lines[i] != NULL; i++)
    if (strlen (lines[i]) >= MIN_LINE)
      add (lines[i]);
}

void
secrets_learn (JobsScenario      *scenario,
               const char *const *env)
{
  g_auto (GStrv) names = jobs_scenario_dup_secrets (scenario);

  values = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; names[i] != NULL; i++)
    {
      learn (g_getenv (names[i]));

      for (guint j = 0; env != NULL && env[j] != NULL; j++)
        {
          gsize length = strcspn (env[j], "=");

          if (length == strlen (names[i]) && strncmp (env[j], names[i], length) == 0)
            learn (env[j] + length + 1);
        }
    }
  g_ptr_array_sort (values, compare_lengths);
}

gboolean
secrets_exist (void)
{
  return values != NULL && values->len > 0;
}

void
secrets_hide_in (GString *bytes)
{
  for (guint i = 0; values != NULL && i < values->len; i++)
    {
      const char *secret = g_ptr_array_index (values, i), *found;
      gsize length = strlen (secret), seen = 0;

      while ((found = memmem (bytes->str + seen, bytes->len - seen, secret, length)) != NULL)
        {
          seen = (gsize) (found - bytes->str);
          g_string_erase (bytes, (gssize) seen, (gssize) length);
          g_string_insert (bytes, (gssize) seen, SECRETS_HIDDEN);
          seen += strlen (SECRETS_HIDDEN);
        }
    }
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
