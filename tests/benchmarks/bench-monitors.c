/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What it costs a run of short commands to be watched by a monitor. Two processes, which have
 * come about in the same way, have such a run each, of which one is watched; they take turns,
 * hundreds of commands each, while the other's run is paused. So neighbours in time are compared,
 * and yet a run is a long one, and what a monitor does later is counted for it. One line of
 * JSON. */

#include <asyncjobs.h>

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "watches.h"

static const char *const command[] = { "/bin/true", NULL };

static char *variant = NULL;
static int n_jobs = 10000;
static int n_turns = 20;
static int n_whole = 0;
static int at_once = 2;

static const GOptionEntry entries[] = {
  { "variant", 0, 0, G_OPTION_ARG_STRING, &variant, "Who watches", "VARIANT" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_jobs, "How many jobs are watched", "N" },
  { "turns", 0, 0, G_OPTION_ARG_INT, &n_turns, "In how many turns", "N" },
  { "whole", 0, 0, G_OPTION_ARG_INT, &n_whole, "Of how many jobs begin and end are a part, --n if that is more", "N" },
  { "at-once", 0, 0, G_OPTION_ARG_INT, &at_once, "How many at once", "N" },
  G_OPTION_ENTRY_NULL
};

/* ns */
typedef struct
{
  gint64 spent;
  gint64 before; /* what the process had worked when it began */
  gint64 after;  /* and when its commands had ended */
  gint64 own;    /* as before, this thread alone */
} Turn;

typedef struct
{
  JobsEngine *engine;
  GObject *monitor; /* nullable */
  gboolean is_over;
  gboolean is_ok;
  Turn *turns; /* and one that only begins; borrowed */
} Run;

/* The other process */
typedef struct
{
  int in;
  int out;
  gboolean has_called;
} Peer;

/* Taking turns */

static gboolean
called_cb (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  Peer *self = data;
  char byte;

  if (read (fd, &byte, 1) != 1)
    g_error ("The other process has ended");
  self->has_called = TRUE;

  return G_SOURCE_CONTINUE;
}

static void
call (Peer *self)
{
  if (write (self->out, "", 1) != 1)
    g_error ("The other process has ended");
}

/* A monitor goes on meanwhile with what it has to do. Nobody who has no peer polls one: for
 * more than nine descriptors, Linux takes a page of memory each time */
static void
wait_for_call (Peer *self)
{
  guint source = g_unix_fd_add (self->in, G_IO_IN | G_IO_HUP, called_cb, self);

  while (!self->has_called)
    g_main_context_iteration (NULL, TRUE);
  self->has_called = FALSE;
  g_source_remove (source);
}

/* The run */

/* So many chains: a job becomes ready in its turn, and not all of them at first */
static JobsEngine *
make_engine (void)
{
  JobsEngine *engine = jobs_engine_new ();
  g_autofree JobsAction **last = g_new0 (JobsAction *, at_once);

  jobs_engine_set_window (engine, (guint) at_once);
  for (int i = 0; i < n_jobs; i++)
    {
      g_autofree char *label = g_strdup_printf ("job-%d", i);
      g_autoptr (JobsAction) action = jobs_command_action_new (label, NULL, command);

      if (i >= at_once)
        jobs_action_requires (action, last[i % at_once]);
      jobs_engine_add (engine, action);
      last[i % at_once] = action;
    }

  return engine;
}

static void
over_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Run *self = data;

  self->is_ok = jobs_engine_orchestrate_finish (self->engine, result, NULL);
  self->is_over = TRUE;
}

