/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-suggest.h"

#include <string.h>

void
jobs_suggestion_init (JobsSuggestion *self,
                      const char     *word)
{
  self->word = word;
  self->length = strlen (word);
  self->limit = CLAMP (self->length / 3, 1, 4);
  self->best = NULL;
}

gboolean
jobs_suggestion_offer (JobsSuggestion *self,
                       const char     *candidate)
{
  gsize length = strlen (candidate);
  guint distance;

  if (length > JOBS_SUGGEST_MAX_LENGTH || self->length > JOBS_SUGGEST_MAX_LENGTH ||
      length > self->length + self->limit || self->length > length + self->limit)
    return FALSE;

  /* A word all of whose letters would have to change is another word */
  distance = jobs_suggest_distance (self->word, candidate, self->limit);
  if (distance <= self->limit && distance < MAX (length, self->length))
    {
      self->best = candidate;
      /* From now on only a better one will do */
      self->limit = MAX (distance, 1) - 1;
    }

  return TRUE;
}

/* What people write who know other formats: the words behind each key of ours */
static const char *const others[][10] = {
  { "after", "order-after" },
  { "capture", "register" },
  { "details", "description", "comment" },
  { "dir", "cwd", "directory", "workdir", "working-directory", "working_directory", "working_dir", "chdir" },
  { "env", "environment", "variables", "vars" },
  { "forever", "background", "daemon", "service" },
  { "gateway", "bastion", "jump", "proxy", "proxy-jump", "proxyjump" },
  { "jobs", "pipeline", "stages", "steps", "tasks" },
  { "label", "title" },
  { "matrix", "strategy" },
  { "name", "title" },
  { "on", "host", "hosts", "machine", "node", "runs-on", "runs_on", "target" },
  { "on-failure", "fail-fast", "on-error", "on_error" },
  { "output", "log", "stdout" },
  { "pool", "resource", "resources", "semaphore" },
  { "pull", "artifacts", "download", "fetch" },
  { "push", "upload" },
  { "requires", "dependencies", "depends", "depends-on", "depends_on", "deps", "need", "needs" },
  { "retries", "attempts", "max-retries", "max_retries", "retry" },
  { "run", "cmd", "command", "commands", "exec", "script", "shell" },
  { "shutdown", "cleanup", "finally", "teardown" },
  { "sleep", "delay", "pause", "wait" },
  { "ssh", "address", "host", "hostname" },
  { "stdin", "input" },
  { "timeout", "time-limit", "timeout-minutes", "timeout_minutes" },
  { "unless", "if", "when" },
  { "window", "concurrency", "max-parallel", "parallel", "workers" },
};

static gboolean
is_called (const char *key,
           const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_equal (others[i][0], key))
      for (guint j = 1; others[i][j] != NULL; j++)
        if (g_str_equal (others[i][j], word))
          return TRUE;

  return FALSE;
}

gboolean
jobs_suggestion_offer_key (JobsSuggestion *self,
                           const char     *key)
{
  if (!is_called (key, self->word))
    return jobs_suggestion_offer (self, key);

  self->best = key;
  /* No typing mistake is more likely */
  self->limit = 0;

  return TRUE;
}

guint
jobs_suggest_distance (const char *one,
                       const char *two,
                       guint       limit)
{
  guint rows[3][JOBS_SUGGEST_MAX_LENGTH + 1];
  guint *before = rows[0], *above = rows[1], *row = rows[2];
  gsize n = strlen (two);

  g_assert (strlen (one) <= JOBS_SUGGEST_MAX_LENGTH && n <= JOBS_SUGGEST_MAX_LENGTH);

  for (guint j = 0; j <= n; j++)
    above[j] = j;

  for (guint i = 1; one[i - 1] != '\0'; i++)
    {
      guint least = i;
      guint *spare;

      row[0] = i;
      for (guint j = 1; j <= n; j++)
        {
          guint cost = one[i - 1] == two[j - 1] ? 0 : 1;

          row[j] = MIN (MIN (above[j], row[j - 1]) + 1, above[j - 1] + cost);
          if (i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1])
            row[j] = MIN (row[j], before[j - 2] + 1);
          least = MIN (least, row[j]);
        }

      /* Two rows, as a swap reaches back two */
      if (least > limit + 1)
        return limit + 1;

      spare = before;
      before = above;
      above = row;
      row = spare;
    }

  return MIN (above[n], limit + 1);
}
