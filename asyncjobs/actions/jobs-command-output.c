/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "../nodes/jobs-spawn.h"
#include "jobs-command-action.h"
#include "jobs-command-output.h"

static void
set_output_error (const char *filename,
                  int         code,
                  int         reason,
                  GError    **error)
{
  g_set_error (error, JOBS_ERROR, code,
               /* Translators: a file name, the reason */
               _("Cannot write the output to “%s”: %s; make room or name another file"),
               filename, g_strerror (reason));
}

gboolean
jobs_command_output_open (JobsCommandOutput *self,
                          const char        *filename,
                          gboolean           capture,
                          GError           **error)
{
  if (filename != NULL)
    {
      /* Not to wait for the reader of a pipe, nor to become owner of a terminal */
      self->fd = open (filename, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
      if (self->fd < 0)
        {
          set_output_error (filename, jobs_spawn_error_code (errno, JOBS_ERROR_OUTPUT), errno, error);
          return FALSE;
        }
      self->filename = g_strdup (filename);
    }
  if (capture)
    self->captured = g_byte_array_new ();

  return TRUE;
}

static gboolean
write_all (JobsCommandOutput *self,
           const guint8      *data,
           gsize              size,
           GError           **error)
{
  while (size > 0)
    {
      gssize written = write (self->fd, data, size);

      if (written >= 0)
        {
          data += written;
          size -= written;
        }
      else if (errno != EINTR)
        {
          set_output_error (self->filename, JOBS_ERROR_OUTPUT, errno, error);
          return FALSE;
        }
    }

  return TRUE;
}

gboolean
jobs_command_output_take (JobsCommandOutput *self,
                          guint              stream,
                          const guint8      *data,
                          gsize              size,
                          GError           **error)
{
  if (self->fd >= 0 && !write_all (self, data, size, error))
    return FALSE;
  if (self->captured == NULL || stream != STDOUT_FILENO)
    return TRUE;

  if (self->captured->len + size > JOBS_COMMAND_CAPTURE_MAX)
    {
      g_set_error (error, JOBS_ERROR, JOBS_ERROR_OUTPUT,
                   _("The output cannot be captured: it is longer than %d bytes; "
                     "write it to a file"),
                   JOBS_COMMAND_CAPTURE_MAX);
      return FALSE;
    }
  g_byte_array_append (self->captured, data, size);

  return TRUE;
}

void
jobs_command_output_close (JobsCommandOutput *self,
                           GError           **error)
{
  if (self->fd >= 0 && close (self->fd) != 0 && *error == NULL)
    set_output_error (self->filename, JOBS_ERROR_OUTPUT, errno, error);
  self->fd = -1;
}

void
jobs_command_output_clear (JobsCommandOutput *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_clear_pointer (&self->filename, g_free);
  g_clear_pointer (&self->captured, g_byte_array_unref);
}
