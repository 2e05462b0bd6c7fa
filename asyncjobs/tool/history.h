/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

#include "scenario/jobs-records.h"

G_BEGIN_DECLS

/* What a journal says of a run, at one moment */

typedef enum
{
  HISTORY_LIVES,       /* its process writes to the journal */
  HISTORY_INTERRUPTED, /* its process has gone without a word */
  HISTORY_ENDED,
} HistoryFate;

typedef struct
{
  JobsRecordsJob record;
  JobsState state;     /* of what has not begun nothing is written: IDLE */
  gboolean is_kept;    /* an earlier run has done it */
  guint attempts;
  gint64 started;      /* the last attempt, real time, µs; 0: none */
  gint64 duration;     /* of that, µs; -1: it has not ended */
  gint64 pid;          /* 0: not known */
  int exit_status;     /* -1: none */
  int term_signal;     /* -1: none */
  char *value;         /* nullable */
  char *message;       /* nullable */
} HistoryJob;

typedef struct
{
  gint64 pid;
  char *path; /* of its job */
} HistoryOrphan;

typedef struct
{
  char *journal;
  JobsRecords *records;
  JobsRecordsRun run;
  HistoryFate fate;
  gint64 writer;       /* who has the journal open to write; 0: nobody */
  GPtrArray *jobs;     /* (element-type HistoryJob), by number */
  GHashTable *by_path; /* path → HistoryJob */
  GPtrArray *clean_ups; /* (element-type utf8): what went wrong at the end, a line each */
  gint64 last_sign;    /* when something was written last, real time, µs */

  /* From what its user said of it, which need not be ‘run’ */
  char *file;          /* nullable */
  char *name;          /* nullable */
  gint64 window;       /* that of -j; -1: none was given */
} History;

/* The last run, before the run @before (0: of all). G_IO_ERROR_NOT_FOUND: there is none */
History    *history_open           (const char *journal,
                                    gint64      before,
                                    GError    **error);
/* The last one in the journal that an argument means: see journal_place_find () */
History    *history_open_argument  (const char *argument,
                                    GError    **error);
void        history_free           (History *self);
/* Whether it, or an engine that it is in, is not critical */
gboolean    history_is_minor       (History          *self,
                                    const HistoryJob *job);
/* Where the output of its attempts is */
char       *history_dup_logs       (History *self);
/* The command that goes on with it, as short as it can be said from here; the argument
 * that named it, or NULL */
char       *history_dup_resume     (History    *self,
                                    const char *argument);
/* From its start to its end; where there is none, to now or to the last sign of life */
gint64      history_get_duration   (History *self);
/* Where it stands now: cheaper than to open it anew */
gboolean    history_is_going_on    (History *self);

/* Path → gint64, owned, in µs: how long attempts that ended well have taken in the last
 * runs. Their median: one that was slow once says little of the next time. A job that was
 * another one then, by its fingerprint, is none of them */
GHashTable *history_dup_durations  (History *self,
                                    GError **error);

/* What interrupted runs in this journal have left behind, not the last one only
 * (element-type HistoryOrphan), and a run that goes on has not */
GPtrArray  *history_find_orphans   (History *self,
                                    GError **error);
/* Ends them, and waits for that. FALSE with an error where one is still there */
gboolean    history_end_orphans    (History *self,
                                    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (History, history_free)

G_END_DECLS
