/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "monitors/jobs-visible.h"
#include "scenario/jobs-suggest.h"
#include "secrets.h"
#include "tool.h"

static struct
{
  ToolNoteFunc func; /* NULL: nothing is held */
  gpointer data;
  GString *text;     /* (nullable) */
} held;

/* Like a stream that cannot fail, but there is nobody left to tell of it */
static void
put_stderr (GString *text)
{
  static gboolean lost;
  gsize done = 0;

  if (held.func != NULL)
    {
      g_string_append_len (held.text, text->str, text->len);
      held.func (text->str, held.data);
      return;
    }

  tool_stream_release_all ();
  while (!lost && done < text->len)
    {
      gssize written = 0;

      if (tool_stream_wait (STDERR_FILENO))
        written = write (STDERR_FILENO, text->str + done, MIN (text->len - done, PIPE_BUF));
      else
        lost = TRUE;
      if (written < 0 && errno != EINTR && errno != EAGAIN)
        return;
      done += MAX (written, 0);
    }
}

void
tool_notes_hold (ToolNoteFunc func,
                 gpointer     data)
{
  held.func = func;
  held.data = data;
  if (held.text == NULL)
    held.text = g_string_new (NULL);
}

void
tool_notes_release (void)
{
  g_autoptr (GString) text = g_steal_pointer (&held.text);

  held.func = NULL;
  if (text != NULL && text->len > 0)
    put_stderr (text);
}

gboolean
tool_notes_keep (const char *text)
{
  g_autoptr (GString) line = NULL;

  if (held.func == NULL)
    return FALSE;

  line = g_string_new (text);
  g_string_append_c (line, '\n');
  put_stderr (line);

  return TRUE;
}

static void append_note (GString    *to,
                         const char *format,
                         va_list     args) G_GNUC_PRINTF (2, 0);

static void
append_note (GString    *to,
             const char *format,
             va_list     args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);
  g_autofree char *hidden = secrets_hide (text);

  g_string_append_printf (to, "%s: ", g_get_prgname ());
  jobs_visible_append (to, hidden, -1);
  g_string_append_c (to, '\n');
}

void
tool_note (const char *format,
           ...)
{
  g_autoptr (GString) line = g_string_new (NULL);
  va_list args;

  va_start (args, format);
  append_note (line, format, args);
  va_end (args);

  put_stderr (line);
}

int
tool_usage (const char *format,
            ...)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  va_list args;

  va_start (args, format);
  append_note (lines, format, args);
  va_end (args);

  g_string_append_printf (lines, _("Try: %s --help\n"), g_get_prgname ());
  put_stderr (lines);

  return TOOL_EXIT_USAGE;
}

void
tool_note_error (const GError *error)
{
  g_autofree char *prefix = g_strdup_printf ("%s: ", g_get_prgname ());
  g_autoptr (GString) lines = g_string_new (NULL);

  tool_append_lines (lines, error->message, prefix);
  put_stderr (lines);
}

void
tool_note_lines (const char *text)
{
  g_autoptr (GString) safe = g_string_new (NULL);

  tool_append_lines (safe, text, "");
  put_stderr (safe);
}

static const GOptionEntry *
find_short (const GOptionEntry *entries,
            char                name)
{
  for (; entries->long_name != NULL; entries++)
    if (entries->short_name == name)
      return entries;

  return NULL;
}

/* GOption wants "-j 4"; people write "-j4" */
static char **
split_short_options (char              **argv,
                     const GOptionEntry *entries)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean options = TRUE;

  for (guint i = 0; argv[i] != NULL; i++)
    {
      const char *arg = argv[i];
      gsize split = 0;

      if (g_str_equal (arg, "--"))
        options = FALSE;

      if (options && i > 0 && arg[0] == '-' && arg[1] != '\0' && arg[1] != '-')
        for (gsize j = 1; arg[j] != '\0' && split == 0; j++)
          {
            const GOptionEntry *entry = find_short (entries, arg[j]);

            if (entry == NULL)
              break;
            if (entry->arg != G_OPTION_ARG_NONE)
              split = j + 1;
          }

      if (split > 0 && arg[split] != '\0')
        {
          g_autofree char *head = g_strndup (arg, split);

          g_strv_builder_add (builder, head);
          g_strv_builder_add (builder, arg + split);
        }
      else
        {
          g_strv_builder_add (builder, arg);
        }
    }

  return g_strv_builder_end (builder);
}

