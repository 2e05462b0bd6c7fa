/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs-gtk.h>

/* Each type with g_autoptr: that it has a clean-up function, and that the type
 * system knows what the header says of it. */

#define TEST_AUTOPTR(Type, TYPE, parent)                        \
  G_STMT_START                                                  \
  {                                                             \
    g_autoptr (Type) object = NULL;                             \
                                                                \
    g_assert_null (object);                                     \
    g_assert_cmpstr (g_type_name (TYPE), ==, #Type);            \
    g_assert_true (g_type_is_a (TYPE, parent));                 \
  }                                                             \
  G_STMT_END

static void
test_autoptr (void)
{
  g_test_summary ("Each type can be held by g_autoptr and is what its header says");

  TEST_AUTOPTR (JobsGtkGraph, JOBS_GTK_TYPE_GRAPH, GTK_TYPE_WIDGET);
  TEST_AUTOPTR (JobsGtkMonitor, JOBS_GTK_TYPE_MONITOR, GTK_TYPE_WIDGET);
}

static void
test_finalized (void)
{
  GtkWidget *widgets[2];

  g_test_summary ("What was made and never shown goes with its last reference");

  widgets[0] = g_object_ref_sink (jobs_gtk_monitor_new (NULL));
  widgets[1] = g_object_ref_sink (jobs_gtk_graph_new (NULL));
  for (guint i = 0; i < G_N_ELEMENTS (widgets); i++)
    g_assert_finalize_object (widgets[i]);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);

  g_test_add_func ("/jobs/gtk-types/autoptr", test_autoptr);
  g_test_add_func ("/jobs/gtk-types/finalized", test_finalized);

  return g_test_run ();
}
