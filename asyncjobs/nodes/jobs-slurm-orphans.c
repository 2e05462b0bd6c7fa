/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "jobs-slurm-orphans.h"
#include "jobs-types.h"

/* Slurm gives them half a minute from TERM to KILL, unless it is told otherwise, ms */
#define PATIENCE 60000

#define PAUSE 200

static gboolean
ask (char  **argv,
     char  **out,
     GError **error)
{
  g_autofree char *words = NULL;
  g_autofree char *valid = NULL;
  g_autoptr (GError) reason = NULL;
  int wait_status;

  if (g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, out, &words, &wait_status, &reason) &&
      g_spawn_check_wait_status (wait_status, NULL))
    return TRUE;

  valid = reason == NULL ? g_utf8_make_valid (g_strstrip (words), -1) : g_strdup (reason->message);
  g_set_error (error, JOBS_ERROR, JOBS_ERROR_UNREACHABLE,
               _("Slurm cannot be asked whether jobs of the interrupted run go on: %s"), valid);

  return FALSE;
}

/* The ids of those that go on (element-type utf8) */
static GPtrArray *
find (const char *run,
      GError    **error)
{
  g_autofree char *prefix = g_strconcat (JOBS_SLURM_NAME_PREFIX, run, "/", NULL);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  const char *argv[] = { "squeue", "--noheader", "--me", "--Format=JobID:|,Name:|", NULL };
  g_autofree char *out = NULL;
  g_auto (GStrv) lines = NULL;

  if (!ask ((char **) argv, &out, error))
    return NULL;

  lines = g_strsplit (out, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], "|", 3);

      if (g_strv_length (fields) >= 2 && g_str_has_prefix (fields[1], prefix))
        g_ptr_array_add (ids, g_strdup (g_strstrip (fields[0])));
    }

  return g_steal_pointer (&ids);
}

/* Of each batch a folder, which is called after the run */
static void
remove_files (const char *run,
              const char *above)
{
  g_autofree char *prefix = g_strconcat (run, ".", NULL);
  g_autoptr (GDir) dir = g_dir_open (above, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (above, name, NULL);
      g_autoptr (GDir) files = g_str_has_prefix (name, prefix) ? g_dir_open (folder, 0, NULL) : NULL;
      const char *file;

      if (files == NULL)
        continue;
      while ((file = g_dir_read_name (files)) != NULL)
        {
          g_autofree char *path = g_build_filename (folder, file, NULL);

          g_unlink (path);
        }
      g_rmdir (folder);
    }
}

gboolean
jobs_slurm_end_orphans (const char *run,
                        GPtrArray  *folders,
                        GError    **error)
{
  gint64 limit = g_get_monotonic_time () + PATIENCE * G_GINT64_CONSTANT (1000);
  gboolean is_told = FALSE;

  for (;;)
    {
      g_autoptr (GPtrArray) ids = find (run, error);

      if (ids == NULL)
        return FALSE;
      if (ids->len == 0)
        break;
      if (g_get_monotonic_time () > limit)
        {
          g_set_error (error, JOBS_ERROR, JOBS_ERROR_STUCK,
                       _("Slurm's job %s of the interrupted run does not end: cancel it, then resume"),
                       (char *) g_ptr_array_index (ids, 0));
          return FALSE;
        }
      if (!is_told)
        {
          g_ptr_array_insert (ids, 0, g_strdup ("scancel"));
          g_ptr_array_add (ids, NULL);
          /* One that has ended meanwhile is an error for it, and none for us */
          ask ((char **) ids->pdata, NULL, NULL);
          is_told = TRUE;
        }
      g_usleep (PAUSE * 1000);
    }

  for (guint i = 0; i < folders->len; i++)
    remove_files (run, g_ptr_array_index (folders, i));

  return TRUE;
}
