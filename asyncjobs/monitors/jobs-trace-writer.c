/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "jobs-trace-writer.h"

/* What it is worth to write at once */
#define MANY_WAITING (32 * 1024)

/* The longest text of a character, and more than there is in an event beside texts */
#define ESCAPED_MAX 6
#define PIECES_MAX 512

struct _JobsTraceWriter
{
  GOutputStream *stream;
  GString *waiting;
  guint n_waits;
  gboolean has_events;
  gboolean is_lost; /* the stream has failed */
};

JobsTraceWriter *
jobs_trace_writer_new (GOutputStream *stream)
{
  JobsTraceWriter *self = g_new0 (JobsTraceWriter, 1);

  self->stream = g_object_ref (stream);
  self->waiting = g_string_sized_new (MANY_WAITING + 1024);

  return self;
}

void
jobs_trace_writer_flush (JobsTraceWriter *self)
{
  if (self->waiting->len == 0)
    return;

  /* Half an event could not be read: behind a failure comes nothing. Who wants to know
   * of it gives a stream that tells */
  if (!self->is_lost)
    self->is_lost =
      !g_output_stream_write_all (self->stream, self->waiting->str, self->waiting->len, NULL, NULL, NULL) ||
      !g_output_stream_flush (self->stream, NULL, NULL);
  g_string_truncate (self->waiting, 0);
}

void
jobs_trace_writer_flush_many (JobsTraceWriter *self)
{
  if (self->waiting->len >= MANY_WAITING)
    jobs_trace_writer_flush (self);
}

void
jobs_trace_writer_free (JobsTraceWriter *self)
{
  g_string_append (self->waiting, self->has_events ? "\n]\n" : "[]\n");
  jobs_trace_writer_flush (self);
  g_string_free (self->waiting, TRUE);
  g_object_unref (self->stream);
  g_free (self);
}

static inline void
put (JobsTraceWriter *self,
     const char      *text,
     gsize            length)
{
  memcpy (self->waiting->str + self->waiting->len, text, length);
  self->waiting->len += length;
}

/* GString looks for room and ends the text with each piece, and printf () reads its
 * format: for a short job either would be more than the rest of what its events cost */
#define PUT(self, literal) put (self, "" literal "", sizeof literal - 1)

static void
make_room (JobsTraceWriter *self,
           gsize            size)
{
  gsize length = self->waiting->len;

  if (length + size < self->waiting->allocated_len)
    return;
  g_string_set_size (self->waiting, length + size);
  self->waiting->len = length;
}

static void
put_number (JobsTraceWriter *self,
            gint64           number)
{
  char digits[20];
  char *end = digits + sizeof digits;
  char *first = end;
  guint64 rest = number < 0 ? -(guint64) number : (guint64) number;

  do
    *--first = '0' + (char) (rest % 10);
  while ((rest /= 10) > 0);
  if (number < 0)
    *--first = '-';

  put (self, first, end - first);
}

static const char *
put_escaped (JobsTraceWriter *self,
             const char      *text)
{
  gunichar c = g_utf8_get_char_validated (text, -1);
  char escaped[ESCAPED_MAX + 1];

  if (c == (gunichar) -1 || c == (gunichar) -2)
    {
      PUT (self, "\\ufffd");
      return text + 1;
    }

  if (c == '"' || c == '\\')
    put (self, escaped, g_snprintf (escaped, sizeof escaped, "\\%c", (char) c));
  else if (c < 0xa0)
    put (self, escaped, g_snprintf (escaped, sizeof escaped, "\\u%04x", c));
  else
    put (self, text, g_utf8_next_char (text) - text);

  return g_utf8_next_char (text);
}

/* One of our own, in which nothing is to be escaped */
static void
put_word (JobsTraceWriter *self,
          const char      *word)
{
  put (self, word, strlen (word));
}

/* As JSON wants it, and less what a terminal would obey: who looks at the file there is
 * not harmed. Leaves room for the other pieces of its event */
