/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <fcntl.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "live.h"
#include "scenario/jobs-suggest.h"

typedef struct
{
  const char *name;
  int (*run) (int argc, char **argv);
  const char *summary;
} Command;

static const Command commands[] = {
  { "run", tool_run, N_("Run the jobs of a file") },
  { "resume", tool_resume, N_("Go on where an interrupted run stopped") },
  { "status", tool_status, N_("Say how a run goes on, or how it ended") },
  { "logs", tool_logs, N_("Show what jobs have printed") },
  { "report", tool_report, N_("Make a report of a run: a page, or for programs") },
  { "watch", tool_watch, N_("Watch a run that goes on in another terminal") },
  { "cancel", tool_cancel, N_("End a run that goes on, or what one has left behind") },
  { "check", tool_check, N_("Say what is wrong with a job file, or how big it is") },
  { "list", tool_list, N_("List jobs in an order in which they can run") },
  { "graph", tool_graph, N_("Draw jobs and requirements") },
};

static gboolean critical_seen;

/* By what needs no memory and no lock: GLib may have run out of the one while it
 * holds the other, and would wait for itself for ever */
static void
write_last_words (const GLogField *fields,
                  gsize            n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      {
        const char *text = fields[i].value;
        gsize size = fields[i].length < 0 ? strlen (text) : (gsize) fields[i].length;
        struct iovec pieces[] = {
          { (char *) "asyncjobs: ", strlen ("asyncjobs: ") },
          { (char *) text, size },
          { (char *) "\n", 1 },
        };

        if (writev (STDERR_FILENO, pieces, G_N_ELEMENTS (pieces)) < 0)
          return;
      }
}

/* A screen is the main thread's, which alone may say something there */
static gboolean
keep_for_later (GLogLevelFlags   level,
                const GLogField *fields,
                gsize            n_fields)
{
  g_autofree char *text = NULL;

  if (level & G_LOG_FLAG_FATAL)
    live_restore_now ();
  if (level & G_LOG_FLAG_FATAL || gettid () != getpid ())
    return FALSE;

  text = g_log_writer_format_fields (level, fields, n_fields, FALSE);

  return tool_notes_keep (text);
}

/* A critical warning is a mistake of ours: the run goes on, but its exit status
 * must not look as if all could be trusted. After an error the program is ended */
static GLogWriterOutput
log_writer (GLogLevelFlags   level,
            const GLogField *fields,
            gsize            n_fields,
            gpointer         user_data)
{
  if (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
    critical_seen = TRUE;
  if (level & G_LOG_LEVEL_ERROR)
    {
      live_restore_now ();
      write_last_words (fields, n_fields);
      return G_LOG_WRITER_HANDLED;
    }
  if (level <= G_LOG_LEVEL_MESSAGE && keep_for_later (level, fields, n_fields))
    return G_LOG_WRITER_HANDLED;

  return g_log_writer_default (level, fields, n_fields, user_data);
}

gboolean
tool_had_critical (void)
{
  return critical_seen;
}

/* With a standard descriptor closed, the next file opened would become it, and
 * what is printed would end in that file. In the place of a closed one comes a
 * descriptor that fails when used */
static void
fill_standard_descriptors (void)
{
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl (fd, F_GETFD) == -1)
      {
        int filler = open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);

        if (filler != fd)
          _exit (TOOL_EXIT_INTERNAL);
      }
}

static int
unknown_option (const char *name)
{
  JobsSuggestion suggestion;

  jobs_suggestion_init (&suggestion, name);
  jobs_suggestion_offer (&suggestion, "--help");
  jobs_suggestion_offer (&suggestion, "--version");
  if (suggestion.best != NULL)
    /* Translators: an option that was given, one that there is */
    return tool_usage (_("unknown option %s; did you mean %s?"), name, suggestion.best);

  return tool_usage (_("unknown option %s; options of a command come after its name"), name);
}

