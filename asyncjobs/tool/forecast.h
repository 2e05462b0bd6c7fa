/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

G_BEGIN_DECLS

/* How long a run that goes on will probably go on */
typedef struct _Forecast Forecast;

/* By what earlier runs in this journal have taken. NULL: that says nothing */
Forecast *forecast_new      (JobsEngine *engine,
                             const char *journal);
void      forecast_free     (Forecast *self);
/* µs, -1: not known. It is reckoned anew at most once a second, and less often where that
 * takes long; FALSE: not this time */
gboolean  forecast_get_left (Forecast *self,
                             gint64   *left);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Forecast, forecast_free)

G_END_DECLS
