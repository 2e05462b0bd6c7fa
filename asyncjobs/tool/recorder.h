/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "account.h"

G_BEGIN_DECLS

/* Notes what a report tells of a run, while it goes on: an action knows of its last
 * attempt only */
typedef struct _Recorder Recorder;

Recorder *recorder_new    (JobsEngine *engine);
void      recorder_free   (Recorder *self);
/* Once the run has ended. File NULL: standard input; resume NULL: it cannot be */
Account  *recorder_finish (Recorder      *self,
                           const Verdict *verdict,
                           const char    *name,
                           const char    *file,
                           const char    *resume);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recorder, recorder_free)

G_END_DECLS
