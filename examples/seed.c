/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Jobs side by side, and one that waits for another */

#include <asyncjobs.h>
#include <stdio.h>

typedef struct
{
  double timeout; /* s */
  JobsAttempt *attempt;
} Wait;

static void
print_event (const char *arrow,
             double      timeout)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%M-%S");

  printf ("%s %s mycoro(%g)\n", arrow, time, timeout);
}

static gboolean
wait_ended_cb (gpointer user_data)
{
  Wait *wait = user_data;
  double result = 1000 * wait->timeout;
  g_auto (GValue) value = G_VALUE_INIT;

  print_event ("<-", wait->timeout);

  /* A whole number of seconds makes a whole number */
  if (wait->timeout == (int) wait->timeout)
    {
      g_value_init (&value, G_TYPE_INT);
      g_value_set_int (&value, (int) result);
    }
  else
    {
      g_value_init (&value, G_TYPE_DOUBLE);
      g_value_set_double (&value, result);
    }
  jobs_attempt_complete (wait->attempt, &value);
  g_clear_object (&wait->attempt);

  return G_SOURCE_REMOVE;
}

static gboolean
wait_start (JobsAction  *action,
            JobsAttempt *attempt,
            gpointer     user_data,
            GError     **error)
{
  Wait *wait = user_data;

  print_event ("->", wait->timeout);
  wait->attempt = g_object_ref (attempt);
  g_timeout_add ((guint) (1000 * wait->timeout), wait_ended_cb, wait);

  return TRUE;
}

static JobsAction *
mycoro (const char *label,
        double      timeout)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->timeout = timeout;

  return jobs_async_action_new (label, wait_start, wait, g_free);
}

static gboolean
orchestrate (JobsEngine *engine)
{
  g_autoptr (GError) error = NULL;
  gboolean success = jobs_engine_orchestrate (engine, NULL, &error);

  if (!success)
    printf ("%s\n", error->message);
  printf ("%s\n", success ? "True" : "False");

  return success;
}

int
main (void)
{
  g_autoptr (JobsEngine) e = jobs_engine_new ();
  g_autoptr (JobsEngine) e2 = jobs_engine_new ();
  g_autoptr (JobsAction) a1 = mycoro (NULL, 1);
  g_autoptr (JobsAction) a2 = mycoro (NULL, 2);
  g_autoptr (JobsAction) a3 = mycoro (NULL, 1.5);
  g_autoptr (JobsAction) b1 = mycoro ("first", 1);
  g_autoptr (JobsAction) b2 = mycoro (NULL, 2);
  g_autoptr (JobsAction) b3 = mycoro ("last", 1.5);

  setvbuf (stdout, NULL, _IOLBF, 0);

  /* Nothing between the three: all start at once */
  jobs_engine_add (e, a1);
  jobs_engine_add (e, a2);
  jobs_engine_add (e, a3);
  if (!orchestrate (e))
    return 1;

  /* The last one starts when the first one has ended */
  jobs_action_requires (b3, b1);
  jobs_engine_add (e2, b1);
  jobs_engine_add (e2, b2);
  jobs_engine_add (e2, b3);
  if (!orchestrate (e2))
    return 1;

  printf ("%s\n", jobs_action_is_done (b1) ? "True" : "False");
  printf ("%.1f\n", g_value_get_double (jobs_action_get_result (b3)));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (e2)); i++)
    {
      g_autoptr (JobsAction) action = g_list_model_get_item (G_LIST_MODEL (e2), i);
      g_autofree char *text = jobs_action_to_string (action);

      printf ("%s\n", text);
    }

  return 0;
}
