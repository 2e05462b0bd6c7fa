/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* arguments ARGUMENT...: writes each argument, then each variable whose name
 * begins with RT_, as NAME=VALUE, all ended by a NUL; before them how many
 * arguments there are, likewise. It uses no library, so as to start fast. */

#include <stdio.h>
#include <string.h>

extern char **environ;

static void
put (const char *text)
{
  fwrite (text, 1, strlen (text) + 1, stdout);
}

int
main (int argc, char *argv[])
{
  char count[16];

  snprintf (count, sizeof count, "%d", argc - 1);
  put (count);
  for (int i = 1; i < argc; i++)
    put (argv[i]);
  for (char **variable = environ; *variable != NULL; variable++)
    if (strncmp (*variable, "RT_", 3) == 0)
      put (*variable);

  return fflush (stdout) == 0 ? 0 : 1;
}
