/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <string.h>
#include <unistd.h>

#include <asyncjobs.h>

/* What the tests of how things live and end have in common: an action that does
 * what it is told, runs that are waited for, and warnings that are expected. */

typedef gboolean (*TestHook) (JobsAction  *action,
                              JobsAttempt *attempt,
                              GError     **error);

/* An action that keeps its attempt until it is told what to do with it, or that
 * has hooks */
#define TEST_TYPE_ACTION (test_action_get_type ())
G_DECLARE_DERIVABLE_TYPE (TestAction, test_action, TEST, ACTION, JobsAction)

struct _TestActionClass
{
  JobsActionClass parent_class;
};

typedef struct
{
  TestHook     start;
  TestHook     stop;
  TestHook     clean_up;
  gpointer     data;
  JobsAttempt *attempt; /* (owned) (nullable) */
  JobsAttempt *cleaning; /* (owned) (nullable) */
  guint        n_starts;
  guint        n_stops;
  guint        n_clean_ups;
} TestActionPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (TestAction, test_action, JOBS_TYPE_ACTION)

static inline TestActionPrivate *
test (gpointer action)
{
  return test_action_get_instance_private (TEST_ACTION (action));
}

static gboolean
test_action_start (JobsAction  *action,
                   JobsAttempt *attempt,
                   GError     **error)
{
  TestActionPrivate *self = test (action);

  self->n_starts++;
  if (self->start != NULL)
    return self->start (action, attempt, error);
  g_set_object (&self->attempt, attempt);

  return TRUE;
}

static gboolean
test_action_stop (JobsAction  *action,
                  JobsAttempt *attempt,
                  GError     **error)
{
  TestActionPrivate *self = test (action);

  self->n_stops++;
  if (self->stop != NULL)
    return self->stop (action, attempt, error);

  return JOBS_ACTION_CLASS (test_action_parent_class)->stop (action, attempt, error);
}

static void
test_action_dispose (GObject *object)
{
  g_clear_object (&test (object)->attempt);
  g_clear_object (&test (object)->cleaning);

  G_OBJECT_CLASS (test_action_parent_class)->dispose (object);
}

static void
test_action_class_init (TestActionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = test_action_dispose;
  JOBS_ACTION_CLASS (klass)->start = test_action_start;
  JOBS_ACTION_CLASS (klass)->stop = test_action_stop;
}

static void
test_action_init (TestAction *self)
{
}

/* One that cleans up besides */
#define TEST_TYPE_TIDY (test_tidy_get_type ())
G_DECLARE_FINAL_TYPE (TestTidy, test_tidy, TEST, TIDY, TestAction)

struct _TestTidy
{
  TestAction parent_instance;
};

G_DEFINE_FINAL_TYPE (TestTidy, test_tidy, TEST_TYPE_ACTION)

