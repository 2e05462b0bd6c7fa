/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "asyncjobs.h"
#include "jobs-attempt-private.h"
#include "jobs-resource-private.h"

/* A resource that writes down what is asked of it, and does it when it is told */

typedef enum
{
  AT_ONCE,
  WHEN_TOLD,
  REFUSE,
  REFUSE_SILENTLY,
} Manner;

#define TEST_TYPE_RESOURCE (test_resource_get_type ())
G_DECLARE_FINAL_TYPE (TestResource, test_resource, TEST, RESOURCE, GObject)

struct _TestResource
{
  GObject       parent_instance;

  char          name;
  JobsResource *parent; /* (unowned) */
  Manner        opens;
  Manner        closes;
  gboolean      with_error; /* when told */
  JobsAttempt  *attempt;
};

static GString *diary;

static gboolean
begin (TestResource *self,
       JobsAttempt  *attempt,
       Manner        manner,
       GError      **error)
{
  g_assert_null (jobs_attempt_get_action (attempt));

  switch (manner)
    {
    case AT_ONCE:
      jobs_attempt_complete (attempt, NULL);
      return TRUE;
    case WHEN_TOLD:
      g_assert_null (self->attempt);
      self->attempt = g_object_ref (attempt);
      return TRUE;
    case REFUSE:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "no way to %c", self->name);
      return FALSE;
    case REFUSE_SILENTLY:
    default:
      return FALSE;
    }
}

static gboolean
test_resource_open (JobsResource *resource,
                    JobsAttempt  *attempt,
                    GError      **error)
{
  TestResource *self = TEST_RESOURCE (resource);

  g_string_append_printf (diary, "+%c", self->name);

  return begin (self, attempt, self->opens, error);
}

static gboolean
test_resource_close (JobsResource *resource,
                     JobsAttempt  *attempt,
                     GError      **error)
{
  TestResource *self = TEST_RESOURCE (resource);

  g_string_append_printf (diary, "-%c", self->name);

  return begin (self, attempt, self->closes, error);
}

static JobsResource *
test_resource_get_parent (JobsResource *resource)
{
  return TEST_RESOURCE (resource)->parent;
}

static void
iface_init (JobsResourceInterface *iface)
{
  iface->open = test_resource_open;
  iface->close = test_resource_close;
  iface->get_parent = test_resource_get_parent;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestResource, test_resource, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (JOBS_TYPE_RESOURCE, iface_init))

static void
test_resource_class_init (TestResourceClass *klass)
{
}

static void
test_resource_init (TestResource *self)
{
}

static TestResource *
resource_new (char          name,
              TestResource *parent)
{
  TestResource *self = g_object_new (TEST_TYPE_RESOURCE, NULL);

  self->name = name;
  self->parent = (JobsResource *) parent;

  return self;
}

static void
tell (TestResource *self,
      gboolean      well)
{
  g_autoptr (JobsAttempt) attempt = g_steal_pointer (&self->attempt);
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED,
                                          "%c went wrong", self->name);

  g_assert_nonnull (attempt);
  if (well)
    jobs_attempt_complete (attempt, NULL);
  else
    jobs_attempt_fail (attempt, error);
}

/* One that has nothing to open or close */

#define TEST_TYPE_PLAIN (test_plain_get_type ())
G_DECLARE_FINAL_TYPE (TestPlain, test_plain, TEST, PLAIN, GObject)

struct _TestPlain
{
  GObject parent_instance;
};

static void
plain_iface_init (JobsResourceInterface *iface)
{
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestPlain, test_plain, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (JOBS_TYPE_RESOURCE, plain_iface_init))

static void
test_plain_class_init (TestPlainClass *klass)
{
}

static void
test_plain_init (TestPlain *self)
{
}

/* What a run has of them */

typedef struct
{
  JobsPump   *pump;
  JobsLeases *leases;
  gboolean    is_closed;
  GPtrArray  *errors; /* of the closing */
} Run;

