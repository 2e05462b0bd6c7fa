/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "nodes/jobs-local-node.h"
#include "nodes/jobs-process-private.h"
#include "processes.h"

/* One process, from its begin to what became of it */
typedef struct
{
  GMainContext *context;
  JobsProcess  *process;
  GByteArray   *output[2];
  int           wait_status;
  GError       *error;
  gboolean      ended;
  gboolean      nest; /* run the loop until the end, inside the first output */
} Course;

/* What commands know of the fixture */
static char *variables[2];

static inline void
output_cb (JobsProcess  *process,
           guint         stream,
           const guint8 *data,
           gsize         size,
           gpointer      owner)
{
  Course *course = owner;

  g_assert_true (process == course->process);
  g_assert_false (course->ended);
  g_assert_cmpuint (size, <=, 64 * 1024);
  g_byte_array_append (course->output[stream - 1], data, size);
}

static inline void
ended_cb (JobsProcess  *process,
          int           wait_status,
          const GError *error,
          gpointer      owner)
{
  Course *course = owner;

  g_assert_false (course->ended);
  course->ended = TRUE;
  course->wait_status = wait_status;
  course->error = error != NULL ? g_error_copy (error) : NULL;
}

static const JobsProcessFuncs funcs = { output_cb, ended_cb };

static inline void
course_init (Course *self)
{
  *self = (Course) { 0 };
  self->context = g_main_context_default ();
  self->output[0] = g_byte_array_new ();
  self->output[1] = g_byte_array_new ();
}

static inline gboolean
course_begin (Course                 *self,
              const char *const      *argv,
              const char *const      *environment,
              const char             *directory,
              GBytes                 *input,
              const JobsProcessFuncs *callbacks,
              GError                **error)
{
  self->process = jobs_process_new (jobs_local_node_get_default (), self->context, argv,
                                    environment, directory, input, callbacks, self);

  return jobs_process_begin (self->process, error);
}

static inline void
course_begin_shell (Course     *self,
                    const char *command)
{
  const char *argv[] = { "/bin/sh", "-c", command, NULL };
  GError *error = NULL;
  gboolean ok = course_begin (self, argv, (const char *const *) variables, NULL, NULL, &funcs,
                              &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

static inline void
course_wait (Course *self)
{
  while (!self->ended)
    g_main_context_iteration (self->context, TRUE);
  g_assert_true (jobs_process_has_ended (self->process));
}

static inline const char *
course_text (Course *self,
             guint   stream)
{
  g_byte_array_append (self->output[stream - 1], (const guint8 *) "", 1);
  g_byte_array_set_size (self->output[stream - 1], self->output[stream - 1]->len - 1);

  return (const char *) self->output[stream - 1]->data;
}

static inline void
course_clear (Course *self)
{
  if (self->process != NULL)
    g_assert_finalize_object (self->process);
  g_clear_pointer (&self->output[0], g_byte_array_unref);
  g_clear_pointer (&self->output[1], g_byte_array_unref);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Course, course_clear)
