/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-problems.h"

G_BEGIN_DECLS

typedef enum
{
  JOBS_YAML_TEXT,
  JOBS_YAML_LIST,
  JOBS_YAML_MAP,
} JobsYamlKind;

typedef struct _JobsYamlNode JobsYamlNode;

/* A value of a file, with its key where it stands in a map. An alias is a copy
 * of the node that its anchor marks, in its own place; what is below is shared */
struct _JobsYamlNode
{
  const char *key;  /* NULL in a list, and at the top */
  const char *text; /* NULL unless a text */
  JobsYamlNode *first;
  JobsYamlNode *next;
  JobsPlace key_place;
  JobsPlace place;
  guint32 n_nodes; /* itself and all below, aliases opened */
  guint32 n_bytes; /* of text in those */
  guint8 kind;
  guint8 plain : 1; /* a text without quotes: may be a number or a boolean */
  guint8 open : 1;  /* its end is not read yet */
};

/* A whole file as a tree of nodes, freed at once */
typedef struct _JobsYaml JobsYaml;

#define JOBS_YAML_MAX_BYTES (16 * 1024 * 1024)

/* NULL with a problem added where it is not well-formed, or too big. Duplicate
 * keys are problems too, but the tree is there, with both */
JobsYaml           *jobs_yaml_parse    (const char   *data,
                                        gsize         length,
                                        JobsProblems *problems);
void                jobs_yaml_free     (JobsYaml *self);
const JobsYamlNode *jobs_yaml_get_root (JobsYaml *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JobsYaml, jobs_yaml_free)

G_END_DECLS
