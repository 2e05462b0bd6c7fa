/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

G_BEGIN_DECLS

/* How many actions are in each state, and of some what that means for the run */
typedef struct
{
  guint states[JOBS_STATE_SKIPPED + 1]; /* all */
  guint minor[JOBS_STATE_SKIPPED + 1];  /* of those that have failed or timed out: the run is none the worse */
  guint n_forever;                      /* of the cancelled: what runs forever ends like that */
} JobsCounts;

/* is_minor: it, or something that it is in, is not critical */
void jobs_counts_add       (JobsCounts *self,
                            JobsState   state,
                            gboolean    is_minor,
                            gboolean    is_forever);
/* All of them, and so for a run that has ended */
void jobs_counts_add_lines (JobsCounts *self,
                            GListModel *lines);
/* Behind how many are in a state: " (1 not critical)", or nothing */
void jobs_counts_append_minor (const JobsCounts *self,
                               JobsState         state,
                               GString          *to);
/* "3 finished, 1 failed (not critical)": those that there are, in that order of states */
void jobs_counts_append    (const JobsCounts *self,
                            const JobsState  *order,
                            guint             n_order,
                            const char       *separator,
                            GString          *to);

G_END_DECLS
