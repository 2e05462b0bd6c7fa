/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Draws a small run, before and after: picture FOLDER */

#include <asyncjobs.h>

/* TRUE, or what is in the way has been said: Graphviz may not be there */
static gboolean
draw (JobsEngine *engine,
      const char *folder,
      const char *name)
{
  g_autoptr (JobsPicture) picture = jobs_picture_new (engine);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) svg = jobs_picture_render (picture, "svg", NULL, &error);
  g_autofree char *filename = g_build_filename (folder, name, NULL);

  if (svg == NULL ||
      !g_file_set_contents (filename, g_bytes_get_data (svg, NULL), (gssize) g_bytes_get_size (svg), &error))
    {
      g_printerr ("%s: %s\n", name, error->message);
      return g_error_matches (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED);
    }

  return TRUE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (JobsEngine) table = jobs_engine_new ();
  g_autoptr (JobsAction) water = jobs_delay_action_new ("water", 200);
  g_autoptr (JobsAction) cups = jobs_delay_action_new ("cups", 50);
  g_autoptr (JobsAction) flowers = jobs_delay_action_new ("flowers", 20);
  g_autoptr (JobsAction) tea = jobs_print_action_new ("tea", "pouring hot water");
  const char *folder = argc > 1 ? argv[1] : ".";

  jobs_action_set_label (JOBS_ACTION (engine), "five o'clock");
  jobs_action_set_label (JOBS_ACTION (table), "table");
  jobs_action_set_critical (flowers, FALSE);
  jobs_engine_add_many (table, (JobsAction *[]) { cups, flowers }, 2);
  jobs_engine_add_many (engine, (JobsAction *[]) { water, JOBS_ACTION (table), tea }, 3);
  jobs_action_requires (tea, water);
  jobs_action_requires (tea, JOBS_ACTION (table));

  if (!draw (engine, folder, "before.svg") ||
      !jobs_engine_orchestrate (engine, NULL, NULL) ||
      !draw (engine, folder, "after.svg"))
    return 1;

  return 0;
}
