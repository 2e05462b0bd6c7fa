/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "jobs-local-node-private.h"
#include "jobs-process-private.h"
#include "jobs-ssh-master.h"
#include "jobs-timer.h"
#include "jobs-types.h"

/* After so many seconds without a sign of life it asks for one, and after so many
 * of these without an answer the connection is lost */
#define ALIVE_INTERVAL 5
#define ALIVE_COUNT    3

/* What is kept of its words: the last ones say why it ended */
#define WORDS_MAX 4096

/* Beyond the client's own limit, which does not count what comes after the first
 * words of the server, ms */
#define CONNECT_SLACK 5000

/* A client that is about to wait for something sees a signal only after that: so it
 * gets one again and again, ms */
#define STOP_AGAIN 50
#define STOP_GRACE 500

struct _JobsSshMaster
{
  JobsProcess *process;
  char        *name;
  char        *destination;
  char        *config_file;
  char        *folder; /* with the socket alone in it */
  char        *socket;

  const JobsSshMasterFuncs *funcs; /* NULL: nobody wants to hear */
  gpointer                  user_data;

  GSource *timer;
  GString *words;
  gboolean is_connected;
  gboolean is_stopped;
  gboolean is_slow;  /* it had its time */
  gboolean is_dropped;
};

static void
jobs_ssh_master_free (JobsSshMaster *self)
{
  g_assert (self->process == NULL);

  jobs_timer_clear (&self->timer);
  if (self->socket != NULL)
    g_unlink (self->socket);
  if (self->folder != NULL)
    g_rmdir (self->folder);
  g_string_free (self->words, TRUE);
  g_free (self->name);
  g_free (self->destination);
  g_free (self->config_file);
  g_free (self->folder);
  g_free (self->socket);
  g_free (self);
}

/* Why it could not connect */

static const struct
{
  const char *words;  /* in messages of the OpenSSH client, sshconnect.c and readconf.c */
  const char *reason;
} reasons[] = {
  { "Could not resolve hostname",
    N_("the name of its host is not known: correct it, or see to /etc/hosts or the ssh configuration") },
  { "REMOTE HOST IDENTIFICATION HAS CHANGED",
    N_("its host key has changed: find out why, then remove the old key by ‘ssh-keygen -R’") },
  { "Host key verification failed",
    N_("its host key is not known: connect once by ‘ssh’ and compare it, or add it to known_hosts") },
  { "Permission denied",
    N_("it takes none of the keys: add one to ssh-agent, or to authorized_keys over there") },
  { "Too many authentication failures",
    N_("it takes none of the keys: name the right one by IdentityFile in the ssh configuration") },
  { "Bad configuration option",
    N_("the ssh configuration is wrong") },
  { "Connection refused",
    N_("the network: nothing listens there") },
  { "timed out",
    N_("the network: there is no answer") },
  { "No route to host",
    N_("the network: there is no way to it") },
  { "unreachable",
    N_("the network: there is no way to it") },
  { "Stdio forwarding request failed", /* its gateway gives no reason */
    N_("the name or the network: its gateway cannot connect to it, or may not forward") },
};

/* The last line that says something, without the end of it */
static char *
dup_last_line (const char *words)
{
  g_auto (GStrv) lines = g_strsplit_set (words, "\r\n", -1);
  char *line = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0')
      line = lines[i];

  return line != NULL ? g_utf8_make_valid (line, -1) : NULL;
}

static GError *
make_error (JobsSshMaster *self,
            int            wait_status)
{
  g_autofree char *line = dup_last_line (self->words->str);
  const char *words = line != NULL ? line : _("it said nothing");

  if (self->is_connected)
    return g_error_new (JOBS_ERROR, JOBS_ERROR_LOST,
                        /* Translators: a machine, the words of ssh */
                        _("the connection to %s was lost: %s"), self->name, words);
  if (self->is_slow)
    return g_error_new (JOBS_ERROR, JOBS_ERROR_UNREACHABLE, _("cannot reach %s: %s"), self->name,
                        _("the network: there is no answer"));

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (strstr (self->words->str, reasons[i].words) != NULL)
      return g_error_new (JOBS_ERROR, JOBS_ERROR_UNREACHABLE,
                          /* Translators: a machine, the reason, the words of ssh */
                          _("cannot reach %s: %s (%s)"), self->name, _(reasons[i].reason), words);

  return g_error_new (JOBS_ERROR, JOBS_ERROR_UNREACHABLE,
                      /* Translators: a machine, the words of ssh */
                      _("cannot reach %s: %s"), self->name, words);
}

gboolean
jobs_ssh_master_had_no_session (const char *words,
                                gboolean   *is_refused)
{
  *is_refused = strstr (words, "Session open refused by peer") != NULL;

  /* The others are what a client says that finds no socket, as it may not connect by
   * itself: which one, is a matter of who is faster */
  return *is_refused || strstr (words, "kex_exchange_identification") != NULL ||
         strstr (words, "UNKNOWN port 65535") != NULL;
}

