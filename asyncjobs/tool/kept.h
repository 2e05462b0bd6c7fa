/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Text that is kept until it may be shown: a little in memory, more in a file */
typedef struct _Kept Kept;

Kept     *kept_new    (void);
void      kept_free   (Kept *self);

/* Where the next piece is to be appended; then say so */
GString  *kept_begin  (Kept *self);
/* FALSE: some of it is lost */
gboolean  kept_end    (Kept    *self,
                       GError **error);
/* All of it, from the first piece on */
void      kept_write  (Kept          *self,
                       GOutputStream *to);

G_END_DECLS
