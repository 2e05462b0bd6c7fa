/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

G_BEGIN_DECLS

/* A way to watch a run */
typedef struct
{
  const char *name;
  /* Before there is an engine, where it is to be watched; nullable. Who forks does it here: each
   * page that is written to later is copied */
  void (*prepare) (void);
  /* Before the run begins, and when all is over; nullable. For a run that nobody watches,
   * engine is NULL: it takes place where all is as for the other one, but for who watches */
  void (*set_up) (JobsEngine *engine);
  void (*tear_down) (void);
  /* Watches until what it returns is dropped; NULL: nobody watches */
  GObject *(*watch) (JobsEngine    *engine,
                     GOutputStream *stream);
} Watch;

/* Those of this program; the last one has no name */
extern const Watch watches[];

G_END_DECLS
