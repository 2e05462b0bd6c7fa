/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Finds what a mistyped word was probably meant to be: of all words offered,
 * the first of those that take the fewest edits, where that is few enough. Lives
 * on the stack and copies nothing */
typedef struct
{
  const char *word;
  gsize length;
  guint limit; /* more edits than this are no typing mistake */
  const char *best;
} JobsSuggestion;

void     jobs_suggestion_init  (JobsSuggestion *self,
                                const char     *word);
/* FALSE where a look at the length was enough to turn it down */
gboolean jobs_suggestion_offer (JobsSuggestion *self,
                                const char     *candidate);

/* Likewise a key of job files: the word may also be what others call it */
gboolean jobs_suggestion_offer_key (JobsSuggestion *self,
                                    const char     *key);

/* Insertions, deletions, replacements and swaps of neighbours; anything above
 * the limit is limit + 1. Both at most JOBS_SUGGEST_MAX_LENGTH long */
guint    jobs_suggest_distance (const char *one,
                                const char *two,
                                guint       limit);

#define JOBS_SUGGEST_MAX_LENGTH 64

G_END_DECLS
