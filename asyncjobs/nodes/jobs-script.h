/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Pieces of scripts for the shell of another machine */

/* One word, whatever is in it */
void        jobs_script_append_word        (GString    *script,
                                            const char *word);
/* Changes as jobs_process_get_environment () has them, a line each. FALSE where a
 * shell cannot have such a variable: JOBS_ERROR_UNSUPPORTED */
gboolean    jobs_script_append_environment (GString           *script,
                                            const char *const *changes,
                                            GError           **error);
/* What a script of ours said of why it cannot run something, for who reads it here; what
 * another program said, as it is */
const char *jobs_script_translate          (const char *words);

G_END_DECLS
