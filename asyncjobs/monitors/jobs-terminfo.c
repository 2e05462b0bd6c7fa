/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <curses.h>
#include <string.h>
#include <term.h>

/* term.h takes many a common word for itself: this comes behind it, and is small */
#include "jobs-terminfo.h"

static const char *
find_sequence (const char *name)
{
  const char *sequence = tigetstr (name);

  return sequence != (const char *) -1 ? sequence : NULL;
}

gboolean
jobs_terminfo_is_capable (const char *term,
                          int         fd)
{
  gboolean is_capable;
  int result;

  /* curses itself leaves some memory behind where there is no such type */
  if (setupterm (term, fd, &result) != OK)
    return FALSE;

  is_capable = find_sequence ("cup") != NULL && find_sequence ("clear") != NULL;
  del_curterm (cur_term);

  return is_capable;
}

/* As it is but for the pauses that very old terminals need: "$<2>" */
static void
append_sequence (GString    *to,
                 const char *sequence)
{
  while (sequence != NULL && *sequence != '\0')
    {
      const char *end = g_str_has_prefix (sequence, "$<") ? strchr (sequence, '>') : NULL;

      if (end == NULL)
        g_string_append_c (to, *sequence++);
      else
        sequence = end + 1;
    }
}

char *
jobs_terminfo_dup_leave (void)
{
  static const char *const names[] = { "sgr0", "rmkx", "cnorm", "rmcup" };
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    append_sequence (words, find_sequence (names[i]));
  g_string_append (words, "\r\n");

  return g_string_free (words, FALSE);
}
