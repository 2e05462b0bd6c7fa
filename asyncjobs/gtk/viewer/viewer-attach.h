/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "viewer-window.h"

G_BEGIN_DECLS

/* Adds an action "attach" to the window, where this library can see runs of other programs:
 * it asks for one of those that are shown on the bus. The menu has no such item otherwise */
void viewer_attach_add (ViewerWindow *window);

G_END_DECLS
