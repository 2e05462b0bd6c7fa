/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "tool.h"

G_BEGIN_DECLS

typedef enum
{
  OUTPUT_PREFIXED,
  OUTPUT_GROUPED,
  OUTPUT_STREAM,
  OUTPUT_ERRORS,
  OUTPUT_NONE,
} OutputMode;

/* What the jobs of an engine print, and how it is shown */
typedef struct _Output Output;

gboolean output_parse_mode (const char *text,
                            OutputMode *mode);
Output  *output_new        (JobsEngine *engine,
                            OutputMode  mode,
                            ToolStream *out,
                            ToolStream *err,
                            gboolean    color);
/* Shows what is still kept; FALSE: some of it got lost */
gboolean output_finish     (Output     *self);
void     output_free       (Output     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Output, output_free)

G_END_DECLS
