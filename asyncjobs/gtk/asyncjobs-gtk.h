/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#define JOBS_GTK_INSIDE

#include <asyncjobs.h>
#include <gtk/gtk.h>

#include "jobs-gtk-graph.h"
#include "jobs-gtk-monitor.h"
#include "jobs-gtk-version.h"

#undef JOBS_GTK_INSIDE