typedef struct
{
  guint   n_calls;
  GError *error;
} User;

static void
run_init (Run          *run,
          GMainContext *context)
{
  run->pump = jobs_pump_new (context, G_PRIORITY_DEFAULT);
  jobs_pump_hold (run->pump);
  run->leases = jobs_leases_new (run->pump);
  run->is_closed = FALSE;
  run->errors = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
}

static void
run_clear (Run *run)
{
  g_assert_true (jobs_leases_is_empty (run->leases));
  jobs_leases_free (run->leases);
  jobs_pump_release (run->pump);
  jobs_pump_unref (run->pump);
  g_ptr_array_unref (run->errors);
}

static void
opened_cb (gpointer      data,
           const GError *error)
{
  User *user = data;

  user->n_calls++;
  if (error != NULL)
    user->error = g_error_copy (error);
}

static JobsLeasesAnswer
ask (Run  *run,
     User *user,
     ...)
{
  g_autoptr (GPtrArray) resources = g_ptr_array_new ();
  JobsLeasesAnswer answer;
  GError *error = NULL;
  gpointer resource;
  va_list args;

  va_start (args, user);
  while ((resource = va_arg (args, gpointer)) != NULL)
    g_ptr_array_add (resources, resource);
  va_end (args);

  answer = jobs_leases_open (run->leases, resources, opened_cb, user, &error);
  g_assert_cmpint (answer == JOBS_LEASES_REFUSED, ==, error != NULL);
  if (error != NULL)
    user->error = error;

  return answer;
}

static void
closed_cb (gpointer   data,
           GPtrArray *errors)
{
  Run *run = data;

  g_assert_false (run->is_closed);
  g_assert_true (errors == NULL || errors->len > 0);

  run->is_closed = TRUE;
  for (guint i = 0; errors != NULL && i < errors->len; i++)
    g_ptr_array_add (run->errors, g_error_copy (g_ptr_array_index (errors, i)));
}

static void
close_all (Run   *run,
           gint64 due)
{
  jobs_leases_close (run->leases, due, closed_cb, run);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
assert_diary (const char *expected)
{
  g_assert_cmpstr (diary->str, ==, expected);
}

static void
setup (Run          *run,
       gconstpointer data)
{
  diary = g_string_new (NULL);
  run_init (run, NULL);
}

static void
teardown (Run          *run,
          gconstpointer data)
{
  run_clear (run);
  g_string_free (diary, TRUE);
  g_assert_false (g_main_context_pending (NULL));
}

static void
test_once (Run          *run,
           gconstpointer data)
{
  TestResource *a = resource_new ('a', NULL);
  User users[3] = { 0 };

  g_test_summary ("A resource is opened for the first user, waited for by the others, there "
                  "for those that come later, and closed once");

  a->opens = WHEN_TOLD;
  g_assert_cmpint (ask (run, &users[0], a, NULL), ==, JOBS_LEASES_WAIT);
  g_assert_cmpint (ask (run, &users[1], a, a, NULL), ==, JOBS_LEASES_WAIT);
  settle ();
  g_assert_false (jobs_resource_is_open (JOBS_RESOURCE (a)));
  g_assert_cmpuint (users[0].n_calls + users[1].n_calls, ==, 0);

  tell (a, TRUE);
  settle ();
  g_assert_true (jobs_resource_is_open (JOBS_RESOURCE (a)));
  g_assert_cmpint (ask (run, &users[2], a, NULL), ==, JOBS_LEASES_OPEN);
  assert_diary ("+a");
  g_assert_false (jobs_leases_is_empty (run->leases));

  close_all (run, 0);
  settle ();
  g_assert_true (run->is_closed);
  g_assert_false (jobs_resource_is_open (JOBS_RESOURCE (a)));
  g_assert_cmpuint (run->errors->len, ==, 0);
  assert_diary ("+a-a");
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (users[i].n_calls, ==, i < 2);
      g_assert_no_error (users[i].error);
    }

  g_assert_finalize_object (a);
}

