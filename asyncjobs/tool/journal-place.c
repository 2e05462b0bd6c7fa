/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "journal-place.h"
#include "tool.h"

#define FOLDER ".asyncjobs"
#define SUFFIX ".journal"

/* So many digits keep files of one name apart */
#define N_DIGITS 16

/* What each SQLite file begins with */
static const char magic[] = "SQLite format 3";

static char *
dup_beside (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_strconcat (base, SUFFIX, NULL);

  return g_build_filename (directory, FOLDER, name, NULL);
}

static char *
dup_in_state (const char *path)
{
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *name = g_strdup_printf ("%.*s-%s" SUFFIX, N_DIGITS, sum, base);

  return g_build_filename (g_get_user_state_dir (), "asyncjobs", name, NULL);
}

static gboolean
exists (const char *filename)
{
  return g_access (filename, F_OK) == 0;
}

static gboolean
make_folder (const char *journal,
             GError    **error)
{
  g_autofree char *folder = g_path_get_dirname (journal);
  g_autofree char *display = g_filename_display_name (folder);
  int saved_errno;

  if (g_mkdir_with_parents (folder, 0700) == 0 && g_access (folder, W_OK | X_OK) == 0)
    return TRUE;

  saved_errno = errno;
  g_set_error (error, JOBS_ERROR, JOBS_ERROR_JOURNAL,
               /* Translators: a folder, what the system says */
               _("the folder ‘%s’ for the journal cannot be made: %s"), display,
               g_strerror (saved_errno));

  return FALSE;
}

char *
journal_place_for (const char *file,
                   gboolean    make,
                   GError    **error)
{
  g_autofree char *path = g_canonicalize_filename (file, NULL);
  g_autofree char *beside = dup_beside (path);
  g_autofree char *in_state = dup_in_state (path);

  if (!make)
    return exists (beside) || !exists (in_state) ? g_steal_pointer (&beside) : g_steal_pointer (&in_state);

  /* Not asked before: there are folders in which the superuser may write, but cannot */
  if (make_folder (beside, NULL))
    return g_steal_pointer (&beside);

  return make_folder (in_state, error) ? g_steal_pointer (&in_state) : NULL;
}

/* A journal may have been damaged, and a job file may have any name */
static gboolean
is_journal (const char *filename)
{
  char head[sizeof magic] = "";
  int fd;

  if (g_str_has_suffix (filename, SUFFIX))
    return TRUE;

  fd = g_open (filename, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return FALSE;
  if (read (fd, head, sizeof head) != sizeof head)
    head[0] = '\0';
  g_close (fd, NULL);

  return memcmp (head, magic, sizeof magic) == 0;
}

static char *
find_of_argument (const char *argument,
                  GError    **error)
{
  g_autofree char *display = g_filename_display_name (argument);
  g_autofree char *path = g_canonicalize_filename (argument, NULL);
  g_autofree char *journal = NULL;

  if (is_journal (argument))
    {
      if (exists (argument))
        return g_steal_pointer (&path);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("there is no journal ‘%s’; name one that there is, or a job file that was run"), display);
      return NULL;
    }

  journal = journal_place_for (path, FALSE, NULL);
  if (exists (journal))
    return g_steal_pointer (&journal);

  if (!exists (argument))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("there is no file ‘%s’; name a job file that was run, or a journal"), display);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _("‘%s’ has no journal: it was not run yet, or with another one, by --journal; "
                   "then name that"), display);

  return NULL;
}

/* What is written goes to a file beside it for a while */
static gint64
get_time_written (const char *journal)
{
  static const char *const suffixes[] = { "", "-wal", "-lock" };
  gint64 latest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (journal, suffixes[i], NULL);
      struct stat about;

      if (stat (name, &about) == 0)
        latest = MAX (latest, about.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) +
                                about.st_mtim.tv_nsec);
    }

  return latest;
}

static char *
find_latest (GError **error)
{
  g_autoptr (GDir) folder = g_dir_open (FOLDER, 0, NULL);
  g_autofree char *found = NULL;
  gint64 latest = 0;
  guint n_found = 0;
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *journal = g_build_filename (FOLDER, name, NULL);
      gint64 written;

      if (!g_str_has_suffix (name, SUFFIX))
        continue;

      n_found++;
      written = get_time_written (journal);
      /* By name where two are as old, to be the same each time */
      if (found == NULL || written > latest || (written == latest && strcmp (journal, found) < 0))
        {
          latest = written;
          g_free (found);
          found = g_steal_pointer (&journal);
        }
    }

  if (found == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           _("there is no journal in ./.asyncjobs; name a job file that was run, "
                             "or a journal"));
      return NULL;
    }
  if (n_found > 1)
    {
      g_autofree char *display = g_filename_display_name (found);

      tool_note (g_dngettext (GETTEXT_PACKAGE,
                              /* Translators: how many journals, and which one is taken */
                              "of %u journal in ./.asyncjobs, the one written last: %s",
                              "of %u journals in ./.asyncjobs, the one written last: %s", n_found),
                 n_found, display);
    }

  return g_canonicalize_filename (found, NULL);
}

char *
journal_place_find (const char *argument,
                    GError    **error)
{
  return argument != NULL ? find_of_argument (argument, error) : find_latest (error);
}

gboolean
journal_place_is_meant (const char *argument)
{
  g_autofree char *journal = NULL;

  if (!g_file_test (argument, G_FILE_TEST_IS_REGULAR))
    return FALSE;
  if (is_journal (argument))
    return TRUE;

  journal = journal_place_for (argument, FALSE, NULL);

  return exists (journal);
}

char *
journal_place_logs (const char *journal)
{
  gsize length = strlen (journal);

  if (g_str_has_suffix (journal, SUFFIX))
    length -= strlen (SUFFIX);

  return g_strdup_printf ("%.*s.logs", (int) length, journal);
}

char *
journal_place_run_logs (const char *journal,
                        gint64      run)
{
  g_autofree char *logs = journal_place_logs (journal);

  return g_strdup_printf ("%s/%" G_GINT64_FORMAT, logs, run);
}

char *
journal_place_log (const char *folder,
                   guint       number,
                   guint       attempt)
{
  return g_strdup_printf ("%s/%u-%u.log", folder, number, attempt);
}
