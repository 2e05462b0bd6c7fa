/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "scenario/jobs-records.h"
#include "test-utils.h"

/* A disk that fails: at each single write of a journal, in each way. SQLite writes
 * through a layer of ours, as its own tests do (sqlite.org/testing.html, I/O errors). */

typedef enum
{
  FULL,  /* no room */
  BROKEN, /* EIO */
  SHORT, /* half of it is written, then EIO */
  N_FAULTS
} Fault;

/* The real file lies behind ours */
typedef struct
{
  sqlite3_file file;
  sqlite3_file *real;
} File;

static sqlite3_vfs *real_vfs;
static sqlite3_io_methods methods;
static guint n_writes;
static guint bad_write; /* this one, and all after it; 0: none */
static Fault fault;

static gboolean
is_bad (void)
{
  return ++n_writes >= bad_write && bad_write > 0;
}

static int
file_write (sqlite3_file *file,
            const void   *bytes,
            int           size,
            sqlite3_int64 offset)
{
  sqlite3_file *real = ((File *) file)->real;

  if (!is_bad ())
    return real->pMethods->xWrite (real, bytes, size, offset);
  if (fault == SHORT)
    real->pMethods->xWrite (real, bytes, size / 2, offset);

  return fault == FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int
file_sync (sqlite3_file *file,
           int           flags)
{
  /* Nobody cuts the power here: that takes longer than all else */
  return is_bad () ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int
file_truncate (sqlite3_file *file,
               sqlite3_int64 size)
{
  sqlite3_file *real = ((File *) file)->real;

  return is_bad () ? SQLITE_IOERR_TRUNCATE : real->pMethods->xTruncate (real, size);
}

static int
file_close (sqlite3_file *file)
{
  sqlite3_file *real = ((File *) file)->real;
  int status = real->pMethods != NULL ? real->pMethods->xClose (real) : SQLITE_OK;

  g_free (real);

  return status;
}

#define PASS(name, parameters, ...)                             \
  static int                                                    \
  file_##name parameters                                        \
  {                                                             \
    sqlite3_file *real = ((File *) file)->real;                 \
                                                                \
    return real->pMethods->name (real, ##__VA_ARGS__);          \
  }

PASS (xRead, (sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset), bytes, size, offset)
PASS (xFileSize, (sqlite3_file *file, sqlite3_int64 *size), size)
PASS (xLock, (sqlite3_file *file, int level), level)
PASS (xUnlock, (sqlite3_file *file, int level), level)
PASS (xCheckReservedLock, (sqlite3_file *file, int *answer), answer)
PASS (xFileControl, (sqlite3_file *file, int op, void *argument), op, argument)
PASS (xSectorSize, (sqlite3_file *file))
PASS (xDeviceCharacteristics, (sqlite3_file *file))
PASS (xShmMap, (sqlite3_file *file, int page, int size, int extend, void volatile **map), page, size, extend, map)
PASS (xShmLock, (sqlite3_file *file, int offset, int n, int flags), offset, n, flags)
PASS (xShmUnmap, (sqlite3_file *file, int remove), remove)

static void
file_xShmBarrier (sqlite3_file *file)
{
  sqlite3_file *real = ((File *) file)->real;

  real->pMethods->xShmBarrier (real);
}

static int
vfs_open (sqlite3_vfs  *vfs,
          const char   *name,
          sqlite3_file *file,
          int           flags,
          int          *out_flags)
{
  File *self = (File *) file;
  int status;

  self->real = g_malloc0 ((gsize) real_vfs->szOsFile);
  status = real_vfs->xOpen (real_vfs, name, self->real, flags, out_flags);
  self->file.pMethods = status == SQLITE_OK ? &methods : NULL;
  if (status != SQLITE_OK)
    g_free (self->real);

  return status;
}

static void
install_disk (void)
{
  static sqlite3_vfs vfs;

  real_vfs = sqlite3_vfs_find (NULL);
  vfs = *real_vfs;
  vfs.szOsFile = sizeof (File);
  vfs.pNext = NULL;
  vfs.zName = "failing";
  vfs.xOpen = vfs_open;
  methods = (sqlite3_io_methods) {
    .iVersion = 2, .xClose = file_close, .xRead = file_xRead, .xWrite = file_write,
    .xTruncate = file_truncate, .xSync = file_sync, .xFileSize = file_xFileSize, .xLock = file_xLock,
    .xUnlock = file_xUnlock, .xCheckReservedLock = file_xCheckReservedLock,
    .xFileControl = file_xFileControl, .xSectorSize = file_xSectorSize,
    .xDeviceCharacteristics = file_xDeviceCharacteristics, .xShmMap = file_xShmMap,
    .xShmLock = file_xShmLock, .xShmBarrier = file_xShmBarrier, .xShmUnmap = file_xShmUnmap,
  };
  g_assert_cmpint (sqlite3_vfs_register (&vfs, 1), ==, SQLITE_OK);
}

static JobsEngine *
make_engine (void)
{
  JobsEngine *engine = test_engine_new (JOBS_ON_FAILURE_ABORT);
  JobsAction *last = NULL;

  for (char name[] = "a"; *name <= 'f'; ++*name)
    {
      JobsAction *action = test_add (engine, name, "ok");

      if (last != NULL)
        test_require (action, last, JOBS_CONDITION_SUCCESS);
      last = action;
    }

  return engine;
}

/* How far it came: the number of those that ended well */
static guint
run_once (const char      *filename,
          JobsJournalFlags flags,
          gboolean         resumes)
{
  g_autoptr (GError) error = NULL;
  JobsJournal *journal = jobs_journal_open (filename, flags, &error);
  JobsEngine *engine;
  guint n_done;

  if (journal == NULL)
    {
      g_assert_true (bad_write > 0);
      return 0;
    }

  engine = make_engine ();
  if (resumes ? jobs_journal_resume (journal, engine, NULL, NULL, &error)
              : jobs_journal_begin (journal, engine, "about", &error))
    {
      gboolean success;

      test_begin (engine);
      success = test_end (engine, NULL);
      g_assert_true (success || jobs_journal_get_error (journal) != NULL);
    }
  else
    {
      g_assert_true (bad_write > 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
    }
  n_done = jobs_engine_count (engine, JOBS_STATE_FINISHED);
  g_assert_finalize_object (engine);
  g_assert_finalize_object (journal);

  return n_done;
}

static void
remove_all (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
}

/* FALSE: there is no such write any more */
static gboolean
fail_at (const char      *folder,
         JobsJournalFlags flags,
         guint            write)
{
  g_autofree char *filename = g_build_filename (folder, "journal", NULL);
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;
  gboolean was_hit;
  gsize n_first;

  remove_all (folder);
  n_writes = 0;
  bad_write = write;
  run_once (filename, flags, FALSE);
  was_hit = n_writes >= bad_write;
  text = test_take_log ();

  /* The disk is well again: it goes on where it stopped, or begins where nothing is */
  bad_write = 0;
  if (run_once (filename, flags, TRUE) == 0)
    g_assert_cmpuint (run_once (filename, flags, FALSE), ==, 6);
  again = test_take_log ();

  /* One whose end was not written may have run twice, the others once */
  n_first = strlen (text);
  g_assert_true (g_str_has_prefix ("a b c d e f", text));
  if (n_first > 0 && *again != '\0')
    g_assert_cmpint (*again, >=, text[n_first - 1]);
  if (*again != '\0')
    g_assert_true (g_str_has_suffix ("a b c d e f", again));
  else
    g_assert_cmpstr (text, ==, "a b c d e f");

  return was_hit;
}

static void
test_faults (gconstpointer data)
{
  JobsJournalFlags flags = GPOINTER_TO_UINT (data);
  g_autofree char *folder = g_dir_make_tmp ("asyncjobs-disk-XXXXXX", NULL);
  guint n = 0;

  g_test_summary ("Whichever write fails, and all after it: nothing that is not recorded starts, and the run goes on later");

  for (fault = 0; fault < N_FAULTS; fault++)
    for (guint write = 1; fail_at (folder, flags, write); write++)
      n++;
  g_test_message ("%u writes failed", n);
  g_assert_cmpuint (n, >, 50);

  remove_all (folder);
  g_assert_no_errno (g_rmdir (folder));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  install_disk ();

  g_test_add_data_func ("/jobs/journal-disk/default", GUINT_TO_POINTER (JOBS_JOURNAL_DEFAULT), test_faults);
  g_test_add_data_func ("/jobs/journal-disk/durable", GUINT_TO_POINTER (JOBS_JOURNAL_DURABLE), test_faults);

  return g_test_run ();
}
