/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "table.h"
#include "words.h"

#define VERSION "1.2"

int
main (int argc, char **argv)
{
  Table table = { 0 };
  char word[MAX_WORD + 1];
  char *end = NULL;
  unsigned long n_lines = 10;

  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      puts (VERSION);
      return 0;
    }
  if (argc == 2)
    n_lines = strtoul (argv[1], &end, 10);
  if (argc > 2 || (end != NULL && (*end != '\0' || end == argv[1])))
    {
      fputs ("Usage: tally [LINES] < TEXT\nPrints the most frequent words of a text.\n", stderr);
      return 2;
    }

  while (read_word (stdin, word))
    table_count (&table, word);
  print_report (stdout, &table, n_lines);
  table_free (&table);

  return ferror (stdin) || fflush (stdout) != 0;
}
