/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include <gio/gio.h>

#include "jobs-version.h"

G_BEGIN_DECLS

typedef struct _JobsAction   JobsAction;
typedef struct _JobsAttempt  JobsAttempt;
typedef struct _JobsEngine   JobsEngine;
typedef struct _JobsPool     JobsPool;
typedef struct _JobsResource JobsResource;
typedef struct _JobsSequence JobsSequence;

/**
 * JobsState:
 * @JOBS_STATE_IDLE: waits for its requirements, or for a run to begin
 * @JOBS_STATE_SCHEDULED: its requirements are met; it waits for a slot, a pool,
 *   a resource or a retry delay
 * @JOBS_STATE_RUNNING: an attempt goes on
 * @JOBS_STATE_CANCELLING: an attempt goes on that was asked to end
 * @JOBS_STATE_FINISHED: ended well
 * @JOBS_STATE_FAILED: ended with an error
 * @JOBS_STATE_TIMED_OUT: did not end within its timeout
 * @JOBS_STATE_CANCELLED: was asked to end before it had ended
 * @JOBS_STATE_SKIPPED: did not run in this run, and will not
 *
 * Where an action is in its life.
 *
 * Each action reaches exactly one of the last five, the terminal states, in
 * each run of its engine.
 *
 * Since: 1.0
 */
typedef enum
{
  JOBS_STATE_IDLE,
  JOBS_STATE_SCHEDULED,
  JOBS_STATE_RUNNING,
  JOBS_STATE_CANCELLING,
  JOBS_STATE_FINISHED,
  JOBS_STATE_FAILED,
  JOBS_STATE_TIMED_OUT,
  JOBS_STATE_CANCELLED,
  JOBS_STATE_SKIPPED,
} JobsState;

#define JOBS_TYPE_STATE (jobs_state_get_type ())

JOBS_AVAILABLE_IN_1_0
GType jobs_state_get_type (void) G_GNUC_CONST;

/**
 * JobsCondition:
 * @JOBS_CONDITION_DONE: the other one has ended, however it ended; except that
 *   an engine with %JOBS_ON_FAILURE_KEEP_GOING skips what is behind a failure
 * @JOBS_CONDITION_SUCCESS: the other one has ended as %JOBS_STATE_FINISHED
 * @JOBS_CONDITION_FAILURE: the other one has ended as %JOBS_STATE_FAILED or
 *   %JOBS_STATE_TIMED_OUT
 * @JOBS_CONDITION_READY: the other one has said [method@Attempt.ready] and
 *   still runs, or has ended as %JOBS_STATE_FINISHED
 * @JOBS_CONDITION_AFTER: weak: the other one has ended, where it runs at all
 *
 * When a requirement is met.
 *
 * Since: 1.0
 */
typedef enum
{
  JOBS_CONDITION_DONE,
  JOBS_CONDITION_SUCCESS,
  JOBS_CONDITION_FAILURE,
  JOBS_CONDITION_READY,
  JOBS_CONDITION_AFTER,
} JobsCondition;

#define JOBS_TYPE_CONDITION (jobs_condition_get_type ())

JOBS_AVAILABLE_IN_1_0
GType jobs_condition_get_type (void) G_GNUC_CONST;

/**
 * JobsOnFailure:
 * @JOBS_ON_FAILURE_ABORT: cancel what runs, start nothing more
 * @JOBS_ON_FAILURE_DRAIN: let what runs end, start nothing more
 * @JOBS_ON_FAILURE_KEEP_GOING: skip what is behind the failed action, run all else
 *
 * What an engine does when a critical action fails.
 *
 * Since: 1.0
 */
typedef enum
{
  JOBS_ON_FAILURE_ABORT,
  JOBS_ON_FAILURE_DRAIN,
  JOBS_ON_FAILURE_KEEP_GOING,
} JobsOnFailure;

#define JOBS_TYPE_ON_FAILURE (jobs_on_failure_get_type ())

JOBS_AVAILABLE_IN_1_0
GType jobs_on_failure_get_type (void) G_GNUC_CONST;

/**
 * JobsPauseFlags:
 * @JOBS_PAUSE_DEFAULT: nothing starts; attempts and their timeouts go on
 * @JOBS_PAUSE_CLOCKS: the timeouts of running attempts stand still too
 *
 * What [method@Engine.pause] holds up.
 *
 * Since: 1.0
 */
typedef enum
{
  JOBS_PAUSE_DEFAULT = 0,
  JOBS_PAUSE_CLOCKS = 1 << 0,
} JobsPauseFlags;

#define JOBS_TYPE_PAUSE_FLAGS (jobs_pause_flags_get_type ())

JOBS_AVAILABLE_IN_1_0
GType jobs_pause_flags_get_type (void) G_GNUC_CONST;

