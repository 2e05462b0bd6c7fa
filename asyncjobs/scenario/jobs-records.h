/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-types.h"

G_BEGIN_DECLS

/* What a journal is on the disk: runs, their jobs, and a line for each thing that
 * happened to one of them, in an SQLite file. Knows no engine.
 *
 * Lines are only added, and go with their run. Each row bears a checksum of its own, since SQLite has
 * none for what is in its pages: a bit that was flipped must not turn a job that
 * failed into one that is done. */
typedef struct _JobsRecords JobsRecords;

typedef enum
{
  JOBS_RECORDS_DURABLE = 1 << 0,   /* waits for the disk at each commit */
  JOBS_RECORDS_READ_ONLY = 1 << 1, /* takes no lock */
} JobsRecordsFlags;

typedef struct
{
  gint64 id;
  char  *token;    /* of this run and no other */
  char  *about;    /* what its user wants to find again */
  char  *boot;     /* of the system it began in */
  gint64 pid;
  gint64 started;  /* real time, µs */
  gint64 ended;    /* 0: it was interrupted, or goes on */
  gboolean success;
  char  *why;      /* nullable */
} JobsRecordsRun;

typedef struct
{
  guint  number;      /* in its run, from 0 */
  char  *path;
  char  *fingerprint; /* of what it is */
  gboolean is_critical;
  gboolean is_forever;
  gboolean is_engine;
} JobsRecordsJob;

typedef enum
{
  JOBS_RECORDS_START = 1, /* an attempt begins */
  JOBS_RECORDS_PROCESS,   /* the process of the attempt is known */
  JOBS_RECORDS_RETRY,     /* the attempt has ended, another one will follow */
  JOBS_RECORDS_END,       /* the job has ended */
  JOBS_RECORDS_CLEAN_UP,  /* of no job: a clean-up has failed, and the message has all */
} JobsRecordsKind;

typedef struct
{
  JobsRecordsKind kind;
  gint64    run;
  guint     job;
  guint     attempt;     /* from 1; 0: it never started */
  gint64    time;        /* real time, µs */
  gint64    duration;    /* of the attempt, µs; -1: none */
  JobsState state;
  int       exit_status; /* -1: none */
  int       term_signal; /* -1: none */
  gint64    pid;
  gint64    pid_started; /* in ticks since boot: tells processes of one pid apart */
  char     *value;       /* nullable */
  char     *message;     /* nullable */
} JobsRecordsEntry;

void         jobs_records_run_clear   (JobsRecordsRun   *run);
void         jobs_records_job_clear   (JobsRecordsJob   *job);
void         jobs_records_entry_clear (JobsRecordsEntry *entry);

/* Makes the file where there is none. JOBS_ERROR_BUSY: another process writes to it,
 * and the message has its pid; JOBS_ERROR_DAMAGED: it is no journal, or not any more */
JobsRecords *jobs_records_open        (const char      *filename,
                                       JobsRecordsFlags flags,
                                       GError         **error);
void         jobs_records_close       (JobsRecords *self);
void         jobs_records_set_durable (JobsRecords *self,
                                       gboolean     durable);

/* Between the two all or nothing is written */
gboolean     jobs_records_begin       (JobsRecords *self,
                                       GError     **error);
gboolean     jobs_records_commit      (JobsRecords *self,
                                       GError     **error);
void         jobs_records_roll_back   (JobsRecords *self);

/* Fills in the id. Runs of long ago are forgotten */
gboolean     jobs_records_add_run     (JobsRecords    *self,
                                       JobsRecordsRun *run,
                                       GError        **error);
gboolean     jobs_records_end_run     (JobsRecords          *self,
                                       const JobsRecordsRun *run,
                                       GError              **error);
gboolean     jobs_records_add_job     (JobsRecords          *self,
                                       gint64                run,
                                       const JobsRecordsJob *job,
                                       GError              **error);
gboolean     jobs_records_add_entry   (JobsRecords            *self,
                                       const JobsRecordsEntry *entry,
                                       GError                **error);

/* Looks at each page and row: JOBS_ERROR_DAMAGED names what is wrong */
gboolean     jobs_records_check       (JobsRecords *self,
                                       GError     **error);

typedef gboolean (*JobsRecordsJobFunc)   (const JobsRecordsJob   *job,
                                          gpointer                data);
typedef gboolean (*JobsRecordsEntryFunc) (const JobsRecordsEntry *entry,
                                          gpointer                data);

/* The last one, before @before (0: of all); id 0 where there is none */
gboolean     jobs_records_read_run       (JobsRecords    *self,
                                          gint64          before,
                                          JobsRecordsRun *run,
                                          GError        **error);
/* In their order, until func returns FALSE. Jobs are numbered without a gap */
gboolean     jobs_records_foreach_job    (JobsRecords       *self,
                                          gint64             run,
                                          JobsRecordsJobFunc func,
                                          gpointer           data,
                                          GError           **error);
gboolean     jobs_records_foreach_entry  (JobsRecords         *self,
                                          gint64               run,
                                          JobsRecordsEntryFunc func,
                                          gpointer             data,
                                          GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsRecords, jobs_records_close)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (JobsRecordsRun, jobs_records_run_clear)

G_END_DECLS
