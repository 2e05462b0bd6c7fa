/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <math.h>

#include "monitors/jobs-bus-columns.h"

/* What is told of actions on a bus, made and read again; and what another program may send instead.
 * What was read is text here, in order of the numbers of actions */

static void
added_cb (guint                number,
          guint                parent,
          gboolean             is_engine,
          const JobsLineFacts *facts,
          gpointer             data)
{
  g_ptr_array_add (data, g_strdup_printf ("%u in %u: %s (%s) %s%s%s%s", number, parent, facts->path, facts->label,
                                          facts->details != NULL ? facts->details : "-",
                                          facts->critical ? " critical" : "", facts->forever ? " forever" : "",
                                          is_engine ? " engine" : ""));
}

static void
changed_cb (guint               number,
            const JobsLineNews *news,
            gpointer            data)
{
  g_ptr_array_add (data, g_strdup_printf ("%u %s %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT " %u %g %s %s", number,
                                          jobs_state_get_nick (news->state), news->start_time, news->end_time,
                                          news->attempts, news->progress, news->message != NULL ? news->message : "-",
                                          news->error != NULL ? news->error : "-"));
}

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  return g_strcmp0 (*(const char **) a, *(const char **) b);
}

/* Both have the types that they shall have, as GDBus sees to; takes them */
static void
assert_read (GVariant   *added,
             GVariant   *changed,
             GVariant   *said,
             const char *expected)
{
  g_autoptr (GVariant) kept_added = g_variant_ref_sink (added);
  g_autoptr (GVariant) kept_changed = g_variant_ref_sink (changed);
  g_autoptr (GVariant) kept_said = g_variant_ref_sink (said);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *all = NULL;

  g_assert_true (g_variant_is_of_type (added, G_VARIANT_TYPE (JOBS_BUS_ADDED_TYPE)));
  g_assert_true (g_variant_is_of_type (changed, G_VARIANT_TYPE (JOBS_BUS_CHANGED_TYPE)));
  g_assert_true (g_variant_is_of_type (said, G_VARIANT_TYPE (JOBS_BUS_SAID_TYPE)));
  jobs_bus_columns_read_added (added, added_cb, texts);
  jobs_bus_columns_read_changed (changed, said, changed_cb, texts);
  g_ptr_array_sort (texts, compare_texts);
  g_ptr_array_add (texts, NULL);
  all = g_strjoinv ("\n", (char **) texts->pdata);
  g_assert_cmpstr (all, ==, expected);
}

static void
test_there_and_back (void)
{
  const JobsLineFacts facts[] = {
    { "first", "first", "/bin/true", TRUE, FALSE },
    { "inner", "inner", NULL, FALSE, FALSE },
    { "inner/\xff", "\xff", NULL, FALSE, TRUE },
  };
  const JobsLineNews news[] = {
    { JOBS_STATE_RUNNING, 1, 0, 2, 0.5, "half of it", NULL },
    { JOBS_STATE_FAILED, 1, G_MAXINT64, 1, -1, NULL, "\xff is wrong" },
    { JOBS_STATE_RUNNING, 3, 0, 1, -1, NULL, NULL },
  };
  g_autoptr (JobsBusColumns) columns = jobs_bus_columns_new ();
  GVariant *added, *changed, *said;

  g_test_summary ("What is told of actions is what is read of them, with replacements for what is no text");

  jobs_bus_columns_add (columns, 1, 0, FALSE, &facts[0]);
  jobs_bus_columns_add (columns, 2, 0, TRUE, &facts[1]);
  jobs_bus_columns_add (columns, 3, 2, FALSE, &facts[2]);
  jobs_bus_columns_change (columns, 4, &news[0]);
  jobs_bus_columns_change (columns, 5, &news[1]);
  jobs_bus_columns_change (columns, 3, &news[2]);
  jobs_bus_columns_end (columns, &added, &changed, &said);
  assert_read (added, changed, said,
               "1 in 0: first (first) /bin/true critical\n"
               "2 in 0: inner (inner) - engine\n"
               "3 in 2: inner/\xef\xbf\xbd (\xef\xbf\xbd) - forever\n"
               "3 running 3-0 1 -1 - -\n"
               "4 running 1-0 2 0.5 half of it -\n"
               "5 failed 1-9223372036854775807 1 -1 - \xef\xbf\xbd is wrong");
}

