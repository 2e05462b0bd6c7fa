/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-action.h"

G_BEGIN_DECLS

/* What an action is, in 64 hexadecimal digits: its class, its command with all that
 * decides what that does, and what it requires. Not how it is run: timeouts, retries
 * and the like may change. Of a value of the environment no more can be learned from
 * it than from any SHA-256 */
char *jobs_fingerprint (JobsAction *action);

G_END_DECLS
