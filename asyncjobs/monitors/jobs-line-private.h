/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-line.h"

G_BEGIN_DECLS

/* For boards, which fill them in */

/* What of an action does not change; the strings are copied */
typedef struct
{
  const char *path;
  const char *label;
  const char *details; /* (nullable) */
  gboolean    critical;
  gboolean    forever;
} JobsLineFacts;

/* What does */
typedef struct
{
  JobsState   state;
  gint64      start_time;
  gint64      end_time;
  guint       attempts;
  double      progress;
  const char *message; /* (nullable) */
  const char *error;   /* (nullable) */
} JobsLineNews;

/* source: the action, or what stands for it; children (nullable): an engine's */
JobsLine *jobs_line_new           (GObject             *source,
                                   const JobsLineFacts *facts,
                                   const JobsLineNews  *news,
                                   GListModel          *children);
/* Tells of what differs */
void      jobs_line_update        (JobsLine            *self,
                                   const JobsLineNews  *news);
/* What is too long is cut at its beginning, at a line. text NULL: it is not followed */
void      jobs_line_set_output    (JobsLine            *self,
                                   const char          *text);
/* Any bytes, as they come; told of by jobs_line_tell_output() */
void      jobs_line_append_output (JobsLine            *self,
                                   const void          *bytes,
                                   gsize                size);
void      jobs_line_tell_output   (JobsLine            *self);
gboolean  jobs_line_is_followed   (JobsLine            *self);
/* Each of several may follow it. TRUE: this is the first one, or was the last */
gboolean  jobs_line_count_follower (JobsLine           *self,
                                    gboolean            follow);

G_END_DECLS