static void
test_full (void)
{
  g_autofree char *half = g_strnfill (600 * 1024, 'x');
  const JobsLineFacts facts = { half, half, "", FALSE, FALSE };
  const JobsLineNews news = { JOBS_STATE_RUNNING, 1, 0, 1, -1, NULL, half };
  g_autoptr (JobsBusColumns) added = jobs_bus_columns_new ();
  g_autoptr (JobsBusColumns) changed = jobs_bus_columns_new ();

  g_test_summary ("Much text is enough for one message");

  jobs_bus_columns_add (added, 1, 0, FALSE, &facts);
  jobs_bus_columns_change (changed, 1, &news);
  g_assert_false (jobs_bus_columns_are_full (added));
  g_assert_false (jobs_bus_columns_are_full (changed));
  jobs_bus_columns_add (added, 2, 0, FALSE, &facts);
  jobs_bus_columns_change (changed, 2, &news);
  g_assert_true (jobs_bus_columns_are_full (added));
  g_assert_true (jobs_bus_columns_are_full (changed));
}

static void
test_nothing (void)
{
  g_autoptr (JobsBusColumns) columns = jobs_bus_columns_new ();
  g_autoptr (JobsBusColumns) unused = jobs_bus_columns_new ();
  GVariant *added, *changed, *said;

  g_test_summary ("Nothing is told as nothing");

  jobs_bus_columns_end (columns, &added, &changed, &said);
  assert_read (added, changed, said, "");
}

static void
test_of_others (void)
{
  g_test_summary ("What other programs send is read as far as it makes sense");

  /* Columns that differ in length */
  assert_read (g_variant_new_parsed ("(@au [1, 2], @au [0], @ay [0, 7, 0], @ay [0, 97, 0, 0, 0, 98, 0, 0])"),
               g_variant_new_parsed ("{'running': (@au [1, 2, 3], @ax [10, 20], @ax [0, 0, 0], @au [1, 1, 1])}"),
               g_variant_new_parsed ("@a{u(dss)} {}"),
               "1 in 0: a (a) -\n"
               "1 running 10-0 1 -1 - -\n"
               "2 running 20-0 1 -1 - -");
  assert_read (g_variant_new_parsed ("(@au [1], @au [0], @ay [255], @ay [])"),
               g_variant_new_parsed ("{'running': (@au [1], @ax [1], @ax [1], @au [])}"),
               g_variant_new_parsed ("{uint32 1: (0.5, 'nobody', 'asks')}"), "");
  /* The second one's texts end in the middle, those of the first are no text in part */
  assert_read (g_variant_new_parsed ("(@au [1, 2], @au [0, 0], @ay [0, 0], @ay [255, 0, 97, 0, 0, 0, 98, 0, 99])"),
               g_variant_new_parsed ("@a{s(auaxaxau)} {}"), g_variant_new_parsed ("@a{u(dss)} {}"),
               "1 in 0: \xef\xbf\xbd (a) -");
  /* A kind, a state and a number that nobody knows */
  assert_read (g_variant_new_parsed ("(@au [1], @au [0], @ay [255], @ay [0, 97, 0, 98, 0])"),
               g_variant_new_parsed ("{'thinking': (@au [1], @ax [-1], @ax [-1], @au [1])}"),
               g_variant_new_parsed ("{uint32 2: (0.5, 'nobody', 'asks')}"),
               "1 idle 0-0 1 -1 - -\n"
               "1 in 0: a (a) b critical forever engine");
  /* Times that nothing can be reckoned with, and no part of anything */
  assert_read (g_variant_new_parsed ("(@au [], @au [], @ay [], @ay [])"),
               g_variant_new_parsed ("{'failed': (@au [1, 2, 3], @ax [%x, -1, 0], @ax [%x, 0, -1], @au [0, 0, 0])}",
                                     G_MININT64, G_MININT64),
               g_variant_new_parsed ("{1: (%d, '', ''), 2: (%d, '', ''), uint32 3: (%d, '', '')}", NAN, 1e300, -INFINITY),
               "1 failed 0-0 0 -1 - -\n"
               "2 failed 0-0 0 1 - -\n"
               "3 failed 0-0 0 -1 - -");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/bus-columns/there-and-back", test_there_and_back);
  g_test_add_func ("/jobs/bus-columns/full", test_full);
  g_test_add_func ("/jobs/bus-columns/nothing", test_nothing);
  g_test_add_func ("/jobs/bus-columns/of-others", test_of_others);

  return g_test_run ();
}
