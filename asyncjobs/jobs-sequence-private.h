/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-sequence.h"

G_BEGIN_DECLS

/* What is appended from here on is added to that engine too. Adds nothing that
 * is in the sequence already */
void jobs_sequence_set_engine (JobsSequence *self,
                               JobsEngine   *engine);

G_END_DECLS