static void
test_nothing_to_do (Run          *run,
                    gconstpointer data)
{
  JobsResource *plain = g_object_new (TEST_TYPE_PLAIN, NULL);
  User user = { 0 };

  g_test_summary ("One without open and close is open and closed at once, and so is nothing");

  g_assert_false (jobs_resource_is_open (plain));
  g_assert_null (jobs_resource_get_parent (plain));
  g_assert_cmpint (ask (run, &user, NULL), ==, JOBS_LEASES_OPEN);
  g_assert_true (jobs_leases_is_empty (run->leases));
  g_assert_cmpint (ask (run, &user, plain, NULL), ==, JOBS_LEASES_OPEN);
  g_assert_true (jobs_resource_is_open (plain));

  close_all (run, g_get_monotonic_time () + G_TIME_SPAN_HOUR);
  g_assert_true (run->is_closed);
  g_assert_false (jobs_resource_is_open (plain));
  g_assert_cmpuint (user.n_calls, ==, 0);

  g_assert_finalize_object (plain);
}

static void
test_parents (Run          *run,
              gconstpointer data)
{
  TestResource *gate = resource_new ('g', NULL), *host = resource_new ('h', gate);
  TestResource *a = resource_new ('a', host), *b = resource_new ('b', gate);
  User users[2] = { 0 };

  g_test_summary ("Parents are opened before their children and closed after all of them");

  gate->opens = host->closes = WHEN_TOLD;
  g_assert_cmpint (ask (run, &users[0], a, NULL), ==, JOBS_LEASES_WAIT);
  g_assert_cmpint (ask (run, &users[1], b, gate, NULL), ==, JOBS_LEASES_WAIT);
  settle ();
  assert_diary ("+g");
  tell (gate, TRUE);
  settle ();
  assert_diary ("+g+h+b+a");
  g_assert_cmpuint (users[0].n_calls, ==, 1);
  g_assert_cmpuint (users[1].n_calls, ==, 1);

  close_all (run, 0);
  settle ();
  assert_diary ("+g+h+b+a-a-b-h");
  g_assert_false (run->is_closed);
  tell (host, TRUE);
  settle ();
  assert_diary ("+g+h+b+a-a-b-h-g");
  g_assert_true (run->is_closed);

  g_assert_finalize_object (a);
  g_assert_finalize_object (b);
  g_assert_finalize_object (host);
  g_assert_finalize_object (gate);
}

static void
test_failure (Run          *run,
              gconstpointer data)
{
  TestResource *gate = resource_new ('g', NULL), *a = resource_new ('a', gate);
  User users[4] = { 0 };

  g_test_summary ("Who waits for one that fails to open, or for its children, gets its error; "
                  "the next one that asks has it tried again");

  gate->opens = REFUSE;
  g_assert_cmpint (ask (run, &users[0], a, NULL), ==, JOBS_LEASES_WAIT);
  g_assert_cmpint (ask (run, &users[1], gate, a, NULL), ==, JOBS_LEASES_WAIT);
  settle ();
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (users[i].n_calls, ==, 1);
      g_assert_error (users[i].error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
      g_assert_cmpstr (users[i].error->message, ==, "no way to g");
      g_error_free (users[i].error);
    }
  assert_diary ("+g");

  gate->opens = REFUSE_SILENTLY;
  g_assert_cmpint (ask (run, &users[2], a, NULL), ==, JOBS_LEASES_WAIT);
  settle ();
  g_assert_error (users[2].error, JOBS_ERROR, JOBS_ERROR_FAILED);
  g_error_free (users[2].error);

  gate->opens = AT_ONCE;
  g_assert_cmpint (ask (run, &users[3], a, NULL), ==, JOBS_LEASES_WAIT);
  settle ();
  g_assert_cmpuint (users[3].n_calls, ==, 1);
  g_assert_no_error (users[3].error);
  assert_diary ("+g+g+g+a");

  close_all (run, 0);
  settle ();
  g_assert_true (run->is_closed);
  assert_diary ("+g+g+g+a-a-g");

  g_assert_finalize_object (a);
  g_assert_finalize_object (gate);
}

