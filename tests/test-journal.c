/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenario/jobs-journal-lock.h"
#include "scenario/jobs-orphans.h"
#include "scenario/jobs-records.h"
#include "test-utils.h"

/* Journals: what is in them after a run, and how another one goes on from there */

typedef struct
{
  char *folder;
  char *filename;
} Fixture;

static void
set_up (Fixture      *self,
        gconstpointer data)
{
  self->folder = g_dir_make_tmp ("asyncjobs-journal-XXXXXX", NULL);
  self->filename = g_build_filename (self->folder, "journal", NULL);
}

static void
tear_down (Fixture      *self,
           gconstpointer data)
{
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_assert_no_errno (g_unlink (path));
    }
  g_assert_no_errno (g_rmdir (self->folder));
  g_free (self->folder);
  g_free (self->filename);
}

static JobsJournal *
journal_open (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  JobsJournal *journal = jobs_journal_open (self->filename, JOBS_JOURNAL_DEFAULT, &error);

  g_assert_no_error (error);

  return journal;
}

static void
begin (JobsJournal *journal,
       JobsEngine  *engine)
{
  g_autoptr (GError) error = NULL;

  jobs_journal_begin (journal, engine, "about", &error);
  g_assert_no_error (error);
}

static char *
resume (JobsJournal *journal,
        JobsEngine  *engine)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) changed = NULL;

  jobs_journal_resume (journal, engine, NULL, &changed, &error);
  g_assert_no_error (error);

  return g_strjoinv (" ", changed);
}

#define assert_resume(journal, engine, expected)                   \
  G_STMT_START                                                     \
    {                                                              \
      g_autofree char *changed_here = resume (journal, engine);    \
      g_assert_cmpstr (changed_here, ==, expected);                \
    }                                                              \
  G_STMT_END

static gboolean
answer_cb (JobsAction *action,
           gpointer    user_data,
           GError    **error)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, "forty\ntwo");
  jobs_action_take_result (action, &value);
  g_value_unset (&value);

  return TRUE;
}

/* a → b → c, and d */
static JobsEngine *
make_chain (const char *plan_of_b)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (engine, "a", "ok");
  JobsAction *b = test_add_behind (engine, "b", plan_of_b, a, JOBS_CONDITION_SUCCESS);

  test_add_behind (engine, "c", "ok", b, JOBS_CONDITION_DONE);
  test_add_callback (engine, "d", answer_cb, NULL);

  return engine;
}

static void
test_resume (Fixture      *fixture,
             gconstpointer data)
{
  JobsEngine *engine = make_chain ("fail");
  JobsJournal *journal = journal_open (fixture);
  g_autoptr (GPtrArray) kept = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A run goes on in another engine, which does what is left, and knows the results");

  begin (journal, engine);
  test_begin (engine);
  test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "b: broken");
  test_assert_log ("a b");
  g_assert_finalize_object (engine);
  g_assert_finalize_object (journal);

  journal = journal_open (fixture);
  engine = make_chain ("ok");
  kept = jobs_journal_dup_kept (journal, engine, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kept->len, ==, 2);
  g_assert_true (g_ptr_array_find (kept, jobs_engine_lookup (engine, "a"), NULL));
  g_assert_true (g_ptr_array_find (kept, jobs_engine_lookup (engine, "d"), NULL));
  g_clear_pointer (&kept, g_ptr_array_unref);
  assert_resume (journal, engine, "");
  g_assert_cmpuint (jobs_journal_get_n_kept (journal), ==, 2);
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("b c");
  g_assert_cmpstr (g_value_get_string (jobs_action_get_result (jobs_engine_lookup (engine, "d"))), ==, "forty\ntwo");
  g_assert_finalize_object (engine);

  /* Once more: all is done, also what was done in the run before */
  engine = make_chain ("fail");
  assert_resume (journal, engine, "");
  g_assert_cmpuint (jobs_journal_get_n_kept (journal), ==, 4);
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (journal);
}

