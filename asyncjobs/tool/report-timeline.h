/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "account.h"

G_BEGIN_DECLS

/* Text for HTML: harmless, without secrets and on one line */
void report_append_text     (GString    *to,
                             const char *text);
/* When each attempt ran, as SVG; nothing where none did */
void report_append_timeline (GString *to,
                             Account *account);

G_END_DECLS
