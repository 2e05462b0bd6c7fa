/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What both sides of a bus have to agree on, beside the interfaces. A run has the name
 * of its process behind this, and the object path that this name gives */
#define JOBS_BUS_NAMESPACE "org.asyncjobs.Run"

#define JOBS_BUS_RUN_INTERFACE "org.asyncjobs.Run1"
#define JOBS_BUS_ACTION_INTERFACE "org.asyncjobs.Action1"

#define JOBS_BUS_ERROR_UNKNOWN "org.asyncjobs.Error.UnknownAction"
#define JOBS_BUS_ERROR_REFUSED "org.asyncjobs.Error.Refused"
