/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What the end of a command is in terms of the library */

/* Of an end that is not allowed; @shutdown: it was the clean-up of another one */
GError   *jobs_command_outcome_error     (int      wait_status,
                                          gboolean shutdown);
GError   *jobs_command_outcome_cancelled (void);
/* What was written, less its last newline, as the result; FALSE: that is no text */
gboolean  jobs_command_outcome_take_text (GByteArray *captured,
                                          GValue     *value,
                                          GError    **error);

G_END_DECLS
