/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "monitors/jobs-alarm.h"

/* Each test is made with and without a descriptor */
#define BARE GINT_TO_POINTER (1)

typedef struct
{
  JobsAlarm *alarm;
  GMainContext *context;
  guint n_rings;
  gint64 again; /* when it is set within the ring; 0: not */
  gboolean clears;
} Bedside;

static void
rung_cb (gpointer data)
{
  Bedside *self = data;

  self->n_rings++;
  g_assert_false (jobs_alarm_is_set (self->alarm));
  if (self->again != 0)
    jobs_alarm_set (&self->alarm, self->context, self->again, rung_cb, self);
  self->again = 0;
  if (self->clears)
    jobs_alarm_clear (&self->alarm);
}

static void
set (Bedside *self,
     gint64   due)
{
  jobs_alarm_set (&self->alarm, self->context, due, rung_cb, self);
  g_assert_true (jobs_alarm_is_set (self->alarm));
}

static void
wait_for (Bedside *self,
          guint    n_rings)
{
  while (self->n_rings < n_rings)
    g_main_context_iteration (self->context, TRUE);
  g_assert_cmpuint (self->n_rings, ==, n_rings);
}

static void
be_still (Bedside *self)
{
  guint n_rings = self->n_rings;

  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (self->context, FALSE);
  g_assert_cmpuint (self->n_rings, ==, n_rings);
}

/* None is to be had from here on */
static struct rlimit
take_descriptors (gconstpointer data)
{
  struct rlimit before, none;
  int next = dup (STDERR_FILENO);

  g_assert_cmpint (next, >=, 0);
  close (next);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  none = before;
  if (data == BARE)
    none.rlim_cur = (rlim_t) next;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);

  return before;
}

static void
test_rings (gconstpointer data)
{
  Bedside self = { NULL };
  gint64 begin = g_get_monotonic_time ();
  struct rlimit before;

  g_test_summary ("It rings once, when it is time, and again when it is set again");

  g_main_context_iteration (NULL, FALSE);
  g_assert_false (jobs_alarm_is_set (NULL));
  jobs_alarm_unset (NULL);
  before = take_descriptors (data);
  set (&self, begin + 3 * G_TIME_SPAN_MILLISECOND);
  wait_for (&self, 1);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 3 * G_TIME_SPAN_MILLISECOND);
  be_still (&self);

  /* What has passed comes at the next turn, and 0 has passed */
  self.again = begin;
  set (&self, 0);
  wait_for (&self, 3);
  be_still (&self);

  jobs_alarm_clear (&self.alarm);
  jobs_alarm_clear (&self.alarm);
  g_assert_null (self.alarm);
  setrlimit (RLIMIT_NOFILE, &before);
}

static void
test_changes_its_mind (gconstpointer data)
{
  Bedside self = { NULL };
  gint64 begin = g_get_monotonic_time ();
  struct rlimit before;

  g_test_summary ("The last time that it is set to counts, or that it is not set");

  g_main_context_iteration (NULL, FALSE);
  before = take_descriptors (data);
  set (&self, begin);
  set (&self, begin + G_TIME_SPAN_HOUR);
  be_still (&self);
  set (&self, begin + G_TIME_SPAN_MILLISECOND);
  wait_for (&self, 1);

  set (&self, begin);
  jobs_alarm_unset (self.alarm);
  g_assert_false (jobs_alarm_is_set (self.alarm));
  be_still (&self);

  self.clears = TRUE;
  set (&self, begin);
  wait_for (&self, 2);
  g_assert_null (self.alarm);
  setrlimit (RLIMIT_NOFILE, &before);
}

static void
test_contexts (void)
{
  Bedside self = { NULL };

  g_test_summary ("It goes along into another context, be the one before there or not");

  self.context = g_main_context_new ();
  set (&self, 0);
  wait_for (&self, 1);
  g_main_context_unref (self.context);

  jobs_alarm_unset (self.alarm);
  self.context = g_main_context_new ();
  set (&self, 0);
  wait_for (&self, 2);
  set (&self, 0);
  g_main_context_unref (self.context);

  self.context = NULL;
  set (&self, 0);
  wait_for (&self, 3);
  jobs_alarm_clear (&self.alarm);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/jobs/alarm/rings", NULL, test_rings);
  g_test_add_data_func ("/jobs/alarm/rings/bare", BARE, test_rings);
  g_test_add_data_func ("/jobs/alarm/changes-its-mind", NULL, test_changes_its_mind);
  g_test_add_data_func ("/jobs/alarm/changes-its-mind/bare", BARE, test_changes_its_mind);
  g_test_add_func ("/jobs/alarm/contexts", test_contexts);

  return g_test_run ();
}
