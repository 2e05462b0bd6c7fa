/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report.h"

#include <stdlib.h>
#include <string.h>

static int
compare (const void *a, const void *b)
{
  const Entry *left = a;
  const Entry *right = b;

  if (left->count != right->count)
    return left->count < right->count ? 1 : -1;
  return strcmp (left->word, right->word);
}

void
print_report (FILE *file, Table *table, unsigned long n_lines)
{
  table_pack (table);
  if (table->n_words > 0)
    qsort (table->entries, table->n_words, sizeof *table->entries, compare);
  for (unsigned long i = 0; i < table->n_words && i < n_lines; i++)
    fprintf (file, "%7lu %s\n", table->entries[i].count, table->entries[i].word);
}
