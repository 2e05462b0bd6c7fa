/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* replay-NAME FOLDER: gives each file of a folder to a target, without clang */

#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
list_folder (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);

  return names;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GPtrArray) names = NULL;
  FILE *tap;
  int null_fd;

  if (argc != 2)
    return 2;

  /* A target may write to the standard output what nobody is to read */
  tap = fdopen (dup (STDOUT_FILENO), "w");
  null_fd = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  g_assert_true (tap != NULL && dup2 (null_fd, STDOUT_FILENO) == STDOUT_FILENO);
  close (null_fd);

  LLVMFuzzerInitialize (&argc, &argv);
  names = list_folder (argv[1]);
  g_assert_cmpuint (names->len, >, 0);
  fprintf (tap, "1..%u\n", names->len);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (argv[1], name, NULL);
      g_autofree char *data = NULL;
      g_autoptr (GError) error = NULL;
      gsize length;

      /* What goes wrong ends the program: its name has to be told before */
      fprintf (tap, "# %s\n", name);
      fflush (tap);
      g_file_get_contents (path, &data, &length, &error);
      g_assert_no_error (error);
      LLVMFuzzerTestOneInput ((const guint8 *) data, length);
      fprintf (tap, "ok %u %s\n", i + 1, name);
    }

  fclose (tap);

  return 0;
}
