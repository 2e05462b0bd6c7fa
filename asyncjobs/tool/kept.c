/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "kept.h"
#include "stream.h"

/* Of all together, however many there are. Beyond it each keeps no more than a
 * piece that is worth a write */
#define IN_MEMORY_MAX (8 * 1024 * 1024)
#define PIECE (64 * 1024)

struct _Kept
{
  GString *text;
  gsize counted;    /* of text, in in_memory */
  gsize limit;      /* from where on it is to go to the file */
  int fd;
};

static gsize in_memory;

static void
count (Kept *self)
{
  gsize size = self->text != NULL ? self->text->allocated_len : 0;

  in_memory += size - self->counted;
  self->counted = size;
}

static void
drop_text (Kept *self)
{
  if (self->text != NULL)
    g_string_free (g_steal_pointer (&self->text), TRUE);
  count (self);
  self->limit = PIECE;
}

Kept *
kept_new (void)
{
  Kept *self = g_new0 (Kept, 1);

  self->fd = -1;
  self->limit = PIECE;

  return self;
}

void
kept_free (Kept *self)
{
  drop_text (self);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

/* It has no name any more once it is open: whatever becomes of us, nothing is
 * left of it */
static int
open_unnamed (GError **error)
{
  g_autofree char *name = NULL;
  int fd = g_file_open_tmp ("asyncjobs-XXXXXX", &name, error);

  if (fd >= 0)
    {
      g_unlink (name);
      fcntl (fd, F_SETFD, FD_CLOEXEC);
    }

  return fd;
}

static gboolean
spill (Kept    *self,
       GError **error)
{
  g_autoptr (GError) reason = NULL;
  gboolean ok;

  if (self->fd < 0)
    self->fd = open_unnamed (&reason);

  /* While jobs have all descriptors, few run at once: memory is the lesser evil */
  if (g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_MFILE) ||
      g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NFILE))
    {
      self->limit = 2 * self->text->len;
      return TRUE;
    }

  ok = self->fd >= 0;
  if (ok && !tool_write_all (self->fd, self->text->str, self->text->len))
    {
      int saved_errno = errno;

      g_set_error_literal (&reason, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                           g_strerror (saved_errno));
      ok = FALSE;
    }
  drop_text (self);
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&reason));

  return ok;
}

GString *
kept_begin (Kept *self)
{
  if (self->text == NULL)
    self->text = g_string_new (NULL);

  return self->text;
}

gboolean
kept_end (Kept    *self,
          GError **error)
{
  count (self);

  return self->text->len < self->limit || in_memory < IN_MEMORY_MAX || spill (self, error);
}

void
kept_write (Kept          *self,
            GOutputStream *to)
{
  if (self->fd >= 0 && lseek (self->fd, 0, SEEK_SET) == 0)
    {
      char buffer[32 * 1024];
      gssize n;

      while ((n = read (self->fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
        g_output_stream_write_all (to, buffer, MAX (n, 0), NULL, NULL, NULL);
    }
  if (self->text != NULL)
    g_output_stream_write_all (to, self->text->str, self->text->len, NULL, NULL, NULL);
}
