/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>
#include <string.h>

#include "processes.h"

/* An engine, and a folder that commands know as $T */
typedef struct
{
  JobsEngine *engine;
  char       *directory;
  int         n_descriptors;
} Fixture;

static inline void
setup (Fixture      *fixture,
       gconstpointer data)
{
  alarm (WATCHDOG);
  fixture->directory = g_dir_make_tmp ("asyncjobs-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->engine = jobs_engine_new ();
  /* What GLib opens once and keeps is no leak */
  g_assert_true (jobs_engine_orchestrate (fixture->engine, NULL, NULL));
  fixture->n_descriptors = count_descriptors ();
}

static inline void
teardown (Fixture      *fixture,
          gconstpointer data)
{
  g_assert_finalize_object (fixture->engine);
  assert_nothing_left (fixture->n_descriptors);
  remove_folder (fixture->directory);
  alarm (0);
}

static inline char *
path_of (Fixture    *fixture,
         const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

static inline gboolean
has_file (Fixture    *fixture,
          const char *name)
{
  g_autofree char *path = path_of (fixture, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static inline void
assert_file (Fixture    *fixture,
             const char *name,
             const char *expected)
{
  g_autofree char *path = path_of (fixture, name);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static inline JobsCommandAction *
add_shell (Fixture    *fixture,
           const char *label,
           const char *command)
{
  g_autoptr (JobsAction) action = jobs_command_action_new_shell (label, NULL, command);

  jobs_command_action_setenv (JOBS_COMMAND_ACTION (action), "T", fixture->directory);
  g_assert_true (jobs_engine_add (fixture->engine, action));

  return JOBS_COMMAND_ACTION (action);
}

static inline JobsCommandAction *
add_capture (Fixture    *fixture,
             const char *command)
{
  JobsCommandAction *action = add_shell (fixture, NULL, command);

  jobs_command_action_set_capture (action, TRUE);

  return action;
}

static inline gboolean
run (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = jobs_engine_orchestrate (fixture->engine, NULL, &error);

  g_assert_true (ok == (error == NULL));

  return ok;
}

static inline JobsState
state_of (JobsCommandAction *action)
{
  return jobs_action_get_state (JOBS_ACTION (action));
}

static inline void
assert_text (JobsCommandAction *action,
             const char        *expected)
{
  const GValue *value = jobs_action_get_result (JOBS_ACTION (action));

  g_assert_no_error (jobs_action_get_error (JOBS_ACTION (action)));
  g_assert_cmpint (state_of (action), ==, JOBS_STATE_FINISHED);
  g_assert_nonnull (value);
  g_assert_true (G_VALUE_HOLDS_STRING (value));
  g_assert_cmpstr (g_value_get_string (value), ==, expected);
}

static inline void
assert_failed (JobsCommandAction *action,
               JobsError          code,
               const char        *text)
{
  const GError *error = jobs_action_get_error (JOBS_ACTION (action));

  g_assert_cmpint (state_of (action), ==, JOBS_STATE_FAILED);
  g_assert_error (error, JOBS_ERROR, (int) code);
  if (strstr (error->message, text) == NULL)
    g_error ("No “%s” in “%s”", text, error->message);
}

#define add(path, func) g_test_add ((path), Fixture, NULL, setup, (func), teardown)
