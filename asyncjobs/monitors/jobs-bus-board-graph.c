/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-bus-board-private.h"

/* What the other process knows of the graph of its run */

/* In one answer, of requirements and those that have them */
#define REQUIREMENTS_MAX 5000

/* One question, asked in pieces */
typedef struct
{
  GTask *task;
  guint  n_known; /* of its lines, from the first one on */
} Question;

/* Takes the error, if there is one. What was told before goes on to be known without the
 * other process */
static void
end_question (Question *question,
              GError   *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&question->task);
  JobsBusBoard *self = g_task_get_source_object (task);
  GPtrArray *requirements = jobs_bus_tree_dup_requirements (self->tree, g_task_get_task_data (task));

  g_free (question);
  if (requirements != NULL)
    {
      g_clear_error (&error);
      g_task_return_pointer (task, requirements, (GDestroyNotify) g_ptr_array_unref);
      return;
    }

  g_task_return_error (task, error);
}

static void ask_requirements (Question *question);

static void
requirements_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  Question *question = data;
  JobsBusBoard *self = g_task_get_source_object (question->task);
  GPtrArray *lines = g_task_get_task_data (question->task);
  g_autoptr (GVariant) requirements = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint n;

  if (reply != NULL)
    {
      g_variant_get (reply, "(@a(uus)u)", &requirements, &n);
      n = CLAMP (n, 1, MIN (JOBS_BUS_PAGE, lines->len - question->n_known));
      jobs_bus_tree_take_requirements (self->tree, lines, question->n_known, n, requirements);
      question->n_known += n;
      ask_requirements (question);
    }
  else
    {
      gboolean gone = self->is_gone || jobs_bus_board_is_about_gone (self, error);
      g_autofree char *message = jobs_bus_board_explain (self, error);

      end_question (question, g_error_new_literal (gone ? G_IO_ERROR : error->domain,
                                                   gone ? G_IO_ERROR_CLOSED : error->code, message));
    }
}

static void
ask_requirements (Question *question)
{
  JobsBusBoard *self = g_task_get_source_object (question->task);
  GPtrArray *lines = g_task_get_task_data (question->task);
  GVariantBuilder numbers;

  if (self->is_gone || question->n_known == lines->len)
    {
      end_question (question, self->is_gone ? g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                                                   _("The run is not shown any more")) : NULL);
      return;
    }

  g_variant_builder_init (&numbers, G_VARIANT_TYPE ("au"));
  for (guint i = question->n_known; i < MIN (lines->len, question->n_known + JOBS_BUS_PAGE); i++)
    g_variant_builder_add (&numbers, "u", jobs_bus_item_of (lines->pdata[i])->number);
  jobs_bus_board_call (self, "GetRequirements", g_variant_new ("(auu)", &numbers, REQUIREMENTS_MAX),
                       "(a(uus)u)", g_task_get_cancellable (question->task), requirements_cb, question);
}

void
jobs_bus_board_list_requirements (JobsBoard *board,
                                  GTask     *task)
{
  Question *question = g_new0 (Question, 1);
  GPtrArray *own = jobs_bus_tree_dup_own (JOBS_BUS_BOARD (board)->tree, g_task_get_task_data (task));

  /* The number of another line may be that of one of ours */
  g_task_set_task_data (task, own, (GDestroyNotify) g_ptr_array_unref);
  question->task = task;
  ask_requirements (question);
}
