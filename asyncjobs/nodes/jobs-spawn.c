/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs-launch.h"
#include "jobs-spawn.h"
#include "jobs-types.h"

/* The most that is taken to be a script, bytes: all of it is held in memory */
#define SCRIPT_MAX (16 * 1024 * 1024)

/* Where programs are if the environment does not say */
#define DEFAULT_PATH "/usr/bin:/bin"

int
jobs_spawn_error_code (int saved_errno,
                       int code)
{
  switch (saved_errno)
    {
    case EAGAIN:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return JOBS_ERROR_NO_RESOURCES;

    default:
      return code;
    }
}

/* The child looks from its own directory */
static gboolean
is_program (const char *path,
            const char *directory,
            int        *reason)
{
  g_autofree char *joined = NULL;
  struct stat st;

  if (directory != NULL && !g_path_is_absolute (path))
    path = joined = g_build_filename (directory, path, NULL);

  if (stat (path, &st) != 0)
    *reason = errno;
  else if (!S_ISREG (st.st_mode))
    *reason = S_ISDIR (st.st_mode) ? EISDIR : EACCES;
  else if (access (path, X_OK) != 0)
    *reason = errno;
  else
    return TRUE;

  return FALSE;
}

static char *
find_program (const char *name,
              const char *path,
              const char *directory,
              int        *reason)
{
  g_autoptr (GString) program = g_string_new (NULL);
  const char *end;

  *reason = ENOENT;
  for (const char *place = path; place != NULL; place = *end != '\0' ? end + 1 : NULL)
    {
      int why = 0;

      end = strchrnul (place, ':');
      g_string_truncate (program, 0);
      g_string_append_len (program, place, end - place);
      /* An empty entry is the current directory */
      g_string_append (program, end > place ? "/" : "./");
      g_string_append (program, name);

      if (is_program (program->str, directory, &why))
        return g_strdup (program->str);
      /* A file that may not be run is a better reason than one that is not there */
      if (why == EACCES)
        *reason = why;
    }

  return NULL;
}

/* Looked at beforehand: the child cannot say which of its steps failed, and one
 * errno fits several */
static gboolean
check_directory (const char *program,
                 const char *directory,
                 GError    **error)
{
  struct stat st;
  int reason = 0;

  if (directory == NULL)
    return TRUE;

  if (stat (directory, &st) != 0)
    reason = errno;
  else if (!S_ISDIR (st.st_mode))
    reason = ENOTDIR;
  else if (access (directory, X_OK) != 0)
    reason = errno;

  if (reason != 0)
    g_set_error (error, JOBS_ERROR, JOBS_ERROR_SPAWN,
                 /* Translators: a program, a directory, the reason */
                 _("Cannot run “%s” in the directory “%s”: %s; "
                   "create it, or name another one"),
                 program, directory, g_strerror (reason));

  return reason == 0;
}

/* @path: where it was looked for; NULL for a file name, and for what was found */
static void
set_program_error (GError    **error,
                   const char *program,
                   const char *path,
                   gboolean    found,
                   int         reason)
{
  int code = jobs_spawn_error_code (reason, JOBS_ERROR_SPAWN);
  const char *advice = NULL;

  if (code != JOBS_ERROR_NO_RESOURCES && reason == ENOENT && path != NULL)
    {
      g_set_error (error, JOBS_ERROR, code,
                   /* Translators: a program, the value of PATH */
                   _("Cannot run “%s”: there is no such program in PATH (%s); "
                     "install it, or give its full path"),
                   program, path);
      return;
    }

  switch (reason)
    {
    case ENOENT:
      advice = found ? _("the interpreter that it names does not exist; install that, "
                         "or correct the first line of the script")
                     : _("there is no such file; check its path");
      break;

    case EISDIR:
      advice = _("it is a directory; name a program in it");
      break;

    case EACCES:
      advice = _("it is not executable; make it so with chmod +x, or run it by its interpreter");
      break;

    case ENOEXEC:
      advice = _("it is no program for this machine; "
                 "a script needs a first line such as #!/bin/sh");
      break;

    case E2BIG:
      advice = _("its arguments and environment are too long; "
                 "pass what is long in a file or as standard input");
      break;

    default:
      advice = g_strerror (reason);
    }

  /* Translators: a program, the reason */
  g_set_error (error, JOBS_ERROR, code, _("Cannot run “%s”: %s"), program, advice);
}

