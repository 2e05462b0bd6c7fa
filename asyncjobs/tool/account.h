/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "history.h"
#include "summary.h"

G_BEGIN_DECLS

/* What a report tells of a run, wherever it is known from: of one that was watched, or
 * from a journal. Times are in µs since the run began, text has no secrets in it. */

#define ACCOUNT_NONE G_MAXUINT

typedef struct
{
  guint number;     /* from 1 */
  gint64 start;
  gint64 end;       /* -1: it goes on, or was cut off */
  JobsState state;  /* what became of it */
} AccountAttempt;

typedef struct
{
  guint job;
  JobsCondition condition;
} AccountNeed;

typedef struct
{
  char *path;
  char *label;
  guint around;         /* the engine that it is in; ACCOUNT_NONE: the run */
  JobsState state;
  gboolean is_engine;
  gboolean is_forever;
  gboolean is_critical;
  gboolean is_kept;     /* an earlier run has done it */
  GArray *attempts;     /* (element-type AccountAttempt) */
  guint n_attempts;     /* a journal knows how many there were before it had all of them */
  GArray *needs;        /* (element-type AccountNeed) */
  char *message;        /* nullable */
  int exit_status;      /* -1: none */
  int term_signal;      /* -1: none */
  char *tail;           /* (nullable): what it printed last */
  guint place;          /* on the longest path, from 1; 0: it is not */
} AccountJob;

typedef struct
{
  char *name;
  char *file;           /* nullable */
  gint64 run;           /* in its journal; 0: there is none */
  gint64 started;       /* real time */
  gint64 duration;
  HistoryFate fate;
  gboolean success;
  char *why;            /* nullable */
  char *logs;           /* (nullable): where all output is */
  char *resume;         /* (nullable): the command that goes on */
  GPtrArray *jobs;      /* (element-type AccountJob), in the order of adding */
  GHashTable *by_path;  /* path → number of its job and 1 */
  guint n_tails;

  /* After account_complete() */
  JobsCounts counts;
  guint n_cut;          /* of them those that ran when it was interrupted */
  guint cause;          /* what failed first and mattered, or ACCOUNT_NONE */
  char *unknown;        /* (nullable): why the requirements are not known */
  GPtrArray *longest;   /* (element-type AccountJob): the longest path */
  gint64 length;        /* of that */
} Account;

Account    *account_new          (void);
void        account_free         (Account *self);
AccountJob *account_add          (Account    *self,
                                  const char *path);
/* Takes them from an engine in which the jobs have the same paths */
void        account_take_needs   (Account    *self,
                                  JobsEngine *engine);
/* Does no more than so many: who wants all looks into the logs. Takes the text */
void        account_take_tail    (Account    *self,
                                  AccountJob *job,
                                  char       *tail);
/* Once all is there: what follows from it */
void        account_complete     (Account *self);
void        account_find_longest (Account *self);

/* From the first start to the last end; -1: it never started */
gint64      account_job_get_time (const Account    *self,
                                  const AccountJob *job);
/* Up to when it is drawn */
gint64      account_get_end      (const Account        *self,
                                  const AccountAttempt *attempt);
/* "interrupted" beside those of the library; not translated */
const char *account_get_nick     (const Account *self,
                                  JobsState      state);
/* The same in the words of a page, translated */
const char *account_get_word     (const Account *self,
                                  JobsState      state);
const char *account_get_verdict  (const Account *self);

/* Of the last run in that journal, as it stands */
Account    *account_from_history (History    *history,
                                  const char *resume);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Account, account_free)

G_END_DECLS
