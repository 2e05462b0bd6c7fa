/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>

#include "jobs-script.h"
#include "jobs-ssh-script.h"

/* A mark is the token, one of these, and for the last two a line */
#define BEGUN  '+'
#define ENDED  '='
#define FAILED '!'
#define KINDS  "+=!"

/* What a login shell and its files may say before anything has begun */
#define BEFORE_MAX 4096
#define MARK_MAX   1024

/* The shell cannot tell who was ended by signal 15 from who exits with 143, perl can; it
 * makes the process group, too, which saves another program. It is in the process group
 * of the command, so that it must bear what that gets; exec undoes handlers, and closes
 * what is above descriptor 2 */
static const char waiter[] =
  "setpgrp(0,0);"
  "$t=shift;"
  "$SIG{$_}=sub{} for qw(HUP INT QUIT USR1 USR2 PIPE ALRM TERM);"
  "open T,q(>&=4);"
  "$p=fork;"
  "if(!$p){exec{$ARGV[0]}@ARGV;syswrite T,qq($t!$!\n);exit 127}"
  "1 until waitpid($p,0)==$p;"
  "syswrite T,qq($t=$?\n);";

/* $T: the token; $N: how many bytes there are for the command to read. What is put in
 * before is command_of_job (), with its directory, environment and words, bring (), by
 * which a file that it runs comes into $folder, and fail (). Descriptor 3 is what comes
 * from us, 4 where we are told, 5 what it reads: in the background, 0 may be another
 * thing already. Where the connection ends before all has come, nothing may begin: so
 * there is a brace around it, and the input is measured. The folder is taken away by
 * whichever of the two shells lives to see the end */
static const char wrapper[] =
  "exec 3<&0 4>&2\n"
  "folder=\n"
  "discard () { [ -z \"$folder\" ] || rm -rf -- \"$folder\"; }\n"
  "perl=$(command -v perl) || leader=$(command -v setsid) || fail 'neither perl nor setsid is installed'\n"
  "bring\n"
  "if [ \"$N\" -gt 0 ]; then\n"
  "  input=$(mktemp) || { discard; fail 'there is no room for its standard input'; }\n"
  "  head -c \"$N\" <&3 >\"$input\" && [ \"$(($(wc -c <\"$input\")))\" -eq \"$N\" ] ||\n"
  "    { rm -f \"$input\"; discard; fail 'there is no room for its standard input'; }\n"
  "  exec 5<\"$input\"\n"
  "  rm -f \"$input\"\n"
  "else\n"
  "  exec 5</dev/null\n"
  "fi\n"
  "printf '%s+' \"$T\"\n"
  "printf '%s+' \"$T\" >&4\n"
  "command_of_job <&5 3<&- 5<&- &\n"
  "pid=$!\n"
  "(\n"
  "  send () { kill -s \"$1\" -- \"-$pid\" || kill -s \"$1\" \"$pid\"; }\n"
  "  while read -r signal; do\n"
  "    send \"$signal\"\n"
  "    [ \"$signal\" != 15 ] || send CONT\n"
  "  done\n"
  "  send KILL\n"
  "  discard\n"
  ") <&3 >/dev/null 2>&1 3<&- 4>&- 5<&- &\n"
  "exec <&- 3<&- 5<&-\n"
  "wait \"$pid\"\n"
  "status=$?\n"
  "kill -s KILL -- \"-$pid\" 2>/dev/null\n"
  "discard\n"
  "kill -s KILL \"$!\"\n"
  "if [ \"$status\" -gt 128 ]; then status=$((status - 128)); else status=$((status * 256)); fi\n"
  "printf '%s=%s\\n' \"$T\" \"$status\"\n"
  "printf '%s=%s\\n' \"$T\" \"$status\" >&4\n"
  "}\n";

/* Of a file that is run: $S is how many bytes it has, $name what it is called. The
 * folder is nobody else's, and its name nobody can guess */
