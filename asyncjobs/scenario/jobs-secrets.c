/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <string.h>

#include "jobs-secrets.h"

GPtrArray *
jobs_secrets_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

void
jobs_secrets_add (GPtrArray  *self,
                  const char *secret)
{
  guint place = 0;

  if (*secret == '\0')
    return;

  while (place < self->len && strlen (g_ptr_array_index (self, place)) >= strlen (secret))
    place++;
  g_ptr_array_insert (self, (int) place, g_strdup (secret));
}

void
jobs_secrets_hide_in (GPtrArray *self,
                      GString   *bytes)
{
  for (guint i = 0; i < self->len; i++)
    {
      const char *secret = g_ptr_array_index (self, i), *found;
      gsize length = strlen (secret), seen = 0;

      while ((found = memmem (bytes->str + seen, bytes->len - seen, secret, length)) != NULL)
        {
          seen = (gsize) (found - bytes->str);
          g_string_erase (bytes, (gssize) seen, (gssize) length);
          g_string_insert (bytes, (gssize) seen, JOBS_SECRETS_HIDDEN);
          seen += strlen (JOBS_SECRETS_HIDDEN);
        }
    }
}

char *
jobs_secrets_hide (GPtrArray  *self,
                   const char *text)
{
  GString *hidden;

  if (text == NULL)
    return NULL;

  hidden = g_string_new (text);
  jobs_secrets_hide_in (self, hidden);

  return g_string_free (hidden, FALSE);
}
