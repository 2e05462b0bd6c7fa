/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "../nodes/jobs-timer.h"

#include "jobs-picture-private.h"

/* By the program dot and not by libgvc, which it is made of: that one keeps its state in
 * variables of its own, serves one thread only, cannot be interrupted, and takes those
 * with it who call it when it crashes. A process can be ended */

/* Boxes and arrows. Its time grows with the square and more: so many take it half a
 * minute, and nobody could read the picture */
#define MAX_PARTS 4000

/* s */
#define PATIENCE 60

typedef struct
{
  GSubprocess *dot;
  GSource *deadline;
  GCancellable *cancellable; /* (nullable) */
  gulong cancelled_id;
  gboolean is_late;
} Rendering;

static void
rendering_free (gpointer data)
{
  Rendering *self = data;

  jobs_timer_clear (&self->deadline);
  g_clear_object (&self->dot);
  g_clear_object (&self->cancellable);
  g_free (self);
}

static gboolean
check_parts (JobsPicture *self,
             GError     **error)
{
  guint n_parts = self->n_items + self->edges->len;

  if (n_parts <= MAX_PARTS)
    return TRUE;

  g_set_error (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED,
               /* Translators: the first number counts actions and requirements; sfdp and -Tsvg
                * stay as they are */
               _("%u actions and requirements are too many to be drawn by dot, which would take "
                 "very long for more than %d; write the picture in the format dot, and draw it "
                 "with Graphviz's sfdp -Tsvg"),
               n_parts, MAX_PARTS);
  return FALSE;
}

static char *
find_dot (GError **error)
{
  char *program = g_find_program_in_path ("dot");

  if (program == NULL)
    g_set_error_literal (error, JOBS_ERROR, JOBS_ERROR_UNSUPPORTED,
                         _("Pictures are drawn by the program dot of Graphviz, which is not "
                           "there: install the package graphviz"));

  return program;
}

/**
 * jobs_picture_can_render:
 * @self: a picture
 * @error: return location for an error
 *
 * Whether [method@Picture.render] can be expected to do its work: Graphviz's `dot` is
 * there, and the picture is not too big for it.
 *
 * The error is %JOBS_ERROR_UNSUPPORTED, and says what can be done.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 1.0
 */
gboolean
jobs_picture_can_render (JobsPicture *self,
                         GError     **error)
{
  g_autofree char *program = NULL;

  g_return_val_if_fail (JOBS_IS_PICTURE (self), FALSE);

  program = find_dot (error);

  return program != NULL && check_parts (self, error);
}

static gboolean
deadline_cb (gpointer data)
{
  Rendering *self = data;

  self->is_late = TRUE;
  g_subprocess_force_exit (self->dot);

  return G_SOURCE_REMOVE;
}

/* At once: whoever gives up may not look after our context any more, and dot would wait
 * for ever for somebody to read what it has drawn. In whichever thread */
static void
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  g_subprocess_force_exit (data);
}

/* What it said first, of what is wrong */
static void
fail (GTask  *task,
      GBytes *complaints)
{
  gsize size = 0;
  const char *text = complaints != NULL ? g_bytes_get_data (complaints, &size) : NULL;
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", (gssize) size);

  valid[strcspn (valid, "\n")] = '\0';
  g_task_return_new_error (task, JOBS_ERROR, JOBS_ERROR_FAILED,
                           _("The program dot of Graphviz failed: %s"), valid);
}

static void
communicate_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Rendering *self = g_task_get_task_data (task);
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GBytes) complaints = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  ok = g_subprocess_communicate_finish (self->dot, result, &output, &complaints, &error);
  g_source_destroy (self->deadline);
  g_cancellable_disconnect (self->cancellable, self->cancelled_id);

  if (!ok)
    {
      g_subprocess_force_exit (self->dot);
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else if (self->is_late)
    g_task_return_new_error (task, JOBS_ERROR, JOBS_ERROR_TIMED_OUT,
                             _("The program dot of Graphviz did not end within %d seconds; write the "
                               "picture in the format dot, and draw it with Graphviz's sfdp -Tsvg"),
                             PATIENCE);
  else if (!g_subprocess_get_successful (self->dot))
    fail (task, complaints);
  else
    g_task_return_pointer (task, g_steal_pointer (&output), (GDestroyNotify) g_bytes_unref);
}

