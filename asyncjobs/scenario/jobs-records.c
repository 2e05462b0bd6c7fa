/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "jobs-journal-lock.h"
#include "jobs-records.h"

/* “AJob”, as others see it in the file; and the layout below */
#define APPLICATION_ID 0x414a6f62
#define LAYOUT 1

/* So many runs are kept: enough to know how long a job takes */
#define KEPT_RUNS 20

struct _JobsRecords
{
  sqlite3 *db;
  char *filename;
  int lock; /* descriptor; -1: only reads */
  sqlite3_stmt *begin;
  sqlite3_stmt *commit;
  sqlite3_stmt *add_run;
  sqlite3_stmt *end_run;
  sqlite3_stmt *add_job;
  sqlite3_stmt *add_entry;
};

static const char layout[] =
  "CREATE TABLE runs (id INTEGER PRIMARY KEY, token TEXT NOT NULL, about TEXT NOT NULL,"
  " boot TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL, sum INTEGER NOT NULL);"
  "CREATE TABLE ends (run INTEGER PRIMARY KEY, ended INTEGER NOT NULL, success INTEGER NOT NULL,"
  " why TEXT, sum INTEGER NOT NULL);"
  "CREATE TABLE jobs (run INTEGER NOT NULL, number INTEGER NOT NULL, path TEXT NOT NULL,"
  " fingerprint TEXT NOT NULL, flags INTEGER NOT NULL, sum INTEGER NOT NULL,"
  " PRIMARY KEY (run, number)) WITHOUT ROWID;"
  "CREATE TABLE entries (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, job INTEGER NOT NULL,"
  " kind INTEGER NOT NULL, attempt INTEGER NOT NULL, time INTEGER NOT NULL, duration INTEGER NOT NULL,"
  " state INTEGER NOT NULL, exit_status INTEGER NOT NULL, term_signal INTEGER NOT NULL,"
  " pid INTEGER NOT NULL, pid_started INTEGER NOT NULL, value BLOB, message TEXT, sum INTEGER NOT NULL);";

enum
{
  IS_CRITICAL = 1 << 0,
  IS_FOREVER = 1 << 1,
  IS_ENGINE = 1 << 2,
};

void
jobs_records_run_clear (JobsRecordsRun *run)
{
  g_clear_pointer (&run->token, g_free);
  g_clear_pointer (&run->about, g_free);
  g_clear_pointer (&run->boot, g_free);
  g_clear_pointer (&run->why, g_free);
}

void
jobs_records_job_clear (JobsRecordsJob *job)
{
  g_clear_pointer (&job->path, g_free);
  g_clear_pointer (&job->fingerprint, g_free);
}

void
jobs_records_entry_clear (JobsRecordsEntry *entry)
{
  g_clear_pointer (&entry->value, g_free);
  g_clear_pointer (&entry->message, g_free);
}

/* Checksums: FNV-1a of 64 bits (Fowler, Noll, Vo; RFC draft-eastlake-fnv), over all
 * columns with their lengths. They are to find bits that were flipped, no forgery */

#define SUM_START G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define SUM_PRIME G_GUINT64_CONSTANT (0x100000001b3)

static guint64
sum_bytes (guint64       sum,
           const guint8 *bytes,
           gsize         size)
{
  for (gsize i = 0; i < size; i++)
    sum = (sum ^ bytes[i]) * SUM_PRIME;

  return sum;
}

static guint64
sum_number (guint64 sum,
            gint64  number)
{
  return sum_bytes (sum, (const guint8 *) &number, sizeof number);
}

static guint64
sum_text (guint64     sum,
          const char *text)
{
  if (text == NULL)
    return sum_number (sum, -1);

  return sum_bytes (sum_number (sum, (gint64) strlen (text)), (const guint8 *) text, strlen (text));
}

static gint64
sum_run (const JobsRecordsRun *run)
{
  guint64 sum = sum_number (sum_number (sum_number (SUM_START, run->id), run->pid), run->started);

  return (gint64) sum_text (sum_text (sum_text (sum, run->token), run->about), run->boot);
}

