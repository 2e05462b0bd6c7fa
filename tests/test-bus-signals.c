/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "buses.h"

/* What comes out at the far end without being asked for. Whether it has been taken is for
 * the test to say: the calls by which the near end asks for that can be held back */
typedef struct
{
  GDBusConnection *connection;
  char            *path;       /* of the object manager */
  guint            filter;
  guint            subscription;
  GAsyncQueue     *held;       /* GDBusMessage */
  int              is_holding; /* atomic: the filter is in a thread of GDBus */
  guint            n_of_run;
  guint            n_of_actions;
  GVariant        *run;        /* (nullable): the last of its properties that were told */
  double           progress;   /* the last that any action was told to have made */
} Ear;

static GDBusMessage *
hold_cb (GDBusConnection *connection,
         GDBusMessage    *message,
         gboolean         incoming,
         gpointer         data)
{
  Ear *self = data;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL ||
      g_strcmp0 (g_dbus_message_get_member (message), "Ping") != 0 || !g_atomic_int_get (&self->is_holding))
    return message;

  g_async_queue_push (self->held, message);
  g_main_context_wakeup (NULL);

  return NULL;
}

static void
signal_cb (GDBusConnection *connection,
           const char      *sender,
           const char      *path,
           const char      *interface,
           const char      *name,
           GVariant        *arguments,
           gpointer         data)
{
  Ear *self = data;
  g_autoptr (GVariant) properties = NULL;

  if (!g_str_has_suffix (path, "/run"))
    self->n_of_actions++;
  else
    self->n_of_run++;
  if (!g_str_equal (name, "PropertiesChanged"))
    return;

  properties = g_variant_get_child_value (arguments, 1);
  g_variant_lookup (properties, "Progress", "d", &self->progress);
  if (g_str_has_suffix (path, "/run"))
    {
      g_clear_pointer (&self->run, g_variant_unref);
      self->run = g_steal_pointer (&properties);
    }
}

static Ear *
ear_new (Fixture *fixture)
{
  Ear *self = g_new0 (Ear, 1);

  self->connection = g_object_ref (fixture->far);
  self->path = g_strdelimit (g_strconcat ("/", jobs_bus_monitor_get_name (fixture->monitor), NULL), ".", '/');
  self->held = g_async_queue_new_full (g_object_unref);
  self->filter = g_dbus_connection_add_filter (fixture->far, hold_cb, self, NULL);
  self->subscription = g_dbus_connection_signal_subscribe (fixture->far, NULL, NULL, NULL, NULL, NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE, signal_cb, self, NULL);

  return self;
}

static void
hold (Ear *self)
{
  g_atomic_int_set (&self->is_holding, TRUE);
}