static const char bring[] =
  "bring () {\n"
  "  folder=$(mktemp -d \"${TMPDIR:-/tmp}/asyncjobs.XXXXXX\") ||\n"
  "    fail 'there is no room for it in the folder of temporary files'\n"
  "  case $folder in /*) ;; *) folder=$PWD/$folder ;; esac\n"
  "  head -c \"$S\" <&3 >\"$folder/$name\" && [ \"$(($(wc -c <\"$folder/$name\")))\" -eq \"$S\" ] &&\n"
  "    chmod 700 \"$folder/$name\" ||\n"
  "    { discard; fail 'there is no room for it in the folder of temporary files'; }\n"
  "}\n";

char *
jobs_ssh_script_dup_launcher (gsize script_size)
{
  return g_strdup_printf ("exec /bin/sh -c 'eval \"$(head -c %" G_GSIZE_FORMAT ")\"'", script_size);
}

char *
jobs_ssh_script_dup_token (void)
{
  /* Begins with what is rare, so that looking for it costs little */
  return g_strdup_printf ("\001asyncjobs:%08x%08x%08x%08x:", g_random_int (), g_random_int (),
                          g_random_int (), g_random_int ());
}

static void
append_words (GString           *script,
              const char *const *words)
{
  for (; *words != NULL; words++)
    {
      g_string_append_c (script, ' ');
      jobs_script_append_word (script, *words);
    }
}

/* command_of_job () */
static gboolean
append_command (GString     *script,
                JobsProcess *process,
                GError     **error)
{
  const char *directory = jobs_process_get_directory (process);
  const char *const *argv = jobs_process_get_argv (process);
  gboolean is_script = jobs_process_is_script (process);

  g_string_append (script, "command_of_job () {\n");

  if (directory != NULL)
    {
      g_string_append (script, "  cd -- ");
      jobs_script_append_word (script, directory);
      g_string_append (script, " 2>/dev/null || fail 'its directory cannot be entered'\n");
    }
  g_string_append (script, is_script ? "  set -- \"$folder/$name\"" : "  set --");
  append_words (script, is_script ? argv + 1 : argv);
  /* From its environment on nothing is to be known by a name: any may be in there */
  g_string_append (script, "\n  if [ -n \"$perl\" ]; then set -- \"$perl\" -e \"$W\" \"$T\" \"$@\"\n"
                           "  else set -- \"$leader\" \"$@\"; fi\n"
                           "  set -- \"$perl\" \"$@\"\n");
  if (!jobs_script_append_environment (script, jobs_process_get_environment (process), error))
    return FALSE;
  if (!is_script)
    {
      g_string_append (script, "  command -v -- ");
      jobs_script_append_word (script, argv[0]);
      g_string_append (script, " >/dev/null || fail 'its program is not there'\n");
    }
  g_string_append (script, "  [ -n \"$1\" ] || { shift; exec \"$@\" 4>&-; }\n"
                           "  shift\n"
                           "  exec \"$@\"\n}\n");

  return TRUE;
}

static void
append_bring (GString     *script,
              JobsProcess *process,
              GBytes      *file)
{
  g_autofree char *name = NULL;

  if (file == NULL)
    {
      g_string_append (script, "bring () { :; }\n");
      return;
    }

  name = g_path_get_basename (jobs_process_get_argv (process)[0]);
  g_string_append_printf (script, "S=%" G_GSIZE_FORMAT "\nname=", g_bytes_get_size (file));
  jobs_script_append_word (script, name);
  g_string_append_c (script, '\n');
  g_string_append (script, bring);
}

GBytes *
jobs_ssh_script_new (JobsProcess *process,
                     const char  *token,
                     GBytes      *file,
                     GError     **error)
{
  g_autoptr (GString) script = g_string_new ("{\n");
  GBytes *input = jobs_process_get_stdin (process);

  if (!append_command (script, process, error))
    return NULL;
  append_bring (script, process, file);
  g_string_append (script, "T=");
  jobs_script_append_word (script, token);
  g_string_append (script, "\nfail () { printf '%s!%s\\n' ");
  jobs_script_append_word (script, token);
  g_string_append (script, " \"$1\" >&4; exit 1; }\nW=");
  jobs_script_append_word (script, waiter);
  g_string_append_printf (script, "\nN=%" G_GSIZE_FORMAT "\n", input != NULL ? g_bytes_get_size (input) : 0);
  g_string_append (script, wrapper);

  return g_string_free_to_bytes (g_steal_pointer (&script));
}

