/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "monitors/jobs-counts.h"
#include "outlook.h"
#include "tool.h"

G_BEGIN_DECLS

/* All that is said of a run by `asyncjobs status` */
typedef struct
{
  History *history;
  Outlook *outlook;
  GPtrArray *orphans;     /* (element-type HistoryOrphan) */
  JobsCounts counts;      /* jobs of all levels */
  char *logs;             /* (nullable): where output is, if any */
  char *resume;           /* the command that goes on */
} Status;

/* In words, which may be read on any terminal; and as JSON, versioned */
char *status_to_text (Status *self);
char *status_to_json (Status *self);

G_END_DECLS
