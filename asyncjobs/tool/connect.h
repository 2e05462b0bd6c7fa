/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* Says of each node of the file whether a command can be run on it; TRUE: on all */
gboolean tool_connect (JobsScenario *scenario,
                       ToolStream   *out);

G_END_DECLS
