/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A program here that is asked for something: all of its output at its end. status:
 * its exit status, -1 where it did not end by itself or could not be begun; err says
 * why then */
typedef void (*JobsClientFunc) (int         status,
                                const char *out,
                                const char *err,
                                gpointer    user_data);

/* @input (nullable). @func is called once, in @context, later. It cannot be taken
 * back: user_data must stay */
void jobs_client_run (GMainContext      *context,
                      const char *const *argv,
                      GBytes            *input,
                      JobsClientFunc     func,
                      gpointer           user_data);

G_END_DECLS
