/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* FALSE, and dest is left empty, where there is no value in it: bindings make a
 * null pointer without a type, or a value of type none, of "nothing" */
gboolean jobs_value_copy       (const GValue *value,
                                GValue       *dest);
/* As people write it: 1500.0, True, None */
char    *jobs_value_to_string  (const GValue *value);
/* The shortest decimal that reads back as the same number, with a point */
char    *jobs_double_to_string (double number);

G_END_DECLS