static void
test_changed (Fixture      *fixture,
              gconstpointer data)
{
  JobsEngine *engine = make_chain ("ok");
  JobsJournal *journal = journal_open (fixture);
  JobsAction *twin;

  g_test_summary ("What has changed is named and run again, with all behind it; also where a name is not clear");

  begin (journal, engine);
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("a b c");
  g_assert_finalize_object (engine);

  engine = make_chain ("ok");
  test_require (jobs_engine_lookup (engine, "b"), jobs_engine_lookup (engine, "d"), JOBS_CONDITION_DONE);
  test_add (engine, "new", "ok");
  assert_resume (journal, engine, "b c new");
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("b new c");
  g_assert_finalize_object (engine);

  /* The condition of a requirement counts too */
  engine = make_chain ("ok");
  test_require (jobs_engine_lookup (engine, "b"), jobs_engine_lookup (engine, "d"), JOBS_CONDITION_DONE);
  test_require (jobs_engine_lookup (engine, "c"), jobs_engine_lookup (engine, "b"), JOBS_CONDITION_SUCCESS);
  twin = test_add (engine, "a", "ok");
  assert_resume (journal, engine, "a b c a");
  test_begin (engine);
  test_end_well (engine);
  g_assert_cmpint (jobs_action_get_state (twin), ==, JOBS_STATE_FINISHED);
  test_assert_log ("a a b c");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (journal);
}

static void
test_nested (Fixture      *fixture,
             gconstpointer data)
{
  JobsJournal *journal = journal_open (fixture);
  JobsEngine *engine;

  g_test_summary ("An engine inside goes on where it stopped");

  for (guint round = 0; round < 2; round++)
    {
      JobsEngine *inner;
      JobsAction *a;

      engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
      inner = test_add_engine (engine, "inner", JOBS_ON_FAILURE_ABORT);
      a = test_add (inner, "a", "ok");
      test_add_behind (inner, "b", round == 0 ? "fail" : "ok", a, JOBS_CONDITION_DONE);
      test_add_behind (engine, "c", "ok", JOBS_ACTION (inner), JOBS_CONDITION_DONE);
      if (round == 0)
        begin (journal, engine);
      else
        assert_resume (journal, engine, "");
      test_begin (engine);
      if (round == 0)
        test_end_badly (engine, JOBS_ERROR, JOBS_ERROR_CRITICAL, "inner/b: broken");
      else
        test_end_well (engine);
      test_assert_log (round == 0 ? "a b" : "b c");
      g_assert_finalize_object (engine);
    }

  g_assert_finalize_object (journal);
}

static void
test_retries (Fixture      *fixture,
              gconstpointer data)
{
  JobsJournal *journal = journal_open (fixture);
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (engine, "a", "fail ok");

  g_test_summary ("An attempt that is followed by another one does not make a job done");

  jobs_action_set_retries (a, 1);
  jobs_action_set_retry_delay (a, 100000);
  begin (journal, engine);
  test_begin (engine);
  test_assert_states (engine, "a=scheduled");
  jobs_engine_cancel (engine);
  g_assert_false (test_end (engine, NULL));
  test_assert_log ("a");
  g_assert_finalize_object (engine);

  engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  test_add (engine, "a", "ok");
  assert_resume (journal, engine, "");
  test_begin (engine);
  test_end_well (engine);
  test_assert_log ("a");

  g_assert_finalize_object (engine);
  g_assert_finalize_object (journal);
}

static gboolean
find_text (const char *filename,
           const char *text)
{
  g_autofree char *bytes = NULL;
  gsize size;

  return g_file_get_contents (filename, &bytes, &size, NULL) &&
         memmem (bytes, size, text, strlen (text)) != NULL;
}

static gboolean
tell_cb (JobsAction *action,
         gpointer    user_data,
         GError    **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no entry with hunter2");

  return FALSE;
}

static void
test_secrets (Fixture      *fixture,
              gconstpointer data)
{
  JobsJournal *journal = journal_open (fixture);
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  g_autofree char *wal = g_strconcat (fixture->filename, "-wal", NULL);

  g_test_summary ("A secret is in no file of the journal, what is around it is");

  jobs_journal_add_secret (journal, "hunter2");
  test_add_callback (engine, "a", tell_cb, NULL);
  begin (journal, engine);
  test_begin (engine);
  g_assert_false (test_end (engine, NULL));
  g_assert_finalize_object (engine);

  g_assert_true (find_text (wal, "no entry with ***") || find_text (fixture->filename, "no entry with ***"));
  g_assert_false (find_text (wal, "hunter2"));
  g_assert_finalize_object (journal);
  g_assert_true (find_text (fixture->filename, "no entry with ***"));
  g_assert_false (find_text (fixture->filename, "hunter2"));
}

