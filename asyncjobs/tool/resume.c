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
  GPtrArray *others;   /* options of ‘run’ */
} Request;

static void
request_clear (Request *self)
{
  g_clear_pointer (&self->others, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

static void
request_parse (Request *self,
               char   **argv)
{
  guint first = 1;

  self->others = g_ptr_array_new ();
  if (argv[1] != NULL && *argv[1] != '-')
    self->journal = argv[first++];
  for (guint i = first; argv[i] != NULL; i++)
    if (g_str_equal (argv[i], "--strict"))
      self->strict = TRUE;
    else if (g_str_equal (argv[i], "--help") || g_str_equal (argv[i], "-h"))
      self->help = TRUE;
    else
      g_ptr_array_add (self->others, argv[i]);
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

  tool_parse (_("[JOURNAL] [OPTION OF ‘run’…]"),
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

static char **
make_arguments (char      **former,
                GPtrArray  *others)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add (builder, "run");
  g_strv_builder_addv (builder, (const char **) former);
  for (guint i = 0; i < others->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (others, i));

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
      tool_note_lines (error->message);
      return TOOL_EXIT_JOURNAL;
    }
  keeper = keeper_open_again (filename, request.strict, &status);
  if (keeper == NULL || !keeper_get_command (keeper, &directory, &former, &status))
    return status;

  arguments = make_arguments (former, request.others);
  if (g_chdir (directory) != 0)
    {
      /* Translators: a folder, what the system says */
      tool_note (_("the folder of the run, %s, cannot be entered: %s; nothing was run"), directory,
                 g_strerror (errno));
      return TOOL_EXIT_JOURNAL;
    }
  if (!run_options_parse (&options, arguments, &status) || !has_secrets (&options, &status))
    return status;

  return tool_run_kept (&options, g_steal_pointer (&keeper),
                        request.journal != NULL ? request.journal : filename);
}
