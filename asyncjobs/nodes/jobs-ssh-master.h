/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One connection of the OpenSSH client, which others share by its socket. It is a
 * child of ours that ends when we do, however that is; it takes no session of the
 * server's for itself */
typedef struct _JobsSshMaster JobsSshMaster;

/* To whom, and how. Borrowed for the time of jobs_ssh_master_new () */
typedef struct
{
  const char        *name;            /* what it is called in messages */
  const char        *destination;     /* HOST or USER@HOST */
  const char        *config_file;     /* (nullable) */
  const char *const *options;         /* as for -o; (nullable) */
  guint              connect_timeout; /* ms */
  JobsSshMaster     *gateway;         /* (nullable): connected */
} JobsSshPeer;

typedef struct
{
  void (*connected) (gpointer user_data);
  /* The last call. JOBS_ERROR_UNREACHABLE where there was no connection yet, and
   * JOBS_ERROR_LOST where there was one; NULL: it was asked to end */
  void (*ended)     (const GError *error,
                     gpointer      user_data);
} JobsSshMasterFuncs;

/* NULL: nothing was begun, and nothing is called. @funcs are called in @context */
JobsSshMaster *jobs_ssh_master_new          (const JobsSshPeer        *peer,
                                             GMainContext             *context,
                                             const JobsSshMasterFuncs *funcs,
                                             gpointer                  user_data,
                                             GError                  **error);
/* Asks it to end */
void           jobs_ssh_master_stop         (JobsSshMaster *self);
/* The owner does not want to hear of it any more; it ends by itself. After its end
 * it must be called, too */
void           jobs_ssh_master_drop         (JobsSshMaster *self);
gboolean       jobs_ssh_master_is_connected (JobsSshMaster *self);
/* A program of the OpenSSH client with the options by which it uses this connection,
 * and never one of its own: ssh, scp or sftp. Its other arguments follow.
 * (element-type utf8) */
GPtrArray     *jobs_ssh_master_dup_client   (JobsSshMaster *self,
                                             const char    *program);
const char    *jobs_ssh_master_get_destination (JobsSshMaster *self);
/* Whether the words of a client that has failed say that it had no session: then
 * what it was to run has not begun. @is_refused: the server allows no more of them */
gboolean       jobs_ssh_master_had_no_session  (const char *words,
                                                gboolean   *is_refused);

G_END_DECLS
