/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <asyncjobs.h>

/* What the tests of monitors have callback actions do */

static inline gboolean
succeed (JobsAction *action,
         gpointer    data,
         GError    **error)
{
  return TRUE;
}

static inline gboolean
fail (JobsAction *action,
      gpointer    data,
      GError    **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, data);
  return FALSE;
}

/* Fails as often as the number at @data says */
static inline gboolean
fail_some (JobsAction *action,
           gpointer    data,
           GError    **error)
{
  guint *left = data;

  if (*left == 0)
    return TRUE;

  (*left)--;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "not yet");
  return FALSE;
}
