/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdio.h>

#include "table.h"

/* The most frequent words, at most n_lines of them, ties in alphabetical order */
void print_report (FILE *file, Table *table, unsigned long n_lines);