static gboolean
write_all (int         fd,
           const char *text,
           gsize       size)
{
  while (size > 0)
    {
      gssize n = write (fd, text, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      text += n;
      size -= (gsize) n;
    }

  return TRUE;
}

/* What dot is to read: a file, that has no name any more. A pipe to a dot that fails
 * before it has read all would raise SIGPIPE, which is the program's to handle, not ours */
static int
open_text (JobsPicture *self,
           GError     **error)
{
  g_autofree char *text = jobs_picture_to_dot (self);
  g_autofree char *name = NULL;
  int fd = g_file_open_tmp ("jobs-XXXXXX.dot", &name, error);

  if (fd < 0)
    return -1;

  g_unlink (name);
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  if (!write_all (fd, text, strlen (text)) || lseek (fd, 0, SEEK_SET) != 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                   _("What is to be drawn cannot be written to a temporary file: %s"),
                   g_strerror (saved_errno));
      close (fd);
      return -1;
    }

  return fd;
}

static GSubprocess *
spawn_dot (JobsPicture *self,
           const char  *format,
           GError     **error)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autofree char *program = find_dot (error);
  g_autofree char *option = g_strconcat ("-T", format, NULL);
  int fd;

  if (program == NULL || !check_parts (self, error))
    return NULL;
  fd = open_text (self, error);
  if (fd < 0)
    return NULL;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_take_stdin_fd (launcher, fd);

  return g_subprocess_launcher_spawn (launcher, error, program, option, NULL);
}

static gboolean
is_format (const char *format)
{
  return *format != '\0' && format[strspn (format, G_CSET_a_2_z G_CSET_DIGITS)] == '\0';
}

/**
 * jobs_picture_render_async:
 * @self: a picture
 * @format: a format of Graphviz's `dot`: “svg”, “png”, “pdf”; lower-case letters and
 *   digits
 * @cancellable: (nullable): to give up
 * @callback: called when it has ended
 * @user_data: for @callback
 *
 * Draws the picture without blocking; see [method@Picture.render].
 *
 * What is drawn is what the picture shows when this is called.
 *
 * Since: 1.0
 */
void
jobs_picture_render_async (JobsPicture        *self,
                           const char         *format,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  Rendering *rendering;
  GError *error = NULL;

  g_return_if_fail (JOBS_IS_PICTURE (self));
  g_return_if_fail (format != NULL && is_format (format));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, jobs_picture_render_async);

  rendering = g_new0 (Rendering, 1);
  g_task_set_task_data (task, rendering, rendering_free);

  rendering->dot = spawn_dot (self, format, &error);
  if (rendering->dot == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  rendering->deadline = g_timeout_source_new_seconds (PATIENCE);
  g_source_set_callback (rendering->deadline, deadline_cb, rendering, NULL);
  g_source_attach (rendering->deadline, g_main_context_get_thread_default ());

  if (cancellable != NULL)
    {
      rendering->cancellable = g_object_ref (cancellable);
      rendering->cancelled_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                       g_object_ref (rendering->dot), g_object_unref);
    }

  g_subprocess_communicate_async (rendering->dot, NULL, cancellable, communicate_cb,
                                  g_steal_pointer (&task));
}

/**
 * jobs_picture_render_finish:
 * @self: a picture
 * @result: what the callback was given
 * @error: return location for an error
 *
 * What became of [method@Picture.render_async].
 *
 * Returns: (transfer full): the picture, or %NULL with an error as
 *   [method@Picture.render] has it
 *
 * Since: 1.0
 */
GBytes *
jobs_picture_render_finish (JobsPicture  *self,
                            GAsyncResult *result,
                            GError      **error)
{
  g_return_val_if_fail (JOBS_IS_PICTURE (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
render_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/**
 * jobs_picture_render:
 * @self: a picture
 * @format: a format of Graphviz's `dot`: “svg”, “png”, “pdf”; lower-case letters and
 *   digits
 * @cancellable: (nullable): to give up
 * @error: return location for an error
 *
 * Draws the picture with the program `dot` of Graphviz, and blocks meanwhile; no main
 * context of the caller is iterated.
 *
 * Returns: (transfer full): the picture, or %NULL with an error:
 *   %JOBS_ERROR_UNSUPPORTED where [method@Picture.can_render] would say so,
 *   %JOBS_ERROR_FAILED where `dot` failed, as it does where it does not know the format,
 *   %JOBS_ERROR_TIMED_OUT where it took more than a minute, %G_IO_ERROR_CANCELLED, or
 *   that no process can be started
 *
 * Since: 1.0
 */
GBytes *
jobs_picture_render (JobsPicture  *self,
                     const char   *format,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (JOBS_IS_PICTURE (self), NULL);
  g_return_val_if_fail (format != NULL && is_format (format), NULL);

  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  jobs_picture_render_async (self, format, cancellable, render_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  return jobs_picture_render_finish (self, result, error);
}
