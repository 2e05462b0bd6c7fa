/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "monitors/jobs-counts.h"
#include "tool.h"

G_BEGIN_DECLS

/* What became of a run */
typedef struct
{
  gboolean success;
  GError *error;              /* NULL: success */
  char *why;                  /* nullable */
  JobsAction *cause;          /* nullable: what failed first and mattered */
  GPtrArray *others;          /* (element-type JobsAction): what has failed beside it, first things first */
  JobsCounts counts;              /* jobs of all levels */
  guint n_stuck;
  char **clean_up_failures;   /* a line each */
  gint64 duration;            /* µs */
  int signum;                 /* 0: no signal ended it */
  int status;                 /* what we exit with */
} Verdict;

void verdict_judge (Verdict    *self,
                    JobsEngine *engine,
                    GPtrArray  *failed,
                    gboolean    trouble);
void verdict_write (Verdict    *self,
                    ToolStream *to,
                    gboolean    color);
void verdict_clear (Verdict    *self);

typedef enum
{
  SUMMARY_WENT_WELL,
  SUMMARY_FAILED,
  SUMMARY_TIMED_OUT,
  SUMMARY_STOPPED,
} SummaryWord;

/* "3 finished, 1 failed" */
void summary_append_counts   (GString          *to,
                              const JobsCounts *counts);
/* "; 0.512 s: went well", behind them */
void summary_append_end      (GString    *to,
                              gint64      duration,
                              SummaryWord word);
/* Of more than so many only the first ones are named */
#define SUMMARY_NAMES_MAX 10

/* "a, b and 3 more": of all, in a line however many there are (element-type utf8) */
void summary_append_names    (GString         *to,
                              const GPtrArray *names,
                              guint            n_all);
/* A line of its own */
void summary_append_clean_up (GString    *to,
                              const char *failure);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Verdict, verdict_clear)

G_END_DECLS
