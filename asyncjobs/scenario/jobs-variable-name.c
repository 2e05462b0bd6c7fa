/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-variable-name.h"

gboolean
jobs_variable_name_is_valid (const char *text,
                             gsize       length)
{
  if (length == 0 || g_ascii_isdigit (*text))
    return FALSE;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '_')
      return FALSE;

  return TRUE;
}
