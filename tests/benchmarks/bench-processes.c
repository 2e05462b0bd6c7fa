/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What it takes to run a command many times, some at once: by the engine, here or on
 * another machine, in a cluster, by a loop around posix_spawn () alone, by GSubprocess. One line of
 * JSON. */

#include <asyncjobs.h>

#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "bench.h"

extern char **environ;

typedef gboolean (*Run) (void);

static const char *const command[] = { "/bin/true", NULL };

static char *variant = NULL;
static int n_jobs = 1000;
static int at_once = 2;
static int ballast = 0;
static char *host = NULL;
static char *config = NULL;
static char *folder = NULL;

static const GOptionEntry entries[] = {
  { "variant", 0, 0, G_OPTION_ARG_STRING, &variant, "engine, spawn or gsubprocess", "VARIANT" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_jobs, "How many times", "N" },
  { "at-once", 0, 0, G_OPTION_ARG_INT, &at_once, "How many at once", "N" },
  { "ballast", 0, 0, G_OPTION_ARG_INT, &ballast, "Do it in a process of that size", "MIB" },
  { "on", 0, 0, G_OPTION_ARG_STRING, &host, "Where the engine runs them, by ssh", "HOST" },
  { "config", 0, 0, G_OPTION_ARG_FILENAME, &config, "The ssh configuration", "FILE" },
  { "slurm", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where Slurm runs them, with their files there", "FOLDER" },
  G_OPTION_ENTRY_NULL
};

static JobsNode *
make_node (void)
{
  JobsNode *node;

  if (folder != NULL)
    {
      node = jobs_slurm_node_new (NULL);
      jobs_slurm_node_set_folder (JOBS_SLURM_NODE (node), folder);
      return node;
    }
  if (host == NULL)
    return NULL;

  node = jobs_ssh_node_new (NULL, host, NULL);
  jobs_ssh_node_set_config_file (JOBS_SSH_NODE (node), config);
  jobs_ssh_node_set_max_sessions (JOBS_SSH_NODE (node), (guint) at_once);
  return node;
}

static gboolean
run_by_engine (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsNode) node = make_node ();

  jobs_engine_set_window (engine, (guint) at_once);
  for (int i = 0; i < n_jobs; i++)
    {
      g_autoptr (JobsAction) action = jobs_command_action_new (NULL, node, command);

      jobs_engine_add (engine, action);
    }
  return jobs_engine_orchestrate (engine, NULL, NULL);
}

/* The least that can be done */
static gboolean
run_by_spawn (void)
{
  int n_begun = 0, n_ended = 0;

  while (n_ended < n_jobs)
    {
      int status;

      for (; n_begun < n_jobs && n_begun - n_ended < at_once; n_begun++)
        if (posix_spawn (&(pid_t) { 0 }, command[0], NULL, NULL, (char **) command, environ) != 0)
          return FALSE;
      if (waitpid (-1, &status, 0) < 0 || !WIFEXITED (status) || WEXITSTATUS (status) != 0)
        return FALSE;
      n_ended++;
    }
  return TRUE;
}

typedef struct
{
  int n_begun;
  int n_ended;
  gboolean ok;
} Subprocesses;

static void subprocesses_begin (Subprocesses *self);

static void
waited_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Subprocesses *self = user_data;

  self->ok = g_subprocess_wait_check_finish (G_SUBPROCESS (object), result, NULL) && self->ok;
  self->n_ended++;
  if (self->n_begun < n_jobs)
    subprocesses_begin (self);
}

static void
subprocesses_begin (Subprocesses *self)
{
  g_autoptr (GSubprocess) subprocess = NULL;
  g_autoptr (GError) error = NULL;

  subprocess = g_subprocess_newv (command, G_SUBPROCESS_FLAGS_NONE, &error);
  if (subprocess == NULL)
    g_error ("%s", error->message);
  self->n_begun++;
  g_subprocess_wait_check_async (subprocess, NULL, waited_cb, self);
}

static gboolean
run_by_gsubprocess (void)
{
  Subprocesses subprocesses = { .ok = TRUE };

  while (subprocesses.n_begun < MIN (n_jobs, at_once))
    subprocesses_begin (&subprocesses);
  while (subprocesses.n_ended < n_jobs)
    g_main_context_iteration (NULL, TRUE);
  return subprocesses.ok;
}

static Run
find_run (void)
{
  static const struct
  {
    const char *name;
    Run run;
  } variants[] = {
    { "engine", run_by_engine },
    { "spawn", run_by_spawn },
    { "gsubprocess", run_by_gsubprocess },
  };

  for (guint i = 0; i < G_N_ELEMENTS (variants); i++)
    if (g_str_equal (variants[i].name, variant))
      return variants[i].run;
  return NULL;
}

int
main (int argc, char *argv[])
{
  g_autofree char *weight = NULL;
  gint64 begin, spent;
  gboolean ok;
  Run run;

  if (!bench_parse ("- measure how commands are run", entries, &argc, &argv))
    return 2;
  if (variant == NULL)
    variant = g_strdup ("engine");
  run = find_run ();
  if (run == NULL || n_jobs < 1 || at_once < 1 || ballast < 0)
    {
      g_printerr ("--variant is engine, spawn or gsubprocess; --n and --at-once are 1 or more\n");
      return 2;
    }

  weight = g_malloc ((gsize) ballast << 20);
  if (weight != NULL)
    memset (weight, 1, (gsize) ballast << 20);

  begin = bench_now ();
  ok = run ();
  spent = bench_now () - begin;

  printf ("{\"variant\": \"%s\", \"n\": %d, \"at_once\": %d, \"ballast_mib\": %d, "
          "\"us_per_job\": %.1f, \"ok\": %s}\n",
          variant, n_jobs, at_once, ballast, (double) spent / 1e3 / n_jobs, ok ? "true" : "false");

  g_free (variant);
  g_free (host);
  g_free (config);
  g_free (folder);
  return ok ? 0 : 1;
}
