/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "output.h"

G_BEGIN_DECLS

typedef enum
{
  COLOR_AUTO,
  COLOR_ALWAYS,
  COLOR_NEVER,
} ColorMode;

typedef enum
{
  PROGRESS_AUTO,
  PROGRESS_LIVE,
  PROGRESS_PLAIN,
  PROGRESS_NONE,
} ProgressMode;

/* What `asyncjobs run` was asked for */
typedef struct
{
  char **given;               /* all of it, as it came */
  char *directory;            /* where that was */
  char **arguments;
  const char *file;           /* in arguments, as the jobs */
  const char *const *jobs;
  char **only;
  char **skip;
  char **env;                 /* NAME=VALUE */
  char *events;
  char *report;
  char *trace;
  OutputMode output;
  gboolean output_set;        /* and not to auto */
  ColorMode color;
  char *journal;
  gboolean no_journal;
  gboolean durable;
  gboolean bus;
  ProgressMode progress;
  gboolean keep_going;
  gboolean dry_run;
  gboolean simulate;
  gboolean quiet;
  gboolean verbose;
  gboolean window_set;
  guint window;
  gboolean timeout_set;
  guint timeout;
} RunOptions;

/* FALSE: leave with *status, all has been said. Changes the directory for -C */
gboolean run_options_parse (RunOptions *self,
                            char      **argv,
                            int        *status);
void     run_options_clear (RunOptions *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RunOptions, run_options_clear)

G_END_DECLS
