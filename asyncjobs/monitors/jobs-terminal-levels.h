/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-board.h"

G_BEGIN_DECLS

/* The tree of those engines of a board that are known, and steps from line to line in it */

typedef struct _JobsLevels JobsLevels;
typedef struct _JobsLevel JobsLevel;

/* What one engine holds, or what a filter has found */
struct _JobsLevel
{
  JobsLevels *levels;
  JobsLevel  *parent;   /* NULL: the board itself */
  JobsLine   *line;     /* (owned) (nullable): of the engine */
  GListModel *model;    /* (owned) */
  gulong      handler;
  guint       position; /* in the parent */
  guint       depth;
  gboolean    is_open;
  GPtrArray  *nested;   /* JobsLevel, (owned), by position */
  GPtrArray  *active;   /* JobsLine, (owned): those that stand before the others */
};

/* Where a line stands */
typedef struct
{
  JobsLevel *level;     /* NULL: nowhere */
  gboolean   is_active; /* index is one of level->active, or else of its model */
  guint      index;
  JobsLine  *line;      /* (owned) */
} JobsPlace;

typedef void (*JobsLevelsFunc) (JobsLevel *level,
                                guint      position,
                                guint      removed,
                                guint      added,
                                gpointer   data);

/* is_flat: engines are lines like others. changed: a level is about to become another one,
 * and levels of what is removed go after that */
JobsLevels *jobs_levels_new          (GListModel    *lines,
                                      gboolean       is_flat,
                                      JobsLevelsFunc changed,
                                      gpointer       data);
void        jobs_levels_free         (JobsLevels *self);
JobsLevel  *jobs_levels_get_root     (JobsLevels *self);
/* Of an engine, or NULL where that is none, or is not known */
JobsLevel  *jobs_levels_find         (JobsLevels *self,
                                      JobsLine   *line);
/* The level of the first length bytes of a path, or of as much of them as there is one */
JobsLevel  *jobs_levels_find_nearest (JobsLevels *self,
                                      const char *path,
                                      gsize       length);
/* line is at position in parent: if it is an engine, that is known now */
JobsLevel  *jobs_levels_learn        (JobsLevel  *parent,
                                      guint       position,
                                      JobsLine   *line,
                                      gboolean    is_open);
/* Whether it can be seen: it and those around it are open */
gboolean    jobs_level_is_visible    (JobsLevel  *self);
/* How many rows there are, of all that are open */
guint       jobs_levels_count        (JobsLevels *self);

/* Which lines stand first */
void        jobs_levels_clear_active (JobsLevels *self);
/* Not twice; at the end, or before the one at index */
void        jobs_level_add_active    (JobsLevel  *self,
                                      JobsLine   *line,
                                      int         index);
/* By their start, all levels */
void        jobs_levels_sort_active  (JobsLevels *self);
gboolean    jobs_levels_is_active    (JobsLevels *self,
                                      JobsLine   *line);
/* Engines that are active go to the active ones of where they are, but not without */
void        jobs_levels_add_engines  (JobsLevels *self,
                                      JobsLine   *without);

/* Steps. FALSE: there is none, and the place is as it was */
gboolean    jobs_place_first         (JobsPlace  *self,
                                      JobsLevels *levels);
gboolean    jobs_place_last          (JobsPlace  *self,
                                      JobsLevels *levels);
gboolean    jobs_place_next          (JobsPlace  *self);
gboolean    jobs_place_previous      (JobsPlace  *self);
/* To the line of the engine around */
gboolean    jobs_place_up            (JobsPlace  *self);
void        jobs_place_clear         (JobsPlace  *self);
void        jobs_place_set           (JobsPlace  *self,
                                      const JobsPlace *other);

G_END_DECLS
