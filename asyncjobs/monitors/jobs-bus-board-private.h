/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "jobs-board-private.h"
#include "jobs-bus-board.h"
#include "jobs-bus-tree.h"

G_BEGIN_DECLS

/* What one answer tells of at most */
#define JOBS_BUS_PAGE 500

struct _JobsBusBoard
{
  JobsBoard parent_instance;

  GDBusConnection *connection;
  GCancellable    *cancellable;
  char            *name;
  char            *path;     /* of the run's object */
  gboolean         is_gone;

  guint64       serial;      /* as GetChanges wants them */
  guint         known;
  JobsBoardNews news;
  char         *why;
  guint         counts[JOBS_STATE_SKIPPED + 1];

  JobsBusTree *tree;
  GTask *opening;            /* nullable */
  gulong opening_handler;    /* of its cancellable */
};

/* Without a timeout: the bus tells of a process that has gone. The board may have gone
 * when it is answered */
void     jobs_bus_board_call              (JobsBusBoard       *self,
                                           const char         *method,
                                           GVariant           *arguments,
                                           const char         *reply,
                                           GCancellable       *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer            data);
/* Of a call that failed: whether the other process has gone, and what to tell people */
gboolean jobs_bus_board_is_about_gone     (JobsBusBoard       *self,
                                           const GError       *error);
char    *jobs_bus_board_explain           (JobsBusBoard       *self,
                                           const GError       *error);
/* For its class */
void     jobs_bus_board_list_requirements (JobsBoard          *board,
                                           GTask              *task);

G_END_DECLS