/* The marks */

void
jobs_ssh_reader_init (JobsSshReader *self,
                      const char    *token)
{
  *self = (JobsSshReader) { .token = token, .before = g_string_new (NULL), .held = g_string_new (NULL) };
}

void
jobs_ssh_reader_clear (JobsSshReader *self)
{
  if (self->before != NULL)
    g_string_free (self->before, TRUE);
  if (self->held != NULL)
    g_string_free (self->held, TRUE);
  g_free (self->failure);
  *self = (JobsSshReader) { NULL };
}

static void
hand_out (JobsSshReader    *self,
          gsize             size,
          JobsSshReaderFunc func,
          gpointer          user_data)
{
  g_autofree char *data = NULL;

  if (size == 0)
    return;

  /* Whoever is called may come back here */
  data = g_memdup2 (self->held->str, size);
  g_string_erase (self->held, 0, (gssize) size);
  if (self->has_begun)
    func ((const guint8 *) data, size, user_data);
  else
    g_string_append_len (self->before, data, (gssize) MIN (size, BEFORE_MAX - MIN (self->before->len, BEFORE_MAX)));
}

/* Where a mark is, or its beginning at the end of what has come; its length: nowhere */
static gsize
find_mark (JobsSshReader *self)
{
  const char *text = self->held->str;
  gsize size = self->held->len, length = strlen (self->token);
  gsize at = 0;

  while (at < size)
    {
      const char *first = memchr (text + at, *self->token, size - at);

      if (first == NULL)
        return size;
      at = first - text;
      if (memcmp (first, self->token, MIN (length, size - at)) == 0 &&
          (size - at <= length || memchr (KINDS, first[length], strlen (KINDS)) != NULL))
        return at;
      at++;
    }

  return size;
}

/* FALSE where more of it has to come */
static gboolean
take_mark (JobsSshReader *self)
{
  gsize length = strlen (self->token);
  char *mark = self->held->str + length;
  char *end;
  char kind;

  if (self->held->len <= length)
    return FALSE;

  kind = *mark;
  if (kind == BEGUN)
    {
      self->has_begun = TRUE;
      g_string_erase (self->held, 0, (gssize) length + 1);
      return TRUE;
    }

  end = memchr (mark, '\n', self->held->len - length);
  if (end == NULL && self->held->len < length + MARK_MAX)
    return FALSE;
  if (end != NULL)
    *end = '\0';

  if (!self->has_ended && kind == ENDED)
    self->wait_status = (int) g_ascii_strtoll (mark + 1, NULL, 10);
  else if (!self->has_ended && kind == FAILED)
    self->failure = g_utf8_make_valid (mark + 1, -1);
  self->has_ended = TRUE;
  g_string_truncate (self->held, 0);

  return TRUE;
}

void
jobs_ssh_reader_feed (JobsSshReader    *self,
                      const guint8     *data,
                      gsize             size,
                      JobsSshReaderFunc func,
                      gpointer          user_data)
{
  /* What comes behind is not of the command */
  if (self->has_ended)
    return;

  g_string_append_len (self->held, (const char *) data, (gssize) size);
  while (self->held->len > 0 && !self->has_ended)
    {
      hand_out (self, find_mark (self), func, user_data);
      if (self->held->len == 0 || !take_mark (self))
        return;
    }
}

void
jobs_ssh_reader_flush (JobsSshReader    *self,
                       JobsSshReaderFunc func,
                       gpointer          user_data)
{
  if (!self->has_ended)
    hand_out (self, self->held->len, func, user_data);
}
