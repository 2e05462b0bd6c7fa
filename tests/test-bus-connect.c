/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "boards.h"

/* A connection that a monitor makes for itself, in a program that had none. */

/* The signals that a thread of ours blocks, or FALSE where none has such a name */
static gboolean
read_blocked (const char *name,
              guint64    *blocked)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *id;

  while ((id = g_dir_read_name (threads)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", id, "status", NULL);
      g_autofree char *text = NULL;
      g_autofree char *begin = g_strdup_printf ("Name:\t%s\n", name);

      /* It may have ended */
      if (!g_file_get_contents (path, &text, NULL, NULL) || !g_str_has_prefix (text, begin))
        continue;

      *blocked = g_ascii_strtoull (strstr (text, "SigBlk:") + strlen ("SigBlk:"), NULL, 16);
      return TRUE;
    }

  return FALSE;
}

static void
test_signals (void)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  g_autoptr (GTestDBus) bus = NULL;
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsBoard) board = jobs_engine_board_new (engine);
  g_autoptr (JobsBusMonitor) monitor = NULL;
  sigset_t here;
  guint64 blocked;

  g_test_summary ("The thread of GDBus takes no signal of a child that ends, and this one still does");

  if (daemon == NULL)
    {
      g_test_skip ("there is no dbus-daemon");
      return;
    }

  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  g_assert_false (read_blocked ("gdbus", &blocked));
  monitor = jobs_bus_monitor_new (JOBS_ENGINE_BOARD (board), NULL);
  spin_until (jobs_bus_monitor_get_shown (monitor));

  g_assert_true (read_blocked ("gdbus", &blocked));
  g_assert_cmpuint (blocked & G_GUINT64_CONSTANT (1) << (SIGCHLD - 1), !=, 0);
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, NULL, &here), ==, 0);
  g_assert_false (sigismember (&here, SIGCHLD));

  g_clear_object (&monitor);
  g_test_dbus_down (bus);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/bus-connect/signals", test_signals);

  return g_test_run ();
}
