/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is written or shown instead of a secret */
#define JOBS_SECRETS_HIDDEN "***"

/* Values that nobody may read, as an array of texts: the longer ones first, since one
 * may be a part of another */
GPtrArray *jobs_secrets_new     (void);
/* An empty text is no secret */
void       jobs_secrets_add     (GPtrArray  *self,
                                 const char *secret);

/* Nullable, and then so is what is returned */
char      *jobs_secrets_hide    (GPtrArray  *self,
                                 const char *text);
/* The same for bytes of any kind */
void       jobs_secrets_hide_in (GPtrArray  *self,
                                 GString    *bytes);

G_END_DECLS
