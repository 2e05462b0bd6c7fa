/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "keeper.h"

G_BEGIN_DECLS

/* A run as it was asked for. Takes @keeper; NULL: its own, where one is wanted. What
 * it keeps is called @name where the command was given */
int tool_run_kept (const RunOptions *options,
                   Keeper           *keeper,
                   const char       *name);

G_END_DECLS
