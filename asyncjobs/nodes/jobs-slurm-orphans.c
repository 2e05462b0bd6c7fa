/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "jobs-slurm-orphans.h"
#include "jobs-types.h"

/* Slurm gives them half a minute from TERM to KILL, unless it is told otherwise, ms */
#define PATIENCE 60000

#define PAUSE 200

static gboolean
is_of (const char *name,
       GPtrArray  *marks)
{
  if (!g_str_has_prefix (name, JOBS_SLURM_NAME_PREFIX))
    return FALSE;

  for (guint i = 0; i < marks->len; i++)
    if (g_str_has_prefix (name + strlen (JOBS_SLURM_NAME_PREFIX), g_ptr_array_index (marks, i)))
      return TRUE;

  return FALSE;
}

static gboolean
run (char  **argv,
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
find (GPtrArray *marks,
      GError   **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  const char *argv[] = { "squeue", "--noheader", "--me", "--Format=JobID:|,Name:|", NULL };
  g_autofree char *out = NULL;
  g_auto (GStrv) lines = NULL;

  if (!run ((char **) argv, &out, error))
    return NULL;

  lines = g_strsplit (out, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], "|", 3);

      if (g_strv_length (fields) >= 2 && is_of (fields[1], marks))
        g_ptr_array_add (ids, g_strdup (g_strstrip (fields[0])));
    }

  return g_steal_pointer (&ids);
}

gboolean
jobs_slurm_end_orphans (GPtrArray *marks,
                        GError   **error)
{
  gint64 limit = g_get_monotonic_time () + PATIENCE * G_GINT64_CONSTANT (1000);
  gboolean is_told = FALSE;

  for (;;)
    {
      g_autoptr (GPtrArray) ids = find (marks, error);

      if (ids == NULL)
        return FALSE;
      if (ids->len == 0)
        return TRUE;
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
          run ((char **) ids->pdata, NULL, NULL);
          is_told = TRUE;
        }
      g_usleep (PAUSE * 1000);
    }
}