static gint64
sum_end (const JobsRecordsRun *run)
{
  guint64 sum = sum_number (sum_number (sum_number (SUM_START, run->id), run->ended), run->success);

  return (gint64) sum_text (sum, run->why);
}

static int
job_flags (const JobsRecordsJob *job)
{
  return (job->is_critical ? IS_CRITICAL : 0) | (job->is_forever ? IS_FOREVER : 0) |
         (job->is_engine ? IS_ENGINE : 0);
}

static gint64
sum_job (gint64                run,
         const JobsRecordsJob *job)
{
  guint64 sum = sum_number (sum_number (sum_number (SUM_START, run), job->number), job_flags (job));

  return (gint64) sum_text (sum_text (sum, job->path), job->fingerprint);
}

static gint64
sum_entry (const JobsRecordsEntry *entry)
{
  const gint64 numbers[] = {
    entry->run, entry->job, entry->kind, entry->attempt, entry->time, entry->duration, entry->state,
    entry->exit_status, entry->term_signal, entry->pid, entry->pid_started,
  };
  guint64 sum = SUM_START;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sum = sum_number (sum, numbers[i]);

  return (gint64) sum_text (sum_text (sum, entry->value), entry->message);
}

/* Errors */

static void
set_damaged (JobsRecords *self,
             GError     **error,
             const char  *what)
{
  g_set_error (error, JOBS_ERROR, JOBS_ERROR_DAMAGED,
               /* Translators: a file name, what is wrong with it */
               _("The journal “%s” is damaged: %s; move it away to begin anew"), self->filename, what);
}

/* It tells names that it has read, of any bytes */
static char *
dup_message (JobsRecords *self)
{
  return g_utf8_make_valid (sqlite3_errmsg (self->db), -1);
}

/* What SQLite says last. What is wrong with the file is damage; the rest is of the disk */
static gboolean
set_error (JobsRecords *self,
           GError     **error)
{
  g_autofree char *message = dup_message (self);
  int code = sqlite3_errcode (self->db);
  int reason = code == SQLITE_FULL ? ENOSPC : sqlite3_system_errno (self->db);

  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_SCHEMA || code == SQLITE_ERROR)
    set_damaged (self, error, message);
  else if (code == SQLITE_BUSY)
    g_set_error (error, JOBS_ERROR, JOBS_ERROR_BUSY,
                 _("The journal “%s” is in use by another program"), self->filename);
  else
    g_set_error (error, JOBS_ERROR, JOBS_ERROR_JOURNAL,
                 /* Translators: a file name, the reason */
                 _("The journal “%s” cannot be written: %s"), self->filename,
                 (code == SQLITE_IOERR || code == SQLITE_FULL) && reason != 0 ? g_strerror (reason)
                                                                              : message);

  return FALSE;
}

static gboolean
run_sql (JobsRecords *self,
         const char  *sql,
         GError     **error)
{
  return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK || set_error (self, error);
}

static gboolean
run_durability_sql (JobsRecords *self,
                    gboolean     durable,
                    GError     **error)
{
  return run_sql (self, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF", error);
}

static sqlite3_stmt *
prepare (JobsRecords *self,
         const char  *sql,
         GError     **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    set_error (self, error);

  return statement;
}

/* A statement that gives no rows */
static gboolean
finish (JobsRecords  *self,
        sqlite3_stmt *statement,
        GError      **error)
{
  gboolean is_good = sqlite3_step (statement) == SQLITE_DONE || set_error (self, error);

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);

  return is_good;
}

/* In the row that a statement stands on */

static char *
dup_column (sqlite3_stmt *statement,
            int           column)
{
  const void *bytes = sqlite3_column_blob (statement, column);

  if (sqlite3_column_type (statement, column) == SQLITE_NULL)
    return NULL;

  return g_strndup (bytes != NULL ? bytes : "", (gsize) sqlite3_column_bytes (statement, column));
}

/* NULL is damage where it cannot be */
static char *
dup_text_column (sqlite3_stmt *statement,
                 int           column)
{
  char *text = dup_column (statement, column);

  return text != NULL ? text : g_strdup ("");
}

