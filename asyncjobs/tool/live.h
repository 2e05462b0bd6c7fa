/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "forecast.h"
#include "run-options.h"

G_BEGIN_DECLS

/* A run on a whole terminal. While it is there, what would be told on stderr is kept, and
 * shown in one line */
typedef struct _Live Live;

/* The terminal to use, or -1 for none. is_free: nothing but what we say goes to stdout */
int      live_choose_terminal (const RunOptions *options,
                               gboolean          is_free);
/* quit: somebody wants to leave, or the terminal has gone. forecast (nullable) is taken.
 * NULL: it cannot be, which has been told if it was asked for */
Live    *live_new             (const RunOptions *options,
                               JobsEngine       *engine,
                               const char       *title,
                               Forecast         *forecast,
                               int               fd,
                               gboolean          color,
                               void (*quit) (gpointer data),
                               gpointer          data);
void     live_suspend         (Live *self);
void     live_resume          (Live *self);
/* Gives the terminal back, and tells there what was kept */
void     live_free            (Live *self);
/* Before the last words of a program that ends badly */
void     live_restore_now     (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Live, live_free)

G_END_DECLS
