/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>

static gboolean
append (JobsAction *action, gpointer user_data, GError **error)
{
  g_string_append (user_data, jobs_action_get_label (action));
  return TRUE;
}

int
main (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (JobsAction) last = jobs_callback_action_new ("b", append, order, NULL);
  g_autoptr (JobsAction) first = jobs_callback_action_new ("a", append, order, NULL);
  g_autoptr (GError) error = NULL;

  jobs_action_requires (last, first);
  jobs_engine_add (engine, last);
  jobs_engine_add (engine, first);
  if (!jobs_engine_orchestrate (engine, NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_print ("%s\n", order->str);
  return g_str_equal (order->str, "ab") ? 0 : 1;
}