/* Its process */

static void
process_output (JobsProcess  *process,
                guint         stream,
                const guint8 *data,
                gsize         size,
                gpointer      owner)
{
  JobsSshMaster *self = owner;

  if (stream == STDERR_FILENO)
    {
      g_string_append_len (self->words, (const char *) data, (gssize) size);
      if (self->words->len > WORDS_MAX)
        g_string_erase (self->words, 0, (gssize) (self->words->len - WORDS_MAX));
    }
  else if (!self->is_connected && !self->is_stopped)
    {
      self->is_connected = TRUE;
      jobs_timer_clear (&self->timer);
      /* A notice of the server is not why a connection ends */
      g_string_truncate (self->words, 0);
      if (self->funcs != NULL)
        self->funcs->connected (self->user_data);
    }
}

static void
process_ended (JobsProcess  *process,
               int           wait_status,
               const GError *error,
               gpointer      owner)
{
  JobsSshMaster *self = owner;
  g_autoptr (GError) reason = self->is_stopped ? NULL : make_error (self, wait_status);

  jobs_timer_clear (&self->timer);
  self->is_connected = FALSE;
  g_clear_object (&self->process);
  if (self->is_dropped)
    jobs_ssh_master_free (self);
  else
    self->funcs->ended (reason, self->user_data);
}

static gboolean
stop_again_cb (gpointer data)
{
  JobsSshMaster *self = data;

  jobs_process_kill (self->process, SIGTERM, NULL);

  return G_SOURCE_CONTINUE;
}

static void
stop_process (JobsSshMaster *self)
{
  jobs_timer_start (&self->timer, jobs_process_get_context (self->process), STOP_AGAIN,
                    stop_again_cb, self);
  jobs_process_terminate (self->process, STOP_GRACE, NULL);
}

static gboolean
slow_cb (gpointer data)
{
  JobsSshMaster *self = data;

  self->is_slow = TRUE;
  stop_process (self);

  return G_SOURCE_REMOVE;
}

static void
add_option (GPtrArray  *argv,
            const char *option)
{
  g_ptr_array_add (argv, g_strdup ("-o"));
  g_ptr_array_add (argv, g_strdup (option));
}

static void
add_config (GPtrArray  *argv,
            const char *config_file)
{
  if (config_file == NULL)
    return;

  g_ptr_array_add (argv, g_strdup ("-F"));
  g_ptr_array_add (argv, g_strdup (config_file));
}

GPtrArray *
jobs_ssh_master_dup_client (JobsSshMaster *self,
                            const char    *program)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_strconcat ("ControlPath=", self->socket, NULL);

  g_ptr_array_add (argv, g_strdup (program));
  add_config (argv, self->config_file);
  add_option (argv, path);
  add_option (argv, "ControlMaster=no");
  /* Where there is no session to be had it would open a connection of its own */
  add_option (argv, "ProxyCommand=false");
  add_option (argv, "BatchMode=yes");
  add_option (argv, "RemoteCommand=none");
  add_option (argv, "RequestTTY=no");
  add_option (argv, "ClearAllForwardings=yes");

  return argv;
}

/* For a shell: ssh gives it to one */
static char *
dup_proxy_command (JobsSshMaster *gateway)
{
  g_autoptr (GPtrArray) argv = jobs_ssh_master_dup_client (gateway, "ssh");
  GString *command = g_string_new (NULL);

  for (guint i = 0; i < argv->len; i++)
    {
      g_autofree char *word = g_shell_quote (g_ptr_array_index (argv, i));
      g_auto (GStrv) parts = g_strsplit (word, "%", -1);
      g_autofree char *escaped = g_strjoinv ("%%", parts);

      g_string_append_printf (command, "%s ", escaped);
    }
  g_string_append_printf (command, "-W '[%%h]:%%p' -- %s", gateway->destination);

  return g_string_free (command, FALSE);
}

