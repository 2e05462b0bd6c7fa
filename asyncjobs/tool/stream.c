/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "tool.h"

/* A stream that cannot fail for who writes: jobs are not to end because
 * nobody reads what is said of them. The first trouble is told on stderr and
 * remembered for the exit status; from then on all is dropped.
 *
 * What is written by the functions of GOutputStream waits until it is flushed, or
 * something goes to another stream: all come out in the order in which they were
 * written to. */
struct _ToolStream
{
  GOutputStream parent_instance;

  char *name;
  int fd;
  gboolean owned;
  gboolean lost;
  GString *waiting;
  gboolean is_writing;
};

G_DEFINE_FINAL_TYPE (ToolStream, tool_stream, G_TYPE_OUTPUT_STREAM)

/* How long a reader may take once we are to end, ms */
#define PATIENCE 1000
/* How much waits at most, bytes */
#define WAITING_MAX 65536

/* The one that has something that waits; no more than one has */
static ToolStream *holder;

static struct
{
  int fd;
  ToolStreamHeedFunc func;
  gpointer data;
} heeded = { -1 };

/* Who gathers what is to be written before */
static struct
{
  ToolStreamFlushFunc func;
  gpointer data;
  gboolean is_called;
} gatherer;

static gboolean hurried;

static void
lose (ToolStream *self,
      int         saved_errno)
{
  if (self->lost)
    return;

  self->lost = TRUE;
  /* Translators: a file, what the system says */
  tool_note (_("cannot write to %s: %s; nothing more is written there"),
             self->name, g_strerror (saved_errno));
}

gboolean
tool_write_all (int         fd,
                const void *bytes,
                gsize       size)
{
  const char *data = bytes;

  while (size > 0)
    {
      gssize written = write (fd, data, size);

      if (written < 0 && errno != EINTR)
        return FALSE;
      data += MAX (written, 0);
      size -= MAX (written, 0);
    }

  return TRUE;
}

/* A reader that stands still holds up the run. That is as it should be, unless
 * somebody wants it to end: then the jobs come first */
gboolean
tool_stream_wait (int fd)
{
  struct pollfd fds[] = {
    { .fd = fd, .events = POLLOUT },
    { .fd = heeded.fd, .events = POLLIN },
  };

  while (!hurried)
    {
      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
        continue;
      if (fds[1].revents != 0)
        heeded.func (heeded.data);
      else
        return TRUE;
    }

  return poll (fds, 1, PATIENCE) != 0;
}

static void
write_out (ToolStream *self,
           const char *data,
           gsize       size)
{
  while (!self->lost && size > 0)
    {
      gssize written;

      if (!tool_stream_wait (self->fd))
        {
          lose (self, ETIMEDOUT);
          return;
        }

      /* No more than there is room for in a pipe that can be written to. A
       * terminal may be non-blocking, where others who share it want it so */
      written = write (self->fd, data, MIN (size, PIPE_BUF));
      if (written < 0 && errno != EAGAIN && errno != EINTR)
        lose (self, errno);
      data += MAX (written, 0);
      size -= MAX (written, 0);
    }
}

/* Whoever is called while a reader is waited for may write, too: that comes behind */
static void
release (ToolStream *self)
{
  if (self->is_writing)
    return;

  self->is_writing = TRUE;
  if (holder == self)
    holder = NULL;
  while (self->waiting->len > 0)
    {
      g_autoptr (GString) text = g_steal_pointer (&self->waiting);

      self->waiting = g_string_new (NULL);
      write_out (self, text->str, text->len);
    }
  self->is_writing = FALSE;
}

static void
flush_gatherer (void)
{
  if (gatherer.func == NULL || gatherer.is_called)
    return;

  gatherer.is_called = TRUE;
  gatherer.func (gatherer.data);
  gatherer.is_called = FALSE;
}

void
tool_stream_release_all (void)
{
  flush_gatherer ();
  if (holder != NULL)
    release (holder);
}

void
tool_stream_release_ready (void)
{
  if (holder != NULL && poll (&(struct pollfd) { .fd = holder->fd, .events = POLLOUT }, 1, 0) > 0)
    release (holder);
}

static void
hold (ToolStream *self,
      const char *data,
      gsize       size)
{
  flush_gatherer ();
  while (holder != NULL && holder != self)
    release (holder);
  if (!self->is_writing)
    holder = self;
  g_string_append_len (self->waiting, data, (gssize) size);
}

static gssize
tool_stream_write (GOutputStream *stream,
                   const void    *buffer,
                   gsize          count,
                   GCancellable  *cancellable,
                   GError       **error)
{
  ToolStream *self = TOOL_STREAM (stream);

  hold (self, buffer, count);
  if (self->waiting->len >= WAITING_MAX)
    release (self);

  return (gssize) count;
}

static gboolean
tool_stream_flush (GOutputStream *stream,
                   GCancellable  *cancellable,
                   GError       **error)
{
  release (TOOL_STREAM (stream));

  return TRUE;
}

static gboolean
tool_stream_close (GOutputStream *stream,
                   GCancellable  *cancellable,
                   GError       **error)
{
  ToolStream *self = TOOL_STREAM (stream);

  if (self->owned && !g_close (self->fd, NULL))
    lose (self, errno);
  self->fd = -1;

  return TRUE;
}

static void
tool_stream_finalize (GObject *object)
{
  ToolStream *self = TOOL_STREAM (object);

  if (holder == self)
    holder = NULL;
  g_string_free (self->waiting, TRUE);
  g_free (self->name);

  G_OBJECT_CLASS (tool_stream_parent_class)->finalize (object);
}

static void
tool_stream_class_init (ToolStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tool_stream_finalize;
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = tool_stream_write;
  G_OUTPUT_STREAM_CLASS (klass)->flush = tool_stream_flush;
  G_OUTPUT_STREAM_CLASS (klass)->close_fn = tool_stream_close;
}

static void
tool_stream_init (ToolStream *self)
{
  self->fd = -1;
  self->waiting = g_string_new (NULL);
}

ToolStream *
tool_stream_new (int         fd,
                 gboolean    owned,
                 const char *name)
{
  ToolStream *self = g_object_new (TOOL_TYPE_STREAM, NULL);

  self->fd = fd;
  self->owned = owned;
  self->name = g_strdup (name);

  return self;
}

ToolStream *
tool_stream_new_file (const char *filename,
                      GError    **error)
{
  g_autofree char *name = NULL;
  int fd = g_open (filename, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  int saved_errno = errno;

  name = g_filename_display_name (filename);
  if (fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                   /* Translators: a file, what the system says */
                   _("cannot write to %s: %s"), name, g_strerror (saved_errno));
      return NULL;
    }

  return tool_stream_new (fd, TRUE, name);
}

void
tool_stream_put (ToolStream *self,
                 const char *data,
                 gssize      length)
{
  hold (self, data, length < 0 ? strlen (data) : (gsize) length);
  release (self);
}

void
tool_stream_printf (ToolStream *self,
                    const char *format,
                    ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  tool_stream_put (self, text, -1);
}

void
tool_stream_follow (ToolStreamFlushFunc func,
                    gpointer            data)
{
  gatherer.func = func;
  gatherer.data = data;
}

void
tool_stream_heed (int                fd,
                  ToolStreamHeedFunc func,
                  gpointer           data)
{
  heeded.fd = fd;
  heeded.func = func;
  heeded.data = data;
}

void
tool_stream_hurry (void)
{
  hurried = TRUE;
}

gboolean
tool_stream_finish (ToolStream *self)
{
  g_output_stream_close (G_OUTPUT_STREAM (self), NULL, NULL);

  return !self->lost;
}
