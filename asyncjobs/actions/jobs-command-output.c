/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "../nodes/jobs-spawn.h"
#include "jobs-command-output.h"
#include "jobs-types.h"

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

int
jobs_command_output_open (const char *filename,
                          GError    **error)
{
  /* Not to wait for the reader of a pipe, nor to become owner of a terminal */
  int fd = open (filename, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);

  if (fd < 0)
    set_output_error (filename, jobs_spawn_error_code (errno, JOBS_ERROR_OUTPUT), errno, error);

  return fd;
}

gboolean
jobs_command_output_write (int           fd,
                           const char   *filename,
                           const guint8 *data,
                           gsize         size,
                           GError      **error)
{
  while (size > 0)
    {
      gssize written = write (fd, data, size);

      if (written >= 0)
        {
          data += written;
          size -= written;
        }
      else if (errno != EINTR)
        {
          set_output_error (filename, JOBS_ERROR_OUTPUT, errno, error);
          return FALSE;
        }
    }

  return TRUE;
}

void
jobs_command_output_close (int         fd,
                           const char *filename,
                           GError    **error)
{
  if (close (fd) != 0 && *error == NULL)
    set_output_error (filename, JOBS_ERROR_OUTPUT, errno, error);
}
