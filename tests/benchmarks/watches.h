/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

G_BEGIN_DECLS

/* A way to watch a run */
typedef struct
{
  const char *name;
  /* Before there is anything to watch, and when all is over; nullable */
  void (*set_up) (void);
  void (*tear_down) (void);
  /* Watches until what it returns is dropped; NULL: nobody watches */
  GObject *(*watch) (JobsEngine    *engine,
                     GOutputStream *stream);
} Watch;

/* Those of this program; the last one has no name */
extern const Watch watches[];

G_END_DECLS
