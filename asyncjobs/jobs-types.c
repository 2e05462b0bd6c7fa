/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "jobs-types.h"

/* Before anybody can ask for a text. A program that is moved about, and says afterwards where
 * the translations are, is obeyed. Its own domain is left alone */
static void __attribute__ ((constructor))
bind_domain (void)
{
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

G_DEFINE_ENUM_TYPE (JobsState, jobs_state,
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_SCHEDULED, "scheduled"),
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_CANCELLING, "cancelling"),
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_FINISHED, "finished"),
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_TIMED_OUT, "timed-out"),
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_CANCELLED, "cancelled"),
                    G_DEFINE_ENUM_VALUE (JOBS_STATE_SKIPPED, "skipped"))

G_DEFINE_ENUM_TYPE (JobsCondition, jobs_condition,
                    G_DEFINE_ENUM_VALUE (JOBS_CONDITION_DONE, "done"),
                    G_DEFINE_ENUM_VALUE (JOBS_CONDITION_SUCCESS, "success"),
                    G_DEFINE_ENUM_VALUE (JOBS_CONDITION_FAILURE, "failure"),
                    G_DEFINE_ENUM_VALUE (JOBS_CONDITION_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (JOBS_CONDITION_AFTER, "after"))

G_DEFINE_ENUM_TYPE (JobsOnFailure, jobs_on_failure,
                    G_DEFINE_ENUM_VALUE (JOBS_ON_FAILURE_ABORT, "abort"),
                    G_DEFINE_ENUM_VALUE (JOBS_ON_FAILURE_DRAIN, "drain"),
                    G_DEFINE_ENUM_VALUE (JOBS_ON_FAILURE_KEEP_GOING, "keep-going"))

G_DEFINE_FLAGS_TYPE (JobsPauseFlags, jobs_pause_flags,
                     G_DEFINE_ENUM_VALUE (JOBS_PAUSE_DEFAULT, "default"),
                     G_DEFINE_ENUM_VALUE (JOBS_PAUSE_CLOCKS, "clocks"))

G_DEFINE_ENUM_TYPE (JobsError, jobs_error,
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_CRITICAL, "critical"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_TIMED_OUT, "timed-out"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_INCOMPLETE, "incomplete"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_ABANDONED, "abandoned"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_STUCK, "stuck"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_BUSY, "busy"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_STARTED, "started"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_CYCLE, "cycle"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_DANGLING, "dangling"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_POOL, "pool"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_NO_RESOURCES, "no-resources"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_EXITED, "exited"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_SIGNALED, "signaled"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_SPAWN, "spawn"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_OUTPUT, "output"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_NOT_READY, "not-ready"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_SYNTAX, "syntax"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_SCHEMA, "schema"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_JOURNAL, "journal"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_DAMAGED, "damaged"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_UNSUPPORTED, "unsupported"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_UNREACHABLE, "unreachable"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_COPY, "copy"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_LOST, "lost"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_TIME_LIMIT, "time-limit"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_OUT_OF_MEMORY, "out-of-memory"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_NODE_FAILED, "node-failed"),
                    G_DEFINE_ENUM_VALUE (JOBS_ERROR_PREEMPTED, "preempted"))

/**
 * jobs_error_quark:
 *
 * The domain of [error@Error], which in C is `JOBS_ERROR`.
 *
 * Returns: the domain
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (jobs-error-quark, jobs_error)

/**
 * jobs_state_is_terminal:
 * @state: a state
 *
 * Whether an action in @state has ended for this run.
 *
 * Returns: %TRUE from %JOBS_STATE_FINISHED on
 *
 * Since: 1.0
 */
gboolean
jobs_state_is_terminal (JobsState state)
{
  return state >= JOBS_STATE_FINISHED;
}

/**
 * jobs_state_is_active:
 * @state: a state
 *
 * Whether an action in @state is at work, be it that it is about to be cancelled.
 *
 * Returns: %TRUE for %JOBS_STATE_RUNNING and %JOBS_STATE_CANCELLING
 *
 * Since: 1.0
 */
gboolean
jobs_state_is_active (JobsState state)
{
  return state == JOBS_STATE_RUNNING || state == JOBS_STATE_CANCELLING;
}

/**
 * jobs_state_get_nick:
 * @state: a state
 *
 * The short name of a state, as job files, reports and logs have it.
 *
 * Returns: (transfer none): for example `timed-out`
 *
 * Since: 1.0
 */
const char *
jobs_state_get_nick (JobsState state)
{
  static const char *const nicks[] = {
    "idle", "scheduled", "running", "cancelling", "finished",
    "failed", "timed-out", "cancelled", "skipped",
  };

  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (nicks), NULL);

  return nicks[state];
}