/**
 * JobsError:
 * @JOBS_ERROR_FAILED: an action failed and gave no error of its own
 * @JOBS_ERROR_CRITICAL: a critical action failed, and with it the run; the
 *   message names the action by its path and says why
 * @JOBS_ERROR_TIMED_OUT: an action, or a run, did not end within its timeout
 * @JOBS_ERROR_INCOMPLETE: a run that kept going has ended, but not everything
 *   in it went well
 * @JOBS_ERROR_ABANDONED: the last reference to an attempt went before it had
 *   been given an outcome
 * @JOBS_ERROR_STUCK: an attempt did not end within the engine's grace after it
 *   had been asked to; it may still go on
 * @JOBS_ERROR_BUSY: what was asked for goes on already
 * @JOBS_ERROR_STARTED: the action has started or ended, it is too late for this
 * @JOBS_ERROR_CYCLE: actions require each other in a circle
 * @JOBS_ERROR_DANGLING: a requirement leads out of the engine
 * @JOBS_ERROR_POOL: a need that its pool can never meet
 * @JOBS_ERROR_NO_RESOURCES: the system lacks what a start needs for now
 *   (processes, descriptors, memory); it is tried again when something has ended,
 *   and after a minute in which nothing was at work it fails with this
 * @JOBS_ERROR_EXITED: a command has exited with a status that is not allowed
 * @JOBS_ERROR_SIGNALED: a command was ended by a signal
 * @JOBS_ERROR_SPAWN: a command could not be started
 * @JOBS_ERROR_OUTPUT: the output of a command could not be kept as asked for
 * @JOBS_ERROR_NOT_READY: an action did not become ready in time
 * @JOBS_ERROR_SYNTAX: a job file is not well-formed YAML
 * @JOBS_ERROR_SCHEMA: a job file says what no job file can say: an unknown key
 *   or name, a wrong type, a duplicate, too much of something
 * @JOBS_ERROR_JOURNAL: a journal cannot be written
 * @JOBS_ERROR_DAMAGED: a journal cannot be read, or is none
 * @JOBS_ERROR_UNSUPPORTED: what was asked for is not there in this version
 * @JOBS_ERROR_UNREACHABLE: there is no connection to a node, and nothing was begun
 *   there; the message says what is in the way
 * @JOBS_ERROR_COPY: a file could not be copied to a node or from it
 * @JOBS_ERROR_LOST: what became of a command on a node is not known, since the
 *   connection was lost, or its cluster knows nothing of it any more
 * @JOBS_ERROR_REFUSED: a cluster does not take a job, or would never start it
 * @JOBS_ERROR_TIME_LIMIT: a job reached the limit of time of its cluster
 * @JOBS_ERROR_OUT_OF_MEMORY: a job took more memory than its cluster allows it
 * @JOBS_ERROR_NODE_FAILED: the machine of a cluster on which a job ran has failed
 * @JOBS_ERROR_PREEMPTED: a job had to make room in its cluster for another one
 *
 * Errors of the library.
 *
 * Cancellation is always %G_IO_ERROR_CANCELLED.
 *
 * Since: 1.0
 */
typedef enum
{
  JOBS_ERROR_FAILED,
  JOBS_ERROR_CRITICAL,
  JOBS_ERROR_TIMED_OUT,
  JOBS_ERROR_INCOMPLETE,
  JOBS_ERROR_ABANDONED,
  JOBS_ERROR_STUCK,
  JOBS_ERROR_BUSY,
  JOBS_ERROR_STARTED,
  JOBS_ERROR_CYCLE,
  JOBS_ERROR_DANGLING,
  JOBS_ERROR_POOL,
  JOBS_ERROR_NO_RESOURCES,
  JOBS_ERROR_EXITED,
  JOBS_ERROR_SIGNALED,
  JOBS_ERROR_SPAWN,
  JOBS_ERROR_OUTPUT,
  JOBS_ERROR_NOT_READY,
  JOBS_ERROR_SYNTAX,
  JOBS_ERROR_SCHEMA,
  JOBS_ERROR_JOURNAL,
  JOBS_ERROR_DAMAGED,
  JOBS_ERROR_UNSUPPORTED,
  JOBS_ERROR_UNREACHABLE,
  JOBS_ERROR_COPY,
  JOBS_ERROR_LOST,
  JOBS_ERROR_REFUSED,
  JOBS_ERROR_TIME_LIMIT,
  JOBS_ERROR_OUT_OF_MEMORY,
  JOBS_ERROR_NODE_FAILED,
  JOBS_ERROR_PREEMPTED,
} JobsError;

#define JOBS_ERROR      (jobs_error_quark ())
#define JOBS_TYPE_ERROR (jobs_error_get_type ())

JOBS_AVAILABLE_IN_1_0
GQuark jobs_error_quark (void);
JOBS_AVAILABLE_IN_1_0
GType jobs_error_get_type (void) G_GNUC_CONST;

JOBS_AVAILABLE_IN_1_0
gboolean jobs_state_is_active   (JobsState state);
JOBS_AVAILABLE_IN_1_0
gboolean jobs_state_is_terminal (JobsState state);
JOBS_AVAILABLE_IN_1_0
const char *jobs_state_get_nick (JobsState state);

G_END_DECLS
