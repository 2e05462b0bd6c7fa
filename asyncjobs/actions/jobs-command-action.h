/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-action.h"
#include "../nodes/jobs-node.h"

G_BEGIN_DECLS

/**
 * JOBS_COMMAND_CAPTURE_MAX:
 *
 * The most that [method@CommandAction.set_capture] captures, bytes.
 *
 * Since: 1.0
 */
#define JOBS_COMMAND_CAPTURE_MAX (1024 * 1024)

/**
 * JOBS_COMMAND_READY_INTERVAL:
 *
 * How long [method@CommandAction.set_ready_command] waits before it asks again,
 * ms.
 *
 * Since: 1.0
 */
#define JOBS_COMMAND_READY_INTERVAL 200

#define JOBS_TYPE_COMMAND_ACTION (jobs_command_action_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsCommandAction, jobs_command_action, JOBS, COMMAND_ACTION, JobsAction)

/* What is run; node NULL: here. A string goes to sh -c, a list is an argv. A script is
 * a file of this machine, which is brought to its node; arguments NULL: none */
JOBS_AVAILABLE_IN_1_0
JobsAction        *jobs_command_action_new               (const char        *label,
                                                          JobsNode          *node,
                                                          const char *const *argv);
JOBS_AVAILABLE_IN_1_0
JobsAction        *jobs_command_action_new_shell         (const char *label,
                                                          JobsNode   *node,
                                                          const char *command);
JOBS_AVAILABLE_IN_1_0
JobsAction        *jobs_command_action_new_script        (const char        *label,
                                                          JobsNode          *node,
                                                          const char        *filename,
                                                          const char *const *arguments);
JOBS_AVAILABLE_IN_1_0
JobsNode          *jobs_command_action_get_node          (JobsCommandAction *self);
JOBS_AVAILABLE_IN_1_0
const char *const *jobs_command_action_get_argv          (JobsCommandAction *self);
JOBS_AVAILABLE_IN_1_0
const char        *jobs_command_action_get_command       (JobsCommandAction *self);
JOBS_AVAILABLE_IN_1_0
gboolean           jobs_command_action_get_is_script     (JobsCommandAction *self);

/* With what */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_directory     (JobsCommandAction *self,
                                                          const char        *directory);
JOBS_AVAILABLE_IN_1_0
const char        *jobs_command_action_get_directory     (JobsCommandAction *self);
/* value NULL: the variable is not there at all. Later calls win */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_setenv            (JobsCommandAction *self,
                                                          const char        *name,
                                                          const char        *value);
/* As it is in the environment of the program by then: for another machine */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_pass_env          (JobsCommandAction *self,
                                                          const char        *name);
/* Before the command, and after it has ended well */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_add_push          (JobsCommandAction *self,
                                                          const char        *from,
                                                          const char        *to);
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_add_pull          (JobsCommandAction *self,
                                                          const char        *from,
                                                          const char        *to);
/* The result of @from, where it has FINISHED by then, as a variable */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_add_input         (JobsCommandAction *self,
                                                          const char        *name,
                                                          JobsAction        *from);
/* NULL: /dev/null */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_stdin         (JobsCommandAction *self,
                                                          GBytes            *bytes);

/* What is made of its output. Signals "output" (stream 1 or 2, GBytes as they
 * come) and "output-line" (likewise, without the newline): only where one has a
 * handler are they made */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_capture       (JobsCommandAction *self,
                                                          gboolean           capture);
JOBS_AVAILABLE_IN_1_0
gboolean           jobs_command_action_get_capture       (JobsCommandAction *self);
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_output_file   (JobsCommandAction *self,
                                                          const char        *filename);
JOBS_AVAILABLE_IN_1_0
const char        *jobs_command_action_get_output_file   (JobsCommandAction *self);
/* The last lines of both streams, as text: at most 20 lines, 16 KiB */
JOBS_AVAILABLE_IN_1_0
char              *jobs_command_action_dup_tail          (JobsCommandAction *self);

/* How far it is, from what it writes */
JOBS_AVAILABLE_IN_1_0
gboolean           jobs_command_action_set_progress      (JobsCommandAction *self,
                                                          const char        *pattern,
                                                          GError           **error);

/* When it has ended well, and how it is made to end */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_allowed_exits (JobsCommandAction *self,
                                                          const guint8      *statuses,
                                                          gsize              n_statuses);
/* ms from TERM to KILL; default 2000, 0: KILL at once */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_grace         (JobsCommandAction *self,
                                                          guint              grace);
JOBS_AVAILABLE_IN_1_0
guint              jobs_command_action_get_grace         (JobsCommandAction *self);
/* -1 where there is none (yet) */
JOBS_AVAILABLE_IN_1_0
int                jobs_command_action_get_exit_status   (JobsCommandAction *self);
JOBS_AVAILABLE_IN_1_0
gint64             jobs_command_action_get_pid           (JobsCommandAction *self);
JOBS_AVAILABLE_IN_1_0
int                jobs_command_action_get_term_signal   (JobsCommandAction *self);

/* Around it. Each is a shell command, on the same node, in the same environment */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_unless        (JobsCommandAction *self,
                                                          const char        *command);
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_shutdown      (JobsCommandAction *self,
                                                          const char        *command);

/* When it is ready: one of these; within: ms, default 60000, then it fails with
 * JOBS_ERROR_NOT_READY; 0 = no limit */
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_ready_output  (JobsCommandAction *self,
                                                          const char        *substring);
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_ready_command (JobsCommandAction *self,
                                                          const char        *command);
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_ready_delay   (JobsCommandAction *self,
                                                          guint              delay);
JOBS_AVAILABLE_IN_1_0
void               jobs_command_action_set_ready_within  (JobsCommandAction *self,
                                                          guint              within);

G_END_DECLS