static void
release (Ear *self)
{
  GDBusMessage *message;

  g_atomic_int_set (&self->is_holding, FALSE);
  while ((message = g_async_queue_try_pop (self->held)) != NULL)
    {
      g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_reply (message);

      g_dbus_connection_send_message (self->connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
      g_object_unref (message);
    }
}

static void
ear_free (Ear *self)
{
  release (self);
  g_dbus_connection_signal_unsubscribe (self->connection, self->subscription);
  g_dbus_connection_remove_filter (self->connection, self->filter);
  g_async_queue_unref (self->held);
  g_clear_pointer (&self->run, g_variant_unref);
  g_object_unref (self->connection);
  g_free (self->path);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ear, ear_free)

/* What is answered; below is what stands behind the path of the object manager */
static GVariant *
call (Ear        *self,
      const char *below,
      const char *interface,
      const char *method,
      GVariant   *arguments,
      GError    **error)
{
  g_autofree char *path = g_strconcat (self->path, below, NULL);
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (self->connection, NULL, path, interface, method, arguments, NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, take_result, &result);
  spin_until (result != NULL);

  return g_dbus_connection_call_finish (self->connection, result, error);
}

/* All has come that was sent, without having asked the run for anything */
static void
hear (Ear *self)
{
  g_autoptr (GVariant) reply = call (self, "", "org.freedesktop.DBus.Peer", "GetMachineId", NULL, NULL);
}

/* And has been taken, if nothing is held back, which the run knows */
static void
catch_up (Ear *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  hear (self);
  reply = call (self, "/run", "org.freedesktop.DBus.Properties", "Get",
                g_variant_new ("(ss)", "org.asyncjobs.Run1", "Pid"), &error);
  g_assert_no_error (error);
  hear (self);
}

static guint
count_told (Ear        *self,
            const char *state)
{
  g_autoptr (GVariant) counts = NULL;
  guint n = 0;

  if (self->run == NULL || !g_variant_lookup (self->run, "Counts", "@a{su}", &counts))
    return 0;

  g_variant_lookup (counts, state, "u", &n);

  return n;
}

static guint
count_objects (Ear *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = call (self, "", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, &error);
  g_autoptr (GVariant) objects = NULL;

  g_assert_no_error (error);
  objects = g_variant_get_child_value (reply, 0);

  return g_variant_n_children (objects);
}

/* The engine knows that it has ended, and nobody was told yet */
static void
finish (JobsAction *action)
{
  complete (action);
  spin_until (jobs_action_get_state (action) == JOBS_STATE_FINISHED);
}

/* All properties of the run have been told just now, and been taken: counts alone are not
 * told for a second */
static void
tell_title (Fixture *fixture,
            Ear     *ear)
{
  catch_up (ear);
  jobs_board_set_title (fixture->board, "title");
  catch_up (ear);
}

static void
test_flush_in_mid_run (Fixture      *fixture,
                       gconstpointer data)
{
  JobsAction *first = add (fixture->engine, "first", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (Ear) ear = NULL;

  g_test_summary ("A flush tells what else would be told within a second");

  add (fixture->engine, "second", NULL);
  show (fixture);
  ear = ear_new (fixture);
  start (fixture);
  spin_until (count_told (ear, "running") == 2);
  tell_title (fixture, ear);
  finish (first);
  jobs_bus_monitor_flush_async (fixture->monitor, NULL, take_result, &result);
  spin_until (result != NULL);
  g_assert_true (jobs_bus_monitor_flush_finish (fixture->monitor, result, NULL));
  hear (ear);
  g_assert_cmpuint (count_told (ear, "finished"), ==, 1);
  cancel_all (fixture);
}

static void
test_flush_while_taken (Fixture      *fixture,
                        gconstpointer data)
{
  JobsAction *first = add (fixture->engine, "first", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (Ear) ear = NULL;
  gint64 began;

  g_test_summary ("A flush waits until what is told last has been taken, too");

  add (fixture->engine, "second", NULL);
  show (fixture);
  ear = ear_new (fixture);
  start (fixture);
  spin_until (count_told (ear, "running") == 2);
  hold (ear);
  jobs_board_set_title (fixture->board, "title");
  spin_until (g_async_queue_length (ear->held) > 0);
  finish (first);
  began = g_get_monotonic_time ();
  jobs_bus_monitor_flush_async (fixture->monitor, NULL, take_result, &result);
  hear (ear);
  g_assert_cmpuint (count_told (ear, "finished"), ==, 0);
  release (ear);
  spin_until (result != NULL);
  g_assert_true (jobs_bus_monitor_flush_finish (fixture->monitor, result, NULL));
  hear (ear);
  /* It is given up after half a second, which may be too short on a busy machine */
  if (g_get_monotonic_time () - began < G_TIME_SPAN_SECOND / 2)
    g_assert_cmpuint (count_told (ear, "finished"), ==, 1);
  cancel_all (fixture);
}

static void
test_slow_bus (Fixture      *fixture,
               gconstpointer data)
{
  JobsAction *first = add (fixture->engine, "first", NULL);
  g_autoptr (Ear) ear = NULL;
  gint64 told;
  guint n_told;

  g_test_summary ("A bus that takes its time is told of counts no more often than one that does not");

  add (fixture->engine, "second", NULL);
  show (fixture);
  ear = ear_new (fixture);
  start (fixture);
  spin_until (count_told (ear, "running") == 2);
  catch_up (ear);
  hold (ear);
  jobs_board_set_title (fixture->board, "title");
  told = g_get_monotonic_time ();
  spin_until (g_async_queue_length (ear->held) > 0);
  hear (ear);
  n_told = ear->n_of_run;
  finish (first);
  jobs_board_update (fixture->board);
  release (ear);
  catch_up (ear);
  if (g_get_monotonic_time () - told < G_TIME_SPAN_SECOND)
    g_assert_cmpuint (ear->n_of_run, ==, n_told);
  spin_until (count_told (ear, "finished") == 1);
  cancel_all (fixture);
}

static void
test_one_at_a_time (Fixture      *fixture,
                    gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  JobsAction *first = add (fixture->engine, "first", NULL);
  g_autoptr (Ear) ear = NULL;
  guint n_told;

  g_test_summary ("Nothing more is sent until what was has been taken, however many actions there are");

  for (guint i = 1; i < n; i++)
    jobs_action_requires (add (fixture->engine, "then", NULL), first);
  show (fixture);
  ear = ear_new (fixture);
  start (fixture);
  spin_until (test (first)->attempt != NULL);
  jobs_board_update (fixture->board);
  while (count_objects (ear) < 2)
    g_main_context_iteration (NULL, FALSE);

  /* Then no counts are about to be told, which would be waited for anyway */
  tell_title (fixture, ear);
  hold (ear);
  n_told = ear->n_of_actions;
  for (guint i = 1; i <= 3; i++)
    {
      jobs_attempt_report (test (first)->attempt, i / 4., NULL);
      spin_until (jobs_action_get_progress (first) == i / 4.);
      jobs_board_update (fixture->board);
    }
  hear (ear);
  g_assert_cmpuint (ear->n_of_actions, ==, n_told + 1);
  g_assert_cmpfloat (ear->progress, ==, 0.25);
  spin_until (g_async_queue_length (ear->held) > 0);
  release (ear);
  spin_until (ear->progress == 0.75);
  g_assert_cmpuint (ear->n_of_actions, ==, n_told + 2);
  cancel_all (fixture);
}

static void
test_not_asked (Fixture      *fixture,
                gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  gboolean has_all = n <= 500;
  JobsAction *first = add (fixture->engine, "first", NULL);
  JobsAction *second = add (fixture->engine, "second", NULL);
  g_autoptr (Ear) ear = NULL;

  g_test_summary ("Nobody is told of actions before somebody has asked for anything; then all is there");

  jobs_action_requires (second, first);
  for (guint i = 2; i < n; i++)
    jobs_action_requires (add (fixture->engine, "then", NULL), second);
  show (fixture);
  ear = ear_new (fixture);
  start (fixture);
  spin_until (count_told (ear, "running") == 1);
  finish (first);
  spin_until (jobs_action_get_state (second) == JOBS_STATE_RUNNING);
  jobs_board_update (fixture->board);
  spin_until (count_told (ear, "finished") == 1);
  hear (ear);
  g_assert_cmpuint (ear->n_of_actions, ==, 0);

  g_assert_cmpuint (count_objects (ear), ==, has_all ? n + 1 : 2);
  hear (ear);
  g_assert_cmpuint (ear->n_of_actions, ==, 0);

  jobs_attempt_report (test (second)->attempt, 0.5, NULL);
  spin_until (ear->progress == 0.5);
  cancel_all (fixture);
}

typedef struct
{
  const char *below;
  const char *interface;
  const char *method;
  const char *arguments;
  const char *answer;
} FirstCall;

static const FirstCall first_calls[] = {
  { "", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "()", "'running'" },
  { "/actions", "org.freedesktop.DBus.Introspectable", "Introspect", "()", "<node name=\"1\"/>" },
  { "/actions/1", "org.freedesktop.DBus.Introspectable", "Introspect", "()", "org.asyncjobs.Action1" },
  { "/actions/1", "org.freedesktop.DBus.Properties", "Get", "('org.asyncjobs.Action1', 'Label')", "'first'" },
  { "/actions/1", "org.freedesktop.DBus.Properties", "GetAll", "('org.asyncjobs.Action1',)", "'running'" },
  { "/actions/1", "org.asyncjobs.Action1", "Cancel", "()", "()" },
  { "/run", "org.freedesktop.DBus.Properties", "GetAll", "('org.asyncjobs.Run1',)", "'Complete': <true>" },
  { "/run", "org.asyncjobs.Run1", "CancelAction", "(uint32 1,)", "()" },
  { "/run", "org.asyncjobs.Run1", "Pause", "()", "()" },
};

static void
test_first_call (Fixture      *fixture,
                 gconstpointer data)
{
  const FirstCall *asked = data;
  g_autoptr (Ear) ear = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL;
  JobsAction *first = add (fixture->engine, "first", NULL);
  JobsAction *second = add (fixture->engine, "second", NULL);

  g_test_summary ("Whatever is asked for first, it is answered as if others had asked before");

  jobs_action_set_critical (first, FALSE);
  show (fixture);
  ear = ear_new (fixture);
  start (fixture);
  spin_until (count_told (ear, "running") == 2);
  reply = call (ear, asked->below, asked->interface, asked->method,
                g_variant_new_parsed (asked->arguments), &error);
  g_assert_no_error (error);
  answer = g_variant_print (reply, TRUE);
  if (strstr (answer, asked->answer) == NULL)
    g_error ("%s is not in %s", asked->answer, answer);
  hear (ear);
  g_assert_cmpuint (ear->n_of_actions, ==, 0);

  /* Now he is told of them */
  jobs_attempt_report (test (second)->attempt, 0.5, NULL);
  spin_until (ear->progress == 0.5);
  g_assert_cmpuint (count_objects (ear), ==, 3);
  cancel_all (fixture);
}

static void
test_changes_alone (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Ear) ear = NULL;
  g_autoptr (GVariant) reply = NULL, added = NULL, texts = NULL;
  g_autoptr (GError) error = NULL;
  gconstpointer bytes;
  gsize size;
  JobsAction *action = add (fixture->engine, "first", NULL);

  g_test_summary ("Who asks for changes gets them as answers, and nobody is told of actions because of that");

  show (fixture);
  ear = ear_new (fixture);
  start (fixture);
  spin_until (count_told (ear, "running") == 1);
  reply = call (ear, "/run", "org.asyncjobs.Run1", "GetChanges",
                g_variant_new_parsed ("(uint64 0, uint32 0, uint32 1)"), &error);
  g_assert_no_error (error);
  added = g_variant_get_child_value (reply, 3);
  texts = g_variant_get_child_value (added, 3);
  bytes = g_variant_get_fixed_array (texts, &size, 1);
  /* A path that is the label, and no details */
  g_assert_cmpmem (bytes, size, "\0first\0", sizeof "\0first\0");

  complete (action);
  spin_until (count_told (ear, "finished") == 1);
  hear (ear);
  g_assert_cmpuint (ear->n_of_actions, ==, 0);
  g_assert_cmpuint (count_objects (ear), ==, 2);
}

static void
test_no_such_action (Fixture      *fixture,
                     gconstpointer data)
{
  static const char *const names[] = { "/actions/3", "/actions/0", "/actions/01", "/actions/one", "/actions/1/1" };
  g_autoptr (Ear) ear = NULL;

  g_test_summary ("What is asked of an action that is not there is an error, the first time, too");

  add (fixture->engine, "first", NULL);
  show (fixture);
  ear = ear_new (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (call (ear, names[i], "org.asyncjobs.Action1", "Cancel", NULL, &error));
      g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
      g_clear_error (&error);
      g_assert_null (call (ear, names[i], "org.freedesktop.DBus.Properties", "GetAll",
                           g_variant_new ("(s)", "org.asyncjobs.Action1"), &error));
      g_assert_nonnull (error);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, function) g_test_add ("/jobs/bus-signals/" name, Fixture, data, setup, function, teardown)

  ADD ("flush-in-mid-run", NULL, test_flush_in_mid_run);
  ADD ("flush-while-taken", NULL, test_flush_while_taken);
  ADD ("slow-bus", NULL, test_slow_bus);
  ADD ("one-at-a-time/few", GUINT_TO_POINTER (20), test_one_at_a_time);
  ADD ("one-at-a-time/many", GUINT_TO_POINTER (600), test_one_at_a_time);
  ADD ("not-asked/few", GUINT_TO_POINTER (20), test_not_asked);
  ADD ("not-asked/many", GUINT_TO_POINTER (600), test_not_asked);
  for (guint i = 0; i < G_N_ELEMENTS (first_calls); i++)
    {
      const FirstCall *asked = &first_calls[i];
      g_autofree char *name =
        g_strdup_printf ("/jobs/bus-signals/first-call%s/%s", asked->below, asked->method);

      g_test_add (name, Fixture, asked, setup, test_first_call, teardown);
    }
  ADD ("changes-alone", NULL, test_changes_alone);
  ADD ("no-such-action", NULL, test_no_such_action);

  return g_test_run ();
}
