/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "jobs-visible.h"

/* Marks that turn the direction of text make a line read as another one; the
 * others are no characters at all */
static gboolean
is_treacherous (gunichar c)
{
  return c == 0x061c || c == 0x200e || c == 0x200f ||
         (c & 0xfffe) == 0xfffe || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void
append_char (GString *to,
             gunichar c)
{
  if (c < 0x20 && c != '\t')
    g_string_append_printf (to, "^%c", (char) (c + '@'));
  else if (c == 0x7f)
    g_string_append (to, "^?");
  else if ((c >= 0x80 && c < 0xa0) || is_treacherous (c))
    g_string_append_printf (to, "<U+%04X>", c);
  else
    g_string_append_unichar (to, c);
}

void
jobs_visible_append (GString    *to,
                     const char *text,
                     gssize      length)
{
  const char *end = text + (length < 0 ? strlen (text) : (gsize) length);

  while (text < end)
    {
      const char *plain = text;
      gunichar c;

      while (text < end && (guchar) *text >= 0x20 && (guchar) *text < 0x7f)
        text++;
      g_string_append_len (to, plain, text - plain);
      if (text == end)
        break;

      /* A NUL byte is text like any other here, but not for GLib */
      c = *text == '\0' ? 0 : g_utf8_get_char_validated (text, end - text);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append (to, "\357\277\275");
          text++;
        }
      else
        {
          append_char (to, c);
          text += *text == '\0' ? 1 : g_utf8_skip[(guchar) *text];
        }
    }
}
