/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "monitors/jobs-alarm.h"

/* Without a descriptor */
#define BARE GINT_TO_POINTER (1)

typedef struct
{
  JobsAlarm *alarm;
  GMainContext *context;
  guint n_rings;
  gint64 again; /* when it is set within the ring; 0: not */
  gboolean clears;
  int pipe[2];
  JobsWatch *watch;
  guint n_reads; /* bytes, and hang-ups */
  struct rlimit before; /* of descriptors */
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

/* Where it is to be bare, none is to be had from here on */
static void
set_up (Bedside      *self,
        gconstpointer data)
{
  struct rlimit limit;
  int next;

  /* The context has what it needs */
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (pipe (self->pipe), ==, 0);
  next = dup (STDERR_FILENO);
  g_assert_cmpint (next, >=, 0);
  close (next);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &self->before), ==, 0);
  if (data != BARE)
    return;

  limit = self->before;
  limit.rlim_cur = (rlim_t) next;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_cmpint (dup (STDERR_FILENO), <, 0);
}

static void
tear_down (Bedside      *self,
           gconstpointer data)
{
  jobs_alarm_clear (&self->alarm);
  jobs_alarm_clear (&self->alarm);
  g_assert_null (self->alarm);
  close (self->pipe[0]);
  close (self->pipe[1]);
  setrlimit (RLIMIT_NOFILE, &self->before);
}

static void
test_rings (Bedside      *self,
            gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  g_test_summary ("It rings once, when it is time, and again when it is set again");

  g_assert_false (jobs_alarm_is_set (NULL));
  jobs_alarm_unset (NULL);
  set (self, begin + 3 * G_TIME_SPAN_MILLISECOND);
  wait_for (self, 1);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 3 * G_TIME_SPAN_MILLISECOND);
  be_still (self);

  /* What has passed comes at the next turn, and 0 has passed */
  self->again = begin;
  set (self, 0);
  wait_for (self, 3);
  be_still (self);
}

static void
test_changes_its_mind (Bedside      *self,
                       gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  g_test_summary ("The last time that it is set to counts, or that it is not set");

  set (self, begin);
  set (self, begin + G_TIME_SPAN_HOUR);
  be_still (self);
  set (self, begin + G_TIME_SPAN_MILLISECOND);
  wait_for (self, 1);

  set (self, begin);
  jobs_alarm_unset (self->alarm);
  g_assert_false (jobs_alarm_is_set (self->alarm));
  be_still (self);

  self->clears = TRUE;
  set (self, begin);
  wait_for (self, 2);
  g_assert_null (self->alarm);
}

static void
test_contexts (Bedside      *self,
               gconstpointer data)
{
  g_test_summary ("It goes along into another context, be the one before there or not");

  self->context = g_main_context_new ();
  set (self, 0);
  wait_for (self, 1);
  g_main_context_unref (self->context);

  jobs_alarm_unset (self->alarm);
  self->context = g_main_context_new ();
  set (self, 0);
  wait_for (self, 2);
  set (self, 0);
  g_main_context_unref (self->context);
  g_assert_false (jobs_alarm_is_set (self->alarm));

  self->context = NULL;
  set (self, 0);
  wait_for (self, 3);
}

static void
nest_cb (gpointer data)
{
  Bedside *self = data;

  if (++self->n_rings > 2)
    return;

  jobs_alarm_set (&self->alarm, self->context, 1, nest_cb, self);
  while (self->n_rings < 3)
    g_main_context_iteration (self->context, TRUE);
}

static void
test_nests (Bedside      *self,
            gconstpointer data)
{
  g_test_summary ("It rings within what runs the loop when it rings");

  jobs_alarm_set (&self->alarm, NULL, 1, nest_cb, self);
  wait_for (self, 3);
  be_still (self);
}

static void
read_cb (gpointer data)
{
  Bedside *self = data;
  char byte;

  self->n_reads++;
  if (read (self->pipe[0], &byte, 1) == 0)
    jobs_watch_clear (&self->watch);
}

static void
write_bytes (Bedside *self,
             guint    n)
{
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (write (self->pipe[1], "", 1), ==, 1);
}

static void
wait_for_reads (Bedside *self,
                guint    n_reads)
{
  while (self->n_reads < n_reads)
    g_main_context_iteration (self->context, TRUE);
  be_still (self);
  g_assert_cmpuint (self->n_reads, ==, n_reads);
}

