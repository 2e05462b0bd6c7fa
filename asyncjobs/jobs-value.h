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

/* For our own values, which are either initialized or all zero: G_IS_VALUE () takes a
 * lock of the type system, and three of them cost a tenth of an asynchronous action */
static inline gboolean
jobs_value_is_set (const GValue *value)
{
  return G_VALUE_TYPE (value) != G_TYPE_INVALID;
}

G_END_DECLS
