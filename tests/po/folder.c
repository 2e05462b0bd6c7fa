/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loaded before the C library: translations are those of this build, where the library and
 * the programs look for the installed ones. */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <libintl.h>
#include <string.h>

char *
bindtextdomain (const char *domain,
                const char *folder)
{
  char *(*next) (const char *, const char *) = dlsym (RTLD_NEXT, "bindtextdomain");

  if (domain != NULL && folder != NULL && strcmp (domain, "asyncjobs") == 0)
    folder = BUILT_LOCALEDIR;

  return next (domain, folder);
}
