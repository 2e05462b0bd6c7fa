/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-picture.h"

G_BEGIN_DECLS

#define JOBS_PICTURE_NO_EDGE G_MAXUINT

typedef struct
{
  guint from; /* places in items */
  guint to;
  JobsCondition condition;
  gboolean is_on_path;
} JobsPictureEdge;

/* One action; the first one is the engine itself, and an engine is before what is in it */
typedef struct
{
  JobsAction *action;    /* (owned) */
  guint parent;          /* the engine around it */
  JobsState state;
  char *word;            /* (nullable): to be shown in the place of the state */
  char *message;         /* (nullable): why it has failed */
  gint64 duration;       /* µs; of the last attempt, until now where it goes on; -1: none */
  gint64 estimate;       /* µs; -1: none */
  guint first_edge;      /* those that lead to it are in a row */
  guint n_edges;
  gboolean is_engine;
  gboolean is_critical;
  gboolean is_forever;
  gboolean is_on_path;
} JobsPictureItem;

struct _JobsPicture
{
  GObject parent_instance;

  JobsPictureItem *items;
  guint n_items;
  GArray *edges;         /* (element-type JobsPictureEdge), those to an item in a row */
  GHashTable *numbers;   /* JobsAction → its place in items */
  gboolean has_path;     /* whether what is marked as the longest path is right */
};

/* What a picture shows of an action */
char       *jobs_picture_item_dup_label (const JobsPictureItem *item);
/* What the state is called, in the language of who looks */
const char *jobs_picture_item_get_word  (const JobsPictureItem *item);
/* NULL: nothing, as long as it waits for a run */
char       *jobs_picture_item_dup_words (const JobsPictureItem *item);
/* What black text can be read on, told apart by those too who see few colours; NULL: none */
const char *jobs_picture_get_fill       (JobsState state);

/* In lines, none of them longer than fits in a box, and no more than fit on a screen */
char       *jobs_picture_wrap           (const char *text);
/* Whether it is no text but an order, to a terminal or to those who draw text */
gboolean    jobs_picture_is_control     (gunichar c);

/* Marks actions and requirements */
void        jobs_picture_ensure_path    (JobsPicture *self);

G_END_DECLS
