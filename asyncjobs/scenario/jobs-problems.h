/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../jobs-types.h"

G_BEGIN_DECLS

/* Both from 1 on */
typedef struct
{
  guint32 line;
  guint32 column;
} JobsPlace;

/* All that is wrong or odd in one file, in the order of the file */
typedef struct _JobsProblems JobsProblems;

JobsProblems *jobs_problems_new          (const char *name);
void          jobs_problems_free         (JobsProblems *self);

void          jobs_problems_add          (JobsProblems *self,
                                          JobsPlace     place,
                                          JobsError     code,
                                          const char   *format,
                                          ...) G_GNUC_PRINTF (4, 5);
void          jobs_problems_warn         (JobsProblems *self,
                                          JobsPlace     place,
                                          const char   *format,
                                          ...) G_GNUC_PRINTF (3, 4);
/* Errors only, not warnings */
guint         jobs_problems_count        (JobsProblems *self);
/* No further error would be told: what looks for them can stop */
gboolean      jobs_problems_is_full      (JobsProblems *self);
/* NULL where there are none */
GError       *jobs_problems_dup_error    (JobsProblems *self);
char        **jobs_problems_dup_warnings (JobsProblems *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsProblems, jobs_problems_free)

G_END_DECLS
