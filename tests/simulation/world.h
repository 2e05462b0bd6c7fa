/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 n_worlds;
  guint64 n_runs;
  guint64 n_steps;
  guint64 n_actions;
  guint64 n_left; /* worlds that were left early: what came next could not be told */
} Tally;

/* The life of one world; FALSE where the engine and the model come to differ: then
 * the whole story has been printed */
gboolean world_live (guint64  seed,
                     gboolean is_verbose,
                     Tally   *tally);

G_END_DECLS
