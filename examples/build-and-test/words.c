/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "words.h"

#include <ctype.h>

int
read_word (FILE *file, char word[MAX_WORD + 1])
{
  int length = 0;
  int c;

  while ((c = getc (file)) != EOF)
    {
      if (isalnum (c) || c == '\'' || c >= 0x80)
        {
          if (length < MAX_WORD)
            word[length++] = (char) tolower (c);
        }
      else if (length > 0)
        {
          break;
        }
    }

  word[length] = '\0';
  return length;
}
