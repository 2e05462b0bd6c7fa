/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-gtk-plan.h"
#include "jobs-gtk-sight.h"

G_BEGIN_DECLS

/* selected (nullable): the line of a node that is marked */
void jobs_gtk_paint (JobsGtkPlan  *plan,
                     JobsGtkSight *sight,
                     JobsLine     *selected,
                     GtkSnapshot  *snapshot);

G_END_DECLS