static void
bind_text (sqlite3_stmt *statement,
           int           column,
           const char   *text)
{
  if (text != NULL)
    sqlite3_bind_text (statement, column, text, -1, SQLITE_STATIC);
  else
    sqlite3_bind_null (statement, column);
}

static void
bind_numbers (sqlite3_stmt *statement,
              const gint64 *numbers,
              guint         n_numbers)
{
  for (guint i = 0; i < n_numbers; i++)
    sqlite3_bind_int64 (statement, (int) i + 1, numbers[i]);
}

/* Opening */

static gboolean
get_number (JobsRecords *self,
            const char  *sql,
            gint64      *number,
            GError     **error)
{
  sqlite3_stmt *statement = prepare (self, sql, error);
  gboolean is_good;

  if (statement == NULL)
    return FALSE;

  is_good = sqlite3_step (statement) == SQLITE_ROW || set_error (self, error);
  *number = is_good ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_finalize (statement);

  return is_good;
}

/* SQLite takes a file that is shorter than one of its pages for an empty one, and
 * writes over it */
static gboolean
check_header (JobsRecords *self,
              GError     **error)
{
  static const char magic[16] = "SQLite format 3";
  char header[512];
  int fd = open (self->filename, O_RDONLY | O_CLOEXEC);
  gssize size = fd >= 0 ? read (fd, header, sizeof header) : 0;

  if (fd >= 0)
    close (fd);
  if (size <= 0 || (size == sizeof header && memcmp (header, magic, sizeof magic) == 0))
    return TRUE;

  set_damaged (self, error,
               memcmp (header, magic, MIN ((gsize) size, sizeof magic)) == 0 ? _("it has been cut off")
                                                                            : _("it is something else"));

  return FALSE;
}

/* Whose file is it, and of which time? */
static gboolean
check_layout (JobsRecords *self,
              gboolean     may_make,
              GError     **error)
{
  gint64 id, version, n_tables;

  if (!get_number (self, "PRAGMA application_id", &id, error) ||
      !get_number (self, "PRAGMA user_version", &version, error) ||
      !get_number (self, "SELECT count(*) FROM sqlite_schema", &n_tables, error))
    return FALSE;

  if (id == 0 && version == 0 && n_tables == 0 && may_make)
    {
      g_autofree char *sql = g_strdup_printf ("BEGIN; PRAGMA application_id = %d; PRAGMA user_version = %d; %s COMMIT",
                                              APPLICATION_ID, LAYOUT, layout);

      return run_sql (self, sql, error);
    }
  if (id == 0 && n_tables == 0)
    {
      set_damaged (self, error, _("there is nothing in it"));
      return FALSE;
    }
  if (id != APPLICATION_ID)
    {
      set_damaged (self, error, _("it is something else"));
      return FALSE;
    }
  if (version != LAYOUT)
    {
      g_set_error (error, JOBS_ERROR, JOBS_ERROR_DAMAGED,
                   /* Translators: a file, its version, ours */
                   _("The journal “%s” is of version %d, and this program knows version %d"),
                   self->filename, (int) version, LAYOUT);
      return FALSE;
    }

  return TRUE;
}