gboolean
jobs_spawn_check_script (const char *filename,
                         GError    **error)
{
  int reason;

  if (is_program (filename, NULL, &reason))
    return TRUE;

  set_program_error (error, filename, NULL, FALSE, reason);

  return FALSE;
}

GBytes *
jobs_spawn_read_script (const char *filename,
                        GError    **error)
{
  g_autoptr (GError) reason = NULL;
  struct stat st;
  char *text;
  gsize size;

  if (!jobs_spawn_check_script (filename, error))
    return NULL;

  if (stat (filename, &st) == 0 && st.st_size > SCRIPT_MAX)
    {
      g_set_error (error, JOBS_ERROR, JOBS_ERROR_SPAWN,
                   /* Translators: a file, a number */
                   _("Cannot run “%s” on another machine: it is longer than %d MiB; push it, and "
                     "run it there"),
                   filename, SCRIPT_MAX / (1024 * 1024));
      return NULL;
    }
  if (g_file_get_contents (filename, &text, &size, &reason))
    return g_bytes_new_take (text, size);

  g_set_error (error, JOBS_ERROR, JOBS_ERROR_SPAWN,
               /* Translators: a file, the reason */
               _("Cannot run “%s” on another machine: %s"), filename, reason->message);

  return NULL;
}

GPid
jobs_spawn (const char *const *argv,
            const char *const *environment,
            const char        *directory,
            const int          fds[3],
            GError           **error)
{
  g_autofree char *program = NULL;
  const char *path = NULL;
  gboolean found = FALSE;
  GPid pid;
  int rc = 0;

  if (!check_directory (argv[0], directory, error))
    return -1;

  if (strchr (argv[0], '/') != NULL)
    {
      program = g_strdup (argv[0]);
      found = is_program (argv[0], directory, &rc);
    }
  else
    {
      path = g_environ_getenv ((char **) environment, "PATH");
      if (path == NULL || *path == '\0')
        path = DEFAULT_PATH;
      program = find_program (argv[0], path, directory, &rc);
      found = program != NULL;
    }

  if (found)
    {
      const JobsLaunch launch = { program, argv, environment, directory, fds };

      rc = jobs_launch (&launch, &pid);
      if (rc == 0)
        return pid;
    }

  set_program_error (error, argv[0], found ? NULL : path, found, rc);

  return -1;
}

/* Whether one of them is about the same variable: they are few, and most differ in the
 * first letter */
static gboolean
is_changed (const char        *variable,
            const char *const *changes)
{
  for (; *changes != NULL; changes++)
    {
      gsize i = 0;

      while (variable[i] == (*changes)[i] && variable[i] != '=' && variable[i] != '\0')
        i++;
      if ((variable[i] == '=' || variable[i] == '\0') && ((*changes)[i] == '=' || (*changes)[i] == '\0'))
        return TRUE;
    }

  return FALSE;
}

const char **
jobs_spawn_environment (const char *const *changes)
{
  GPtrArray *merged = g_ptr_array_new ();

  for (guint i = 0; environ != NULL && environ[i] != NULL; i++)
    if (!is_changed (environ[i], changes))
      g_ptr_array_add (merged, environ[i]);

  /* The last change of a name counts */
  for (guint i = 0; changes[i] != NULL; i++)
    if (strchr (changes[i], '=') != NULL && !is_changed (changes[i], changes + i + 1))
      g_ptr_array_add (merged, (gpointer) changes[i]);
  g_ptr_array_add (merged, NULL);

  return (const char **) g_ptr_array_free (merged, FALSE);
}

/* A program may have closed its own 0, 1 or 2; an end of a pipe that lands there
 * would be overwritten in the child before it is used */
static int
move_above_standard (int fd)
{
  int moved;
  int saved_errno;

  if (fd > STDERR_FILENO)
    return fd;

  moved = fcntl (fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  saved_errno = errno;
  close (fd);
  errno = saved_errno;

  return moved;
}

gboolean
jobs_spawn_pipe (int fds[2])
{
  int saved_errno;

  if (pipe2 (fds, O_CLOEXEC) != 0)
    {
      fds[0] = fds[1] = -1;
      return FALSE;
    }

  fds[0] = move_above_standard (fds[0]);
  saved_errno = errno;
  fds[1] = move_above_standard (fds[1]);
  if (fds[0] >= 0 && fds[1] >= 0)
    return TRUE;

  if (fds[1] < 0)
    saved_errno = errno;
  for (int i = 0; i < 2; i++)
    {
      if (fds[i] >= 0)
        close (fds[i]);
      fds[i] = -1;
    }
  errno = saved_errno;

  return FALSE;
}
