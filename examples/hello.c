/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>

int
main (void)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsAction) water = jobs_delay_action_new ("water", 300);
  g_autoptr (JobsAction) cups = jobs_print_action_new ("cups", "the cups are set");
  g_autoptr (JobsAction) tea = jobs_print_action_new ("tea", "pouring hot water");
  g_autoptr (GError) error = NULL;

  jobs_action_requires (tea, water);
  jobs_action_requires (tea, cups);
  jobs_engine_add_many (engine, (JobsAction *[]) { water, cups, tea }, 3);

  if (!jobs_engine_orchestrate (engine, NULL, &error))
    g_error ("No tea: %s", error->message);

  return 0;
}
