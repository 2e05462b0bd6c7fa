/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_INSIDE) && !defined(JOBS_COMPILATION)
#error "Only <asyncjobs.h> can be included directly."
#endif

#include "../jobs-engine.h"

G_BEGIN_DECLS

#define JOBS_TYPE_JOURNAL (jobs_journal_get_type ())

JOBS_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (JobsJournal, jobs_journal, JOBS, JOURNAL, GObject)

/**
 * JobsJournalFlags:
 * @JOBS_JOURNAL_DEFAULT: what is written outlives this program, however it ends
 * @JOBS_JOURNAL_DURABLE: it outlives the system too: each time it is waited for the
 *   disk
 *
 * How a journal is kept.
 *
 * Since: 1.0
 */
typedef enum
{
  JOBS_JOURNAL_DEFAULT = 0,
  JOBS_JOURNAL_DURABLE = 1 << 0,
} JobsJournalFlags;

#define JOBS_TYPE_JOURNAL_FLAGS (jobs_journal_flags_get_type ())

JOBS_AVAILABLE_IN_1_0
GType jobs_journal_flags_get_type (void) G_GNUC_CONST;

JOBS_AVAILABLE_IN_1_0
JobsJournal  *jobs_journal_open         (const char      *filename,
                                         JobsJournalFlags flags,
                                         GError         **error);
JOBS_AVAILABLE_IN_1_0
const char   *jobs_journal_get_filename (JobsJournal *self);
JOBS_AVAILABLE_IN_1_0
void          jobs_journal_add_secret   (JobsJournal *self,
                                         const char  *secret);

JOBS_AVAILABLE_IN_1_0
void          jobs_journal_set_durable  (JobsJournal *self,
                                         gboolean     durable);
JOBS_AVAILABLE_IN_1_0
void          jobs_journal_flush        (JobsJournal *self);

/* What it knows of the last run */
JOBS_AVAILABLE_IN_1_0
char         *jobs_journal_dup_about    (JobsJournal *self,
                                         GError     **error);

/* From here on a run of the engine is recorded, until it has ended */
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_journal_begin        (JobsJournal *self,
                                         JobsEngine  *engine,
                                         const char  *about,
                                         GError     **error);
JOBS_AVAILABLE_IN_1_0
gboolean      jobs_journal_resume       (JobsJournal *self,
                                         JobsEngine  *engine,
                                         const char  *about,
                                         char      ***changed,
                                         GError     **error);
JOBS_AVAILABLE_IN_1_0
char        **jobs_journal_dup_changed  (JobsJournal *self,
                                         JobsEngine  *engine,
                                         GError     **error);
JOBS_AVAILABLE_IN_1_0
GPtrArray    *jobs_journal_dup_kept     (JobsJournal *self,
                                         JobsEngine  *engine,
                                         GError     **error);
JOBS_AVAILABLE_IN_1_0
guint         jobs_journal_get_n_kept   (JobsJournal *self);
JOBS_AVAILABLE_IN_1_0
gint64        jobs_journal_get_run      (JobsJournal *self);
JOBS_AVAILABLE_IN_1_0
guint         jobs_journal_find_number  (JobsJournal *self,
                                         JobsAction  *action);
JOBS_AVAILABLE_IN_1_0
const GError *jobs_journal_get_error    (JobsJournal *self);

G_END_DECLS
