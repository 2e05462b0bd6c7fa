/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TOOL_TYPE_STREAM (tool_stream_get_type ())

G_DECLARE_FINAL_TYPE (ToolStream, tool_stream, TOOL, STREAM, GOutputStream)

typedef void (*ToolStreamHeedFunc) (gpointer data);
typedef void (*ToolStreamFlushFunc) (gpointer data);

ToolStream *tool_stream_new      (int         fd,
                                  gboolean    owned,
                                  const char *name);
ToolStream *tool_stream_new_file (const char *filename,
                                  GError    **error);
/* At once */
void        tool_stream_put      (ToolStream *self,
                                  const char *data,
                                  gssize      length);
void        tool_stream_printf   (ToolStream *self,
                                  const char *format,
                                  ...) G_GNUC_PRINTF (2, 3);
/* Writes what waits for a flush, whichever stream has some */
void        tool_stream_release_all (void);
/* Likewise, unless its reader is slow */
void        tool_stream_release_ready (void);
/* At once, to where nobody is slow to read. FALSE: errno says why */
gboolean    tool_write_all       (int         fd,
                                  const void *bytes,
                                  gsize       size);
/* TRUE: fd can be written to, and takes PIPE_BUF bytes. FALSE: it could not be
 * for a while, after tool_stream_hurry() */
gboolean    tool_stream_wait     (int                fd);
/* From now on func is called before anything is written by another: it writes what it has
 * gathered for one of the streams. NULL: nobody gathers any more */
void        tool_stream_follow   (ToolStreamFlushFunc func,
                                  gpointer            data);
/* From now on, who waits for a slow reader calls func whenever fd can be read */
void        tool_stream_heed     (int                fd,
                                  ToolStreamHeedFunc func,
                                  gpointer           data);
/* From now on nobody waits for long: what cannot be written then is lost */
void        tool_stream_hurry    (void);
/* What was written is where it should be; once, as the last thing */
gboolean    tool_stream_finish   (ToolStream *self);

G_END_DECLS
