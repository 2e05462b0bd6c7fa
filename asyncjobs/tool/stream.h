/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TOOL_TYPE_STREAM (tool_stream_get_type ())

G_DECLARE_FINAL_TYPE (ToolStream, tool_stream, TOOL, STREAM, GOutputStream)

ToolStream *tool_stream_new      (int         fd,
                                  gboolean    owned,
                                  const char *name);
ToolStream *tool_stream_new_file (const char *filename,
                                  GError    **error);
void        tool_stream_put      (ToolStream *self,
                                  const char *data,
                                  gssize      length);
void        tool_stream_printf   (ToolStream *self,
                                  const char *format,
                                  ...) G_GNUC_PRINTF (2, 3);
/* From now on no stream waits for a slow reader once fd can be read, or
 * tool_stream_hurry() was called: but for a moment, then what is written is lost */
void        tool_stream_heed     (int         fd);
void        tool_stream_hurry    (void);
/* What was written is where it should be; once, as the last thing */
gboolean    tool_stream_finish   (ToolStream *self);

G_END_DECLS
