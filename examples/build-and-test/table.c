/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
checked (void *memory)
{
  if (memory == NULL)
    {
      fputs ("tally: out of memory\n", stderr);
      exit (2);
    }
  return memory;
}

static unsigned long
hash (const char *word)
{
  unsigned long h = 5381;

  while (*word != '\0')
    h = h * 33 + (unsigned char) *word++;
  return h;
}

/* There is always a free slot: a table is at most half full */
static Entry *
find_slot (Table *table, const char *word)
{
  unsigned long i = hash (word) & (table->n_slots - 1);

  while (table->entries[i].word != NULL && strcmp (table->entries[i].word, word) != 0)
    i = (i + 1) & (table->n_slots - 1);
  return &table->entries[i];
}

static void
grow (Table *table)
{
  Table old = *table;

  table->n_slots = old.n_slots > 0 ? 2 * old.n_slots : 64;
  table->entries = checked (calloc (table->n_slots, sizeof *table->entries));
  for (unsigned long i = 0; i < old.n_slots; i++)
    if (old.entries[i].word != NULL)
      *find_slot (table, old.entries[i].word) = old.entries[i];
  free (old.entries);
}

void
table_count (Table *table, const char *word)
{
  Entry *entry;

  if (2 * (table->n_words + 1) > table->n_slots)
    grow (table);

  entry = find_slot (table, word);
  if (entry->word == NULL)
    {
      entry->word = strcpy (checked (malloc (strlen (word) + 1)), word);
      table->n_words++;
    }
  entry->count++;
}

void
table_pack (Table *table)
{
  unsigned long n = 0;

  for (unsigned long i = 0; i < table->n_slots; i++)
    if (table->entries[i].word != NULL)
      table->entries[n++] = table->entries[i];
}

void
table_free (Table *table)
{
  for (unsigned long i = 0; i < table->n_words; i++)
    free (table->entries[i].word);
  free (table->entries);
}
