/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends text that comes from outside so that it is one harmless line of a
 * terminal, and valid UTF-8: an escape becomes "^[" */
void jobs_visible_append (GString    *to,
                          const char *text,
                          gssize      length);

G_END_DECLS
