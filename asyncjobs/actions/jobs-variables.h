/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-action.h"

G_BEGIN_DECLS

/* How the environment of a command differs from the usual one. All zero when new */
typedef struct
{
  GPtrArray *changes; /* NAME=VALUE or NAME; NULL: none */
  GPtrArray *inputs;  /* variables that get the results of actions; NULL: none */
} JobsVariables;

/* NULL, empty and what contains = is none */
gboolean   jobs_variables_is_name   (const char    *name);
/* @value NULL: removed. The latest of a name counts */
void       jobs_variables_set       (JobsVariables *self,
                                     const char    *name,
                                     const char    *value);
void       jobs_variables_add_input (JobsVariables *self,
                                     const char    *name,
                                     JobsAction    *from);
/* As a node wants them, with a NULL at the end; the results have the last word */
GPtrArray *jobs_variables_resolve   (JobsVariables *self);
/* Lets go of the actions */
void       jobs_variables_dispose   (JobsVariables *self);
void       jobs_variables_clear     (JobsVariables *self);

G_END_DECLS
