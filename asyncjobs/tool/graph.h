/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "history.h"

G_BEGIN_DECLS

/* All that `asyncjobs graph` draws */
typedef struct
{
  JobsScenario *scenario;
  JobsPicture *picture;
  History *history;      /* (nullable): where the states are from */
} Graph;

/* What is shown of it in the place of a state; NULL: the state */
const char *graph_get_word (Graph      *self,
                            HistoryJob *job);
/* For programs, versioned: doc/pictures.md tells what is in it */
char       *graph_to_json  (Graph *self);

G_END_DECLS
