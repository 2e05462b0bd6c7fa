/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gtk-support.h"

/* bench-gtk [JOBS [ROUNDS]]: how much longer JOBS × /bin/true take, two at a time, while a
 * window shows them: first the list, then list and graph. Round by round in turns, so that
 * what else the machine does hits all of them */

#define MAX_ROUNDS 101

typedef enum
{
  NOTHING,
  LIST,
  LIST_AND_GRAPH,
  N_WAYS
} Way;

static JobsEngine *
make (guint n)
{
  static const char *const argv[] = { "/bin/true", NULL };
  JobsEngine *engine = jobs_engine_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *label = g_strdup_printf ("job %u", i);
      g_autoptr (JobsAction) action = jobs_command_action_new (label, NULL, argv);

      jobs_engine_add (engine, action);
    }
  jobs_engine_set_window (engine, 2);

  return engine;
}

/* The processor time of this process too, which is what the window takes of it */
static double
measure (guint   n,
         Way     way,
         double *cpu)
{
  g_autoptr (JobsEngine) engine = make (n);
  g_autoptr (JobsBoard) board = NULL;
  GtkWidget *window = NULL;
  Run run;
  gint64 start;
  clock_t began;

  if (way != NOTHING)
    {
      GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);

      board = jobs_engine_board_new (engine);
      gtk_paned_set_start_child (GTK_PANED (paned), jobs_gtk_monitor_new (board));
      if (way == LIST_AND_GRAPH)
        gtk_paned_set_end_child (GTK_PANED (paned), jobs_gtk_graph_new (board));
      window = show (paned, 1000, 600);
      draw (paned);
    }

  began = clock ();
  start = g_get_monotonic_time ();
  begin (&run, engine, NULL);
  end (&run, engine, NULL);
  start = g_get_monotonic_time () - start;
  *cpu = (double) (clock () - began) / CLOCKS_PER_SEC;
  if (window != NULL)
    gtk_window_destroy (GTK_WINDOW (window));

  return (double) start / G_USEC_PER_SEC;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  double one = *(const double *) a, other = *(const double *) b;

  return (one > other) - (one < other);
}

static double
take_median (double *values,
             guint   n)
{
  qsort (values, n, sizeof *values, compare);

  return values[n / 2];
}

int
main (int argc, char *argv[])
{
  static const char *const names[] = { "nobody looks", "a list", "a list and a graph" };
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 10000;
  guint rounds = argc > 2 ? (guint) atoi (argv[2]) : 5;
  double seconds[N_WAYS][MAX_ROUNDS], cpu[N_WAYS][MAX_ROUNDS], median[N_WAYS];

  g_return_val_if_fail (n > 0 && rounds > 0 && rounds <= MAX_ROUNDS, 2);

  gtk_init ();
  for (guint i = 0; i < rounds; i++)
    for (guint j = 0; j < N_WAYS; j++)
      {
        /* Each of them is the first one at times */
        Way way = (i + j) % N_WAYS;

        seconds[way][i] = measure (n, way, &cpu[way][i]);
      }

  for (Way way = NOTHING; way < N_WAYS; way++)
    {
      median[way] = take_median (seconds[way], rounds);
      g_print ("%-20s %8.3f s  %+6.2f %%  processor %.3f s\n", names[way], median[way],
               (median[way] / median[NOTHING] - 1) * 100, take_median (cpu[way], rounds));
    }

  return 0;
}
