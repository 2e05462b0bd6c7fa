/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In the place of the exit status of what was ended by a signal */
#define JOBS_CLIENT_KILLED 256

/* A program here that is asked for something: all of its output at its end. status:
 * its exit status, or that; -1 where it could not be begun: err says why */
typedef void (*JobsClientFunc) (int         status,
                                const char *out,
                                const char *err,
                                gpointer    user_data);

/* @environment: changes, as for a process; it and @input are nullable. @func is called once, in @context, later. It cannot be taken
 * back: user_data must stay */
void jobs_client_run (GMainContext      *context,
                      const char *const *argv,
                      const char *const *environment,
                      GBytes            *input,
                      JobsClientFunc     func,
                      gpointer           user_data);

G_END_DECLS
