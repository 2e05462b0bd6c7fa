/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "../nodes/jobs-process-private.h"
#include "jobs-command-action.h"
#include "jobs-lines.h"
#include "jobs-progress.h"
#include "jobs-variables.h"

G_BEGIN_DECLS

/* What an attempt's run needs of its action, and nobody else */

typedef enum
{
  JOBS_COMMAND_READY_NONE,
  JOBS_COMMAND_READY_OUTPUT,
  JOBS_COMMAND_READY_COMMAND,
  JOBS_COMMAND_READY_DELAY,
} JobsCommandReady;

typedef struct
{
  char *from;
  char *to;
} JobsCommandFile;

enum
{
  JOBS_COMMAND_PUSH,
  JOBS_COMMAND_PULL,
};

struct _JobsCommandAction
{
  JobsAction parent_instance;

  JobsNode *node;
  char    **argv; /* or a command, or neither: that fails to start */
  char     *command;
  gboolean  is_script; /* argv[0] is a file of this machine */

  char         *directory;
  JobsVariables variables;
  GBytes       *input;

  gboolean capture;
  char    *output_file;
  GBytes  *allowed_exits; /* NULL: 0 alone */
  guint    grace;

  GArray *files[2]; /* JobsCommandFile: to the node and from it; NULL: none */

  char *unless;
  char *shutdown;

  JobsCommandReady ready;
  char            *ready_text; /* the substring, or the command */
  guint            ready_delay;
  guint            ready_within;

  GRegex *progress; /* NULL: it does not say how far it is */

  /* What became of the latest attempt */
  JobsTail tail;
  int      exit_status;
  int      term_signal;

  gint64   pid; /* of the process that runs for it here; 0: none */
};

/* The full name of the file of this machine that it runs; NULL: none */
char    *jobs_command_action_dup_script   (JobsCommandAction *self);
/* With that name; NULL: it runs a shell command */
char   **jobs_command_action_dup_argv     (JobsCommandAction *self);
/* Whether that can be run, where there is one */
gboolean jobs_command_action_check_script (JobsCommandAction *self,
                                           GError           **error);
/* Of any command that it runs, with its environment and its directory */
JobsProcess *jobs_command_action_make_process (JobsCommandAction      *self,
                                               GMainContext           *context,
                                               const char *const      *argv,
                                               GBytes                 *input,
                                               const JobsProcessFuncs *funcs,
                                               gpointer                owner);
/* All that decides what it does */
void     jobs_command_action_add_to_checksum (JobsCommandAction *self,
                                              GChecksum         *checksum);
gboolean jobs_command_action_allows_exit  (JobsCommandAction *self,
                                           int                exit_status);
/* -1: there is none */
void     jobs_command_action_take_status  (JobsCommandAction *self,
                                           int                exit_status,
                                           int                term_signal);
/* Only where it has a handler */
void     jobs_command_action_emit_output  (JobsCommandAction *self,
                                           guint              stream,
                                           const guint8      *data,
                                           gsize              size);
/* For lines */
gboolean jobs_command_action_has_listener (JobsCommandAction *self);
void     jobs_command_action_emit_line    (JobsCommandAction *self,
                                           guint              stream,
                                           const guint8      *line,
                                           gsize              size);

G_END_DECLS
