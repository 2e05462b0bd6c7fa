/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How jobs of Slurm are called: this, and to which attempt they belong: that begins with
 * its run. An array is called as the first one in it */
#define JOBS_SLURM_NAME_PREFIX "asyncjobs:"

/* Cancels the jobs of this user that belong to attempts of a run whose program was killed,
 * waits until they have ended, and removes what is left of their files: @folders
 * (element-type filename). FALSE where Slurm cannot be asked, or one does not end */
gboolean jobs_slurm_end_orphans (const char *run,
                                 GPtrArray  *folders,
                                 GError    **error);

G_END_DECLS
