/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#define JOBS_INSIDE

#include "jobs-action.h"
#include "jobs-attempt.h"
#include "jobs-engine.h"
#include "jobs-pool.h"
#include "jobs-resource.h"
#include "jobs-sequence.h"
#include "jobs-types.h"
#include "jobs-version.h"

#include "actions/jobs-async-action.h"
#include "actions/jobs-callback-action.h"
#include "actions/jobs-command-action.h"
#include "actions/jobs-delay-action.h"
#include "actions/jobs-print-action.h"
#include "actions/jobs-thread-action.h"
#include "actions/jobs-workers.h"

#include "monitors/jobs-board.h"
#include "monitors/jobs-bus-board.h"
#include "monitors/jobs-bus-monitor.h"
#include "monitors/jobs-bus-runs.h"
#include "monitors/jobs-engine-board.h"
#include "monitors/jobs-line.h"
#include "monitors/jobs-picture.h"
#include "monitors/jobs-requirement.h"
#include "monitors/jobs-text-monitor.h"
#include "monitors/jobs-trace-monitor.h"

#include "nodes/jobs-local-node.h"
#include "nodes/jobs-node.h"
#include "nodes/jobs-process.h"
#include "nodes/jobs-slurm-node.h"
#include "nodes/jobs-ssh-node.h"

#if JOBS_HAS_TERMINAL
#include "monitors/jobs-terminal-monitor.h"
#endif

#if JOBS_HAS_SCENARIO
#include "scenario/jobs-scenario.h"
#endif

#if JOBS_HAS_JOURNAL
#include "scenario/jobs-journal.h"
#endif

#undef JOBS_INSIDE