static void
test_lock (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;
  int ready[2];
  char byte;
  pid_t pid;
  JobsJournal *journal;

  g_test_summary ("One process writes; another one is told which it is, and has it when that was killed");

  g_assert_no_errno (pipe (ready));
  pid = fork ();
  if (pid == 0)
    {
      g_autoptr (JobsRecords) records = jobs_records_open (fixture->filename, 0, NULL);

      if (records == NULL || write (ready[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);

  g_assert_cmpint (jobs_journal_lock_find_holder (fixture->filename), ==, pid);
  g_assert_null (jobs_journal_open (fixture->filename, JOBS_JOURNAL_DEFAULT, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_BUSY);
  expected = g_strdup_printf ("process %d:", (int) pid);
  g_assert_nonnull (strstr (error->message, expected));

  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  g_assert_cmpint (jobs_journal_lock_find_holder (fixture->filename), ==, 0);
  journal = journal_open (fixture);
  g_assert_finalize_object (journal);
}

/* A program that was killed while its child was being born: the child has the lock for
 * as long as it has not become something else */
static void
test_heir (Fixture      *fixture,
           gconstpointer data)
{
  int ready[2], go[2];
  char byte;
  pid_t pid;
  JobsJournal *journal;

  g_test_summary ("A lock that outlives who took it is waited for, and not taken for a writer");

  g_assert_no_errno (pipe (ready));
  g_assert_no_errno (pipe (go));
  pid = fork ();
  if (pid == 0)
    {
      g_autoptr (JobsRecords) records = jobs_records_open (fixture->filename, 0, NULL);

      /* The heir: it ends when it is told to, or nobody is there any more to tell it */
      if (fork () == 0)
        {
          close (go[1]);
          close (ready[1]);
          _exit (read (go[0], &byte, 1) == 1 ? 0 : 1);
        }
      if (records == NULL || write (ready[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (ready[1]);
  close (go[0]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);

  /* Told before it is asked for: when the heir hears of it is up to the kernel */
  g_assert_cmpint (write (go[1], "x", 1), ==, 1);
  close (go[1]);
  journal = journal_open (fixture);
  g_assert_finalize_object (journal);
}

static void
failed_cb (JobsJournal *journal,
           GError      *error,
           guint       *n_calls)
{
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_JOURNAL);
  ++*n_calls;
}

/* A file may not grow any more: the kernel says so like a full disk */
static void
test_full (Fixture      *fixture,
           gconstpointer data)
{
  JobsJournal *journal = journal_open (fixture);
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *a = test_add (engine, "a", "hang");
  g_autofree char *wal = g_strconcat (fixture->filename, "-wal", NULL);
  g_autoptr (GError) error = NULL;
  struct rlimit old, full;
  guint n_calls = 0;
  GStatBuf status;

  g_test_summary ("Where nothing can be written nothing starts; what runs is ended, and the run goes on later");

  test_add_behind (engine, "b", "ok", a, JOBS_CONDITION_DONE);
  g_signal_connect (journal, "failed", G_CALLBACK (failed_cb), &n_calls);
  begin (journal, engine);
  test_begin (engine);
  test_assert_log ("a");

  signal (SIGXFSZ, SIG_IGN);
  g_assert_no_errno (g_stat (wal, &status));
  getrlimit (RLIMIT_FSIZE, &old);
  full = old;
  full.rlim_cur = (rlim_t) status.st_size;
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &full));
  test_action_complete (a);
  g_assert_false (test_end (engine, &error));
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &old));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  test_assert_log ("a.");
  test_assert_states (engine, "a=finished b=cancelled");
  g_assert_cmpuint (n_calls, ==, 1);
  g_assert_error ((GError *) jobs_journal_get_error (journal), JOBS_ERROR, JOBS_ERROR_JOURNAL);
  g_assert_nonnull (strstr (jobs_journal_get_error (journal)->message, fixture->filename));
  g_assert_finalize_object (engine);
  g_assert_finalize_object (journal);

  journal = journal_open (fixture);
  engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  a = test_add (engine, "a", "ok");
  test_add_behind (engine, "b", "ok", a, JOBS_CONDITION_DONE);
  assert_resume (journal, engine, "");
  test_begin (engine);
  test_end_well (engine);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (journal);
}

static void
test_not_ours (Fixture      *fixture,
               gconstpointer data)
{
  static const char *const texts[] = { "no journal at all, but text that is long enough to be one, or so it seems to be here,"
                                       " since a header is a hundred bytes long", "SQLite format 3", "x" };

  g_test_summary ("What is no journal is left as it is, and named");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *bytes = NULL;

      g_assert_true (g_file_set_contents (fixture->filename, texts[i], -1, NULL));
      g_assert_null (jobs_journal_open (fixture->filename, JOBS_JOURNAL_DEFAULT, &error));
      g_assert_error (error, JOBS_ERROR, JOBS_ERROR_DAMAGED);
      g_assert_nonnull (strstr (error->message, fixture->filename));
      g_assert_true (g_file_get_contents (fixture->filename, &bytes, NULL, NULL));
      g_assert_cmpstr (bytes, ==, texts[i]);
    }
}

static void
test_nothing (Fixture      *fixture,
              gconstpointer data)
{
  JobsJournal *journal = journal_open (fixture);
  JobsEngine *engine = make_chain ("ok");
  g_autoptr (GError) error = NULL;

  g_test_summary ("Without a run in it there is nothing to resume");

  g_assert_false (jobs_journal_resume (journal, engine, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (jobs_journal_dup_about (journal, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);

  begin (journal, engine);
  test_begin (engine);
  test_end_well (engine);
  g_clear_error (&error);
  {
    g_autofree char *about = jobs_journal_dup_about (journal, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (about, ==, "about");
  }

  g_assert_finalize_object (engine);
  g_assert_finalize_object (journal);
}

/* A tree of processes that ignores TERM, as an interrupted run leaves it behind */
static void
test_orphans (Fixture      *fixture,
              gconstpointer data)
{
  const char *const argv[] = { "/bin/sh", "-c", "trap '' TERM; sleep 1000 & echo; sleep 1000", NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "ASYNCJOBS_ATTEMPT", "token-a/3/1", TRUE);
  g_autoptr (GArray) found = NULL;
  gint64 pid = 0;
  char byte;
  int out;
  GPid child;

  g_test_summary ("Who bears the mark of an attempt is found and ended, with all that it has started");

  g_assert_true (g_spawn_async_with_pipes (NULL, (char **) argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                           &child, NULL, &out, NULL, NULL));
  g_assert_cmpint (read (out, &byte, 1), ==, 1);
  close (out);

  found = jobs_orphans_find ("token-b/", NULL);
  g_assert_cmpuint (found->len, ==, 0);
  g_array_unref (g_steal_pointer (&found));
  found = jobs_orphans_find ("token-a/", NULL);
  g_assert_cmpuint (found->len, >=, 2);
  g_assert_cmpint (jobs_orphans_get_start (child), >, 0);

  g_assert_true (jobs_orphans_end ("token-a/", NULL, 50, &pid));
  g_assert_cmpint (jobs_orphans_get_start (child), ==, 0);
  waitpid (child, NULL, 0);
  g_array_unref (g_steal_pointer (&found));
  found = jobs_orphans_find ("token-a/", NULL);
  g_assert_cmpuint (found->len, ==, 0);
}

static gboolean
count_entry_cb (const JobsRecordsEntry *entry,
                gpointer                user_data)
{
  ++*(guint *) user_data;

  return TRUE;
}

static void
test_old_runs (Fixture      *fixture,
               gconstpointer data)
{
  JobsJournal *journal = journal_open (fixture);
  JobsRecords *records;
  g_auto (JobsRecordsRun) run = { 0 };
  g_autoptr (GError) error = NULL;

  g_test_summary ("A journal does not grow forever: of the oldest runs nothing is left");

  for (guint i = 0; i < 25; i++)
    {
      JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);

      test_add (engine, "a", "ok");
      begin (journal, engine);
      g_assert_cmpint (jobs_journal_get_run (journal), ==, i + 1);
      test_begin (engine);
      test_end_well (engine);
      g_assert_finalize_object (engine);
    }
  g_assert_finalize_object (journal);

  records = jobs_records_open (fixture->filename, JOBS_RECORDS_READ_ONLY, &error);
  g_assert_no_error (error);
  g_assert_true (jobs_records_read_run (records, 7, &run, &error));
  g_assert_cmpint (run.id, ==, 6);
  g_assert_true (run.success);
  jobs_records_run_clear (&run);
  g_assert_true (jobs_records_read_run (records, 6, &run, &error));
  g_assert_cmpint (run.id, ==, 0);
  for (gint64 id = 5; id <= 6; id++)
    {
      guint n_entries = 0;

      g_assert_true (jobs_records_foreach_entry (records, id, count_entry_cb, &n_entries, &error));
      g_assert_cmpuint (n_entries, ==, id == 5 ? 0 : 2);
    }
  jobs_records_close (records);
}

#define add(name, func) g_test_add ("/jobs/journal/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("resume", test_resume);
  add ("changed", test_changed);
  add ("nested", test_nested);
  add ("retries", test_retries);
  add ("secrets", test_secrets);
  add ("lock", test_lock);
  add ("heir", test_heir);
  add ("full", test_full);
  add ("not-ours", test_not_ours);
  add ("nothing", test_nothing);
  add ("old-runs", test_old_runs);
  add ("orphans", test_orphans);

  return g_test_run ();
}