static void
put_text (JobsTraceWriter *self,
          const char      *text)
{
  make_room (self, ESCAPED_MAX * strlen (text) + PIECES_MAX);
  while (*text != '\0')
    {
      const char *plain = text;

      while ((guchar) *text >= 0x20 && (guchar) *text < 0x7f && *text != '"' && *text != '\\')
        text++;
      put (self, plain, text - plain);
      if (*text != '\0')
        text = put_escaped (self, text);
    }
}

static void
begin_event (JobsTraceWriter *self,
             char             phase,
             guint            process,
             guint            thread)
{
  make_room (self, PIECES_MAX);
  put (self, self->has_events ? ",\n" : "[\n", 2);
  self->has_events = TRUE;
  PUT (self, "{\"ph\":\"");
  put (self, &phase, 1);
  PUT (self, "\",\"pid\":");
  put_number (self, process);
  PUT (self, ",\"tid\":");
  put_number (self, thread);
}

void
jobs_trace_writer_name (JobsTraceWriter *self,
                        const char      *kind,
                        guint            process,
                        guint            thread,
                        const char      *name)
{
  begin_event (self, 'M', process, thread);
  PUT (self, ",\"name\":\"");
  put_word (self, kind);
  PUT (self, "\",\"args\":{\"name\":\"");
  put_text (self, name);
  PUT (self, "\"}}");
}

void
jobs_trace_writer_order (JobsTraceWriter *self,
                         const char      *kind,
                         guint            process,
                         guint            thread,
                         guint            index)
{
  begin_event (self, 'M', process, thread);
  PUT (self, ",\"name\":\"");
  put_word (self, kind);
  PUT (self, "\",\"args\":{\"sort_index\":");
  put_number (self, index);
  PUT (self, "}}");
}

void
jobs_trace_writer_slice (JobsTraceWriter      *self,
                         const JobsTraceSlice *slice)
{
  begin_event (self, 'X', slice->process, slice->thread);
  PUT (self, ",\"ts\":");
  put_number (self, slice->start);
  PUT (self, ",\"dur\":");
  put_number (self, slice->duration);
  PUT (self, ",\"cat\":\"");
  put_word (self, slice->category);
  PUT (self, "\",\"name\":\"");
  put_text (self, slice->name);
  PUT (self, "\",\"args\":{\"path\":\"");
  put_text (self, slice->path);
  PUT (self, "\",\"state\":\"");
  put_word (self, slice->state);
  PUT (self, "\",\"attempt\":");
  put_number (self, slice->attempt);
  if (slice->error != NULL)
    {
      PUT (self, ",\"error\":\"");
      put_text (self, slice->error);
      PUT (self, "\"");
    }
  PUT (self, "}}");
}

static void
begin_wait_edge (JobsTraceWriter *self,
                 char             phase,
                 guint            process,
                 gint64           time,
                 const char      *name)
{
  begin_event (self, phase, process, 0);
  PUT (self, ",\"ts\":");
  put_number (self, time);
  PUT (self, ",\"id\":");
  put_number (self, self->n_waits);
  PUT (self, ",\"cat\":\"wait\",\"name\":\"");
  put_word (self, name);
}

void
jobs_trace_writer_wait (JobsTraceWriter *self,
                        guint            process,
                        gint64           start,
                        gint64           end,
                        const char      *name,
                        const char      *path)
{
  self->n_waits++;
  begin_wait_edge (self, 'b', process, start, name);
  PUT (self, "\",\"args\":{\"path\":\"");
  put_text (self, path);
  PUT (self, "\"}}");
  begin_wait_edge (self, 'e', process, end, name);
  PUT (self, "\"}");
}

void
jobs_trace_writer_arrow (JobsTraceWriter *self,
                         char             phase,
                         guint            id,
                         guint            process,
                         guint            thread,
                         gint64           time)
{
  begin_event (self, phase, process, thread);
  PUT (self, ",\"ts\":");
  put_number (self, time);
  PUT (self, ",\"id\":");
  put_number (self, id);
  PUT (self, ",\"cat\":\"requirement\",\"name\":\"requires\"");
  /* Else it would lead to the next bar, and not to the one that begins there */
  if (phase == 'f')
    PUT (self, ",\"bp\":\"e\"");
  PUT (self, "}");
}
