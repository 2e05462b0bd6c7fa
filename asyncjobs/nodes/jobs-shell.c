/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "jobs-shell.h"

#define BLANK " \t"
/* What no shell treats specially, but for the beginning of the first word */
#define NAME  G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_"
#define PLAIN NAME "%+,-./:=@"

/* Reserved words and builtins of dash, bash, ksh, mksh, yash, zsh and the shells
 * of busybox and the BSDs, whichever of them is sh. That a program has the name
 * too says nothing: echo, test and kill differ from theirs */
static const char *const own_words[] = {
  ".", "alarm", "alias", "array", "autoload", "bg", "bind", "bindkey", "break", "builtin", "bye",
  "caller", "case", "cd", "chdir", "command", "compgen", "complete", "compopt", "compound",
  "continue", "coproc", "declare", "dirs", "disable", "disown", "do", "done", "echo", "echotc",
  "echoti", "elif", "else", "emulate", "enable", "end", "enum", "esac", "eval", "exec", "exit",
  "export", "false", "fc", "fg", "fi", "float", "for", "foreach", "freewordexp", "function",
  "functions", "getln", "getopts", "global", "hash", "help", "hist", "history", "if", "in",
  "inputrc", "integer", "jobid", "jobs", "kill", "let", "limit", "local", "log", "login", "logout",
  "mapfile", "mknod", "nameref", "namespace", "newgrp", "nocorrect", "noglob", "popd", "print",
  "printf", "pushd", "pushln", "pwd", "r", "read", "readarray", "readonly", "realpath", "redirect",
  "rehash", "rename", "repeat", "return", "sched", "select", "set", "setopt", "setvar", "shift",
  "shopt", "sleep", "source", "stop", "suspend", "test", "then", "time", "times", "trap", "true",
  "ttyctl", "type", "typeset", "ulimit", "umask", "unalias", "unfunction", "unhash", "unlimit",
  "unset", "unsetopt", "until", "vared", "wait", "whence", "where", "which", "while", "wordexp",
  "zcompile", "zle", "zmodload", NULL,
};

/* Not an assignment, a job, or what a shell would do itself */
static gboolean
is_program (char **words)
{
  const char *name = words[0];

  /* Which of both is taken cannot be told, but in the time that it takes */
  if (words[1] == NULL && (g_str_equal (name, "true") || g_str_equal (name, "false")))
    return TRUE;

  return strchr (name, '=') == NULL && strspn (name, NAME "./") > 0
         && !g_strv_contains (own_words, name);
}

/* A shell sets PWD where it is wrong */
static gboolean
is_here (const char *directory)
{
  struct stat here;
  struct stat there;

  return *directory == '/' && stat (".", &here) == 0 && stat (directory, &there) == 0
         && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/* strspn () makes a table of NAME each time, which was a fifth of all that a short
 * command cost */
static gsize
name_length (const char *variable)
{
  gsize length = 0;

  while (g_ascii_isalnum (variable[length]) || variable[length] == '_')
    length++;

  return length;
}

/* Whether a shell would hand it on as it is, and find in it nothing to heed */
static gboolean
is_plain_environment (const char *const *environment)
{
  const char *path = g_environ_getenv ((char **) environment, "PATH");
  const char *directory = g_environ_getenv ((char **) environment, "PWD");

  /* Each shell has its own idea of where to look without a PATH; “~” and “%” mean
   * something in it to some of them */
  if (path == NULL || *path == '\0' || strpbrk (path, "~%") != NULL)
    return FALSE;

  for (guint i = 0; environment[i] != NULL; i++)
    {
      gsize size = name_length (environment[i]);

      /* bash keeps functions under such names, dash drops them */
      if (size == 0 || environment[i][size] != '=' || g_ascii_isdigit (*environment[i]))
        return FALSE;
      if (g_str_has_prefix (environment[i], "SHELLOPTS="))
        return FALSE;
    }

  return directory != NULL && is_here (directory);
}

char **
jobs_shell_split (const char        *command,
                  const char *const *environment)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  gsize size;

  command += strspn (command, BLANK);
  size = strspn (command, PLAIN BLANK);

  /* A newline may end it, as in a block of YAML */
  if (size == 0 || command[size + strspn (command + size, BLANK "\n")] != '\0')
    return NULL;

  for (gsize length; size > 0; command += length, size -= length)
    {
      length = strcspn (command, BLANK "\n");
      g_ptr_array_add (words, g_strndup (command, length));
      length += strspn (command + length, BLANK);
    }
  g_ptr_array_add (words, NULL);

  if (!is_program ((char **) words->pdata) || !is_plain_environment (environment))
    return NULL;

  return (char **) g_ptr_array_steal (words, NULL);
}
