/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "jobs-script.h"
#include "jobs-types.h"

void
jobs_script_append_word (GString    *script,
                         const char *word)
{
  g_string_append_c (script, '\'');
  for (; *word != '\0'; word++)
    if (*word == '\'')
      g_string_append (script, "'\\''");
    else
      g_string_append_c (script, *word);
  g_string_append_c (script, '\'');
}

/* What a shell takes for the name of a variable */
static gboolean
is_variable (const char *name,
             gsize       length)
{
  if (length == 0 || g_ascii_isdigit (*name))
    return FALSE;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && name[i] != '_')
      return FALSE;

  return TRUE;
}

gboolean
jobs_script_append_environment (GString           *script,
                                const char *const *changes,
                                GError           **error)
{
  for (; *changes != NULL; changes++)
    {
      gsize length = strcspn (*changes, "=");
      gboolean is_set = (*changes)[length] == '=';

      if (!is_variable (*changes, length))
        {
          g_set_error (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED,
                       _("“%.*s” is no name for a variable that the shell of another machine can set"),
                       (int) length, *changes);
          return FALSE;
        }
      g_string_append (script, is_set ? "  export " : "  unset ");
      g_string_append_len (script, *changes, (gssize) length);
      if (is_set)
        {
          g_string_append_c (script, '=');
          jobs_script_append_word (script, *changes + length + 1);
        }
      g_string_append_c (script, '\n');
    }

  return TRUE;
}

const char *
jobs_script_translate (const char *words)
{
  static const char *const reasons[] = {
    /* Translators: this one and the next follow a command and a machine: 'cannot run “make” on
     * farm: its program is not there' */
    N_("its directory cannot be entered"),
    N_("its program is not there"),
    N_("neither perl nor setsid is installed"),
    N_("there is no room for it in the folder of temporary files"),
    N_("there is no room for its standard input"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (words, reasons[i]))
      return _(reasons[i]);

  return words;
}
