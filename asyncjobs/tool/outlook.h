/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "history.h"
#include "plan.h"
#include "simulate.h"

G_BEGIN_DECLS

/* How long the rest of a run will take, as far as one can know */
typedef struct
{
  GHashTable *durations; /* path → gint64, µs: of earlier runs */
  JobsScenario *scenario; /* nullable */
  Plan *plan;            /* nullable: of a run that has ended, there is none */
  char *trouble;         /* (nullable): why there is no plan where there should be one */
  GPtrArray *path;       /* (element-type PlanNode) (nullable): the longest of what is left */
  gint64 longest;        /* its length, µs */
  Simulation *simulation; /* (nullable): as windows and pools let it go on */
  gint64 left;           /* the length of that, µs */
  guint n_unknown;       /* jobs that are left, of which nothing is known */
} Outlook;

/* Requirements are in the job file alone: it must be there, and what it was. Fails where
 * the journal cannot be read */
Outlook *outlook_new          (History *history,
                               GError **error);
void     outlook_free         (Outlook *self);
/* Why the job file is not any more what was run; NULL: it is */
char    *outlook_find_change  (History *history);
/* What a job took in earlier runs, µs; -1: not known */
gint64   outlook_get_expected (Outlook    *self,
                               const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Outlook, outlook_free)

G_END_DECLS
