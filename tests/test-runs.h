/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <asyncjobs.h>

/* What the tests of the engine have in common: an action that does as it is told, a
 * run to look at while it goes on, and the log. No test sleeps: it waits for what
 * is to happen, under a watchdog. */

/* The watchdog */

#define TEST_WATCHDOG_TIME 240 /* s; valgrind is slow */

static inline void
test_watchdog_cb (int signal_number)
{
  static const char message[] = "Bail out! nothing has happened for too long\n";

  if (write (STDOUT_FILENO, message, sizeof message - 1) < 0)
    _exit (2);
  abort ();
}

static inline void
test_watch (void)
{
  signal (SIGALRM, test_watchdog_cb);
  alarm (TEST_WATCHDOG_TIME);
}

#define test_wait(condition)                                                                       \
  G_STMT_START                                                                                     \
    while (!(condition))                                                                           \
      g_main_context_iteration (g_main_context_get_thread_default (), TRUE);                       \
  G_STMT_END

/* An action that does as it is told */

typedef enum
{
  PROBE_COMPLETE,
  PROBE_HOLD,       /* until the test says how it ends */
  PROBE_FAIL,       /* the attempt fails */
  PROBE_REFUSE,     /* start() fails */
  PROBE_SAY_NOTHING, /* likewise, without an error */
  PROBE_ABANDON,
  PROBE_STARVE,     /* the system has no room */
  PROBE_GIVE_UP,    /* cancels itself */
} ProbeWay;

typedef enum
{
  PROBE_STOP_DEFAULT,
  PROBE_STOP_IGNORE,
  PROBE_STOP_FAIL,
  PROBE_STOP_COMPLETE,
  PROBE_STOP_ERROR,
  PROBE_STOP_ABANDON,
} ProbeStop;

typedef struct _Probe Probe;

typedef void (*ProbeHook) (Probe      *probe,
                           const char *what,
                           gpointer    data);

struct _Probe
{
  JobsAction parent_instance;

  ProbeWay way;
  guint n_times; /* that it does so; then it completes. 0 = always */
  ProbeStop stop;
  ProbeWay clean_up;
  gboolean is_ready; /* says so at its start */
  GString *diary;    /* "a+" started, "a-" asked to stop, "a~" cleaned up */
  ProbeHook hook;
  gpointer data;

  guint n_starts;
  guint n_stops;
  guint n_clean_ups;
  JobsAttempt *attempt;  /* (owned) (nullable) */
  JobsAttempt *cleaning; /* (owned) (nullable) */
};

typedef struct
{
  JobsActionClass parent_class;
} ProbeClass;

#define PROBE(object) ((Probe *) (object))
#define ACTION(probe) JOBS_ACTION (probe)

GType probe_get_type (void);

G_DEFINE_TYPE (Probe, probe, JOBS_TYPE_ACTION)

static inline void
probe_write (Probe      *self,
             const char *what)
{
  const char *label = jobs_action_get_label (ACTION (self));

  if (self->diary != NULL)
    g_string_append_printf (self->diary, "%s%s", label != NULL ? label : "?", what);
  if (self->hook != NULL)
    self->hook (self, what, self->data);
}

static gboolean
probe_do (Probe        *self,
          ProbeWay      way,
          JobsAttempt  *attempt,
          JobsAttempt **held,
          GError      **error)
{
  g_autoptr (GError) failure = g_error_new_literal (JOBS_ERROR, JOBS_ERROR_FAILED, "broken");

  switch (way)
    {
    case PROBE_COMPLETE:
      jobs_attempt_complete (attempt, NULL);
      return TRUE;
    case PROBE_HOLD:
      g_set_object (held, attempt);
      return TRUE;
    case PROBE_FAIL:
      jobs_attempt_fail (attempt, failure);
      return TRUE;
    case PROBE_REFUSE:
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    case PROBE_SAY_NOTHING:
      return FALSE;
    case PROBE_ABANDON:
      return TRUE;
    case PROBE_STARVE:
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_NO_RESOURCES, "no room");
      return FALSE;
    case PROBE_GIVE_UP:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "given up");
      return FALSE;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