static gboolean
prepare_all (JobsRecords *self,
             GError     **error)
{
  const struct
  {
    sqlite3_stmt **statement;
    const char *sql;
  } all[] = {
    { &self->begin, "BEGIN IMMEDIATE" },
    { &self->commit, "COMMIT" },
    { &self->add_run, "INSERT INTO runs VALUES (?1, ?4, ?5, ?6, ?2, ?3, ?7)" },
    { &self->end_run, "INSERT OR REPLACE INTO ends VALUES (?1, ?2, ?3, ?4, ?5)" },
    { &self->add_job, "INSERT INTO jobs VALUES (?1, ?2, ?4, ?5, ?3, ?6)" },
    { &self->add_entry, "INSERT INTO entries VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
                        " ?12, ?13, ?14)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if ((*all[i].statement = prepare (self, all[i].sql, error)) == NULL)
      return FALSE;

  return TRUE;
}

JobsRecords *
jobs_records_open (const char      *filename,
                   JobsRecordsFlags flags,
                   GError         **error)
{
  g_autoptr (JobsRecords) self = g_new0 (JobsRecords, 1);
  gboolean reads = flags & JOBS_RECORDS_READ_ONLY;
  int fd;

  self->filename = jobs_journal_lock_dup_name (filename);
  self->lock = -1;
  if (!reads)
    {
      self->lock = jobs_journal_lock_take (self->filename, error);
      if (self->lock < 0)
        return NULL;
      /* SQLite would make it for all to read, as the umask has it */
      fd = open (filename, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      if (fd >= 0)
        close (fd);
    }

  if (!check_header (self, error))
    return NULL;

  /* Threads of our own do not use it at once */
  if (sqlite3_open_v2 (filename, &self->db,
                       (reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX,
                       NULL) != SQLITE_OK)
    {
      /* Translators: a file, what the system says */
      g_set_error (error, JOBS_ERROR, JOBS_ERROR_JOURNAL, _("The journal “%s” cannot be opened: %s"), filename,
                   self->db != NULL && sqlite3_system_errno (self->db) != 0
                     ? g_strerror (sqlite3_system_errno (self->db)) : sqlite3_errmsg (self->db));
      return NULL;
    }
  sqlite3_busy_timeout (self->db, 2000);

  if ((!reads && !run_sql (self, "PRAGMA journal_mode = WAL", error)) ||
      !run_durability_sql (self, flags & JOBS_RECORDS_DURABLE, error) ||
      !check_layout (self, !reads, error) || (!reads && !prepare_all (self, error)))
    return NULL;

  return g_steal_pointer (&self);
}

void
jobs_records_set_durable (JobsRecords *self,
                          gboolean     durable)
{
  run_durability_sql (self, durable, NULL);
}

void
jobs_records_close (JobsRecords *self)
{
  sqlite3_finalize (self->begin);
  sqlite3_finalize (self->commit);
  sqlite3_finalize (self->add_run);
  sqlite3_finalize (self->end_run);
  sqlite3_finalize (self->add_job);
  sqlite3_finalize (self->add_entry);
  sqlite3_close (self->db);
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->filename);
  g_free (self);
}

/* Writing */

gboolean
jobs_records_begin (JobsRecords *self,
                    GError     **error)
{
  return finish (self, self->begin, error);
}

gboolean
jobs_records_commit (JobsRecords *self,
                     GError     **error)
{
  return finish (self, self->commit, error);
}

void
jobs_records_roll_back (JobsRecords *self)
{
  /* SQLite may have done it by itself */
  if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
}

static gboolean
forget_old_runs (JobsRecords *self,
                 gint64       last,
                 GError     **error)
{
  g_autofree char *sql = NULL;

  if (last <= KEPT_RUNS)
    return TRUE;

  sql = g_strdup_printf ("DELETE FROM entries WHERE run <= %1$" G_GINT64_FORMAT ";"
                         "DELETE FROM jobs WHERE run <= %1$" G_GINT64_FORMAT ";"
                         "DELETE FROM ends WHERE run <= %1$" G_GINT64_FORMAT ";"
                         "DELETE FROM runs WHERE id <= %1$" G_GINT64_FORMAT,
                         last - KEPT_RUNS);

  return run_sql (self, sql, error);
}

gboolean
jobs_records_add_run (JobsRecords    *self,
                      JobsRecordsRun *run,
                      GError        **error)
{
  gint64 last;

  if (!get_number (self, "SELECT ifnull(max(id), 0) FROM runs", &last, error))
    return FALSE;

  run->id = last + 1;
  bind_numbers (self->add_run, (const gint64[]) { run->id, run->pid, run->started }, 3);
  bind_text (self->add_run, 4, run->token);
  bind_text (self->add_run, 5, run->about);
  bind_text (self->add_run, 6, run->boot);
  sqlite3_bind_int64 (self->add_run, 7, sum_run (run));

  return finish (self, self->add_run, error) && forget_old_runs (self, run->id, error);
}

gboolean
jobs_records_end_run (JobsRecords          *self,
                      const JobsRecordsRun *run,
                      GError              **error)
{
  bind_numbers (self->end_run, (const gint64[]) { run->id, run->ended, run->success }, 3);
  bind_text (self->end_run, 4, run->why);
  sqlite3_bind_int64 (self->end_run, 5, sum_end (run));

  return finish (self, self->end_run, error);
}

gboolean
jobs_records_add_job (JobsRecords          *self,
                      gint64                run,
                      const JobsRecordsJob *job,
                      GError              **error)
{
  bind_numbers (self->add_job, (const gint64[]) { run, job->number, job_flags (job) }, 3);
  bind_text (self->add_job, 4, job->path);
  bind_text (self->add_job, 5, job->fingerprint);
  sqlite3_bind_int64 (self->add_job, 6, sum_job (run, job));

  return finish (self, self->add_job, error);
}

gboolean
jobs_records_add_entry (JobsRecords            *self,
                        const JobsRecordsEntry *entry,
                        GError                **error)
{
  bind_numbers (self->add_entry,
                (const gint64[]) { entry->run, entry->job, entry->kind, entry->attempt, entry->time,
                                   entry->duration, entry->state, entry->exit_status,
                                   entry->term_signal, entry->pid, entry->pid_started }, 11);
  if (entry->value != NULL)
    sqlite3_bind_blob64 (self->add_entry, 12, entry->value, strlen (entry->value), SQLITE_STATIC);
  bind_text (self->add_entry, 13, entry->message);
  sqlite3_bind_int64 (self->add_entry, 14, sum_entry (entry));

  return finish (self, self->add_entry, error);
}

/* Reading */

static void
read_entry (sqlite3_stmt     *statement,
            JobsRecordsEntry *entry)
{
  *entry = (JobsRecordsEntry) {
    .run = sqlite3_column_int64 (statement, 1),
    .job = (guint) sqlite3_column_int64 (statement, 2),
    .kind = (JobsRecordsKind) sqlite3_column_int64 (statement, 3),
    .attempt = (guint) sqlite3_column_int64 (statement, 4),
    .time = sqlite3_column_int64 (statement, 5),
    .duration = sqlite3_column_int64 (statement, 6),
    .state = (JobsState) sqlite3_column_int64 (statement, 7),
    .exit_status = (int) sqlite3_column_int64 (statement, 8),
    .term_signal = (int) sqlite3_column_int64 (statement, 9),
    .pid = sqlite3_column_int64 (statement, 10),
    .pid_started = sqlite3_column_int64 (statement, 11),
    .value = dup_column (statement, 12),
    .message = dup_column (statement, 13),
  };
}

static void
read_job (sqlite3_stmt   *statement,
          JobsRecordsJob *job)
{
  gint64 flags = sqlite3_column_int64 (statement, 4);

  *job = (JobsRecordsJob) {
    .number = (guint) sqlite3_column_int64 (statement, 1),
    .path = dup_text_column (statement, 2),
    .fingerprint = dup_text_column (statement, 3),
    .is_critical = (flags & IS_CRITICAL) != 0,
    .is_forever = (flags & IS_FOREVER) != 0,
    .is_engine = (flags & IS_ENGINE) != 0,
  };
}

static void
read_run (sqlite3_stmt   *statement,
          JobsRecordsRun *run)
{
  *run = (JobsRecordsRun) {
    .id = sqlite3_column_int64 (statement, 0),
    .token = dup_text_column (statement, 1),
    .about = dup_text_column (statement, 2),
    .boot = dup_text_column (statement, 3),
    .pid = sqlite3_column_int64 (statement, 4),
    .started = sqlite3_column_int64 (statement, 5),
    .ended = sqlite3_column_int64 (statement, 7),
    .success = sqlite3_column_int64 (statement, 8) != 0,
    .why = dup_column (statement, 9),
  };
}

gboolean
jobs_records_read_run (JobsRecords    *self,
                       gint64          before,
                       JobsRecordsRun *run,
                       GError        **error)
{
  sqlite3_stmt *statement = prepare (self, "SELECT runs.*, ends.ended, ends.success, ends.why, ends.sum"
                                           " FROM runs LEFT JOIN ends ON ends.run = runs.id"
                                           " WHERE ?1 = 0 OR runs.id < ?1 ORDER BY runs.id DESC LIMIT 1", error);
  gboolean is_good = TRUE;
  int step;

  *run = (JobsRecordsRun) { 0 };
  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, before);
  step = sqlite3_step (statement);
  if (step == SQLITE_ROW)
    {
      read_run (statement, run);
      if (sqlite3_column_int64 (statement, 6) != sum_run (run) ||
          (run->ended != 0 && sqlite3_column_int64 (statement, 10) != sum_end (run)))
        {
          set_damaged (self, error, _("what it says of a run has changed since it was written"));
          is_good = FALSE;
        }
    }
  else if (step != SQLITE_DONE)
    {
      is_good = set_error (self, error);
    }
  sqlite3_finalize (statement);

  return is_good;
}

gboolean
jobs_records_foreach_job (JobsRecords       *self,
                          gint64             run,
                          JobsRecordsJobFunc func,
                          gpointer           data,
                          GError           **error)
{
  sqlite3_stmt *statement = prepare (self, "SELECT * FROM jobs WHERE run = ?1 ORDER BY number", error);
  gboolean is_good = statement != NULL;
  gboolean goes_on = is_good;
  guint n_jobs = 0;
  int step = SQLITE_DONE;

  sqlite3_bind_int64 (statement, 1, run);
  while (goes_on && (step = sqlite3_step (statement)) == SQLITE_ROW)
    {
      JobsRecordsJob job;

      read_job (statement, &job);
      is_good = FALSE;
      if (sqlite3_column_int64 (statement, 5) != sum_job (run, &job))
        set_damaged (self, error, _("what it says of a job has changed since it was written"));
      else if (job.number != n_jobs++)
        set_damaged (self, error, _("a job is missing"));
      else
        is_good = TRUE;
      goes_on = is_good && func (&job, data);
      jobs_records_job_clear (&job);
    }
  if (is_good && step != SQLITE_ROW && step != SQLITE_DONE)
    is_good = set_error (self, error);
  sqlite3_finalize (statement);

  return is_good;
}

gboolean
jobs_records_foreach_entry (JobsRecords         *self,
                            gint64               run,
                            JobsRecordsEntryFunc func,
                            gpointer             data,
                            GError             **error)
{
  /* By its number, which grows: without an index for the run all of them are read */
  sqlite3_stmt *statement = prepare (self, "SELECT * FROM entries WHERE run = ?1 ORDER BY id", error);
  gboolean is_good = statement != NULL;
  gboolean goes_on = is_good;
  int step = SQLITE_DONE;

  sqlite3_bind_int64 (statement, 1, run);
  while (goes_on && (step = sqlite3_step (statement)) == SQLITE_ROW)
    {
      JobsRecordsEntry entry;

      read_entry (statement, &entry);
      is_good = sqlite3_column_int64 (statement, 14) == sum_entry (&entry);
      if (!is_good)
        set_damaged (self, error, _("what it says of an attempt has changed since it was written"));
      goes_on = is_good && func (&entry, data);
      jobs_records_entry_clear (&entry);
    }
  if (is_good && step != SQLITE_ROW && step != SQLITE_DONE)
    is_good = set_error (self, error);
  sqlite3_finalize (statement);

  return is_good;
}

gboolean
jobs_records_check (JobsRecords *self,
                    GError     **error)
{
  sqlite3_stmt *statement = prepare (self, "PRAGMA integrity_check(1)", error);
  g_autofree char *says = NULL;
  gboolean is_good;

  if (statement == NULL)
    return FALSE;

  is_good = sqlite3_step (statement) == SQLITE_ROW || set_error (self, error);
  if (is_good)
    says = dup_text_column (statement, 0);
  sqlite3_finalize (statement);
  if (is_good && !g_str_equal (says, "ok"))
    {
      set_damaged (self, error, says);
      return FALSE;
    }

  return is_good;
}
