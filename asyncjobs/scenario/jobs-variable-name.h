/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the first bytes are a variable's name that every shell can use: others are
 * lost where sh starts the command, or cannot be set on another machine */
gboolean jobs_variable_name_is_valid (const char *text,
                                      gsize       length);

G_END_DECLS
