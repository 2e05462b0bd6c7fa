/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

#include "jobs-deadlines.h"

G_BEGIN_DECLS

/* An action that does what its plan says, a word for each attempt; the last one
 * serves for all further ones:
 *
 * ok      ends well at once
 * fail    fails at once: "broken"
 * quit    ends at once as cancelled
 * full    finds no room to start
 * drop    forgets its attempt
 * hang    goes on until it is told to end, or asked to: then as cancelled
 * ready   says that it is ready, and hangs
 * win     hangs; asked to end, it ends well
 * lose    hangs; asked to end, it fails: "broken"
 * stay    hangs; asked to end, it goes on
 *
 * The log has "a" where the action a starts, "a!" where it is asked to end, and
 * "a." where it is told to: "a b a! a." */
#define TEST_TYPE_ACTION (test_action_get_type ())
G_DECLARE_FINAL_TYPE (TestAction, test_action, TEST, ACTION, JobsAction)

JobsAction *test_action_new      (const char *label,
                                  const char *plan);
void        test_action_set_plan (JobsAction *action,
                                  const char *plan);
/* Of one that goes on */
void        test_action_complete (JobsAction *action);
void        test_action_fail     (JobsAction *action);
void        test_action_ready    (JobsAction *action);

/* An engine for one test, which may take 20 s from here on; the log is empty then */
JobsEngine *test_engine_new      (JobsOnFailure on_failure);
void        test_watch           (guint seconds);
/* What was added is borrowed from the engine */
JobsAction *test_add             (JobsEngine *engine,
                                  const char *label,
                                  const char *plan);
JobsAction *test_add_behind      (JobsEngine   *engine,
                                  const char   *label,
                                  const char   *plan,
                                  JobsAction   *other,
                                  JobsCondition condition);
JobsAction *test_add_callback    (JobsEngine  *engine,
                                  const char  *label,
                                  JobsCallback callback,
                                  gpointer     user_data);
JobsEngine *test_add_engine      (JobsEngine   *engine,
                                  const char   *label,
                                  JobsOnFailure on_failure);
void        test_require         (JobsAction   *action,
                                  JobsAction   *other,
                                  JobsCondition condition);

/* A run in the default main context: it begins, does all that takes no time, and
 * ends. A test waits for the end of each that it began */
void        test_begin           (JobsEngine *engine);
void        test_settle          (void);
void        test_wait_state      (JobsAction *action,
                                  JobsState   state);
/* As if the time were up: of a run, of an attempt, of a retry delay; else it would
 * depend on the machine what has happened by then */
void        test_time_out        (JobsAction *action);
void        test_hurry           (JobsDeadline *deadline);
gboolean    test_end             (JobsEngine *engine,
                                  GError    **error);
void        test_end_well        (JobsEngine *engine);
void        test_end_badly       (JobsEngine *engine,
                                  GQuark      domain,
                                  int         code,
                                  const char *message);

/* "a=finished b=skipped": all in the engine, in their order */
char       *test_dup_states      (JobsEngine *engine);
/* Since the last call */
char       *test_take_log        (void);

#define test_assert_states(engine, expected)                  \
  G_STMT_START                                                \
    {                                                         \
      g_autofree char *states_here = test_dup_states (engine); \
      g_assert_cmpstr (states_here, ==, expected);            \
    }                                                         \
  G_STMT_END

#define test_assert_log(expected)                  \
  G_STMT_START                                     \
    {                                              \
      g_autofree char *log_here = test_take_log (); \
      g_assert_cmpstr (log_here, ==, expected);    \
    }                                              \
  G_STMT_END

#define test_assert_why(engine, expected)                    \
  G_STMT_START                                               \
    {                                                        \
      g_autofree char *why_here = jobs_engine_why (engine);   \
      g_assert_cmpstr (why_here, ==, expected);              \
    }                                                        \
  G_STMT_END

/* No timeout and no delay waits in the default context */
void test_assert_nothing_armed (void);

G_END_DECLS
