/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "model.h"

G_BEGIN_DECLS

/* What is to be done, one after the other: an outcome to hear of, or an engine to look at */
typedef struct
{
  Node *node;
  gboolean is_step;
  Outcome outcome;
} Post;

guint    model_count_outcomes (const Model *model);
void     model_wake         (Model *model,
                             Node  *engine);
void     model_forget_step  (Model *model,
                             Node  *engine);
/* In the books of a run, and no attempt goes on */
gboolean model_is_waiting   (const Node *node);
/* And there was none: its needs matter */
gboolean model_is_held_back (const Node *node);
gboolean model_is_victim    (const Node *node);
gboolean model_may_start    (const Node *node);
/* As if it had never run, with all that is inside */
void     model_forget       (Node *node);
void     model_enter        (Node *node);
void     model_begin_run    (Model *model,
                             Node  *engine);
void     model_end_run      (Model *model,
                             Node  *engine,
                             Ending ending);
void     model_stop         (Model *model,
                             Node  *node,
                             Reason reason);
void     model_hold_clocks  (Model *model,
                             Node  *engine);

G_END_DECLS
