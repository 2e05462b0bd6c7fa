/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-journal.h"
#include "jobs-records.h"

G_BEGIN_DECLS

/* A job, as the journal knows it */
typedef struct
{
  JobsAction *action; /* (owned) */
  guint number;
  gint64 begun;       /* the attempt, monotonic µs; 0: none goes on */
  GList link;         /* in young, until its process is in the journal */
} JobsJournalJob;

struct _JobsJournal
{
  GObject parent_instance;

  JobsRecords *records;
  char *filename;
  GPtrArray *secrets;    /* see jobs_secrets_new () */
  JobsEngine *engine;    /* (owned): while it is recorded */
  JobsRecordsRun run;
  GHashTable *jobs;      /* JobsAction → JobsJournalJob */
  GQueue young;          /* those whose command has begun not long ago, the oldest first */
  guint n_kept;
  gboolean is_restoring; /* what is kept gets its outcome again: that is recorded already */
  GArray *pending;       /* (element-type JobsRecordsEntry): not written yet */
  GSource *flush;        /* writes them when nothing else is to be done */
  GSource *look;         /* for the young that have got older */
  GError *error;         /* the first one */
};

/* All actions of all levels, but not the engine itself */
GPtrArray *jobs_journal_dup_actions (JobsEngine *engine);
/* A new run with all jobs of the engine; what is in kept (JobsAction → JobsRecordsEntry;
 * nullable) has been done, and is recorded once more */
gboolean jobs_journal_begin_run (JobsJournal *self,
                                 JobsEngine  *engine,
                                 const char  *about,
                                 GHashTable  *kept,
                                 GError     **error);

/* Results, as text: those of other types are lost, and so is the need of them */
char    *jobs_journal_value_to_text   (const GValue *value);
gboolean jobs_journal_value_from_text (const char *text,
                                       GValue     *value);
/* A value that may not be written: what has given it is to run again */
char    *jobs_journal_make_lost_value (void);
gboolean jobs_journal_is_lost_value   (const char *text);

/* That there is none is an error: G_IO_ERROR_NOT_FOUND */
gboolean jobs_journal_read_last_run   (JobsJournal    *self,
                                       JobsRecordsRun *run,
                                       GError        **error);
/* Where the last run was interrupted: ends what is left of it */
gboolean jobs_journal_settle_last_run (JobsJournal *self,
                                       JobsEngine  *engine,
                                       GError     **error);

G_END_DECLS