/* The shell ends ssh, and sees to the folder, when it hears no more of us */
static GPtrArray *
make_argv (JobsSshMaster     *self,
           const JobsSshPeer *peer)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *alive = g_strdup_printf ("ServerAliveInterval=%d", ALIVE_INTERVAL);
  g_autofree char *count = g_strdup_printf ("ServerAliveCountMax=%d", ALIVE_COUNT);
  g_autofree char *timeout = g_strdup_printf ("ConnectTimeout=%u", MAX (peer->connect_timeout / 1000, 1));

  g_ptr_array_add (argv, g_strdup ("/bin/sh"));
  g_ptr_array_add (argv, g_strdup ("-c"));
  g_ptr_array_add (argv, g_strdup ("exec 3<&0; {"
                                   " read -r x;"
                                   " for s in TERM TERM TERM KILL; do kill -s $s $$ || break; sleep 1; done;"
                                   " rm -rf -- \"$0\"; "
                                   "} <&3 >/dev/null 2>&1 & "
                                   "exec \"$@\" 3<&- </dev/null"));
  g_ptr_array_add (argv, g_strdup (self->folder));
  g_ptr_array_add (argv, g_strdup ("ssh"));
  g_ptr_array_add (argv, g_strdup ("-MNT"));
  g_ptr_array_add (argv, g_strdup ("-S"));
  g_ptr_array_add (argv, g_strdup (self->socket));
  add_config (argv, peer->config_file);
  /* The first value counts: what must be so, what was asked for, and what is usual */
  add_option (argv, "BatchMode=yes");
  add_option (argv, "ControlPersist=no");
  add_option (argv, "RemoteCommand=none");
  add_option (argv, "ClearAllForwardings=yes");
  add_option (argv, "PermitLocalCommand=yes");
  add_option (argv, "LocalCommand=echo connected");
  for (guint i = 0; peer->options != NULL && peer->options[i] != NULL; i++)
    add_option (argv, peer->options[i]);
  add_option (argv, alive);
  add_option (argv, count);
  add_option (argv, timeout);
  if (peer->gateway != NULL)
    {
      g_autofree char *command = dup_proxy_command (peer->gateway);
      g_autofree char *option = g_strconcat ("ProxyCommand=", command, NULL);

      add_option (argv, option);
    }
  g_ptr_array_add (argv, g_strdup ("--"));
  g_ptr_array_add (argv, g_strdup (peer->destination));
  g_ptr_array_add (argv, NULL);

  return argv;
}

/* Where nobody else looks; the path of a socket must be short */
static gboolean
make_folder (JobsSshMaster *self,
             GError       **error)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  const char *above = runtime != NULL && g_access (runtime, W_OK) == 0 ? runtime : g_get_tmp_dir ();
  g_autofree char *folder = g_build_filename (above, "asyncjobs-ssh-XXXXXX", NULL);

  if (g_mkdtemp (folder) == NULL)
    {
      int saved_errno = errno;

      g_set_error (error, JOBS_ERROR, JOBS_ERROR_SPAWN,
                   /* Translators: a folder, what the system says */
                   _("cannot make a folder for the connection in “%s”: %s"), above,
                   g_strerror (saved_errno));
      return FALSE;
    }
  self->folder = g_steal_pointer (&folder);
  self->socket = g_build_filename (self->folder, "s", NULL);

  return TRUE;
}

JobsSshMaster *
jobs_ssh_master_new (const JobsSshPeer        *peer,
                     GMainContext             *context,
                     const JobsSshMasterFuncs *funcs,
                     gpointer                  user_data,
                     GError                  **error)
{
  static const JobsProcessFuncs process_funcs = { process_output, process_ended };
  /* A log-in shell of another kind might not understand the commands above */
  static const char *const environment[] = { "SHELL=/bin/sh", NULL };
  JobsSshMaster *self = g_new0 (JobsSshMaster, 1);
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (GPtrArray) argv = NULL;

  self->name = g_strdup (peer->name);
  self->destination = g_strdup (peer->destination);
  self->config_file = g_strdup (peer->config_file);
  self->words = g_string_new (NULL);
  self->funcs = funcs;
  self->user_data = user_data;
  if (!make_folder (self, error))
    {
      jobs_ssh_master_free (self);
      return NULL;
    }

  argv = make_argv (self, peer);
  self->process = jobs_process_new (jobs_local_node_get_default (), context,
                                    (const char *const *) argv->pdata, environment, NULL, nothing,
                                    &process_funcs, self);
  jobs_local_process_hold_input (self->process);
  if (!jobs_process_begin (self->process, error))
    {
      g_clear_object (&self->process);
      jobs_ssh_master_free (self);
      return NULL;
    }
  jobs_timer_start (&self->timer, context, peer->connect_timeout + CONNECT_SLACK, slow_cb, self);

  return self;
}

void
jobs_ssh_master_stop (JobsSshMaster *self)
{
  self->is_stopped = TRUE;
  if (self->process != NULL)
    stop_process (self);
}

void
jobs_ssh_master_drop (JobsSshMaster *self)
{
  self->funcs = NULL;
  if (self->process == NULL)
    {
      jobs_ssh_master_free (self);
      return;
    }

  self->is_dropped = TRUE;
  jobs_ssh_master_stop (self);
}

gboolean
jobs_ssh_master_is_connected (JobsSshMaster *self)
{
  return self->is_connected;
}

const char *
jobs_ssh_master_get_destination (JobsSshMaster *self)
{
  return self->destination;
}