static int
unknown_command (const char *name)
{
  JobsSuggestion suggestion;

  if (g_str_has_prefix (name, "-"))
    return unknown_option (name);

  if (g_file_test (name, G_FILE_TEST_IS_REGULAR))
    {
      g_autofree char *word = tool_shell_word (name);

      /* Translators: a word that was given; the rest, with the word again, is what to type */
      return tool_usage (_("there is no command ‘%s’; did you mean ‘asyncjobs run %s’?"), name, word);
    }

  jobs_suggestion_init (&suggestion, name);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    jobs_suggestion_offer (&suggestion, commands[i].name);

  if (suggestion.best != NULL)
    /* Translators: a word that was given, the name of a command */
    return tool_usage (_("there is no command ‘%s’; did you mean ‘%s’?"), name, suggestion.best);

  return tool_usage (_("there is no command ‘%s’"), name);
}

static int
print_and_leave (const char *text)
{
  g_autoptr (ToolStream) out = tool_stream_new (STDOUT_FILENO, FALSE, _("standard output"));

  tool_stream_put (out, text, -1);

  return tool_stream_finish (out) ? TOOL_EXIT_OK : TOOL_EXIT_TROUBLE;
}

static int
print_help (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append (text, _("Usage:\n"
                           "  asyncjobs COMMAND [OPTION…] FILE\n"
                           "\n"
                           "Runs jobs with requirements: what can start starts, what must wait waits.\n"
                           "FILE is a job file; - is the standard input.\n"
                           "\n"
                           "Commands:\n"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "  %-8s  %s\n", commands[i].name, _(commands[i].summary));
  g_string_append (text, _("\n"
                           "asyncjobs help COMMAND says more; asyncjobs --version, which one this is.\n"
                           "\n"
                           "Exit status:\n"
                           "  0     every finite job ended and no critical one failed\n"
                           "  1     a critical job failed, timed out or was lost\n"
                           "  2     wrong usage, a selection that leaves no job, or a secret that is not set\n"
                           "  3     the job file is wrong or cannot be read\n"
                           "  4     the journal is in use, does not fit, or cannot be read\n"
                           "  5     output or the journal could not be written, or nothing can be started\n"
                           "  6     no job failed by itself, but a node could not be reached\n"
                           "  70    a mistake in asyncjobs itself\n"
                           "  124   the run timed out\n"
                           "  129, 130, 143   ended by a HUP, INT or TERM signal; 130 also on request\n"
                           "Where several are true a signal comes first, then 70, 5, 124, 1 and 6.\n"));

  return print_and_leave (text->str);
}

static int
run_command (const Command *command,
             int            argc,
             char         **argv)
{
  g_autofree char *name = g_strconcat ("asyncjobs ", command->name, NULL);

  g_set_prgname (name);

  return command->run (argc, argv);
}

/* Of one command, as after its name, or of all */
static int
help (const char *name)
{
  if (name == NULL)
    return print_help ();

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (name, commands[i].name))
      {
        char *argv[] = { (char *) name, (char *) "--help", NULL };

        return run_command (&commands[i], 2, argv);
      }

  return unknown_command (name);
}

int
main (int    argc,
      char **argv)
{
  /* Numbers look the same everywhere: programs read them too */
  setlocale (LC_CTYPE, "");
  setlocale (LC_MESSAGES, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  fill_standard_descriptors ();
  /* Who reads no more, and a limit of file sizes, are no reason to leave the jobs alone */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN);
  g_log_set_writer_func (log_writer, NULL, NULL);
  g_set_prgname ("asyncjobs");

  if (argc < 2)
    return tool_usage (_("a command is missing"));
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h"))
    return print_help ();
  if (g_str_equal (argv[1], "help"))
    return help (argv[2]);
  if (g_str_equal (argv[1], "--version"))
    return print_and_leave ("asyncjobs " PACKAGE_VERSION "\n");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      return run_command (&commands[i], argc - 1, argv + 1);

  return unknown_command (argv[1]);
}
