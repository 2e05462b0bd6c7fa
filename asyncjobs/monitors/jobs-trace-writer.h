/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A trace as Perfetto and its like read it: an array of events, one on a line.
 *
 * Of the two forms of such a file this is the one whose readers do without the bracket
 * at its end. A comma comes before the next event and not behind the last one, so that
 * what is there after a kill lacks nothing else.
 *
 * Events are collected until they are flushed. Kinds, categories, states and what a wait is for
 * are words of this program's own, other texts are anybody's. */
typedef struct _JobsTraceWriter JobsTraceWriter;

JobsTraceWriter *jobs_trace_writer_new   (GOutputStream   *stream);
/* Ends the array */
void             jobs_trace_writer_free  (JobsTraceWriter *self);
/* Writes what was collected */
void             jobs_trace_writer_flush (JobsTraceWriter *self);
/* The same, but only if it is much */
void             jobs_trace_writer_flush_many
                                         (JobsTraceWriter *self);

/* What a track is called, or where it is among the others: kind process_name,
 * thread_name, process_sort_index, thread_sort_index */
void             jobs_trace_writer_name  (JobsTraceWriter *self,
                                          const char      *kind,
                                          guint            process,
                                          guint            thread,
                                          const char      *name);
void             jobs_trace_writer_order (JobsTraceWriter *self,
                                          const char      *kind,
                                          guint            process,
                                          guint            thread,
                                          guint            index);

/* Times in µs. A bar in a track */
typedef struct
{
  guint process;
  guint thread;
  gint64 start;
  gint64 duration;
  const char *category;
  const char *name;
  const char *path;
  const char *state;
  guint attempt;
  const char *error;  /* nullable */
} JobsTraceSlice;

void             jobs_trace_writer_slice (JobsTraceWriter      *self,
                                          const JobsTraceSlice *slice);
/* A bar that may overlap with others of its name, which is what it waits for */
void             jobs_trace_writer_wait  (JobsTraceWriter *self,
                                          guint            process,
                                          gint64           start,
                                          gint64           end,
                                          const char      *name,
                                          const char      *path);
/* An end of an arrow: 's' where it starts, 'f' where it points to, both within a bar */
void             jobs_trace_writer_arrow (JobsTraceWriter *self,
                                          char             phase,
                                          guint            id,
                                          guint            process,
                                          guint            thread,
                                          gint64           time);

G_END_DECLS
