/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdio.h>

#include <asyncjobs.h>

#include "callbacks.h"

/* What the tests of the trace monitor do to have runs, and to read what was written of them */

static inline JobsAction *
take (JobsEngine *engine,
      JobsAction *action)
{
  g_assert_true (jobs_engine_add (engine, action));
  g_object_unref (action);

  return action;
}

static inline JobsAction *
add (JobsEngine  *engine,
     const char  *label,
     JobsCallback callback,
     gpointer     data)
{
  return take (engine, jobs_callback_action_new (label, callback, data, NULL));
}

static inline JobsAction *
add_delay (JobsEngine *engine,
           const char *label,
           guint       delay)
{
  return take (engine, jobs_delay_action_new (label, delay));
}

/* What was written */

typedef struct
{
  guint process, thread;
  gint64 start, end;
  char name[64];
  const char *line;
} Slice;

typedef struct
{
  char **lines;    /* one an event */
  GArray *slices;  /* (element-type Slice) */
} Trace;

static inline void
trace_clear (Trace *self)
{
  g_strfreev (self->lines);
  g_array_unref (self->slices);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trace, trace_clear)

static inline char *
take_text (GMemoryOutputStream *memory)
{
  return g_strndup (g_memory_output_stream_get_data (memory), g_memory_output_stream_get_data_size (memory));
}

/* It is whole: a bracket, an event on each line with a comma but behind the last one, a bracket */
static inline void
trace_read (Trace         *self,
            GOutputStream *stream)
{
  g_autofree char *text = take_text (G_MEMORY_OUTPUT_STREAM (stream));

  g_assert_true (g_str_has_prefix (text, "[\n"));
  g_assert_true (g_str_has_suffix (text, "}\n]\n"));
  text[strlen (text) - 3] = '\0';
  self->lines = g_strsplit (text + 2, ",\n", -1);
  self->slices = g_array_new (FALSE, FALSE, sizeof (Slice));

  for (guint i = 0; self->lines[i] != NULL; i++)
    {
      Slice slice = { .line = self->lines[i] };

      g_assert_true (g_str_has_prefix (self->lines[i], "{\"ph\":\""));
      g_assert_null (strchr (self->lines[i], '\n'));
      if (sscanf (slice.line, "{\"ph\":\"X\",\"pid\":%u,\"tid\":%u,\"ts\":%" G_GINT64_FORMAT
                  ",\"dur\":%" G_GINT64_FORMAT ",\"cat\":\"%*[a-z]\",\"name\":\"%63[^\"]", &slice.process,
                  &slice.thread, &slice.start, &slice.end, slice.name) != 5)
        continue;
      slice.end += slice.start;
      g_array_append_val (self->slices, slice);
    }
}

static inline guint
trace_count (Trace      *self,
             const char *part)
{
  guint n = 0;

  for (guint i = 0; self->lines[i] != NULL; i++)
    n += strstr (self->lines[i], part) != NULL;

  return n;
}

static inline void
trace_check_overlaps (Trace *self)
{
  for (guint i = 0; i < self->slices->len; i++)
    for (guint j = 0; j < i; j++)
      {
        const Slice *one = &g_array_index (self->slices, Slice, i);
        const Slice *two = &g_array_index (self->slices, Slice, j);

        if (one->thread == two->thread && one->start < two->end && two->start < one->end)
          g_error ("One lies on the other: %s %s", one->line, two->line);
      }
}

/* The one of that name; there must be no other */
static inline const Slice *
trace_find (Trace      *self,
            const char *name)
{
  const Slice *found = NULL;

  for (guint i = 0; i < self->slices->len; i++)
    if (g_str_equal (g_array_index (self->slices, Slice, i).name, name))
      {
        g_assert_null (found);
        found = &g_array_index (self->slices, Slice, i);
      }
  g_assert_nonnull (found);

  return found;
}

static inline void
trace_check_arrow (Trace       *self,
                   guint        id,
                   const Slice *from,
                   const Slice *to)
{
  static const char phases[] = { 's', 'f' };
  const Slice *ends[] = { from, to };

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      g_autofree char *part = g_strdup_printf (",\"id\":%u,\"cat\":\"requirement\"", id);
      gboolean found = FALSE;

      for (guint j = 0; self->lines[j] != NULL; j++)
        {
          guint process, thread;
          gint64 time;
          char phase;

          if (strstr (self->lines[j], part) == NULL ||
              sscanf (self->lines[j], "{\"ph\":\"%c\",\"pid\":%u,\"tid\":%u,\"ts\":%" G_GINT64_FORMAT, &phase,
                      &process, &thread, &time) != 4 ||
              phase != phases[i])
            continue;
          g_assert_false (found);
          found = TRUE;
          g_assert_cmpuint (thread, ==, ends[i]->thread);
          g_assert_cmpint (time, >=, ends[i]->start);
          g_assert_cmpint (time, <, ends[i]->end);
        }
      g_assert_true (found);
    }
}

#define assert_in_line(slice, part) g_assert_nonnull (strstr ((slice)->line, part))

static inline JobsTraceMonitor *
watch (JobsEngine     *engine,
       GOutputStream **stream)
{
  *stream = g_memory_output_stream_new_resizable ();

  return jobs_trace_monitor_new (engine, *stream);
}

static inline void
let_go (JobsTraceMonitor *monitor,
        JobsEngine       *engine)
{
  g_assert_finalize_object (monitor);
  g_assert_finalize_object (engine);
}