/* GOption leaves the "--" where something behind it looks like an option */
static void
drop_separator (char **arguments)
{
  while (*arguments != NULL && !g_str_equal (*arguments, "--"))
    arguments++;

  g_free (*arguments);
  for (; *arguments != NULL; arguments++)
    arguments[0] = arguments[1];
}

/* What the option that an error is about was probably meant to be; NULL: nobody knows */
static const char *
suggest_option (const GError       *error,
                char              **argv,
                const GOptionEntry *entries)
{
  for (guint i = 1; argv[i] != NULL; i++)
    {
      JobsSuggestion suggestion;
      g_autofree char *name = NULL;

      /* GLib names the argument, in whatever language */
      if (!g_str_has_prefix (argv[i], "--") || strstr (error->message, argv[i]) == NULL)
        continue;

      name = g_strndup (argv[i] + 2, strcspn (argv[i] + 2, "="));
      jobs_suggestion_init (&suggestion, name);
      jobs_suggestion_offer (&suggestion, "help");
      for (guint j = 0; entries[j].long_name != NULL; j++)
        jobs_suggestion_offer (&suggestion, entries[j].long_name);

      return suggestion.best;
    }

  return NULL;
}

static int
refuse_options (const GError       *error,
                char              **argv,
                const GOptionEntry *entries)
{
  const char *meant = NULL;

  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
    meant = suggest_option (error, argv, entries);
  if (meant == NULL)
    return tool_usage ("%s", error->message);

  /* Translators: what is wrong with an option, the name of another one */
  return tool_usage (_("%s; did you mean --%s?"), error->message, meant);
}

gboolean
tool_parse (const char         *arguments,
            const char         *summary,
            const char         *description,
            const GOptionEntry *entries,
            char              **argv,
            char             ***rest,
            int                *status)
{
  gboolean help = FALSE;
  const GOptionEntry help_entries[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_("Show this help"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autoptr (GError) error = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, help_entries, GETTEXT_PACKAGE);

  *rest = split_short_options (argv, entries);
  if (!g_option_context_parse_strv (context, rest, &error))
    {
      *status = refuse_options (error, argv, entries);
      return FALSE;
    }
  drop_separator (*rest);

  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
      g_autoptr (ToolStream) out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));

      tool_stream_put (out, text, -1);
      *status = tool_stream_finish (out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
      return FALSE;
    }

  return TRUE;
}

gboolean
tool_check_utf8 (const char *const *arguments)
{
  for (guint i = 0; arguments != NULL && arguments[i] != NULL; i++)
    if (!g_utf8_validate (arguments[i], -1, NULL))
      {
        tool_usage (_("‘%s’ is not valid UTF-8, as names of jobs and values are"), arguments[i]);
        return FALSE;
      }

  return TRUE;
}

JobsScenario *
tool_load (const char *filename,
           int        *status)
{
  JobsScenario *scenario;
  g_autoptr (GError) error = NULL;

  if (filename == NULL)
    {
      *status = tool_usage (_("the job file is missing; - is the standard input"));
      return NULL;
    }

  scenario = jobs_scenario_new_from_file (filename, &error);
  if (scenario == NULL)
    {
      /* The errors of a file bring its name, line and column with them */
      if (error->domain == JOBS_ERROR)
        tool_note_lines (error->message);
      else
        tool_note ("%s", error->message);
      *status = TOOL_EXIT_FILE;
    }

  return scenario;
}
