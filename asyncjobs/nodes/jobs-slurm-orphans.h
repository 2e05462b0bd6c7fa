/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How jobs of Slurm are called: this, and to which attempt they belong */
#define JOBS_SLURM_NAME_PREFIX "asyncjobs:"

/* Cancels the jobs of this user that belong to attempts whose marks begin with one of
 * @marks (element-type utf8), and waits until they have ended. FALSE where Slurm cannot
 * be asked, or one does not end */
gboolean jobs_slurm_end_orphans (GPtrArray *marks,
                                 GError   **error);

G_END_DECLS
