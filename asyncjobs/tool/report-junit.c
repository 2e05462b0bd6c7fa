/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "monitors/jobs-visible.h"
#include "report.h"
#include "secrets.h"

/* XML can hold no control characters, not even escaped ones; what it should not
 * hold are secrets */
static char *
escape (const char *text)
{
  g_autoptr (GString) safe = g_string_new (NULL);
  g_autofree char *hidden = secrets_hide (text);
  g_auto (GStrv) lines = g_strsplit (hidden, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (safe, '\n');
      jobs_visible_append (safe, lines[i], -1);
    }

  return g_markup_escape_text (safe->str, safe->len);
}

static void
append_outcome (GString          *to,
                const Account    *account,
                const AccountJob *job)
{
  g_autofree char *message = escape (job->message != NULL ? job->message : account_get_nick (account, job->state));
  g_autofree char *tail = NULL;
  const char *element = job->state == JOBS_STATE_FAILED ? "failure" : "error";

  if (job->state == JOBS_STATE_FINISHED)
    return;

  if (job->state != JOBS_STATE_FAILED && job->state != JOBS_STATE_TIMED_OUT)
    {
      g_string_append_printf (to, "      <skipped message=\"%s\"/>\n", message);
      return;
    }

  tail = escape (job->tail != NULL ? job->tail : "");
  g_string_append_printf (to, "      <%s message=\"%s\">%s</%s>\n",
                          element, message, tail, element);
}

static void
append_case (GString          *to,
             const Account    *account,
             const AccountJob *job)
{
  const AccountJob *around = job->around != ACCOUNT_NONE ? g_ptr_array_index (account->jobs, job->around) : NULL;
  g_autofree char *group = escape (around != NULL ? around->path : account->name);
  g_autofree char *name = escape (job->label);

  g_string_append_printf (to, "    <testcase classname=\"%s\" name=\"%s\" time=\"%.6f\">\n", group, name,
                          MAX (account_job_get_time (account, job), 0) / (double) G_USEC_PER_SEC);
  append_outcome (to, account, job);
  g_string_append (to, "    </testcase>\n");
}

/* As continuous integration reads it: a job is a test case */
GString *
report_make_junit (Account *account)
{
  g_autofree char *name = escape (account->name);
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (account->started / G_USEC_PER_SEC);
  g_autofree char *date = g_date_time_format (start, "%Y-%m-%dT%H:%M:%S");
  GString *text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                "<testsuites>\n");
  guint failures = account->counts.states[JOBS_STATE_FAILED];
  guint errors = account->counts.states[JOBS_STATE_TIMED_OUT];

  g_string_append_printf (text,
                          "  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"%u\""
                          " skipped=\"%u\" time=\"%.6f\" timestamp=\"%s\">\n",
                          name, account->jobs->len, failures, errors,
                          account->jobs->len - failures - errors - account->counts.states[JOBS_STATE_FINISHED],
                          account->duration / (double) G_USEC_PER_SEC, date);
  for (guint i = 0; i < account->jobs->len; i++)
    append_case (text, account, g_ptr_array_index (account->jobs, i));
  g_string_append (text, "  </testsuite>\n"
                         "</testsuites>\n");

  return text;
}