static void
test_abandoned (Run          *run,
                gconstpointer data)
{
  TestResource *a = resource_new ('a', NULL);
  User user = { 0 };

  g_test_summary ("An opening that is forgotten by its author fails");

  a->opens = WHEN_TOLD;
  ask (run, &user, a, NULL);
  g_clear_object (&a->attempt);
  settle ();
  g_assert_error (user.error, JOBS_ERROR, JOBS_ERROR_ABANDONED);
  g_error_free (user.error);

  close_all (run, 0);
  g_assert_true (run->is_closed);
  g_assert_finalize_object (a);
}

static void
test_cycle (Run          *run,
            gconstpointer data)
{
  TestResource *a = resource_new ('a', NULL), *b = resource_new ('b', a);
  TestResource *c = resource_new ('c', b), *own = resource_new ('o', NULL);
  TestResource *good = resource_new ('x', NULL);
  User user = { 0 };

  g_test_summary ("Resources that are their own parents are refused, and nothing is opened");

  a->parent = JOBS_RESOURCE (b);
  own->parent = JOBS_RESOURCE (own);
  g_assert_cmpint (ask (run, &user, good, c, NULL), ==, JOBS_LEASES_REFUSED);
  g_assert_error (user.error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_clear_error (&user.error);
  g_assert_cmpint (ask (run, &user, own, NULL), ==, JOBS_LEASES_REFUSED);
  g_assert_error (user.error, JOBS_ERROR, JOBS_ERROR_CYCLE);
  g_clear_error (&user.error);
  g_assert_true (jobs_leases_is_empty (run->leases));
  assert_diary ("");

  g_assert_finalize_object (a);
  g_assert_finalize_object (b);
  g_assert_finalize_object (c);
  g_assert_finalize_object (own);
  g_assert_finalize_object (good);
}

static gpointer
other_context_cb (gpointer data)
{
  TestResource **resources = data;
  GMainContext *context = g_main_context_new ();
  User user = { 0 };
  Run run;

  run_init (&run, context);
  g_assert_cmpint (ask (&run, &user, resources[1], resources[0], NULL), ==, JOBS_LEASES_REFUSED);
  g_assert_error (user.error, JOBS_ERROR, JOBS_ERROR_BUSY);
  g_error_free (user.error);
  run_clear (&run);
  g_main_context_unref (context);

  return NULL;
}

static void
test_busy (Run          *run,
           gconstpointer data)
{
  TestResource *a = resource_new ('a', NULL), *free_one = resource_new ('f', NULL);
  TestResource *resources[] = { a, free_one };
  User user = { 0 };

  g_test_summary ("What is in use in one context is busy in another one, which then holds "
                  "nothing of all it asked for");

  ask (run, &user, a, NULL);
  settle ();
  g_thread_join (g_thread_new ("other", other_context_cb, resources));
  g_assert_cmpint (ask (run, &user, free_one, NULL), ==, JOBS_LEASES_WAIT);
  settle ();
  assert_diary ("+a+f");

  close_all (run, 0);
  settle ();
  g_assert_finalize_object (a);
  g_assert_finalize_object (free_one);
}

static void
test_two_runs (Run          *run,
               gconstpointer data)
{
  TestResource *a = resource_new ('a', NULL);
  User users[2] = { 0 };
  Run other;

  g_test_summary ("Two runs of one context share it; it is closed after the last of them, also "
                  "where that did not open it and the other is long gone");

  a->opens = WHEN_TOLD;
  run_init (&other, NULL);
  ask (&other, &users[0], a, NULL);
  ask (run, &users[1], a, NULL);
  close_all (&other, 0);
  g_assert_true (other.is_closed);
  run_clear (&other);

  tell (a, TRUE);
  settle ();
  g_assert_cmpuint (users[0].n_calls, ==, 0);
  g_assert_cmpuint (users[1].n_calls, ==, 1);
  assert_diary ("+a");

  close_all (run, 0);
  settle ();
  g_assert_true (run->is_closed);
  assert_diary ("+a-a");
  g_assert_finalize_object (a);
}

static void
test_forget (Run          *run,
             gconstpointer data)
{
  TestResource *a = resource_new ('a', NULL);
  User users[3] = { 0 };

  g_test_summary ("Who was forgotten hears nothing, also where the word was on its way");

  a->opens = WHEN_TOLD;
  for (guint i = 0; i < 3; i++)
    ask (run, &users[i], a, NULL);
  jobs_leases_forget (run->leases, &users[0]);
  settle ();
  tell (a, TRUE);

  /* The attempt's post, which leaves posts to the users */
  while (!jobs_resource_is_open (JOBS_RESOURCE (a)))
    g_main_context_iteration (NULL, FALSE);
  jobs_leases_forget (run->leases, &users[1]);
  jobs_leases_forget (run->leases, &users[1]);
  settle ();
  g_assert_cmpuint (users[0].n_calls, ==, 0);
  g_assert_cmpuint (users[2].n_calls, ==, 1);

  close_all (run, 0);
  settle ();
  g_assert_true (run->is_closed);
  g_assert_finalize_object (a);
}

static void
test_close_errors (Run          *run,
                   gconstpointer data)
{
  TestResource *gate = resource_new ('g', NULL), *a = resource_new ('a', gate);
  TestResource *b = resource_new ('b', gate);
  User user = { 0 };

  g_test_summary ("A failure to close is told, and keeps nothing else from being closed");

  a->closes = REFUSE;
  b->closes = WHEN_TOLD;
  ask (run, &user, a, b, NULL);
  settle ();
  close_all (run, 0);
  settle ();
  assert_diary ("+g+a+b-a-b");
  tell (b, FALSE);
  settle ();
  assert_diary ("+g+a+b-a-b-g");
  g_assert_true (run->is_closed);
  g_assert_cmpuint (run->errors->len, ==, 2);
  g_assert_error ((GError *) run->errors->pdata[0], G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
  g_assert_error ((GError *) run->errors->pdata[1], G_IO_ERROR, G_IO_ERROR_FAILED);

  g_assert_finalize_object (a);
  g_assert_finalize_object (b);
  g_assert_finalize_object (gate);
}

static void
test_close_late (Run          *run,
                 gconstpointer data)
{
  TestResource *gate = resource_new ('g', NULL), *a = resource_new ('a', gate);
  g_autoptr (GCancellable) cancellable = NULL;
  User user = { 0 };
  Run late;

  g_test_summary ("What is not closed when the time is up is named and cancelled; it is closed "
                  "in the end, with its parent, and can be opened after that");

  a->closes = WHEN_TOLD;
  run_init (&late, NULL);
  ask (&late, &user, a, NULL);
  settle ();
  close_all (&late, g_get_monotonic_time () + G_TIME_SPAN_HOUR);
  settle ();
  cancellable = g_object_ref (jobs_attempt_get_cancellable (a->attempt));
  g_assert_false (late.is_closed);

  jobs_leases_hurry (late.leases, g_get_monotonic_time () + 1000);
  jobs_leases_hurry (late.leases, g_get_monotonic_time () + G_TIME_SPAN_HOUR);
  jobs_leases_hurry (late.leases, 0);
  while (!late.is_closed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (late.errors->len, ==, 1);
  g_assert_error ((GError *) late.errors->pdata[0], JOBS_ERROR, JOBS_ERROR_TIMED_OUT);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  run_clear (&late);
  assert_diary ("+g+a-a");

  g_assert_cmpint (ask (run, &user, a, NULL), ==, JOBS_LEASES_WAIT);
  settle ();
  assert_diary ("+g+a-a");
  tell (a, TRUE);
  settle ();
  assert_diary ("+g+a-a+a");
  g_assert_cmpuint (user.n_calls, ==, 2);

  a->closes = AT_ONCE;
  close_all (run, 0);
  settle ();
  assert_diary ("+g+a-a+a-a-g");
  g_assert_finalize_object (a);
  g_assert_finalize_object (gate);
}

static void
test_given_up (Run          *run,
               gconstpointer data)
{
  TestResource *gate = resource_new ('g', NULL), *a = resource_new ('a', gate);
  g_autoptr (GCancellable) cancellable = NULL;
  User users[2] = { 0 };
  Run other;

  g_test_summary ("An opening that nobody wants any longer is cancelled; who asks before it has "
                  "ended gets one of its own, and what waited for its parent is not opened");

  gate->opens = WHEN_TOLD;
  run_init (&other, NULL);
  ask (&other, &users[0], a, NULL);
  settle ();
  cancellable = g_object_ref (jobs_attempt_get_cancellable (gate->attempt));
  close_all (&other, 0);
  settle ();
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_false (other.is_closed);

  g_assert_cmpint (ask (run, &users[1], gate, NULL), ==, JOBS_LEASES_WAIT);
  tell (gate, FALSE);
  settle ();
  g_assert_true (other.is_closed);
  g_assert_cmpuint (other.errors->len, ==, 0);
  run_clear (&other);
  g_assert_cmpuint (users[1].n_calls, ==, 0);
  tell (gate, TRUE);
  settle ();
  g_assert_cmpuint (users[0].n_calls, ==, 0);
  g_assert_cmpuint (users[1].n_calls, ==, 1);
  g_assert_no_error (users[1].error);
  assert_diary ("+g+g");

  close_all (run, 0);
  settle ();
  assert_diary ("+g+g-g");
  g_assert_finalize_object (a);
  g_assert_finalize_object (gate);
}

static gboolean
use_cb (JobsAction *action,
        gpointer    user_data,
        GError    **error)
{
  g_assert_true (jobs_resource_is_open (user_data));
  g_string_append_c (diary, 'u');

  return TRUE;
}

static void
test_engine (Run          *run,
             gconstpointer data)
{
  TestResource *gate = resource_new ('g', NULL), *a = resource_new ('a', gate);
  JobsEngine *outer = jobs_engine_new (), *inner = jobs_engine_new ();
  g_autoptr (GError) error = NULL;

  g_test_summary ("Actions of an engine and of one within it use it while it is open, once in "
                  "each run; where it fails to open, they fail");

  jobs_engine_add (outer, JOBS_ACTION (inner));
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (JobsAction) action = jobs_callback_action_new (NULL, use_cb, a, NULL);

      jobs_action_use (action, JOBS_RESOURCE (a));
      jobs_engine_add (i % 2 == 0 ? outer : inner, action);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (jobs_engine_orchestrate (outer, NULL, &error));
      g_assert_no_error (error);
    }
  assert_diary ("+g+auuuuuu-a-g+g+auuuuuu-a-g");

  gate->opens = REFUSE;
  g_string_truncate (diary, 0);
  g_assert_false (jobs_engine_orchestrate (outer, NULL, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_CRITICAL);
  g_assert_nonnull (strstr (error->message, "no way to g"));
  g_assert_null (strchr (diary->str, 'u'));

  g_object_unref (inner);
  g_assert_finalize_object (outer);
  g_assert_finalize_object (a);
  g_assert_finalize_object (gate);
}

#define add(path, func) g_test_add ("/jobs/resource/" path, Run, NULL, setup, func, teardown)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  alarm (120);

  add ("once", test_once);
  add ("nothing-to-do", test_nothing_to_do);
  add ("parents", test_parents);
  add ("failure", test_failure);
  add ("abandoned", test_abandoned);
  add ("cycle", test_cycle);
  add ("busy", test_busy);
  add ("two-runs", test_two_runs);
  add ("forget", test_forget);
  add ("close-errors", test_close_errors);
  add ("close-late", test_close_late);
  add ("given-up", test_given_up);
  add ("engine", test_engine);

  return g_test_run ();
}
