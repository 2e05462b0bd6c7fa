/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is kept of the output of a command, beside its last lines */
typedef struct
{
  char       *filename; /* into which both streams are written; NULL: into none */
  int         fd;       /* -1: it is not open */
  GByteArray *captured; /* its standard output; NULL: that is not */
} JobsCommandOutput;

#define JOBS_COMMAND_OUTPUT_INIT { NULL, -1, NULL }

/* @filename (nullable). Where it fails there is nothing to be cleared */
gboolean jobs_command_output_open  (JobsCommandOutput *self,
                                    const char        *filename,
                                    gboolean           capture,
                                    GError           **error);
/* JOBS_ERROR_OUTPUT */
gboolean jobs_command_output_take  (JobsCommandOutput *self,
                                    guint              stream,
                                    const guint8      *data,
                                    gsize              size,
                                    GError           **error);
/* The file alone: some file systems say only here that there was no room. @error may have
 * one already */
void     jobs_command_output_close (JobsCommandOutput *self,
                                    GError           **error);
void     jobs_command_output_clear (JobsCommandOutput *self);

G_END_DECLS
