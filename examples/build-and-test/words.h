/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdio.h>

/* Longer words are cut off; a build may say -DMAX_WORD=N */
#ifndef MAX_WORD
#define MAX_WORD 63
#endif

/* Reads the next word, in lower case: 0 at the end of the text */
int read_word (FILE *file, char word[MAX_WORD + 1]);