probe_start (JobsAction  *action,
             JobsAttempt *attempt,
             GError     **error)
{
  Probe *self = PROBE (action);
  ProbeWay way = self->way;

  if (self->n_times > 0 && self->n_starts >= self->n_times)
    way = PROBE_COMPLETE;
  self->n_starts++;
  probe_write (self, "+");
  if (self->is_ready)
    jobs_attempt_ready (attempt);

  return probe_do (self, way, attempt, &self->attempt, error);
}

static gboolean
probe_stop (JobsAction  *action,
            JobsAttempt *attempt,
            GError     **error)
{
  Probe *self = PROBE (action);
  GError *failure = NULL;

  self->n_stops++;
  probe_write (self, "-");
  if (jobs_attempt_has_outcome (attempt))
    return TRUE;

  switch (self->stop)
    {
    case PROBE_STOP_DEFAULT:
      g_clear_object (&self->attempt);
      return JOBS_ACTION_CLASS (probe_parent_class)->stop (action, attempt, error);
    case PROBE_STOP_IGNORE:
      return TRUE;
    case PROBE_STOP_FAIL:
      g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_FAILED, "cannot be stopped");
      return FALSE;
    case PROBE_STOP_COMPLETE:
      jobs_attempt_complete (attempt, NULL);
      g_clear_object (&self->attempt);
      return TRUE;
    case PROBE_STOP_ERROR:
      failure = g_error_new_literal (JOBS_ERROR, JOBS_ERROR_FAILED, "broke when stopped");
      jobs_attempt_fail (attempt, failure);
      g_error_free (failure);
      g_clear_object (&self->attempt);
      return TRUE;
    case PROBE_STOP_ABANDON:
      g_clear_object (&self->attempt);
      return TRUE;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
probe_clean_up (JobsAction  *action,
                JobsAttempt *attempt,
                GError     **error)
{
  Probe *self = PROBE (action);

  self->n_clean_ups++;
  probe_write (self, "~");

  return probe_do (self, self->clean_up, attempt, &self->cleaning, error);
}

static guint n_probes; /* that have not been finalized */

static void
probe_finalize (GObject *object)
{
  n_probes--;

  G_OBJECT_CLASS (probe_parent_class)->finalize (object);
}

static void
probe_dispose (GObject *object)
{
  Probe *self = PROBE (object);

  g_clear_object (&self->attempt);
  g_clear_object (&self->cleaning);

  G_OBJECT_CLASS (probe_parent_class)->dispose (object);
}

static void
probe_class_init (ProbeClass *klass)
{
  JobsActionClass *action_class = JOBS_ACTION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = probe_dispose;
  G_OBJECT_CLASS (klass)->finalize = probe_finalize;
  action_class->start = probe_start;
  action_class->stop = probe_stop;
  action_class->clean_up = probe_clean_up;
}

static void
probe_init (Probe *self)
{
  n_probes++;
}

G_GNUC_UNUSED static Probe *
probe_new (const char *label,
           ProbeWay    way,
           GString    *diary)
{
  Probe *self = g_object_new (probe_get_type (), "label", label, NULL);

  self->way = way;
  self->diary = diary;

  return self;
}

/* It, in an engine, which keeps the only reference */
G_GNUC_UNUSED static Probe *
probe_add (JobsEngine *engine,
           const char *label,
           ProbeWay    way,
           GString    *diary)
{
  g_autoptr (JobsAction) action = ACTION (probe_new (label, way, diary));

  g_assert_true (jobs_engine_add (engine, action));

  return PROBE (action);
}

G_GNUC_UNUSED static void
probe_complete (Probe *self)
{
  g_autoptr (JobsAttempt) attempt = g_steal_pointer (&self->attempt);

  jobs_attempt_complete (attempt, NULL);
}

G_GNUC_UNUSED static void
probe_fail (Probe *self)
{
  g_autoptr (JobsAttempt) attempt = g_steal_pointer (&self->attempt);

  jobs_attempt_fail_message (attempt, "broken");
}

/* An engine inside another one, which keeps the only reference */
G_GNUC_UNUSED static JobsEngine *
engine_add (JobsEngine *engine,
            const char *label)
{
  g_autoptr (JobsEngine) inner = jobs_engine_new ();

  jobs_action_set_label (JOBS_ACTION (inner), label);
  g_assert_true (jobs_engine_add (engine, JOBS_ACTION (inner)));

  return inner;
}

/* A run */

typedef struct
{
  gboolean is_done;
  gboolean success;
  GError *error;
} Run;

static inline void
run_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      user_data)
{
  Run *run = user_data;

  g_assert_false (run->is_done);
  run->is_done = TRUE;
  run->success = jobs_engine_orchestrate_finish (JOBS_ENGINE (object), result, &run->error);
  g_assert_true (run->success == (run->error == NULL));
}

