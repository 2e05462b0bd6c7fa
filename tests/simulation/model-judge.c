/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-private.h"

/* What requirements come to, and who may start. */

gboolean
model_has_failed (const Node *node)
{
  return node->state == JOBS_STATE_FAILED || node->state == JOBS_STATE_TIMED_OUT;
}

Verdict
model_judge (const Node *node,
       const Need *need)
{
  const Node *other = need->other;
  const Node *engine = node->engine;
  gboolean is_over = jobs_state_is_terminal (other->state);
  gboolean taints = engine->on_failure == JOBS_ON_FAILURE_KEEP_GOING &&
                    ((model_has_failed (other) && other->is_critical) || other->is_tainted);
  Verdict never = taints ? VERDICT_TAINTED : VERDICT_NEVER;

  /* What has come too late for this run is as good as skipped */
  if (!other->is_in_run && engine->ending != ENDING_NONE)
    is_over = TRUE;

  switch (need->condition)
    {
    case JOBS_CONDITION_DONE:
      if (!is_over)
        return VERDICT_WAIT;
      return taints ? VERDICT_TAINTED : VERDICT_MET;
    case JOBS_CONDITION_SUCCESS:
      if (!is_over)
        return VERDICT_WAIT;
      return other->state == JOBS_STATE_FINISHED ? VERDICT_MET : never;
    case JOBS_CONDITION_FAILURE:
      if (!is_over)
        return VERDICT_WAIT;
      return model_has_failed (other) ? VERDICT_MET : VERDICT_NEVER;
    case JOBS_CONDITION_READY:
      if (!is_over)
        return other->is_ready ? VERDICT_MET : VERDICT_WAIT;
      return other->state == JOBS_STATE_FINISHED ? VERDICT_MET : never;
    case JOBS_CONDITION_AFTER:
    default:
      return is_over ? VERDICT_MET : VERDICT_WAIT;
    }
}

Verdict
model_judge_all (const Node *node)
{
  Verdict verdict = VERDICT_MET;

  for (guint i = 0; i < node->needs->len; i++)
    {
      Verdict one = model_judge (node, &g_array_index (node->needs, Need, i));

      if (one == VERDICT_WAIT && verdict == VERDICT_MET)
        verdict = VERDICT_WAIT;
      else if (one > VERDICT_MET)
        verdict = MAX (verdict, one);
    }

  return verdict;
}

gboolean
model_waits_for_failure (const Node *node,
                   gboolean    may_come)
{
  for (guint i = 0; i < node->needs->len; i++)
    {
      const Need *need = &g_array_index (node->needs, Need, i);

      if (need->condition == JOBS_CONDITION_FAILURE &&
          (model_has_failed (need->other) ||
           (may_come && (need->other->state == JOBS_STATE_RUNNING ||
                         need->other->state == JOBS_STATE_CANCELLING))))
        return TRUE;
    }

  return FALSE;
}

gboolean
model_is_waiting (const Node *node)
{
  return node->engine != NULL && node->engine->is_active && node->is_in_run &&
         node->state <= JOBS_STATE_SCHEDULED;
}

gboolean
model_is_held_back (const Node *node)
{
  return model_is_waiting (node) && node->attempts == 0;
}

gboolean
model_is_victim (const Node *node)
{
  return node->state == JOBS_STATE_SKIPPED || (node->state == JOBS_STATE_CANCELLED && !node->is_single);
}

gboolean
model_may_start (const Node *node)
{
  Ending ending = node->engine->ending;

  return ending == ENDING_NONE || (ending <= ENDING_ABORT && model_waits_for_failure (node, FALSE));
}

gboolean
model_is_held_up (const Node *engine)
{
  for (; engine != NULL; engine = engine->engine)
    if (engine->is_paused)
      return TRUE;

  return FALSE;
}

gboolean
model_are_clocks_held (const Node *engine)
{
  for (; engine != NULL; engine = engine->engine)
    if (engine->is_paused && engine->holds_clocks)
      return TRUE;

  return FALSE;
}
