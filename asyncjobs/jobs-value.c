/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jobs-value.h"

/* Numbers from here on are written with an exponent, as Python does */
#define MAX_FIXED_EXPONENT 16
#define MIN_FIXED_EXPONENT -4

/* Enough digits to tell any two doubles apart (DBL_DECIMAL_DIG) */
#define MAX_DIGITS 17

gboolean
jobs_value_copy (const GValue *value,
                 GValue       *dest)
{
  if (value == NULL || !G_IS_VALUE (value))
    return FALSE;

  if (G_VALUE_TYPE (value) == G_TYPE_POINTER || G_VALUE_TYPE (value) == G_TYPE_NONE)
    {
      g_return_val_if_fail (g_value_peek_pointer (value) == NULL, FALSE);
      return FALSE;
    }

  g_value_init (dest, G_VALUE_TYPE (value));
  g_value_copy (value, dest);

  return TRUE;
}

char *
jobs_double_to_string (double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  char format[16];
  int digits;
  int exponent;

  if (isnan (number))
    return g_strdup ("nan");
  if (isinf (number))
    return g_strdup (number > 0 ? "inf" : "-inf");

  for (digits = 1; digits < MAX_DIGITS; digits++)
    {
      g_snprintf (format, sizeof format, "%%.%de", digits - 1);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  g_snprintf (format, sizeof format, "%%.%de", digits - 1);
  g_ascii_formatd (text, sizeof text, format, number);
  exponent = (int) g_ascii_strtoll (strchr (text, 'e') + 1, NULL, 10);

  if (exponent >= MIN_FIXED_EXPONENT && exponent < MAX_FIXED_EXPONENT)
    {
      g_snprintf (format, sizeof format, "%%.%df", MAX (digits - 1 - exponent, 1));
      g_ascii_formatd (text, sizeof text, format, number);
    }

  return g_strdup (text);
}

char *
jobs_value_to_string (const GValue *value)
{
  GValue text = G_VALUE_INIT;

  if (value == NULL || !G_IS_VALUE (value))
    return g_strdup ("None");

  if (G_VALUE_HOLDS_DOUBLE (value))
    return jobs_double_to_string (g_value_get_double (value));
  if (G_VALUE_HOLDS_FLOAT (value))
    return jobs_double_to_string (g_value_get_float (value));
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_strdup (g_value_get_boolean (value) ? "True" : "False");
  if (G_VALUE_HOLDS_STRING (value))
    return g_strdup (g_value_get_string (value) != NULL ? g_value_get_string (value) : "None");
  if (G_VALUE_HOLDS_VARIANT (value) && g_value_get_variant (value) != NULL)
    return g_variant_print (g_value_get_variant (value), FALSE);

  g_value_init (&text, G_TYPE_STRING);
  if (g_value_type_transformable (G_VALUE_TYPE (value), G_TYPE_STRING) &&
      g_value_transform (value, &text) && g_value_get_string (&text) != NULL)
    {
      char *result = g_value_dup_string (&text);

      g_value_unset (&text);
      return result;
    }
  g_value_unset (&text);

  return g_strdup_value_contents (value);
}