static void
run_go_on (Run *self,
           int  turn)
{
  guint up_to = (guint) ((gint64) n_jobs * (turn + 1) / n_turns);
  gboolean is_last = turn + 1 == n_turns;

  jobs_engine_resume (self->engine);
  while (!self->is_over && (is_last || jobs_engine_count (self->engine, JOBS_STATE_FINISHED) < up_to))
    g_main_context_iteration (NULL, TRUE);
  if (self->is_over)
    return;

  jobs_engine_pause (self->engine, JOBS_PAUSE_DEFAULT);
  while (jobs_engine_count (self->engine, JOBS_STATE_RUNNING) > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* The time that a monitor needs to begin and to end is part of the first and the last turn,
 * but for a window, which is there before a run begins */
static void
run_take_turn (Run           *self,
               int            turn,
               const Watch   *watch,
               GOutputStream *stream)
{
  Turn *now = &self->turns[turn];
  gint64 begin = bench_now ();

  now->before = bench_worked_all ();
  now->own = bench_worked ();
  if (turn == 0)
    {
      if (watch != NULL)
        self->monitor = watch->watch (self->engine, stream);
      jobs_engine_orchestrate_async (self->engine, NULL, over_cb, self);
    }
  run_go_on (self, turn);
  if (turn + 1 == n_turns)
    g_clear_object (&self->monitor);
  now->spent = bench_now () - begin;
  now->after = now[1].before = bench_worked_all ();
  now[1].own = bench_worked ();
}

/* The one that is not watched, until it is called once more; it does not return */
static G_NORETURN void
run_alone (Peer        *peer,
           const Watch *watch,
           Turn        *turns)
{
  Run run = { .engine = make_engine (), .turns = turns };

  if (watch->set_up != NULL)
    watch->set_up (NULL);

  call (peer);
  for (int i = 0; i < n_turns; i++)
    {
      wait_for_call (peer);
      run_take_turn (&run, i, NULL, NULL);
      call (peer);
    }

  wait_for_call (peer);
  _exit (run.is_ok ? 0 : 1);
}

/* How much more the watched one took, in % of the time of the other one: the median of the
 * turns between the first and the last one for each turn, and what these two take more */
static double
get_cost (const gint64 *more,
          gint64        whole)
{
  guint n_between = (guint) n_turns - 2;
  g_autofree gint64 *between = g_memdup2 (more + 1, sizeof *more * n_between);
  double median = bench_median (between, n_between);
  double ends = (double) more[0] + (double) more[n_turns - 1] - 2 * median;
  double length = (double) MAX (n_whole, n_jobs) / n_jobs;

  return (median * n_turns + ends / length) * 100 / (double) whole;
}

/* Up to the next turn */
static gint64
get_work (const Turn *turn)
{
  return turn[1].before - turn->before;
}

static gint64
get_own (const Turn *turn)
{
  return turn[1].own - turn->own;
}

static gint64
get_rest (const Turn *turn)
{
  return turn[1].before - turn->after;
}

static void
print_result (const Turn *with,
              const Turn *without)
{
  g_autofree gint64 *spent = g_new (gint64, n_turns);
  g_autofree gint64 *worked = g_new (gint64, n_turns);
  g_autofree gint64 *own = g_new (gint64, n_turns);
  gint64 whole = 0, watched = 0;

  for (int i = 0; i < n_turns; i++)
    {
      /* What one does while the other one is at work makes the other one's turn longer, as
       * it would have made its own */
      spent[i] = with[i].spent + get_rest (&with[i]) - without[i].spent - get_rest (&without[i]);
      worked[i] = get_work (&with[i]) - get_work (&without[i]);
      own[i] = get_own (&with[i]) - get_own (&without[i]);
      whole += without[i].spent;
      watched += with[i].spent;
    }
  printf ("{\"variant\": \"%s\", \"n\": %d, \"at_once\": %d, \"us_per_job\": %.1f, "
          "\"cost_percent\": %.2f, \"all_percent\": %.2f, \"work_percent\": %.2f, \"ok\": true}\n",
          variant, n_jobs, at_once, (double) watched / 1e3 / n_jobs,
          get_cost (spent, whole), get_cost (worked, whole), get_cost (own, whole));
}

/* The watched one. By turns it is the first or the second one */
static void
run_watched (Peer        *peer,
             const Watch *watch,
             Run         *run)
{
  g_autofree char *name = NULL;
  int fd = g_file_open_tmp ("bench-monitors-XXXXXX", &name, NULL);
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFileIOStream) both = NULL;

  if (fd < 0)
    g_error ("No temporary file can be made");
  close (fd);
  file = g_file_new_for_path (name);
  both = g_file_open_readwrite (file, NULL, NULL);
  g_unlink (name);

  wait_for_call (peer);
  for (int i = 0; i < n_turns; i++)
    for (int part = 0; part < 2; part++)
      {
        if (part == i % 2)
          {
            run_take_turn (run, i, watch, g_io_stream_get_output_stream (G_IO_STREAM (both)));
          }
        else
          {
            call (peer);
            wait_for_call (peer);
          }
      }
}

/* It does not return */
static G_NORETURN void
run_with_monitor (Peer        *peer,
                  const Watch *watch,
                  Turn        *turns)
{
  Run run = { .turns = turns };

  if (watch->prepare != NULL)
    watch->prepare ();
  run.engine = make_engine ();
  if (watch->set_up != NULL)
    watch->set_up (run.engine);

  run_watched (peer, watch, &run);
  g_clear_object (&run.engine);
  if (watch->tear_down != NULL)
    watch->tear_down ();

  call (peer);
  _exit (run.is_ok ? 0 : 1);
}

/* Another process can write there */
static Turn *
share_turns (void)
{
  Turn *turns = mmap (NULL, sizeof (Turn) * ((gsize) n_turns + 1), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  if (turns == MAP_FAILED)
    g_error ("There is no memory");

  return turns;
}

static pid_t
fork_off (void)
{
  pid_t pid = fork ();

  if (pid < 0)
    g_error ("There is no process");

  return pid;
}

static gboolean
has_ended_well (pid_t pid)
{
  int status;

  return waitpid (pid, &status, 0) == pid && status == 0;
}

static const Watch *
find_watch (void)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (const Watch *watch = watches; watch->name != NULL; watch++)
    {
      if (variant == NULL || g_str_equal (watch->name, variant))
        {
          variant = variant != NULL ? variant : g_strdup (watch->name);
          return watch;
        }
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", watch->name);
    }

  g_printerr ("--variant is one of %s\n", names->str);
  return NULL;
}

int
main (int argc, char *argv[])
{
  const Watch *watch;
  Turn *with, *without;
  int there[2], back[2];
  gboolean is_ok;
  pid_t watched, alone;

  if (!bench_parse ("- measure what monitors cost", entries, &argc, &argv))
    return 2;
  if (n_turns < 3 || n_jobs < n_turns || at_once < 1)
    {
      g_printerr ("--turns is 3 or more, --n as many or more, --at-once 1 or more\n");
      return 2;
    }
  watch = find_watch ();
  if (watch == NULL)
    return 2;

  if (!g_unix_open_pipe (there, FD_CLOEXEC, NULL) || !g_unix_open_pipe (back, FD_CLOEXEC, NULL))
    g_error ("There is no pipe");
  with = share_turns ();
  without = share_turns ();
  watched = fork_off ();
  if (watched == 0)
    {
      close (there[0]);
      close (back[1]);
      run_with_monitor (&(Peer) { .in = back[0], .out = there[1] }, watch, with);
    }
  alone = fork_off ();
  close (there[1]);
  close (back[0]);
  if (alone == 0)
    run_alone (&(Peer) { .in = there[0], .out = back[1] }, watch, without);
  close (there[0]);
  close (back[1]);

  is_ok = has_ended_well (watched);
  is_ok = has_ended_well (alone) && is_ok;
  if (is_ok)
    print_result (with, without);
  g_free (variant);

  return is_ok ? 0 : 1;
}
