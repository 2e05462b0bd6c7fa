/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* A hash table of counts */

typedef struct
{
  char *word;
  unsigned long count;
} Entry;

typedef struct
{
  Entry *entries;
  unsigned long n_slots;
  unsigned long n_words;
} Table;

void table_count (Table *table, const char *word);

/* Moves the words to the front of entries; the table can only be freed then */
void table_pack  (Table *table);
void table_free  (Table *table);
