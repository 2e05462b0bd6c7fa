/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

static const struct
{
  const char *name;
  const char *suffix;
} formats[] = {
  [REPORT_HTML] = { "html", ".html" },
  [REPORT_JSON] = { "json", ".json" },
  [REPORT_JUNIT] = { "junit", ".xml" },
};

ReportFormat
report_format_of (const char *filename)
{
  ReportFormat format = REPORT_HTML;

  while (format < REPORT_UNKNOWN && !g_str_has_suffix (filename, formats[format].suffix))
    format++;

  return format;
}

ReportFormat
report_format_find (const char *name)
{
  ReportFormat format = REPORT_HTML;

  while (format < REPORT_UNKNOWN && !g_str_equal (name, formats[format].name))
    format++;

  return format;
}

/* A device or a pipe is written to, not replaced by a file */
static gboolean
is_special (const char *filename)
{
  GStatBuf info;

  return g_stat (filename, &info) == 0 && !S_ISREG (info.st_mode);
}

gboolean
report_check (const char *filename,
              GError    **error)
{
  g_autofree char *folder = g_path_get_dirname (filename);
  g_autofree char *name = g_filename_display_name (filename);
  int saved_errno;

  if (g_access (is_special (filename) ? filename : folder, W_OK) == 0)
    return TRUE;

  saved_errno = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
               _("cannot write to %s: %s"), name, g_strerror (saved_errno));

  return FALSE;
}

gboolean
report_write (const char    *filename,
              const GString *text,
              GError       **error)
{
  g_autoptr (ToolStream) to = NULL;

  if (!is_special (filename))
    return g_file_set_contents_full (filename, text->str, (gssize) text->len, G_FILE_SET_CONTENTS_CONSISTENT,
                                     0666, error);

  to = tool_stream_new_file (filename, error);
  if (to == NULL)
    return FALSE;
  tool_stream_put (to, text->str, (gssize) text->len);
  if (tool_stream_finish (to))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("the report is lost"));

  return FALSE;
}

GString *
report_make (Account     *account,
             JobsEngine  *engine,
             ReportFormat format)
{
  switch (format)
    {
    case REPORT_JSON:
      return report_make_json (account, engine);
    case REPORT_JUNIT:
      return report_make_junit (account);
    case REPORT_HTML:
    case REPORT_UNKNOWN:
    default:
      return report_make_html (account);
    }
}

static gboolean
choose_format (const char   *name,
               const char   *filename,
               ReportFormat *format,
               int          *status)
{
  *format = REPORT_HTML;
  if (name != NULL)
    *format = report_format_find (name);
  else if (filename != NULL)
    *format = report_format_of (filename);
  if (*format != REPORT_UNKNOWN)
    return TRUE;

  *status = name != NULL ? tool_usage (_("there is no format ‘%s’; there are html, json and junit"), name)
                         : tool_usage (_("the suffix of %s says no format; use --format"), filename);

  return FALSE;
}

static int
put_report (const char    *filename,
            const GString *text)
{
  g_autoptr (ToolStream) out = NULL;
  g_autoptr (GError) error = NULL;

  if (filename == NULL)
    {
      out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));
      tool_stream_put (out, text->str, (gssize) text->len);
      return tool_stream_finish (out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
    }

  if (report_write (filename, text, &error))
    return TOOL_EXIT_OK;
  tool_note ("%s", error->message);

  return TOOL_EXIT_TROUBLE;
}

int
tool_report (int    argc,
             char **argv)
{
  g_autofree char *name = NULL;
  g_autofree char *filename = NULL;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_FILENAME, &name,
      N_("html, json or junit; else by the suffix of the output, else html"), N_("FORMAT") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &filename, N_("Write to this file"), N_("FILE") },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) rest = NULL;
  g_autoptr (History) history = NULL;
  g_autoptr (Account) account = NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *resume = NULL;
  ReportFormat format;
  int status;

  if (!tool_parse (_("[JOURNAL]"),
                   _("Makes a report of the last run, whether it has ended or not: a page of HTML for\n"
                     "people, JSON for programs, or JUnit's form for continuous integration. JOURNAL is a\n"
                     "journal or a job file; by default the last one that was written in .asyncjobs here."),
                   NULL, entries, argv, &rest, &status))
    return status;
  if (g_strv_length (rest) > 2)
    return tool_usage (_("one journal at a time, please"));
  if (!choose_format (name, filename, &format, &status))
    return status;
  if (format == REPORT_HTML && filename == NULL && isatty (STDOUT_FILENO))
    return tool_usage (_("a page of HTML is nothing for a terminal; use -o report.html, or redirect it"));

  history = history_open_argument (rest[1], &error);
  if (history == NULL)
    {
      tool_note_error (error);
      return TOOL_EXIT_JOURNAL;
    }

  resume = history_dup_resume (history, rest[1]);
  account = account_from_history (history, resume);
  text = report_make (account, NULL, format);

  return put_report (filename, text);
}
