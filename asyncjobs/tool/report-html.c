/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "monitors/jobs-visible.h"
#include "report.h"
#include "report-timeline.h"
#include "secrets.h"

/* One self-contained page. Whatever a job is called and prints is text in it; should that
 * ever fail, the policy of the page lets no other script run than ours, and loads nothing */

/* Outputs of more failures, and more names of a path, would hide the rest */
#define MAX_OUTPUTS 100
#define MAX_STEPS 40

static char *
load (const char *name)
{
  g_autofree char *path = g_strconcat ("/asyncjobs/report/", name, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  g_assert (bytes != NULL);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

void
report_append_text (GString    *to,
                    const char *text)
{
  g_autoptr (GString) safe = g_string_new (NULL);
  g_autofree char *escaped = NULL;

  if (secrets_exist ())
    {
      g_autofree char *hidden = secrets_hide (text);

      jobs_visible_append (safe, hidden, -1);
    }
  else
    jobs_visible_append (safe, text, -1);
  escaped = g_markup_escape_text (safe->str, (gssize) safe->len);
  g_string_append (to, escaped);
}

/* Colours and other looks are for terminals */
static char *
drop_looks (const char *line)
{
  GString *plain = g_string_new (NULL);

  while (*line != '\0')
    {
      gsize length = line[0] == '\033' && line[1] == '[' ? strspn (line + 2, "0123456789;:") : 0;

      if (line[0] == '\033' && line[1] == '[' && line[2 + length] == 'm')
        line += length + 3;
      else
        g_string_append_c (plain, *line++);
    }

  return g_string_free (plain, FALSE);
}

static void
append_lines (GString    *to,
              const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *plain = drop_looks (lines[i]);

      /* The newline at the end of a text is no line */
      if (*plain == '\0' && lines[i + 1] == NULL)
        break;
      report_append_text (to, plain);
      g_string_append_c (to, '\n');
    }
}

static void
append_link (GString          *to,
             const Account    *account,
             const AccountJob *job)
{
  guint number = GPOINTER_TO_UINT (g_hash_table_lookup (account->by_path, job->path));

  g_string_append_printf (to, "<a href=\"#job-%u\">", number);
  report_append_text (to, job->path);
  g_string_append (to, "</a>");
}

/* The head */

static void
append_begin (GString       *to,
              const Account *account,
              const char    *script)
{
  g_autofree char *style = load ("report.css");
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize size = sizeof digest;
  g_autofree char *hash = NULL;

  g_checksum_update (checksum, (const guchar *) script, -1);
  g_checksum_get_digest (checksum, digest, &size);
  hash = g_base64_encode (digest, size);

  /* Translators: the code of the language that these texts are in */
  g_string_append_printf (to, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", _("en"));
  g_string_append_printf (to, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                          "style-src 'unsafe-inline'; script-src 'sha256-%s'\">\n", hash);
  g_string_append (to, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
  report_append_text (to, account->name);
  g_string_append_printf (to, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

static const char *
verdict_word (const Account *account)
{
  if (account->fate == HISTORY_LIVES)
    /* Translators: a verdict on a run, as are those below */
    return _("goes on");
  if (account->fate == HISTORY_INTERRUPTED)
    return _("interrupted");

  /* Translators: a verdict on a run */
  return account->success ? _("succeeded") : _("failed");
}

/* In the words of the summary */
static void
append_count (GString       *to,
              const Account *account,
              JobsState      state)
{
  guint n_forever = state == JOBS_STATE_CANCELLED ? account->counts.n_forever : 0;
  guint n = account->counts.states[state] - n_forever;
  const char *nick = account_get_nick (account, state);

  if (n > 0)
    {
      g_string_append_printf (to, "<li><b>%u</b><span class=\"state %s\">%s</span>", n, nick,
                              account_get_word (account, state));
      jobs_counts_append_minor (&account->counts, state, to);
      g_string_append (to, "</li>\n");
    }
  if (n_forever > 0)
    g_string_append_printf (to, "<li><b>%u</b><span class=\"state %s\">%s</span></li>\n", n_forever, nick,
                            g_dngettext (GETTEXT_PACKAGE,
                                         /* Translators: behind how many jobs that run forever were told to end
                                          * when the run did */
                                         "ended with the run", "ended with the run", n_forever));
}

static void
append_head (GString       *to,
             const Account *account)
{
  static const JobsState order[N_STATES] = {
    JOBS_STATE_FAILED, JOBS_STATE_TIMED_OUT, JOBS_STATE_FINISHED, JOBS_STATE_RUNNING, JOBS_STATE_CANCELLING,
    JOBS_STATE_SCHEDULED, JOBS_STATE_IDLE, JOBS_STATE_CANCELLED, JOBS_STATE_SKIPPED,
  };
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_local (account->started / G_USEC_PER_SEC);
  g_autofree char *date = start != NULL ? g_date_time_format (start, "%F %T") : g_strdup ("?");
  g_autofree char *duration = tool_format_duration (account->duration);

  g_string_append (to, "<header>\n<h1>");
  report_append_text (to, account->name);
  g_string_append_printf (to, "</h1>\n<span class=\"verdict %s\">%s</span>\n<p class=\"when\">",
                          account_get_verdict (account), verdict_word (account));
  if (account->run > 0)
    /* Translators: the number of a run; when it was begun follows, and so there is a blank at the end */
    g_string_append_printf (to, _("run %d, "), (int) account->run);
  g_string_append_printf (to, _("begun %s"), date);
  if (account->file != NULL)
    {
      g_string_append (to, ", ");
      report_append_text (to, account->file);
    }
  g_string_append (to, "</p>\n</header>\n<ul class=\"counts\">\n");
  for (guint i = 0; i < N_STATES; i++)
    append_count (to, account, order[i]);
  g_string_append_printf (to, account->fate == HISTORY_INTERRUPTED ? _("<li>in at least <b>%s</b></li>\n")
                                                                   : _("<li>in <b>%s</b></li>\n"), duration);
  g_string_append (to, "</ul>\n");
}

static void
append_fact (GString    *to,
             const char *what,
             const char *text,
             gboolean    is_code)
{
  if (text == NULL)
    return;

  g_string_append_printf (to, "<dt>%s</dt><dd>%s", what, is_code ? "<code>" : "");
  report_append_text (to, text);
  g_string_append_printf (to, "%s</dd>\n", is_code ? "</code>" : "");
}

static void
append_path (GString       *to,
             const Account *account)
{
  g_autofree char *length = tool_format_duration (account->length);
  guint n = account->longest->len;

  if (account->unknown != NULL)
    {
      g_autofree char *text = g_strdup_printf (_("not known: %s"), account->unknown);

      append_fact (to, _("longest path"), text, FALSE);
      return;
    }
  if (n == 0)
    return;

  g_string_append_printf (to, "<dt>%s</dt><dd class=\"longest\">%s: ", _("longest path"), length);
  for (guint i = 0; i < n; i++)
    {
      const AccountJob *job = g_ptr_array_index (account->longest, i);
      g_autofree char *duration = tool_format_duration (account_job_get_time (account, job));

      if (i > 0)
        g_string_append (to, " → ");
      if (n > MAX_STEPS && i == MAX_STEPS / 2)
        {
          g_string_append_printf (to, _("(%u more) → "), n - MAX_STEPS);
          i += n - MAX_STEPS;
          job = g_ptr_array_index (account->longest, i);
        }
      append_link (to, account, job);
      g_string_append_printf (to, " (%s)", duration);
    }
  g_string_append (to, "</dd>\n");
}

static void
append_facts (GString       *to,
              const Account *account)
{
  g_string_append (to, "<dl>\n");
  if (account->cause != ACCOUNT_NONE)
    {
      const AccountJob *cause = g_ptr_array_index (account->jobs, account->cause);

      g_string_append_printf (to, "<dt>%s</dt><dd class=\"cause\">", _("first cause"));
      append_link (to, account, cause);
      if (cause->message != NULL)
        {
          g_string_append (to, ": ");
          report_append_text (to, cause->message);
        }
      g_string_append (to, "</dd>\n");
    }
  if (!account->success && account->fate == HISTORY_ENDED)
    /* Translators: how a run ended and why follows */
    append_fact (to, _("verdict"), account->why, FALSE);
  append_path (to, account);
  append_fact (to, _("to go on"), account->resume, TRUE);
  /* Translators: the folder of what jobs have printed follows */
  append_fact (to, _("output"), account->logs, TRUE);
  g_string_append (to, "</dl>\n");
}

/* What went wrong */

static void
append_failure (GString       *to,
                const Account *account,
                guint          number,
                gboolean       is_open)
{
  const AccountJob *job = g_ptr_array_index (account->jobs, number);

  g_string_append_printf (to, "<details class=\"%s\"%s><summary><span class=\"state %s\">%s</span> ",
                          account_get_nick (account, job->state), is_open ? " open" : "",
                          account_get_nick (account, job->state), account_get_word (account, job->state));
  g_string_append (to, "<b>");
  report_append_text (to, job->path);
  g_string_append (to, "</b>");
  if (job->message != NULL)
    {
      g_string_append (to, " – ");
      report_append_text (to, job->message);
    }
  g_string_append (to, "</summary><pre>");
  if (job->tail != NULL && *job->tail != '\0')
    append_lines (to, job->tail);
  else
    g_string_append (to, _("no output is kept of it"));
  g_string_append (to, "</pre></details>\n");
}

static void
append_failures (GString       *to,
                 const Account *account)
{
  guint n = 0;

  for (guint i = 0; i < account->jobs->len; i++)
    {
      const AccountJob *job = g_ptr_array_index (account->jobs, i);
      gboolean is_failure = job->state == JOBS_STATE_FAILED || job->state == JOBS_STATE_TIMED_OUT ||
                            (job->state == JOBS_STATE_RUNNING && account->fate == HISTORY_INTERRUPTED);

      /* What is inside has failed, or it is told above why not */
      if (!is_failure || job->is_engine)
        continue;
      if (n == 0)
        g_string_append_printf (to, "<h2>%s</h2>\n", _("What went wrong"));
      if (n < MAX_OUTPUTS)
        append_failure (to, account, i, n < 3);
      n++;
    }
  if (n > MAX_OUTPUTS)
    g_string_append_printf (to, _("<p class=\"note\">and %u more, which are in the table</p>\n"), n - MAX_OUTPUTS);
}

/* The timeline */

static void
append_timeline (GString *to,
                 Account *account)
{
  gboolean is_used[N_STATES] = { FALSE };

  /* Translators: the header above a picture of when each job ran */
  g_string_append_printf (to, "<h2>%s</h2>\n", _("Timeline"));
  report_append_timeline (to, account);
  for (guint i = 0; i < account->jobs->len; i++)
    {
      const AccountJob *job = g_ptr_array_index (account->jobs, i);

      for (guint j = 0; j < job->attempts->len; j++)
        is_used[g_array_index (job->attempts, AccountAttempt, j).state] = TRUE;
    }

  g_string_append (to, "<ul class=\"legend\">\n");
  for (guint i = 0; i < N_STATES; i++)
    if (is_used[i])
      g_string_append_printf (to, "<li class=\"state %s\">%s</li>\n", account_get_nick (account, i), account_get_word (account, i));
  if (account->longest->len > 0)
    g_string_append_printf (to, "<li class=\"mark\">%s</li>\n", _("on the longest path"));
  g_string_append (to, "</ul>\n");
}

/* The table */

static void
append_number (GString    *to,
               gint64      value,
               const char *text)
{
  g_string_append_printf (to, "<td class=\"number\" data-value=\"%" G_GINT64_FORMAT "\">%s</td>", value, text);
}

static void
append_time (GString *to,
             gint64   time)
{
  g_autofree char *text = time >= 0 ? tool_format_duration (time) : g_strdup ("–");

  append_number (to, time, text);
}

static void
append_row (GString       *to,
            const Account *account,
            guint          number)
{
  const AccountJob *job = g_ptr_array_index (account->jobs, number);
  const char *nick = account_get_nick (account, job->state);
  g_autofree char *text = g_strdup_printf ("%u", number + 1);
  g_autofree char *attempts = g_strdup_printf ("%u", job->n_attempts);

  g_string_append_printf (to, "<tr id=\"job-%u\" data-state=\"%s\">", number + 1, nick);
  append_number (to, number + 1, text);
  g_string_append (to, "<td class=\"path\">");
  report_append_text (to, job->path);
  if (job->is_engine)
    g_string_append_c (to, '/');
  if (job->place > 0)
    g_string_append_printf (to, " <span class=\"on-path\">%s</span>", _("longest path"));
  g_string_append_printf (to, "</td><td><span class=\"state %s\">%s</span></td>", nick, account_get_word (account, job->state));
  append_time (to, job->attempts->len > 0 ? g_array_index (job->attempts, AccountAttempt, 0).start : -1);
  append_time (to, account_job_get_time (account, job));
  append_number (to, job->n_attempts, attempts);
  g_string_append (to, "<td class=\"message\">");
  if (job->is_kept)
    g_string_append (to, _("done by an earlier run"));
  else if (job->message != NULL)
    report_append_text (to, job->message);
  g_string_append (to, "</td></tr>\n");
}

static void
append_tools (GString       *to,
              const Account *account)
{
  g_string_append_printf (to, "<div class=\"tools\" hidden>"
                          "<input id=\"text\" type=\"search\" placeholder=\"%s\" aria-label=\"%s\">"
                          "<select id=\"state\" aria-label=\"%s\"><option value=\"\">%s</option>",
                          /* Translators: the first ones say what to type into a field: part of a
                           * job's name */
                          _("Find"), _("Find"), _("State"), _("all states"));
  for (guint i = 0; i < N_STATES; i++)
    if (account->counts.states[i] > 0)
      g_string_append_printf (to, "<option value=\"%s\">%s</option>", account_get_nick (account, i), account_get_word (account, i));
  g_string_append (to, "</select><span id=\"shown\" class=\"note\"></span></div>\n");
}

static void
append_table (GString       *to,
              const Account *account)
{
  const struct { const char *class, *text; } heads[] = {
    /* Translators: the header of a column: the number of a job */
    { " class=\"number\"", _("No.") },
    { "", _("Job") },
    { "", _("State") },
    /* Translators: the header of a column: when a job started */
    { " class=\"number\"", _("Start") },
    /* Translators: the header of a column: how long a job took */
    { " class=\"number\"", _("Took") },
    /* Translators: the header of a column: how often a job was tried */
    { " class=\"number\"", _("Attempts") },
    { "", _("Message") },
  };

  g_string_append_printf (to, "<h2>%s</h2>\n", _("Jobs"));
  append_tools (to, account);
  g_string_append (to, "<div class=\"wide\">\n<table>\n<thead><tr>");
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    g_string_append_printf (to, "<th%s><button type=\"button\">%s</button></th>", heads[i].class, heads[i].text);
  g_string_append (to, "</tr></thead>\n<tbody>\n");
  for (guint i = 0; i < account->jobs->len; i++)
    append_row (to, account, i);
  g_string_append (to, "</tbody>\n</table>\n</div>\n");
}

GString *
report_make_html (Account *account)
{
  g_autofree char *source = load ("report.js");
  g_autofree char *script = g_strconcat ("\n", source, NULL);
  GString *text = g_string_new (NULL);

  append_begin (text, account, script);
  append_head (text, account);
  append_facts (text, account);
  append_failures (text, account);
  append_timeline (text, account);
  append_table (text, account);
  g_string_append (text, "<footer>asyncjobs " PACKAGE_VERSION "</footer>\n");
  g_string_append_printf (text, "<script>%s</script>\n</body>\n</html>\n", script);

  return text;
}
