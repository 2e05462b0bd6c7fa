/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs-gtk.h>

G_BEGIN_DECLS

/* What the window says */

/* Text of several lines from outside, harmless */
char  *viewer_words_clean    (const char *text);
/* How many jobs there are in which states, and how long it takes */
char  *viewer_words_describe (JobsBoard  *board);
/* How much of the run is over, from 0 to 1 */
double viewer_words_measure  (JobsBoard  *board);
/* What is wrong with a file, in the words of an error: the title of a page */
char  *viewer_words_count    (const char *name,
                              const char *problems);

G_END_DECLS
