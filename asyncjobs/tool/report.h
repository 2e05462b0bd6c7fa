/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "account.h"

G_BEGIN_DECLS

typedef enum
{
  REPORT_HTML,
  REPORT_JSON,
  REPORT_JUNIT,
  REPORT_UNKNOWN,
} ReportFormat;

/* By the suffix, .html, .json or .xml */
ReportFormat report_format_of   (const char *filename);
/* By name, html, json or junit */
ReportFormat report_format_find (const char *name);

/* Whether it could be written: not to learn that after hours only */
gboolean     report_check       (const char *filename,
                                 GError    **error);
/* All of it or nothing */
gboolean     report_write       (const char    *filename,
                                 const GString *text,
                                 GError       **error);

/* Engine: NULL, or the one that has run, which knows more */
GString     *report_make        (Account     *account,
                                 JobsEngine  *engine,
                                 ReportFormat format);
GString     *report_make_html   (Account    *account);
GString     *report_make_json   (Account    *account,
                                 JobsEngine *engine);
GString     *report_make_junit  (Account    *account);

G_END_DECLS
