/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Takes the signals that ask us to end, and the one of Ctrl-Z, TSTP. Each is a byte, its number, that can be
 * read from the descriptor returned; -1 where there is none to be had */
int  signals_open (void);
/* Stops this process, as TSTP does; returns once it was continued */
void signals_stop (void);

G_END_DECLS
