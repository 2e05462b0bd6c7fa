/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "journal-place.h"
#include "run.h"
#include "scenario/jobs-secrets.h"

/* What the shell calls by the name of the command, the journal, and what is ours */
typedef struct
{
  const char *journal; /* nullable: the last one */
  gboolean strict;
  gboolean help;
  GPtrArray *options;  /* of ‘run’, with their values */
  GPtrArray *jobs;
} Request;

static void
request_clear (Request *self)
{
  g_clear_pointer (&self->options, g_ptr_array_unref);
  g_clear_pointer (&self->jobs, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

/* Whether the next word is the value of this option of ‘run’ */
static gboolean
wants_value (const char *option)
{
  static const char letters[] = "jeC";
  static const char *const names[] = {
    "--jobs", "--timeout", "--only", "--skip", "--env", "--output", "--progress", "--events",
    "--report", "--trace", "--color", "--directory", "--journal", NULL,
  };

  if (option[0] != '-' || option[1] == '-')
    return g_strv_contains (names, option);

  /* What stands behind such a letter is its value */
  option += strcspn (option, letters);

  return option[0] != '\0' && option[1] == '\0';
}

/* The first word that is neither an option nor the value of one is the journal */
static void
request_parse (Request *self,
               char   **argv)
{
  gboolean may_be_options = TRUE, is_value = FALSE;

  self->options = g_ptr_array_new ();
  self->jobs = g_ptr_array_new ();
  for (guint i = 1; argv[i] != NULL; i++)
    {
      const char *word = argv[i];
      gboolean is_option = may_be_options && !is_value && word[0] == '-' && word[1] != '\0';

      if (is_option && g_str_equal (word, "--"))
        may_be_options = FALSE;
      else if (is_option && g_str_equal (word, "--strict"))
        self->strict = TRUE;
      else if (is_option && (g_str_equal (word, "--help") || g_str_equal (word, "-h")))
        self->help = TRUE;
      else if (is_option || is_value)
        g_ptr_array_add (self->options, argv[i]);
      else if (self->journal == NULL)
        self->journal = word;
      else
        g_ptr_array_add (self->jobs, argv[i]);

      is_value = is_option && wants_value (word);
    }
}

static int
print_help (char **argv)
{
  gboolean strict = FALSE;
  int status = TOOL_EXIT_OK;
  g_auto (GStrv) rest = NULL;
  const GOptionEntry entries[] = {
    { "strict", 0, 0, G_OPTION_ARG_NONE, &strict,
      N_("Run nothing where a job has changed (exit status 4)"), NULL },
    G_OPTION_ENTRY_NULL
  };
  char *help[] = { argv[0], (char *) "--help", NULL };

  tool_parse (_("[OPTION OF ‘run’…] [JOURNAL]"),
              _("Goes on with a run that was interrupted, or in which something failed: what is done\n"
                "and unchanged is not run again. JOURNAL is a journal or a job file; by default the\n"
                "last one that was written in .asyncjobs here."),
              _("It is run as it was, in the same folder; options of ‘run’ that are given now come on\n"
                "top, as -j. A job whose command, environment, directory or requirements have changed\n"
                "is named and run again, and so is all behind it. What the interrupted run has left\n"
                "behind is ended first."),
              entries, help, &rest, &status);

  return status;
}

/* A secret is in no journal: it has to be given again */
static gboolean
has_secrets (const RunOptions *options,
             int              *status)
{
  for (guint i = 0; options->env != NULL && options->env[i] != NULL; i++)
    {
      gsize length = strcspn (options->env[i], "=") + 1;
      gboolean is_given = strstr (options->env[i] + length, JOBS_SECRETS_HIDDEN) == NULL;

      for (guint j = i + 1; options->env[j] != NULL; j++)
        is_given |= strncmp (options->env[j], options->env[i], length) == 0 &&
                    strstr (options->env[j] + length, JOBS_SECRETS_HIDDEN) == NULL;
      if (is_given)
        continue;

      *status = tool_usage (_("a secret was given to the run, and is in no journal: give it again by "
                              "-e %.*s=VALUE"), (int) length - 1, options->env[i]);
      return FALSE;
    }

  return TRUE;
}

/* That the run before had a screen says nothing of where this one is */
static void
forget_screen (RunOptions    *options,
               const Request *request)
{
  for (guint i = 0; i < request->options->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (request->options, i), "--progress"))
      return;

  if (options->progress == PROGRESS_LIVE)
    options->progress = options->quiet ? PROGRESS_NONE : PROGRESS_AUTO;
}

static void
add_words (GStrvBuilder *builder,
           GPtrArray    *words)
{
  for (guint i = 0; i < words->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (words, i));
}

/* Those of now come on top. Options are what stands before a "--", if there is one */
static char **
make_arguments (char         **former,
                const Request *request)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add (builder, "run");
  for (; *former != NULL && !g_str_equal (*former, "--"); former++)
    g_strv_builder_add (builder, *former);
  add_words (builder, request->options);
  if (*former != NULL || request->jobs->len > 0)
    g_strv_builder_add (builder, "--");
  if (*former != NULL)
    g_strv_builder_addv (builder, (const char **) former + 1);
  add_words (builder, request->jobs);

  return g_strv_builder_end (builder);
}

int
tool_resume (int    argc,
             char **argv)
{
  g_auto (Request) request = { NULL };
  g_auto (RunOptions) options = { NULL };
  g_auto (GStrv) former = NULL;
  g_auto (GStrv) arguments = NULL;
  g_autofree char *filename = NULL;
  g_autofree char *directory = NULL;
  g_autoptr (Keeper) keeper = NULL;
  g_autoptr (GError) error = NULL;
  int status = TOOL_EXIT_OK;

  request_parse (&request, argv);
  if (request.help)
    return print_help (argv);

  filename = journal_place_find (request.journal, &error);
  if (filename == NULL)
    {
      tool_note_error (error);
      return TOOL_EXIT_JOURNAL;
    }
  keeper = keeper_open_again (filename, request.journal != NULL ? request.journal : filename, request.strict, &status);
  if (keeper == NULL || !keeper_get_command (keeper, &directory, &former, &status))
    return status;

  arguments = make_arguments (former, &request);
  if (g_chdir (directory) != 0)
    {
      /* Translators: a folder, what the system says */
      tool_note (_("the folder of the run, %s, cannot be entered: %s; nothing was run"), directory,
                 g_strerror (errno));
      return TOOL_EXIT_JOURNAL;
    }
  if (!run_options_parse (&options, arguments, &status) || !has_secrets (&options, &status))
    return status;
  forget_screen (&options, &request);

  return tool_run_kept (&options, g_steal_pointer (&keeper),
                        request.journal != NULL ? request.journal : filename);
}
