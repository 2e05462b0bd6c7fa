/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-gtk-draft.h"

/* The plan, until it is handed over */
static void
free_holder (JobsGtkPlan **holder)
{
  g_clear_pointer (holder, jobs_gtk_plan_free);
  g_free (holder);
}

static void
communicate_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  GSubprocess *process = G_SUBPROCESS (source);
  g_autoptr (GTask) task = data;
  JobsGtkPlan **plan = g_task_get_task_data (task);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_subprocess_communicate_utf8_finish (process, result, &text, NULL, &error))
    {
      g_subprocess_force_exit (process);
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else if (!g_subprocess_get_successful (process) || text == NULL || !jobs_gtk_plan_place (*plan, text))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                               _("Graphviz could not draw this graph"));
    }
  else
    {
      g_task_return_pointer (task, g_steal_pointer (plan), (GDestroyNotify) jobs_gtk_plan_free);
    }
}

void
jobs_gtk_draft_async (JobsGtkPlan        *plan,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  g_autofree char *program = g_find_program_in_path ("dot");
  g_autofree char *text = jobs_gtk_plan_to_dot (plan);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  JobsGtkPlan **holder = g_new (JobsGtkPlan *, 1);

  *holder = plan;
  g_task_set_task_data (task, holder, (GDestroyNotify) free_holder);
  if (program == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
                               _("To draw the graph, Graphviz has to be installed: its program dot is not there"));
      g_object_unref (task);
      return;
    }

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              &error, program, "-Tdot", NULL);
  if (process == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      g_object_unref (task);
      return;
    }

  g_subprocess_communicate_utf8_async (process, text, cancellable, communicate_cb, task);
}

JobsGtkPlan *
jobs_gtk_draft_finish (GAsyncResult *result,
                       GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
