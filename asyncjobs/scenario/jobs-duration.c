/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-duration.h"

#include <string.h>

gboolean
jobs_duration_parse (const char *text,
                     guint      *duration)
{
  static const struct
  {
    const char *suffix;
    gint64 us;
  } units[] = {
    { "h", G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC },
    { "m", 60 * G_USEC_PER_SEC },
    { "s", G_USEC_PER_SEC },
    { "ms", 1000 },
  };
  const gint64 max = (gint64) G_MAXUINT32 * 1000;
  gint64 total = 0;
  guint next_unit = 0;

  if (*text == '\0')
    return FALSE;

  while (*text != '\0')
    {
      gsize n_digits = strspn (text, "0123456789");
      const char *fraction = text + n_digits + (text[n_digits] == '.' ? 1 : 0);
      gsize n_decimals = fraction > text + n_digits ? strspn (fraction, "0123456789") : 0;
      const char *suffix = fraction + n_decimals;
      gsize suffix_length = strspn (suffix, "hms");
      gint64 us = 0, part;
      guint unit = next_unit;

      /* A bare number is seconds, but only where it is all there is */
      if (*suffix == '\0' && next_unit == 0)
        unit = 2;
      else
        while (unit < G_N_ELEMENTS (units) &&
               (strlen (units[unit].suffix) != suffix_length ||
                strncmp (suffix, units[unit].suffix, suffix_length) != 0))
          unit++;

      if (unit == G_N_ELEMENTS (units) || n_digits == 0 || (fraction[-1] == '.' && n_decimals == 0))
        return FALSE;

      for (gsize i = 0; i < n_digits; i++)
        {
          us = us * 10 + (text[i] - '0');
          if (us > max / units[unit].us)
            return FALSE;
        }
      us *= units[unit].us;
      part = units[unit].us;
      for (gsize i = 0; i < n_decimals; i++)
        {
          us += (fraction[i] - '0') * part / 10;
          part /= 10;
        }

      total += us;
      if (total > max)
        return FALSE;
      next_unit = unit + 1;
      text = suffix + suffix_length;
    }

  /* What is not zero must not become "none" */
  *duration = (total + 999) / 1000;

  return TRUE;
}
