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
  GPtrArray *passed;  /* names of our own that it shall have everywhere; NULL: none */
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
/* As it is here when it is resolved; less than what is set */
void       jobs_variables_pass      (JobsVariables *self,
                                     const char    *name);
/* As a node wants them, with a NULL at the end; the results have the last word */
GPtrArray *jobs_variables_resolve   (JobsVariables *self);
/* With its length before it, so that no two lists of texts are the same; NULL is a text
 * of its own */
void       jobs_checksum_add        (GChecksum  *checksum,
                                     const char *text);
/* All but what a journal sets itself: JOBS_ATTEMPT_VARIABLE */
void       jobs_variables_add_to_checksum (JobsVariables *self,
                                           GChecksum     *checksum);
/* Lets go of the actions */
void       jobs_variables_dispose   (JobsVariables *self);
void       jobs_variables_clear     (JobsVariables *self);

G_END_DECLS
