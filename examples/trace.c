/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* trace FILE: writes when each of a few jobs ran, for ui.perfetto.dev */

#include <asyncjobs.h>

int
main (int    argc,
      char **argv)
{
  g_autoptr (JobsEngine) engine = jobs_engine_new ();
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (argc > 1 ? argv[1] : "trace.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileOutputStream) stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, &error);
  g_autoptr (JobsTraceMonitor) monitor = NULL;
  g_autoptr (JobsAction) pour = jobs_delay_action_new ("pour", 50);

  if (stream == NULL)
    g_error ("No trace: %s", error->message);
  monitor = jobs_trace_monitor_new (engine, G_OUTPUT_STREAM (stream));

  jobs_engine_set_window (engine, 2);
  jobs_engine_add (engine, pour);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *label = g_strdup_printf ("cup %u", i + 1);
      g_autoptr (JobsAction) cup = jobs_delay_action_new (label, 100 + 40 * i);

      jobs_action_requires (pour, cup);
      jobs_engine_add (engine, cup);
    }

  if (!jobs_engine_orchestrate (engine, NULL, &error) ||
      !g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error))
    g_error ("%s", error->message);

  return 0;
}
