/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A journal of any bytes: either it is refused, with an error that says why, or a run
 * goes on from it, comes to its end, and can be gone on from again */

#include "fuzz.h"

#include <asyncjobs.h>
#include <glib/gstdio.h>

static char *filename;

int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  g_log_set_always_fatal (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
  g_set_prgname ("asyncjobs");

  return 0;
}

static gboolean
answer_cb (JobsAction *action,
           gpointer    user_data,
           GError    **error)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, "an answer");
  jobs_action_take_result (action, &value);

  return TRUE;
}

static JobsAction *
add (JobsEngine *engine,
     const char *label)
{
  JobsAction *action = jobs_callback_action_new (label, answer_cb, NULL, NULL);

  g_assert_true (jobs_engine_add (engine, action));
  g_object_unref (action);

  return action;
}

/* The journals of the corpus are of runs of this one */
static JobsEngine *
make_engine (void)
{
  JobsEngine *engine = jobs_engine_new ();
  JobsEngine *inner = jobs_engine_new ();
  JobsAction *a, *b;

  jobs_action_set_label (JOBS_ACTION (inner), "inner");

  a = add (engine, "a");
  b = add (engine, "b");
  jobs_action_requires (b, a);
  g_assert_true (jobs_engine_add (engine, JOBS_ACTION (inner)));
  jobs_action_requires (JOBS_ACTION (inner), b);
  jobs_action_requires (add (inner, "d"), add (inner, "c"));
  g_object_unref (inner);

  return engine;
}

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == JOBS_ERROR ||
                 g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), >, 0);
}

/* FALSE where it was refused */
static gboolean
go_on (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (JobsEngine) engine = make_engine ();
  g_autoptr (JobsJournal) journal = jobs_journal_open (filename, JOBS_JOURNAL_DEFAULT, &error);
  g_autofree char *about = NULL;
  g_auto (GStrv) before = NULL;
  g_auto (GStrv) changed = NULL;
  g_autoptr (GPtrArray) kept = NULL;

  if (journal == NULL)
    {
      check_error (error);
      return FALSE;
    }
  about = jobs_journal_dup_about (journal, NULL);
  before = jobs_journal_dup_changed (journal, engine, NULL);
  kept = jobs_journal_dup_kept (journal, engine, NULL);
  if (!jobs_journal_resume (journal, engine, NULL, &changed, &error))
    {
      check_error (error);
      return FALSE;
    }

  g_assert_nonnull (before);
  g_assert_true (g_strv_equal ((const char *const *) before, (const char *const *) changed));
  g_assert_nonnull (kept);
  g_assert_cmpuint (jobs_journal_get_n_kept (journal), ==, kept->len);
  g_assert_cmpuint (kept->len, <=, 5);

  /* A file that is damaged further behind may fail in the run: then that is told */
  if (jobs_engine_orchestrate (engine, NULL, &failure))
    return jobs_journal_get_error (journal) == NULL;

  check_error (jobs_journal_get_error (journal));

  return FALSE;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_no_errno (g_unlink (path));
    }
  g_assert_no_errno (g_rmdir (folder));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("asyncjobs-fuzz-XXXXXX", &error);

  g_assert_no_error (error);
  filename = g_build_filename (folder, "journal", NULL);
  g_file_set_contents_full (filename, (const char *) data, (gssize) size, G_FILE_SET_CONTENTS_NONE,
                            0600, &error);
  g_assert_no_error (error);

  if (go_on ())
    go_on ();

  remove_folder (folder);
  g_clear_pointer (&filename, g_free);

  return 0;
}