static gboolean
test_tidy_clean_up (JobsAction  *action,
                    JobsAttempt *attempt,
                    GError     **error)
{
  TestActionPrivate *self = test (action);

  self->n_clean_ups++;
  if (self->clean_up != NULL)
    return self->clean_up (action, attempt, error);
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static void
test_tidy_class_init (TestTidyClass *klass)
{
  JOBS_ACTION_CLASS (klass)->clean_up = test_tidy_clean_up;
}

static void
test_tidy_init (TestTidy *self)
{
}

/* Hooks */

static inline gboolean
succeed (JobsAction  *action,
         JobsAttempt *attempt,
         GError     **error)
{
  jobs_attempt_complete (attempt, NULL);

  return TRUE;
}

static inline gboolean
fail (JobsAction  *action,
      JobsAttempt *attempt,
      GError     **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no luck");

  return FALSE;
}

/* As a stop: it does not end */
static inline gboolean
ignore (JobsAction  *action,
        JobsAttempt *attempt,
        GError     **error)
{
  return TRUE;
}

static inline gboolean
keep_cleaning (JobsAction  *action,
               JobsAttempt *attempt,
               GError     **error)
{
  g_set_object (&test (action)->cleaning, attempt);

  return TRUE;
}

/* Owned by the engine where there is one, else by the caller */
static inline JobsAction *
add_of_type (JobsEngine *engine,
             GType       type,
             const char *label,
             TestHook    start)
{
  JobsAction *action = g_object_new (type, "label", label, NULL);

  test (action)->start = start;
  if (engine != NULL)
    {
      g_assert_true (jobs_engine_add (engine, action));
      g_object_unref (action);
    }

  return action;
}

static inline JobsAction *
add (JobsEngine *engine,
     const char *label,
     TestHook    start)
{
  return add_of_type (engine, TEST_TYPE_ACTION, label, start);
}

static inline JobsAction *
add_tidy (JobsEngine *engine,
          const char *label,
          TestHook    start)
{
  return add_of_type (engine, TEST_TYPE_TIDY, label, start);
}

static inline JobsAction *
add_callback (JobsEngine  *engine,
              const char  *label,
              JobsCallback callback,
              gpointer     data)
{
  JobsAction *action = jobs_callback_action_new (label, callback, data, NULL);

  if (engine != NULL)
    {
      g_assert_true (jobs_engine_add (engine, action));
      g_object_unref (action);
    }

  return action;
}

static inline JobsEngine *
add_engine (JobsEngine *engine,
            const char *label)
{
  JobsEngine *inner = jobs_engine_new ();

  jobs_action_set_label (JOBS_ACTION (inner), label);
  g_assert_true (jobs_engine_add (engine, JOBS_ACTION (inner)));
  g_object_unref (inner);

  return inner;
}

/* What an attempt that is kept comes to */

static inline void
complete (JobsAction *action)
{
  g_autoptr (JobsAttempt) attempt = g_steal_pointer (&test (action)->attempt);

  g_assert_nonnull (attempt);
  jobs_attempt_complete (attempt, NULL);
}

static inline void
clean (JobsAction *action)
{
  g_autoptr (JobsAttempt) attempt = g_steal_pointer (&test (action)->cleaning);

  g_assert_nonnull (attempt);
  jobs_attempt_complete (attempt, NULL);
}

/* Waiting */

#define spin_until(condition) \
  G_STMT_START { \
    while (!(condition)) \
      g_main_context_iteration (NULL, TRUE); \
  } G_STMT_END

static inline void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

typedef struct
{
  GAsyncResult *result;
} Run;

static inline void
run_cb (GObject      *object,
        GAsyncResult *result,
        gpointer      data)
{
  Run *run = data;

  g_assert_null (run->result);
  run->result = g_object_ref (result);
}

static inline void
begin (Run          *run,
       JobsEngine   *engine,
       GCancellable *cancellable)
{
  run->result = NULL;
  jobs_engine_orchestrate_async (engine, cancellable, run_cb, run);
}

static inline gboolean
end (Run        *run,
     JobsEngine *engine,
     GError    **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  spin_until (run->result != NULL);
  result = g_steal_pointer (&run->result);

  return jobs_engine_orchestrate_finish (engine, result, error);
}

static inline void
end_well (Run        *run,
          JobsEngine *engine)
{
  GError *error = NULL;

  g_assert_true (end (run, engine, &error));
  g_assert_no_error (error);
}

#define end_badly(run, engine, domain, code) \
  G_STMT_START { \
    GError *the_error = NULL; \
    g_assert_false (end (run, engine, &the_error)); \
    g_assert_error (the_error, domain, code); \
    g_error_free (the_error); \
  } G_STMT_END

#define run_well(engine) \
  G_STMT_START { \
    Run the_run; \
    begin (&the_run, engine, NULL); \
    end_well (&the_run, engine); \
  } G_STMT_END

#define run_badly(engine, domain, code) \
  G_STMT_START { \
    Run the_run; \
    begin (&the_run, engine, NULL); \
    end_badly (&the_run, engine, domain, code); \
  } G_STMT_END

#define assert_state(action, state) \
  g_assert_cmpstr (jobs_state_get_nick (jobs_action_get_state (JOBS_ACTION (action))), ==, \
                   jobs_state_get_nick (state))

#define assert_text(text, expected) \
  G_STMT_START { \
    char *the_text = (text); \
    g_assert_cmpstr (the_text, ==, expected); \
    g_free (the_text); \
  } G_STMT_END

/* What happened, in order */

static GString *diary;

static inline void
note (const char *text)
{
  g_string_append (diary, text);
  g_string_append_c (diary, ' ');
}

#define assert_diary(expected) \
  G_STMT_START { \
    g_assert_cmpstr (diary->str, ==, expected); \
    g_string_truncate (diary, 0); \
  } G_STMT_END

/* Warnings of the library are structured: g_test_expect_message() sees none of
 * them */

static GQueue expected_logs = G_QUEUE_INIT;
static GMutex expected_logs_lock;

static inline GLogWriterOutput
test_log_writer (GLogLevelFlags   level,
                 const GLogField *fields,
                 gsize            n_fields,
                 gpointer         data)
{
  const char *message = NULL;
  g_autofree char *expected = NULL;

  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_strcmp0 (fields[i].key, "MESSAGE") == 0)
        message = fields[i].value;
      if (g_strcmp0 (fields[i].key, "GLIB_OLD_LOG_API") == 0)
        level = G_LOG_LEVEL_DEBUG;
    }

  if (message != NULL && level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE))
    {
      g_mutex_lock (&expected_logs_lock);
      expected = g_queue_pop_head (&expected_logs);
      g_mutex_unlock (&expected_logs_lock);
    }
  if (expected != NULL && strstr (message, expected) != NULL)
    return G_LOG_WRITER_HANDLED;

  return g_log_writer_default (level, fields, n_fields, data);
}

/* The next warning, critical or message of the library must say this */
static inline void
expect_log (const char *part)
{
  g_mutex_lock (&expected_logs_lock);
  g_queue_push_tail (&expected_logs, g_strdup (part));
  g_mutex_unlock (&expected_logs_lock);
}

static inline void
assert_logged (void)
{
  g_mutex_lock (&expected_logs_lock);
  g_assert_cmpuint (g_queue_get_length (&expected_logs), ==, 0);
  g_mutex_unlock (&expected_logs_lock);
}

static inline void
test_setup (int    *argc,
            char ***argv)
{
  /* What hangs is to end here rather than never; valgrind is slow */
  alarm (500);
  g_test_init (argc, argv, NULL);
  g_log_set_writer_func (test_log_writer, NULL, NULL);
  diary = g_string_new (NULL);
}

static inline int
test_run (void)
{
  int status = g_test_run ();

  assert_logged ();
  g_string_free (diary, TRUE);

  return status;
}