static void
test_watch (Bedside      *self,
            gconstpointer data)
{
  g_test_summary ("A descriptor is looked at beside the alarms, until it is hung up");

  self->watch = jobs_watch_new (NULL, self->pipe[0], read_cb, self);
  be_still (self);
  g_assert_cmpuint (self->n_reads, ==, 0);
  write_bytes (self, 3);
  wait_for_reads (self, 3);

  /* Neither keeps the other one from its turn */
  write_bytes (self, 1000);
  set (self, 0);
  wait_for (self, 1);
  g_assert_cmpuint (self->n_reads, <, 10);
  wait_for_reads (self, 1003);
  write_bytes (self, 1);
  set (self, g_get_monotonic_time () + G_TIME_SPAN_HOUR);
  wait_for_reads (self, 1004);

  close (self->pipe[1]);
  self->pipe[1] = dup (self->pipe[0]);
  wait_for_reads (self, 1005);
  g_assert_null (self->watch);
  jobs_watch_clear (&self->watch);

  /* Its context may go before it; a new one takes a descriptor */
  if (data == BARE)
    return;
  self->context = g_main_context_new ();
  self->watch = jobs_watch_new (self->context, self->pipe[0], read_cb, self);
  g_main_context_unref (self->context);
  self->context = NULL;
  be_still (self);
  jobs_watch_clear (&self->watch);
  g_assert_cmpuint (self->n_reads, ==, 1005);
}

static void
read_all_cb (gpointer data)
{
  Bedside *self = data;

  read_cb (self);
  while (self->n_reads < 5)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_watch_nests (Bedside      *self,
                  gconstpointer data)
{
  g_test_summary ("What is called for a descriptor may run the loop, and is called there");

  self->watch = jobs_watch_new (NULL, self->pipe[0], read_all_cb, self);
  write_bytes (self, 5);
  wait_for_reads (self, 5);
  jobs_watch_clear (&self->watch);
}

#define N_OTHERS 5

typedef struct
{
  JobsAlarm *alarms[N_OTHERS];
  GString *order;
  guint n_left;
} Ward;

/* Each rings with its own name */
#define DEFINE_RING(number)                        \
  static void ring_##number##_cb (gpointer data)   \
  {                                                \
    Ward *self = data;                             \
                                                   \
    g_string_append (self->order, #number);        \
    jobs_alarm_clear (&self->alarms[number]);      \
    self->n_left--;                                \
  }

DEFINE_RING (0)
DEFINE_RING (1)
DEFINE_RING (2)
DEFINE_RING (4)

/* It takes away the next one, and brings that after it to now */
static void
ring_3_cb (gpointer data)
{
  Ward *self = data;

  g_string_append (self->order, "3");
  jobs_alarm_clear (&self->alarms[1]);
  jobs_alarm_set (&self->alarms[0], NULL, 1, ring_0_cb, self);
  self->n_left -= 2;
}

static const JobsAlarmFunc rings[N_OTHERS] = { ring_0_cb, ring_1_cb, ring_2_cb, ring_3_cb, ring_4_cb };

static guint
count_descriptors (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder) != NULL)
    n++;

  return n;
}

static void
test_others (Bedside      *self,
             gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();
  static const int due[N_OTHERS] = { 5000000, 5, 3, 4, 3 }; /* ms */
  g_autoptr (GString) order = g_string_new (NULL);
  Ward ward = { .order = order, .n_left = N_OTHERS };
  guint before = data != BARE ? count_descriptors () : 0;

  g_test_summary ("Those of a context ring by their times, and share descriptors");

  for (guint i = 0; i < N_OTHERS; i++)
    jobs_alarm_set (&ward.alarms[i], NULL, begin + due[i] * G_TIME_SPAN_MILLISECOND, rings[i], &ward);
  if (data != BARE)
    g_assert_cmpuint (count_descriptors (), ==, before + 2);
  while (ward.n_left > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (order->str, ==, "2430");
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 4 * G_TIME_SPAN_MILLISECOND);

  jobs_alarm_clear (&ward.alarms[3]);
  if (data != BARE)
    g_assert_cmpuint (count_descriptors (), ==, before);
}

static void
count_cb (gpointer data)
{
  (*(guint *) data)++;
}

/* In a context of its own, again and again */
static gpointer
ring_in_thread (gpointer data)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GMainContext) context = g_main_context_new ();
      JobsAlarm *alarm = NULL;
      guint n = 0;

      jobs_alarm_set (&alarm, context, 0, count_cb, &n);
      while (n == 0)
        g_main_context_iteration (context, TRUE);
      jobs_alarm_clear (&alarm);
    }

  return NULL;
}

static void
test_threads (Bedside      *self,
              gconstpointer data)
{
  GThread *threads[4];

  g_test_summary ("Threads have alarms beside each other");

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("alarms", ring_in_thread, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

#define ADD(name, data, test) g_test_add ("/jobs/alarm/" name, Bedside, data, set_up, test, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("rings", NULL, test_rings);
  ADD ("rings/bare", BARE, test_rings);
  ADD ("changes-its-mind", NULL, test_changes_its_mind);
  ADD ("changes-its-mind/bare", BARE, test_changes_its_mind);
  ADD ("contexts", NULL, test_contexts);
  ADD ("nests", NULL, test_nests);
  ADD ("nests/bare", BARE, test_nests);
  ADD ("watch", NULL, test_watch);
  ADD ("watch/bare", BARE, test_watch);
  ADD ("watch-nests", NULL, test_watch_nests);
  ADD ("watch-nests/bare", BARE, test_watch_nests);
  ADD ("others", NULL, test_others);
  ADD ("others/bare", BARE, test_others);
  ADD ("threads", NULL, test_threads);

  return g_test_run ();
}
