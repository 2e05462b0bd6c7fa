/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* Remembers the values of what the file declares with secret-env, for the rest of
 * the program; env: NAME=VALUE that override them, or NULL */
void     secrets_learn   (JobsScenario      *scenario,
                          const char *const *env);
/* FALSE: not all of them are set, by @env or in the environment, and that has been told */
gboolean secrets_check   (JobsScenario      *scenario,
                          const char *const *env);
gboolean secrets_exist   (void);
/* The text with three stars in the place of each of them */
char    *secrets_hide    (const char *text);
/* The same for bytes of any kind */
void     secrets_hide_in (GString *bytes);

typedef void (*SecretsFunc) (const char *secret,
                             gpointer    data);

/* The longer ones first */
void     secrets_foreach (SecretsFunc func,
                          gpointer    data);

G_END_DECLS
