/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Finds out from what a command writes how far it is */

/* A line that is longer than this is not looked at, nor are those before the last ones
 * of a piece: a pattern may take long, and somebody waits for the main loop */
#define JOBS_PROGRESS_LINE_MAX 1024
#define JOBS_PROGRESS_LINES 64

/* What a user wrote as pattern; NULL with an error of the domain G_REGEX_ERROR */
GRegex  *jobs_progress_compile (const char *pattern,
                                GError    **error);

/* All zero when new; one for each stream */
typedef struct
{
  GString *rest; /* of a line whose end has not come yet */
} JobsProgress;

/* FALSE: none of the lines that are whole now says it. fraction is negative, *message
 * NULL where the line does not say that; (transfer full) */
gboolean jobs_progress_feed    (JobsProgress *self,
                                GRegex       *regex,
                                const guint8 *data,
                                gsize         size,
                                double       *fraction,
                                char        **message);
void     jobs_progress_clear   (JobsProgress *self);

G_END_DECLS
