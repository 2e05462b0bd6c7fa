/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "monitors/jobs-lanes.h"

static void
test_lowest_free (void)
{
  g_autoptr (JobsLanes) lanes = jobs_lanes_new ();

  g_test_summary ("The lowest lane that is free is taken");

  g_assert_cmpuint (jobs_lanes_take (lanes, 0), ==, 0);
  g_assert_cmpuint (jobs_lanes_take (lanes, 0), ==, 1);
  g_assert_cmpuint (jobs_lanes_take (lanes, 5), ==, 2);
  jobs_lanes_give (lanes, 1, 10);
  jobs_lanes_give (lanes, 0, 20);
  g_assert_cmpuint (jobs_lanes_take (lanes, 10), ==, 1);
  g_assert_cmpuint (jobs_lanes_take (lanes, 19), ==, 3);
  g_assert_cmpuint (jobs_lanes_take (lanes, 20), ==, 0);
  g_assert_cmpuint (jobs_lanes_count (lanes), ==, 4);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jobs/lanes/lowest-free", test_lowest_free);

  return g_test_run ();
}
