/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

#include "stream.h"

G_BEGIN_DECLS

typedef enum
{
  TOOL_EXIT_OK        = 0,
  TOOL_EXIT_FAILED    = 1,
  TOOL_EXIT_USAGE     = 2,
  TOOL_EXIT_FILE      = 3,
  TOOL_EXIT_JOURNAL   = 4,
  TOOL_EXIT_TROUBLE   = 5,
  TOOL_EXIT_UNREACHED = 6,
  TOOL_EXIT_INTERNAL  = 70,
  TOOL_EXIT_TIMEOUT   = 124,
  TOOL_EXIT_SIGNAL    = 128,   /* and the number of the signal */
} ToolExit;

/* The subcommands; argv[0] is the name of the program */
int           tool_run              (int    argc,
                                     char **argv);
int           tool_resume           (int    argc,
                                     char **argv);
int           tool_check            (int    argc,
                                     char **argv);
int           tool_list             (int    argc,
                                     char **argv);
int           tool_graph            (int    argc,
                                     char **argv);
int           tool_status           (int    argc,
                                     char **argv);
int           tool_logs             (int    argc,
                                     char **argv);
int           tool_report           (int    argc,
                                     char **argv);
int           tool_watch            (int    argc,
                                     char **argv);
int           tool_cancel           (int    argc,
                                     char **argv);

/* A line on stderr */
void          tool_note             (const char *format,
                                     ...) G_GNUC_PRINTF (1, 2);
/* Likewise, with the way to --help; returns TOOL_EXIT_USAGE */
int           tool_usage            (const char *format,
                                     ...) G_GNUC_PRINTF (1, 2);
/* Each line of it likewise: it does not say whose it is, as what is wrong with a job file does
 * by the name of that */
void          tool_note_error       (const GError *error);
/* Text of many lines on stderr as it is, less what is harmful */
void          tool_note_lines       (const char *text);
gboolean      tool_had_critical     (void);
/* From now on what is told on stderr is kept, and func called with it, until it is released:
 * a screen is drawn there */
typedef void (*ToolNoteFunc) (const char *text,
                              gpointer    data);
void          tool_notes_hold       (ToolNoteFunc func,
                                     gpointer     data);
void          tool_notes_release    (void);
/* FALSE: nothing is kept at the time */
gboolean      tool_notes_keep       (const char *text);

/* FALSE: leave with *status, all has been said. In *rest, what is no option */
gboolean      tool_parse            (const char         *arguments,
                                     const char         *summary,
                                     const char         *description,
                                     const GOptionEntry *entries,
                                     char              **argv,
                                     char             ***rest,
                                     int                *status);
/* FALSE: not all is UTF-8, and the usage error has been told */
gboolean      tool_check_utf8       (const char *const *arguments);
/* NULL: leave with *status, all has been said */
JobsScenario *tool_load             (const char *filename,
                                     int        *status);

#define N_STATES (JOBS_STATE_SKIPPED + 1)

/* What is called a job wherever jobs are counted: all on all levels, nested
 * engines too, but not the run itself */
GPtrArray    *tool_dup_jobs         (JobsEngine *engine);

/* As by -j: at most so many at once, on all levels; 0: no limit */
void          tool_limit_jobs       (JobsEngine *engine,
                                     guint       n);

/* "0.512 s", "3 min 4.0 s" */
char         *tool_format_duration  (gint64 usec);
/* For people, translated */
const char   *tool_get_state_word   (JobsState state);
/* As one may type it in a shell */
char         *tool_shell_word       (const char *text);
/* Appends the first line of text, harmless and without secrets */
void          tool_append_line      (GString    *to,
                                     const char *text);
/* Appends each line of text, likewise, behind a prefix */
void          tool_append_lines     (GString    *to,
                                     const char *text,
                                     const char *prefix);
/* For programs, each as it is and with a newline, or a NUL, behind it */
void          tool_put_names        (ToolStream        *to,
                                     const char *const *names,
                                     gboolean           with_nul);
/* What distinguishes an action from the default, after "; " or nothing */
void          tool_append_policy    (GString    *to,
                                     JobsAction *action);
/* One line for each action, in an order in which they could run */
gboolean      tool_write_plan       (ToolStream *to,
                                     JobsEngine *engine,
                                     GError    **error);
const char   *tool_condition_nick   (JobsCondition condition);
const char   *tool_on_failure_nick  (JobsOnFailure on_failure);

G_END_DECLS