G_GNUC_UNUSED static void
run_begin (Run        *run,
           JobsEngine *engine)
{
  *run = (Run) { FALSE, FALSE, NULL };
  jobs_engine_orchestrate_async (engine, NULL, run_cb, run);
}

G_GNUC_UNUSED static void
run_clear (Run *run)
{
  test_wait (run->is_done);
  g_clear_error (&run->error);
}

G_GNUC_UNUSED static void
run_assert_success (Run *run)
{
  test_wait (run->is_done);
  g_assert_no_error (run->error);
}

#define run_assert_error(run, domain, code)                                                        \
  G_STMT_START                                                                                     \
    {                                                                                              \
      test_wait ((run)->is_done);                                                                  \
      g_assert_error ((run)->error, domain, code);                                                 \
      g_clear_error (&(run)->error);                                                               \
    }                                                                                              \
  G_STMT_END

#define assert_state(action, state)                                                                \
  g_assert_cmpstr (jobs_state_get_nick (jobs_action_get_state (JOBS_ACTION (action))), ==,         \
                   jobs_state_get_nick (JOBS_STATE_##state))

#define assert_diary(diary, text)                                                                  \
  G_STMT_START                                                                                     \
    {                                                                                              \
      g_assert_cmpstr ((diary)->str, ==, text);                                                    \
      g_string_set_size (diary, 0);                                                                \
    }                                                                                              \
  G_STMT_END

/* Goes on until nothing is ready any more */
G_GNUC_UNUSED static void
test_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* The log: what a test expects, and nothing else of the library's, is not fatal */

static const char *test_expected_log;
static guint test_n_logged; /* atomic: any thread may log */

static inline GLogWriterOutput
test_writer_cb (GLogLevelFlags   level,
                const GLogField *fields,
                gsize            n_fields,
                gpointer         data)
{
  const char *expected = g_atomic_pointer_get (&test_expected_log);

  for (gsize i = 0; expected != NULL && i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && strstr (fields[i].value, expected) != NULL)
      {
        g_atomic_int_inc (&test_n_logged);
        return G_LOG_WRITER_HANDLED;
      }

  return g_log_writer_default (level, fields, n_fields, data);
}

G_GNUC_UNUSED static void
test_expect_log (const char *text)
{
  g_atomic_pointer_set (&test_expected_log, text);
  g_atomic_int_set (&test_n_logged, 0);
}

G_GNUC_UNUSED static void
test_assert_logged (guint n)
{
  g_assert_cmpuint (g_atomic_int_get (&test_n_logged), ==, n);
  g_atomic_pointer_set (&test_expected_log, NULL);
}

G_GNUC_UNUSED static void
test_start (int    *argc,
            char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_log_set_writer_func (test_writer_cb, NULL, NULL);
  test_watch ();
}

static inline void
require (gpointer      action,
         gpointer      other,
         JobsCondition condition)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (jobs_action_requires_full (action, other, condition, &error));
  g_assert_no_error (error);
}
