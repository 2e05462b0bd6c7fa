/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <asyncjobs.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static JobsScenario *
try_load (const char *text,
          GError    **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  return jobs_scenario_new_from_bytes (bytes, "f", error);
}

static JobsScenario *
load (const char *text)
{
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario = try_load (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (scenario);

  return scenario;
}

static JobsAction *
find (JobsScenario *scenario,
      const char   *path)
{
  JobsAction *action = jobs_engine_lookup (jobs_scenario_get_engine (scenario), path);

  if (action == NULL)
    g_error ("no job %s", path);

  return action;
}

/* "a success, b done" */
static void
assert_requires (JobsScenario *scenario,
                 const char   *path,
                 const char   *expected)
{
  JobsAction *action = find (scenario, path);
  g_autoptr (GPtrArray) others = jobs_action_dup_requirements (action);
  g_autoptr (GEnumClass) conditions = g_type_class_ref (JOBS_TYPE_CONDITION);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < others->len; i++)
    {
      JobsCondition condition;

      g_assert_true (jobs_action_get_requirement (action, others->pdata[i], &condition));
      g_string_append_printf (found, "%s%s %s", i > 0 ? ", " : "",
                              jobs_action_get_label (others->pdata[i]),
                              g_enum_get_value (conditions, condition)->value_nick);
    }
  g_assert_cmpstr (found->str, ==, expected);
}

static char *
dup_labels (JobsScenario *scenario)
{
  g_autoptr (GPtrArray) actions = jobs_engine_dup_all (jobs_scenario_get_engine (scenario), TRUE);
  GString *labels = g_string_new (NULL);

  /* The first one is the engine of the scenario itself */
  for (guint i = 1; i < actions->len; i++)
    {
      g_autofree char *path = jobs_action_dup_path (actions->pdata[i]);

      g_string_append_printf (labels, "%s%s", i > 1 ? " " : "", path);
    }

  return g_string_free (labels, FALSE);
}

static void
assert_labels (JobsScenario *scenario,
               const char   *expected)
{
  g_autofree char *labels = dup_labels (scenario);

  g_assert_cmpstr (labels, ==, expected);
}

static void
assert_dies (JobsScenario *scenario)
{
  gpointer engine = jobs_scenario_get_engine (scenario);
  gpointer self = scenario;

  g_object_add_weak_pointer (engine, &engine);
  g_object_add_weak_pointer (self, &self);
  g_object_unref (scenario);
  g_assert_null (self);
  g_assert_null (engine);
}

#define V "version: 1\n"

typedef struct
{
  const char *text;
  const char *errors;
} Bad;

static const Bad bad_tops[] = {
  { "jobs: {a: {}}\n", "f:1:1: the version is missing: add 'version: 1'" },
  { "version: 2\njbos: {}\n",
    "f:1:10: 'version': expected 1, the only version there is, found '2'\n"
    "f:2:1: unknown key 'jbos' in a job file; did you mean 'jobs'?" },
  { "version: \"1\"\njobs: {a: {}}\n",
    "f:1:10: 'version': expected 1, the only version there is, found the text \"1\"" },
  { "[version, 1]\n", "f:1:1: expected a map, found a list" },
  { "hello\n", "f:1:1: expected a map, found 'hello'" },
  { V, "f:1:1: there is no job: add one to 'jobs', such as 'jobs: {hello: {run: echo hello}}'" },
  { V "jobs: {}\n",
    "f:2:7: there is no job: add one to 'jobs', such as 'jobs: {hello: {run: echo hello}}'" },
  { V "jobs:\n", "f:2:6: 'jobs': expected a map, found nothing" },
  { V "jobs: [a]\n", "f:2:7: 'jobs': expected a map, found a list" },
  { V "jobs: {a: {}}\nwindow: -1\n",
    "f:3:9: 'window': expected a whole number from 0 on, found '-1'" },
  { V "jobs: {a: {}}\nwindow: '2'\n",
    "f:3:9: 'window': expected a whole number from 0 on, found the text \"2\"; write numbers "
    "without quotes" },
  { V "jobs: {a: {}}\nwindow: 99999999999\n",
    "f:3:9: 'window': expected a whole number from 0 on, found '99999999999'" },
  { V "jobs: {a: {}}\nwindow: 0x10\n",
    "f:3:9: 'window': expected a whole number from 0 on, found '0x10'" },
  { V "jobs: {a: {}}\ntimeout: 5 minutes\n",
    "f:3:10: 'timeout': expected a duration such as 500ms, 30s, 10m or 1h30m, found '5 minutes'" },
  { V "jobs: {a: {}}\ntimeout: -5s\nshutdown-timeout: 30m1h\ngrace: [1s]\n",
    "f:3:10: 'timeout': expected a duration such as 500ms, 30s, 10m or 1h30m, found '-5s', which "
    "is negative\n"
    "f:4:19: 'shutdown-timeout': expected a duration such as 500ms, 30s, 10m or 1h30m, found "
    "'30m1h'; the units are h, m, s and ms, in this order, and no more than 49 days\n"
    "f:5:8: 'grace': expected a duration such as 500ms, 30s, 10m or 1h30m, found a list" },
  { V "jobs: {a: {}}\non-failure: stop\n",
    "f:3:13: 'on-failure': expected abort, drain or keep-going, found 'stop'" },
  { V "jobs: {a: {}}\nname: ''\nname: x\n",
    "f:3:7: 'name': expected text that is not empty, found an empty text\n"
    "f:4:1: duplicate key 'name': it stands in line 3 already" },
  { V "jobs: {a: {}}\non-failure: drain\non-failure: x\n",
    "f:4:1: duplicate key 'on-failure': it stands in line 3 already\n"
    "f:4:13: 'on-failure': expected abort, drain or keep-going, found 'x'" },
  { V "jobs: {a: {}}\nrun: x\nretries: 1\nonfailure: abort\n",
    "f:3:1: the key 'run' has no meaning in a job file\n"
    "f:4:1: the key 'retries' has no meaning in a job file\n"
    "f:5:1: unknown key 'onfailure' in a job file; did you mean 'on-failure'?" },
  { V "jobs: {a: {}}\nenv: {A: [1], '': x, 'B=C': x}\n",
    "f:3:10: 'A': expected text, found a list\n"
    "f:3:15: no variable can be named ''\n"
    "f:3:22: no variable can be named 'B=C'" },
  { V "jobs: {a: {}}\nenv: [A=1]\n", "f:3:6: 'env': expected a map, found a list" },
  { V "jobs: {a: {}}\ndefaults: {run: x, timeout: x, retrys: 2, critical: n}\n",
    "f:3:12: the key 'run' has no meaning in 'defaults'\n"
    "f:3:29: 'timeout': expected a duration such as 500ms, 30s, 10m or 1h30m, found 'x'\n"
    "f:3:32: unknown key 'retrys' in 'defaults'; did you mean 'retries'?\n"
    "f:3:53: 'critical': expected true or false, found 'n'; write false, without quotes" },
  { NULL, NULL },
};

static const Bad bad_jobs[] = {
  { V "jobs:\n  a: {run: x, retrys: 1}\n  b: {run: x, colour: red}\n  c: {require: a}\n",
    "f:3:15: unknown key 'retrys' in a job; did you mean 'retries'?\n"
    "f:4:15: unknown key 'colour' in a job\n"
    "f:5:7: unknown key 'require' in a job; did you mean 'requires'?" },
  { V "jobs: {a: x, b: [x], c: 5}\n",
    "f:2:11: 'a': expected a map, found 'x'\n"
    "f:2:17: 'b': expected a map, found a list\n"
    "f:2:25: 'c': expected a map, found '5'" },
  { V "jobs:\n  a/b: {}\n  '': {}\n",
    "f:3:3: the name of a job has no '/': that stands for a job inside of another\n"
    "f:4:3: a job needs a name that is not empty" },
  { V "jobs:\n  a: {run: x, sleep: 1s}\n  b: {sleep: 1s, jobs: {c: {}}, dir: x}\n",
    "f:3:15: a job has one of 'run', 'sleep' and 'jobs', not 'run' and 'sleep'\n"
    "f:4:18: a job has one of 'run', 'sleep' and 'jobs', not 'sleep' and 'jobs'" },
  { V "jobs:\n  a: {run: x, window: 1}\n  b: {sleep: 1s, env: {A: b}}\n  c: {dir: /}\n"
      "  d: {jobs: {e: {}}, stdin: x}\n  f: {nodes: {}}\n",
    "f:3:15: 'window' has no meaning for a job with 'run'\n"
    "f:4:18: 'env' has no meaning for a job with 'sleep'\n"
    "f:5:7: 'dir' has no meaning for a job without 'run', 'sleep' or 'jobs'\n"
    "f:6:22: 'stdin' has no meaning for a job with 'jobs'\n"
    "f:7:7: the key 'nodes' has no meaning in a job" },
  { V "jobs:\n  a: {run: ''}\n  b: {run: []}\n  c: {run: ['']}\n  d: {run: [a, [b]]}\n"
      "  e: {run: {}}\n",
    "f:3:12: 'run': expected a command for sh, a list of a program and its arguments, or {script: FILE}, found an "
    "empty text\n"
    "f:4:12: 'run': expected a command for sh, a list of a program and its arguments, or {script: FILE}, found an "
    "empty list\n"
    "f:5:13: expected text that is not empty, found an empty text\n"
    "f:6:16: expected text, found a list\n"
    "f:7:12: 'run': expected a command for sh, a list of a program and its arguments, or {script: FILE}, found an "
    "empty map" },
  { V "jobs:\n  a: {run: {scirpt: x}}\n  b: {run: {args: [x]}}\n  c: {run: {script: ''}}\n"
      "  d: {run: {script: x, args: y}}\n  e: {run: {script: x, args: [[y]]}}\n"
      "  f: {run: {script: [x]}}\n",
    "f:3:13: unknown key 'scirpt' in 'run'; did you mean 'script'?\n"
    "f:4:12: 'run' needs a 'script' for its 'args'\n"
    "f:5:21: 'script': expected text that is not empty, found an empty text\n"
    "f:6:30: 'args': expected a list, found 'y'\n"
    "f:7:31: expected text, found a list\n"
    "f:8:21: 'script': expected text that is not empty, found a list" },
  { V "jobs:\n  a: {run: x, critical: y, forever: 'no'}\n  b: {run: x, critical: 1}\n"
      "  c: {run: x, forever: maybe, priority: 1.5}\n",
    "f:3:25: 'critical': expected true or false, found 'y'; write true, without quotes\n"
    "f:3:37: 'forever': expected true or false, found the text \"no\"; write false, without "
    "quotes\n"
    "f:4:25: 'critical': expected true or false, found '1'; write true, without quotes\n"
    "f:5:24: 'forever': expected true or false, found 'maybe'\n"
    "f:5:41: 'priority': expected a whole number, found '1.5'" },
  { V "jobs:\n  a: {run: x, allowed-exits: [0, 256]}\n  b: {run: x, allowed-exits: x}\n"
      "  c: {run: x, capture: 2x}\n  d: {run: x, env: {A: {}}}\n  e: {run: x, stdin: [x]}\n"
      "  f: {run: x, allowed-exits: []}\n",
    "f:3:34: expected a status from 0 to 255, or a list of them, found '256'\n"
    "f:4:30: 'allowed-exits': expected a status from 0 to 255, or a list of them, found 'x'\n"
    "f:5:24: 'capture': expected the name of a variable, of letters, digits and '_', found '2x'\n"
    "f:6:24: 'A': expected text, found an empty map\n"
    "f:7:22: 'stdin': expected text, found a list\n"
    "f:8:30: 'allowed-exits': expected a status from 0 to 255, or a list of them, found an empty "
    "list" },
  { V "jobs:\n  a: {run: x, ready: {}}\n  b: {run: x, ready: {output: x, delay: 1s}}\n"
      "  c: {run: x, ready: {outptu: x}}\n  d: {run: x, ready: {delay: soon}}\n"
      "  e: {sleep: 1s, ready: {delay: 1s}}\n",
    "f:3:22: 'ready' needs one of 'output', 'run' and 'delay'\n"
    "f:4:22: 'ready' needs one of 'output', 'run' and 'delay'\n"
    "f:5:23: unknown key 'outptu' in 'ready'; did you mean 'output'?\n"
    "f:6:30: 'delay': expected a duration such as 500ms, 30s, 10m or 1h30m, found 'soon'\n"
    "f:7:18: 'ready' has no meaning for a job with 'sleep'" },
  { V "jobs:\n  a: {run: x, progress: [x]}\n  b: {sleep: 1s, progress: x}\n",
    "f:3:25: 'progress': expected text that is not empty, found a list\n"
    "f:4:18: 'progress' has no meaning for a job with 'sleep'" },
  { V "jobs:\n  a: {run: x, secret-env: [JOBS_TEST_NOT_SET]}\n  b: {run: x, secret-env: a b}\n",
    "f:3:28: 'JOBS_TEST_NOT_SET' is not set in your environment: export it first\n"
    "f:4:27: 'secret-env': expected the name of a variable, of letters, digits and '_', found "
    "'a b'" },
  { V "jobs: {a: {}, b: {}, a: {run: ''}}\n",
    "f:2:22: duplicate key 'a': it stands in line 2 already\n"
    "f:2:31: 'run': expected a command for sh, a list of a program and its arguments, or {script: FILE}, found an "
    "empty text" },
  { V "jobs:\n  \"x\\n\\e[2J\": {requires: \"\\a\"}\n", "f:3:26: no job is named '\\u0007'" },
  { V "jobs:\n  a: {jobs: {b: {jobs: {c: {run: x, retris: 1}}, colour: x}}, windw: 2}\n",
    "f:3:37: unknown key 'retris' in a job; did you mean 'retries'?\n"
    "f:3:50: unknown key 'colour' in a job\n"
    "f:3:63: unknown key 'windw' in a job; did you mean 'window'?" },
  { NULL, NULL },
};

static const Bad bad_requirements[] = {
  { V "jobs:\n  build: {}\n  test: {requires: biuld}\n  x: {requires: [build, nothing, 5]}\n",
    "f:4:20: no job is named 'biuld'; did you mean 'build'?\n"
    "f:5:25: no job is named 'nothing'\n"
    "f:5:34: no job is named '5'" },
  { V "jobs:\n  a: {}\n  b: {requires: {a: suceeded}}\n  c: {requires: {a: after}}\n"
      "  d: {after: {a: done}}\n  e: {requires: }\n  f: {requires: [[a]]}\n  g: {requires: ['']}\n",
    "f:4:21: 'a': expected done, success, failure or ready, found 'suceeded'\n"
    "f:5:21: 'a': expected done, success, failure or ready, found 'after'; 'after' is a key beside "
    "'requires'\n"
    "f:6:14: 'after': expected a name or a list of names, found a map\n"
    "f:7:17: 'requires': expected a name, a list of names, or {NAME: CONDITION}, found nothing\n"
    "f:8:18: expected text that is not empty, found a list\n"
    "f:9:18: expected text that is not empty, found an empty text" },
  { V "jobs:\n  a: {requires: a}\n", "f:3:17: 'a' requires itself" },
  { V "jobs:\n  a: {requires: b}\n  b: {requires: [c]}\n  c: {requires: {a: success}}\n"
      "  d: {requires: a}\n",
    "f:3:17: jobs require each other in a circle: a -> b -> c -> a" },
  { V "jobs:\n  a: {requires: b}\n  b: {requires: a}\n  c: {after: d}\n  d: {after: c}\n",
    "f:3:17: jobs require each other in a circle: a -> b -> a\n"
    "f:5:14: jobs require each other in a circle: c -> d -> c" },
  { V "jobs:\n  s: {matrix: {x: [1, 2]}, requires: a}\n  a: {requires: 's[2]'}\n",
    "f:3:38: jobs require each other in a circle: s -> a -> s" },
  { V "jobs:\n  s: {matrix: {x: [1, 2]}, requires: 's[2]'}\n", "f:3:38: 's' requires itself" },
  { V "jobs:\n  build: {}\n  tests:\n    jobs:\n      unit: {requires: build}\n"
      "  ship: {requires: [unit, tests/unit]}\n",
    "f:6:24: 'build' is not inside of 'tests/': requirements stay within one map of jobs; let the "
    "engine around this job require it\n"
    "f:7:21: 'tests/unit' is in another map of jobs: requirements stay within one; require the "
    "engine that it is in\n"
    "f:7:27: 'tests/unit' is in another map of jobs: requirements stay within one; require the "
    "engine that it is in" },
  { V "jobs:\n  tests: {jobs: {unit: {requires: build}}}\n  build: {}\n",
    "f:3:35: 'build' is not inside of 'tests/': requirements stay within one map of jobs; let the "
    "engine around this job require it" },
  { V "jobs:\n  t: {jobs: {a: {requires: b}, b: {requires: a}}}\n",
    "f:3:28: jobs require each other in a circle: a -> b -> a" },
  { V "jobs:\n  s: {run: x}\n  c: {requires: {s: ready}}\n",
    "f:4:18: 's' never says that it is ready: give it the key 'ready', or require its success" },
  { NULL, NULL },
};

static const Bad bad_matrices[] = {
  { V "jobs:\n  a: {matrix: {}}\n  b: {matrix: {x: []}}\n  c: {matrix: {x: 1}}\n"
      "  d: {matrix: {x: [[1]], 'y z': [1]}}\n  e: {matrix: {x: [a/b]}}\n  f: {matrix: [1]}\n",
    "f:3:15: 'matrix': expected a map of one list or more, found an empty map\n"
    "f:4:19: 'x': expected a list of one value or more, found an empty list\n"
    "f:5:19: 'x': expected a list of one value or more, found '1'\n"
    "f:6:20: expected text, found a list\n"
    "f:6:26: expected the name of a variable, of letters, digits and '_', found 'y z'\n"
    "f:7:20: 'a/b' would be a part of the job's name, which has no '/': list the part that differs "
    "and write the rest where it is used\n"
    "f:8:15: 'matrix': expected a map, found a list" },
  { V "jobs:\n  a: {matrix: {x: [1, 1]}}\n", "f:3:3: the matrix makes a second job named 'a[1]'" },
  { V "jobs:\n  'a[1]': {}\n  a: {matrix: {x: [1]}}\n  b: {matrix: {x: [1]}}\n  'b[1]': {}\n",
    "f:4:3: the matrix makes a second job named 'a[1]'\n"
    "f:6:3: the matrix of 'b' makes a job of this name already" },
  { V "jobs:\n  a: {matrix: {x: [1, 2]}, run: x, retris: 3}\n  b: {requires: ['a[1]', a]}\n",
    "f:3:36: unknown key 'retris' in a job; did you mean 'retries'?" },
  { V "jobs:\n  a: {matrix: {x: [1, 2]}, jobs: {b: {requires: c}, c: {rum: x}}}\n"
      "  d: {requires: 'a[2]'}\n",
    "f:3:57: unknown key 'rum' in a job; did you mean 'run'?" },
  { V "jobs:\n  a: {matrix: {x: [1, 2]}}\n  b: {requires: 'a[3]'}\n",
    "f:4:17: no job is named 'a[3]'" },
  { NULL, NULL },
};

static const Bad bad_pools[] = {
  { V "pools: {gpu: 1, cpu: 0, '': 1}\njobs:\n  a: {run: x, pool: gqu}\n"
      "  b: {run: x, pool: {gpu: 2}}\n"
      "  c: {run: x, pool: [gpu, gpu]}\n  d: {run: x, pool: {gpu: 0}}\n  e: {run: x, pool: }\n"
      "  f: {run: x, pool: [[]]}\n",
    "f:2:22: 'cpu': expected a whole number from 1 on, found '0'\n"
    "f:2:25: a pool needs a name that is not empty\n"
    "f:4:21: no pool is named 'gqu'; did you mean 'gpu'?\n"
    "f:5:22: needs 2 of pool 'gpu', which has only 1\n"
    "f:6:27: pool 'gpu' stands here twice; is {gpu: 2} meant?\n"
    "f:7:27: 'gpu': expected a whole number from 1 on, found '0'\n"
    "f:8:21: 'pool': expected a name, a list of names, or {NAME: AMOUNT}, found nothing\n"
    "f:9:22: expected text that is not empty, found an empty list" },
  { V "pools: {gpu: 4}\njobs:\n  a: {pool: gpu, jobs: {b: {jobs: {c: {run: x, pool: gpu}}}}}\n",
    "f:4:54: the engine around this job holds pool 'gpu' already: the job would wait for it "
    "forever" },
  { V "jobs: {a: {run: x, pool: gpu}}\n", "f:2:26: no pool is named 'gpu'" },
  { NULL, NULL },
};

static const Bad bad_nodes[] = {
  { V "nodes:\n  a: {ssh: me@a, gateway: b}\n  b: {}\n  c: {ssh: x, slurm: {}}\n  d: {shh: x}\n"
      "  e: {ssh: -oProxyCommand=x}\n  f: {ssh: x, gateway: g}\n  g: {slurm: {cpu: 2, time: x}}\n"
      "  h: {ssh: x, gateway: z}\n  i: {slurm: {extra: [a, []]}, gateway: a}\njobs: {a: {}}\n",
    "f:4:3: node 'b' needs one of 'ssh' and 'slurm'\n"
    "f:5:3: node 'c' needs one of 'ssh' and 'slurm'\n"
    "f:6:7: unknown key 'shh' in a node; did you mean 'ssh'?\n"
    "f:7:12: 'ssh': expected HOST or USER@HOST, found '-oProxyCommand=x'\n"
    "f:8:24: the gateway 'g' is no node with 'ssh'\n"
    "f:9:15: unknown key 'cpu' in 'slurm'; did you mean 'cpus'?\n"
    "f:9:29: 'time': expected a duration such as 500ms, 30s, 10m or 1h30m, found 'x'\n"
    "f:10:24: no node is named 'z'\n"
    "f:11:26: expected text that is not empty, found an empty list\n"
    "f:11:32: 'gateway' is only for a node with 'ssh'" },
  { V "nodes:\n  a: {ssh: x, gateway: b}\n  b: {ssh: x, gateway: c}\n  c: {ssh: x, gateway: b}\n"
      "  d: {ssh: x, gateway: d}\njobs: {a: {}}\n",
    "f:5:24: gateways lead in a circle: b -> c -> b\n"
    "f:6:24: gateways lead in a circle: d -> d" },
  { V "nodes: {fit01: {ssh: x}}\njobs:\n  a: {run: x, on: fit1}\n  b: {run: x, push: {a: b}}\n"
      "  c: {run: x, pull: {a: b}}\n  d: {run: x, on: fit01, push: {a: [b]}, pull: [a]}\n"
      "  e: {on: fit01}\n",
    "f:4:19: no node is named 'fit1'; did you mean 'fit01'?\n"
    "f:5:15: 'push' is for a job on another node, and this one runs here: give it 'on', or take "
    "'push' away\n"
    "f:6:15: 'pull' is for a job on another node, and this one runs here: give it 'on', or take "
    "'pull' away\n"
    "f:7:36: 'a': expected text that is not empty, found a list\n"
    "f:7:48: 'pull': expected a map, found a list\n"
    "f:8:7: 'on' has no meaning for a job without 'run', 'sleep' or 'jobs'" },
  { V "nodes: {a: {ssh: x}, s: {slurm: {}, config: f, options: []}, t: {ssh: x, options: A=1, sessions: 0}}\n"
      "groups: {one: [a, b], none: [], text: a}\n"
      "jobs:\n  a: {run: x, on: [a, [b]]}\n  b: {run: x, on: {group: on}}\n  c: {run: x, on: []}\n"
      "  d: {run: x, on: {node: a}}\n  e: {run: x, on: {group: one}, idempotent: 1}\n",
    "f:2:37: 'config' is only for a node with 'ssh'\n"
    "f:2:48: 'options' is only for a node with 'ssh'\n"
    "f:2:83: 'options': expected a list, found 'A=1'\n"
    "f:2:98: 'sessions': expected a whole number from 1 on, found '0'\n"
    "f:3:19: no node is named 'b'\n"
    "f:3:29: 'none': expected a list of one node or more, found an empty list\n"
    "f:3:39: 'text': expected a list of one node or more, found 'a'\n"
    "f:5:23: expected text that is not empty, found a list\n"
    "f:6:27: no group of nodes is named 'on'; did you mean 'one'?\n"
    "f:7:19: 'on': expected a list of one node or more, found an empty list\n"
    "f:8:19: 'on': expected {group: NAME}, found a map\n"
    "f:9:45: 'idempotent': expected true or false, found '1'; write true, without quotes" },
  { NULL, NULL },
};

static const Bad bad_captures[] = {
  { V "jobs:\n  a: {run: x, capture: V}\n  b: {run: x, capture: V}\n"
      "  c: {requires: [a, b], run: x}\n"
      "  d: {requires: c, run: x}\n",
    "f:5:3: two captures named 'V' reach 'c', from 'a' and from 'b': give one of them another "
    "name" },
  { V "jobs:\n  s: {matrix: {x: [1, 2]}, run: x, capture: V}\n  c: {requires: s, run: x}\n",
    "f:4:3: two captures named 'V' reach 'c', from 's[1]' and from 's[2]': give one of them "
    "another name" },
  { V "jobs:\n  a: {run: x, capture: V}\n  n:\n    requires: a\n    jobs:\n"
      "      b: {run: x, capture: V}\n      c: {requires: b, run: x}\n",
    "f:8:7: two captures named 'V' reach 'c', from 'a' and from 'b': give one of them another "
    "name" },
  { NULL, NULL },
};

static void
test_bad (gconstpointer data)
{
  const Bad *table = data;

  g_test_summary ("All that is wrong is reported at once, with its place");

  for (; table->text != NULL; table++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JobsScenario) scenario = try_load (table->text, &error);

      if (error == NULL || !g_str_equal (error->message, table->errors))
        g_error ("of\n%s\ngot\n%s\nbut expected\n%s", table->text,
                 error != NULL ? error->message : "(none)", table->errors);
      g_assert_null (scenario);
      g_assert_true (error->domain == JOBS_ERROR);
    }
}

/* Makes a problem of what would take gigabytes or minutes */
static void
assert_refused (const char *text,
                const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JobsScenario) scenario = try_load (text, &error);

  g_assert_null (scenario);
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==, expected);
}

static char *
dup_axis (const char *name,
          guint       n)
{
  GString *axis = g_string_new (name);

  g_string_append (axis, ": [");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (axis, "%u, ", i);
  g_string_append (axis, "]");

  return g_string_free (axis, FALSE);
}

static void
test_limits (void)
{
  g_autofree char *x = dup_axis ("x", 1000), *y = dup_axis ("y", 1001);
  g_autofree char *big = g_strnfill (1024 * 1024, 'b');
  g_autoptr (GString) text = g_string_new (NULL);

  g_test_summary ("What a file makes is counted before it is made");

  g_string_printf (text, V "jobs:\n  a: {matrix: {%s, %s}}\n  b: {}\n", x, y);
  assert_refused (text->str, "f:3:3: with this the file has more than 1000000 jobs");

  g_string_printf (text, V "jobs:\n  a: {matrix: {%s, w: [1], z: [1, 2]}, jobs: {b: {matrix: "
                           "{%s, v: [1, 2]}}}}\n", x, x);
  assert_refused (text->str, "f:3:4940: with this the file has more than 1000000 jobs");

  /* 8 to the power of 40 */
  g_string_assign (text, V "jobs:\n  a: {matrix: {");
  for (guint i = 0; i < 40; i++)
    g_string_append_printf (text, "q%u: [1, 2, 3, 4, 5, 6, 7, 8], ", i);
  g_string_append (text, "}}\n");
  assert_refused (text->str, "f:3:3: with this the file has more than 1000000 jobs");

  g_string_printf (text, V "jobs:\n  a: {matrix: {%s, u: [1, 2, 3, 4]}}\n"
                           "  b: {matrix: {%s, u: [1, 2, 3]}, requires: a}\n", x, x);
  assert_refused (text->str, "f:4:4938: with this the file has more than 10000000 requirements; a "
                             "job between two matrices makes them few");

  /* What is around them counts as well, once for each */
  g_string_printf (text, V "jobs:\n  a: {matrix: {%s}, env: {A: %.1000s}, jobs: {b: {matrix: "
                           "{t: [1, 2, 3, 4, 5, 6, 7, 8, 9]}, run: x}, c: {matrix: {%s}}}}\n",
                   x, big, x);
  assert_refused (text->str, "f:3:5988: with this the file has more than 1000000 jobs");
  g_string_printf (text, V "jobs:\n  a: {matrix: {%s}, env: {A: %.100000s}, jobs: {b: {matrix: "
                           "{t: [1, 2, 3]}, run: x}}}\n", x, big);
  assert_refused (text->str, "f:3:104933: with this the jobs of the file, each with its "
                             "environment, take more than 256 MiB of text");

  g_string_printf (text, V "env: {A: %s}\njobs:\n  a: {matrix: {%s}, run: x}\n", big, x);
  assert_refused (text->str, "f:4:3: with this the jobs of the file, each with its environment, "
                             "take more than 256 MiB of text");

  g_string_printf (text, V "jobs:\n  a: {matrix: {x: [%s]}}\n", big);
  g_string_truncate (text, 400);
  g_string_append (text, "]}}\n");
  assert_refused (text->str, "f:3:20: a value of a matrix has 255 bytes at most");

  g_string_assign (text, V "jobs:\n");
  for (guint i = 0; i < 3000; i++)
    g_string_append_printf (text, "  a%u: {run: x, capture: V%u, requires: a%u}\n", i, i, i + 1);
  g_string_append (text, "  a3000: {}\n");
  assert_refused (text->str, "f:1:1: captured values reach jobs more than 2000000 times: let fewer "
                             "jobs capture, or require them by fewer");
}

static void
test_many (void)
{
  const guint n = 100000;
  g_autoptr (GString) text = g_string_new (V "jobs:\n");
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario;
  gint64 begin;

  g_test_summary ("A hundred thousand jobs are read, in whatever order they stand");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "  job%u: {requires: [job%u, job%u, job%u], run: [\"true\"]}\n",
                            i, i + 1, i + 2, i + 3);
  for (guint i = n; i < n + 3; i++)
    g_string_append_printf (text, "  job%u: {sleep: 1}\n", i);

  begin = g_get_monotonic_time ();
  scenario = load (text->str);
  g_test_minimized_result ((g_get_monotonic_time () - begin) / 1e6, "loading 100 000 jobs: %.3f s",
                           (g_get_monotonic_time () - begin) / 1e6);

  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), ==, n + 3);
  g_assert_cmpuint (jobs_scenario_get_n_requirements (scenario), ==, 3 * n);
  g_assert_true (jobs_engine_check (jobs_scenario_get_engine (scenario), NULL, &error));
  g_assert_no_error (error);
  assert_dies (scenario);
}

static void
test_many_mistakes (void)
{
  g_autoptr (GString) text = g_string_new (V "jobs:\n");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  g_test_summary ("A file full of mistakes takes no longer than one without");

  for (guint i = 0; i < 50000; i++)
    g_string_append_printf (text, "  job%u: {requires: joob%u}\n", i, i);
  g_assert_null (try_load (text->str, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  lines = g_strsplit (error->message, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 10001);
  g_assert_cmpstr (lines[0], ==, "f:3:20: no job is named 'joob0'; did you mean 'job0'?");
  g_assert_true (g_str_has_suffix (lines[10000], "that is not all: what comes behind is left out"));
}

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("jobs-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "ré lease.yaml", NULL);
  g_autofree char *expected = NULL;
  JobsScenario *scenario;

  g_test_summary ("Files that cannot be read, are too big, or have no end");

  g_assert_null (jobs_scenario_new_from_file (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);

  g_assert_null (jobs_scenario_new_from_file (dir, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);

  g_assert_null (jobs_scenario_new_from_file ("/dev/zero", &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==, "/dev/zero:1:1: the file is larger than 16 MiB");
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (path, V "jobs: {a: {}}\n", -1, NULL));
  scenario = jobs_scenario_new_from_file (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (jobs_scenario_get_name (scenario), ==, "ré lease");
  assert_dies (scenario);

  g_assert_true (g_file_set_contents (path, V "jobs: {a: {runn: x}}\n", -1, NULL));
  g_assert_null (jobs_scenario_new_from_file (path, &error));
  expected = g_strconcat (path, ":2:12: unknown key 'runn' in a job; did you mean 'run'?", NULL);
  g_assert_cmpstr (error->message, ==, expected);
  g_clear_error (&error);

  /* A gigabyte that takes no room on the disk */
  g_assert_cmpint (truncate (path, 1024 * 1024 * 1024), ==, 0);
  g_assert_null (jobs_scenario_new_from_file (path, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_nonnull (strstr (error->message, ":1:1: the file is larger than 16 MiB"));

  g_unlink (path);
  g_rmdir (dir);
}

static void
test_bad_pattern (void)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A pattern that is none is refused in GLib's words");

  g_assert_null (try_load (V "jobs: {a: {run: x, progress: '([0-9]'}}\n", &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_true (g_str_has_prefix (error->message, "f:2:30: '([0-9]' is no regular expression: "));
}

static void
test_standard_input (void)
{
  const char *text = V "name: piped\njobs: {a: {}}\n";
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario;
  int spare, fds[2];

  g_test_summary ("A dash is the standard input");

  spare = dup (STDIN_FILENO);
  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_cmpint (write (fds[1], text, strlen (text)), ==, strlen (text));
  close (fds[1]);
  dup2 (fds[0], STDIN_FILENO);
  close (fds[0]);

  scenario = jobs_scenario_new_from_file ("-", &error);
  dup2 (spare, STDIN_FILENO);
  close (spare);

  g_assert_no_error (error);
  g_assert_cmpstr (jobs_scenario_get_name (scenario), ==, "piped");
  assert_dies (scenario);
}

static void
test_policies (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "policies.yaml", NULL);
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario = jobs_scenario_new_from_file (path, &error);
  JobsAction *action;
  JobsEngine *engine;
  GPtrArray *pools;

  g_test_summary ("What the file says is what the engine and its jobs have");

  g_assert_no_error (error);
  engine = jobs_scenario_get_engine (scenario);
  g_assert_cmpstr (jobs_scenario_get_name (scenario), ==, "policies");
  g_assert_cmpstr (jobs_action_get_label (JOBS_ACTION (engine)), ==, "policies");
  g_assert_cmpuint (jobs_engine_get_window (engine), ==, 4);
  g_assert_cmpuint (jobs_engine_get_grace (engine), ==, 20000);
  g_assert_cmpuint (jobs_engine_get_shutdown_timeout (engine), ==, 5000);
  g_assert_cmpint (jobs_engine_get_on_failure (engine), ==, JOBS_ON_FAILURE_DRAIN);
  g_assert_cmpuint (jobs_action_get_timeout (JOBS_ACTION (engine)), ==, 600000);

  action = find (scenario, "plain");
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 300000);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 1);
  g_assert_cmpint (jobs_action_get_priority (action), ==, -2);
  g_assert_true (jobs_action_get_critical (action));
  g_assert_cmpuint (jobs_command_action_get_grace (JOBS_COMMAND_ACTION (action)), ==, 3000);
  g_assert_cmpstr (jobs_command_action_get_directory (JOBS_COMMAND_ACTION (action)), ==, "/tmp");
  g_assert_cmpstr (jobs_command_action_get_command (JOBS_COMMAND_ACTION (action)), ==,
                   "echo 'a b'");
  g_assert_cmpstr (jobs_action_get_details (action), ==, "A plain one: as plain as can be");

  action = find (scenario, "own");
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 5000);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 0);
  g_assert_cmpuint (jobs_action_get_retry_delay (action), ==, 1500);
  g_assert_false (jobs_action_get_critical (action));
  g_assert_cmpuint (jobs_command_action_get_grace (JOBS_COMMAND_ACTION (action)), ==, 500);
  g_assert_cmpstr (jobs_command_action_get_output_file (JOBS_COMMAND_ACTION (action)), ==, "0777");
  g_assert_true (jobs_command_action_get_capture (JOBS_COMMAND_ACTION (action)));
  g_assert_cmpstr (jobs_command_action_get_argv (JOBS_COMMAND_ACTION (action))[1], ==, "no");
  pools = jobs_action_dup_pools (action);
  g_assert_cmpuint (pools->len, ==, 2);
  g_assert_cmpuint (jobs_action_get_pool_amount (action, pools->pdata[0]), ==, 2);
  g_assert_cmpstr (jobs_pool_get_name (pools->pdata[1]), ==, "download");
  g_ptr_array_unref (pools);

  /* No defaults for what runs forever, nor for engines */
  action = find (scenario, "server");
  g_assert_true (jobs_action_get_forever (action));
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 0);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 0);

  action = find (scenario, "nested");
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 0);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 0);
  g_assert_cmpint (jobs_action_get_priority (action), ==, -2);
  g_assert_cmpuint (jobs_engine_get_window (JOBS_ENGINE (action)), ==, 2);
  g_assert_cmpuint (jobs_engine_get_grace (JOBS_ENGINE (action)), ==, 10000);
  g_assert_cmpint (jobs_engine_get_on_failure (JOBS_ENGINE (action)), ==, JOBS_ON_FAILURE_ABORT);

  action = find (scenario, "nested/inner");
  g_assert_cmpuint (jobs_action_get_timeout (action), ==, 7000);
  g_assert_cmpuint (jobs_action_get_retries (action), ==, 1);
  g_assert_true (JOBS_IS_DELAY_ACTION (action));
  g_assert_cmpuint (jobs_delay_action_get_delay (JOBS_DELAY_ACTION (action)), ==, 5400000);
  g_assert_true (JOBS_IS_CALLBACK_ACTION (find (scenario, "nested/empty")));

  jobs_scenario_set_on_failure (scenario, JOBS_ON_FAILURE_KEEP_GOING);
  g_assert_cmpint (jobs_engine_get_on_failure (engine), ==, JOBS_ON_FAILURE_DRAIN);
  action = find (scenario, "nested");
  g_assert_cmpint (jobs_engine_get_on_failure (JOBS_ENGINE (action)), ==,
                   JOBS_ON_FAILURE_KEEP_GOING);

  assert_dies (scenario);
}

static void
test_requirements (void)
{
  JobsScenario *scenario;

  g_test_summary ("Names, lists and conditions become requirements");

  scenario = load (V "jobs:\n"
                     "  last: {requires: {one: success, two: failure, three: ready}, "
                     "after: sweep}\n"
                     "  one: {requires: two}\n"
                     "  two: {}\n"
                     "  three: {run: x, ready: {delay: 1s}}\n"
                     "  sweep: {matrix: {rate: [10, 100], mode: [a, b]}, "
                     "requires: [two, one, two]}\n"
                     "  all: {requires: sweep}\n"
                     "  some: {requires: {sweep: done, 'sweep[100,a]': success}}\n"
                     "  both: {after: [one, two], requires: one}\n");
  assert_labels (scenario, "last one two three sweep[10,a] sweep[10,b] sweep[100,a] sweep[100,b] "
                           "all some both");
  assert_requires (scenario, "last", "sweep[10,a] after, sweep[10,b] after, sweep[100,a] after, "
                                     "sweep[100,b] after, one success, two failure, three ready");
  assert_requires (scenario, "one", "two done");
  assert_requires (scenario, "two", "");
  assert_requires (scenario, "sweep[100,b]", "two done, one done");
  assert_requires (scenario, "all",
                   "sweep[10,a] done, sweep[10,b] done, sweep[100,a] done, sweep[100,b] done");
  assert_requires (scenario, "some",
                   "sweep[10,a] done, sweep[10,b] done, sweep[100,a] success, sweep[100,b] done");
  assert_requires (scenario, "both", "one done, two after");
  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), ==, 11);
  g_assert_cmpuint (jobs_scenario_get_n_requirements (scenario), ==, 7 + 1 + 8 + 4 + 4 + 2);
  assert_dies (scenario);
}

static void
test_nested_matrix (void)
{
  JobsScenario *scenario;

  g_test_summary ("A nested engine with a matrix is several, each with its own inside");

  scenario = load (V "jobs:\n"
                     "  build:\n"
                     "    matrix: {cc: [gcc, clang]}\n"
                     "    jobs:\n"
                     "      make: {matrix: {opt: [0]}}\n"
                     "      check: {requires: make}\n"
                     "  ship: {requires: 'build[gcc]'}\n");
  assert_labels (scenario, "build[gcc] build[gcc]/make[0] build[gcc]/check build[clang] "
                           "build[clang]/make[0] build[clang]/check ship");
  assert_requires (scenario, "build[clang]/check", "make[0] done");
  assert_requires (scenario, "ship", "build[gcc] done");
  assert_dies (scenario);
}

static void
test_warnings (void)
{
  JobsScenario *scenario;
  g_auto (GStrv) warnings = NULL;

  g_test_summary ("What is odd is told, and runs");

  scenario = load (V "jobs:\n"
                     "  s: {run: x, forever: true, ready: {delay: 1s}}\n"
                     "  a: {requires: {s: success}}\n"
                     "  b: {requires: {s: ready}}\n"
                     "  c: {requires: s, run: x, forever: true}\n"
                     "  d: {after: s, run: x, grace: 1m}\n");
  warnings = jobs_scenario_dup_warnings (scenario);
  g_assert_cmpuint (g_strv_length (warnings), ==, 2);
  g_assert_cmpstr (warnings[0], ==,
                   "f:4:18: 'a' waits for the end of 's', which runs forever; is {s: ready} "
                   "meant?");
  g_assert_cmpstr (warnings[1], ==,
                   "f:7:32: this 'grace' is not shorter than that of the engine around it, 10000 "
                   "ms: the job would be given up as stuck before it is killed");
  assert_dies (scenario);
}

static void
test_secrets (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) secrets = NULL;
  JobsScenario *scenario;

  g_test_summary ("Secrets are named, and their values are nowhere");

  g_setenv ("JOBS_TEST_TOKEN", "hush-hush", TRUE);
  g_setenv ("JOBS_TEST_KEY", "hush-hush", TRUE);
  scenario = load (V "jobs:\n"
                     "  a: {run: x, secret-env: [JOBS_TEST_TOKEN, JOBS_TEST_KEY]}\n"
                     "  b: {run: x, secret-env: JOBS_TEST_TOKEN}\n");
  secrets = jobs_scenario_dup_secrets (scenario);
  g_assert_cmpuint (g_strv_length (secrets), ==, 2);
  g_assert_cmpstr (secrets[0], ==, "JOBS_TEST_KEY");
  g_assert_cmpstr (secrets[1], ==, "JOBS_TEST_TOKEN");
  assert_dies (scenario);

  g_assert_null (try_load (V "jobs:\n"
      "  a: {run: x, secret-env: [JOBS_TEST_TOKEN, JOBS_TEST_NONE]}\n",
                           &error));
  g_assert_nonnull (strstr (error->message, "JOBS_TEST_NONE"));
  g_assert_null (strstr (error->message, "hush"));
}

static void
test_longest_path (void)
{
  JobsScenario *scenario;
  gint64 duration;

  g_test_summary ("The longest path is the one whose delays take longest");

  scenario = load (V "jobs:\n"
                     "  a: {sleep: 2s}\n"
                     "  b: {requires: a, run: x}\n"
                     "  c: {requires: b, jobs: {d: {sleep: 1s}, e: {requires: d, sleep: 500ms}}}\n"
                     "  f: {sleep: 3s}\n"
                     "  g: {requires: f}\n"
                     "  h: {requires: [g, f], sleep: 1h, forever: true}\n");
  g_assert_cmpuint (jobs_scenario_get_longest_path (scenario, &duration), ==, 5);
  g_assert_cmpint (duration, ==, 3500000);
  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), ==, 8);
  assert_dies (scenario);

  scenario = load (V "jobs: {a: {}, b: {requires: a}, c: {requires: [a, b]}, d: {}}\n");
  g_assert_cmpuint (jobs_scenario_get_longest_path (scenario, NULL), ==, 3);
  assert_dies (scenario);
}

static const char some_jobs[] = V "jobs:\n"
                                  "  fetch: {}\n"
                                  "  build: {requires: fetch}\n"
                                  "  note: {}\n"
                                  "  tests:\n"
                                  "    requires: build\n"
                                  "    after: note\n"
                                  "    jobs:\n"
                                  "      prepare: {}\n"
                                  "      unit: {requires: prepare}\n"
                                  "      style: {}\n"
                                  "      fuzz: {matrix: {n: [1, 2]}, requires: unit}\n"
                                  "  ship: {requires: tests}\n";

static void
test_select (void)
{
  static const struct
  {
    const char *names[3];
    gboolean with_requirements;
    const char *left;
  } cases[] = {
    { { "ship" }, TRUE, "fetch build tests tests/prepare tests/unit tests/style tests/fuzz[1] "
                        "tests/fuzz[2] ship" },
    { { "ship" }, FALSE, "ship" },
    { { "tests/unit" }, TRUE, "fetch build tests tests/prepare tests/unit" },
    { { "tests/unit" }, FALSE, "tests tests/unit" },
    { { "tests/fuzz" }, FALSE, "tests tests/fuzz[1] tests/fuzz[2]" },
    { { "tests/fuzz[2]", "note" }, TRUE,
      "fetch build note tests tests/prepare tests/unit tests/fuzz[2]" },
    { { "tests", "tests/style" }, FALSE,
      "tests tests/prepare tests/unit tests/style tests/fuzz[1] tests/fuzz[2]" },
    { { "tests/style", "ship" }, TRUE,
      "fetch build tests tests/prepare tests/unit tests/style tests/fuzz[1] tests/fuzz[2] ship" },
  };

  g_test_summary ("A selection keeps what it names, and what that requires");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      JobsScenario *scenario = load (some_jobs);
      g_autoptr (GError) error = NULL;

      g_assert_true (jobs_scenario_select (scenario, cases[i].names, cases[i].with_requirements,
                                           &error));
      g_assert_no_error (error);
      assert_labels (scenario, cases[i].left);
      g_assert_true (jobs_engine_check (jobs_scenario_get_engine (scenario), NULL, &error));
      g_assert_no_error (error);
      assert_dies (scenario);
    }
}

static void
test_names (void)
{
  static const char *const skipped[] = { "tests", NULL };
  JobsScenario *scenario = load (some_jobs);
  g_autofree char *before = NULL, *after = NULL;
  g_auto (GStrv) names = NULL;

  g_test_summary ("Names are those of all levels, of matrices and of what was taken out");

  names = jobs_scenario_dup_names (scenario);
  before = g_strjoinv (" ", names);
  g_assert_cmpstr (before, ==,
                   "build fetch note ship tests tests/fuzz tests/fuzz[1] tests/fuzz[2] "
                   "tests/prepare tests/style tests/unit");

  g_assert_true (jobs_scenario_skip (scenario, skipped, NULL));
  g_strfreev (names);
  names = jobs_scenario_dup_names (scenario);
  after = g_strjoinv (" ", names);
  g_assert_cmpstr (after, ==, before);
  assert_dies (scenario);
}

static void
test_skip (void)
{
  const char *const names[] = { "build", "tests/unit", "tests/fuzz[1]", "build", NULL };
  const char *const group[] = { "tests/fuzz", NULL };
  const char *const wrong[] = { "note", "biuld", "tests/unti", "nothing", NULL };
  JobsScenario *scenario = load (some_jobs);
  g_autoptr (GError) error = NULL;

  g_test_summary ("What is skipped is bypassed, and unknown names change nothing");

  g_assert_false (jobs_scenario_skip (scenario, wrong, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==,
                   "no job is named 'biuld'; did you mean 'build'?\n"
                   "no job is named 'tests/unti'; did you mean 'tests/unit'?\n"
                   "no job is named 'nothing'");
  g_clear_error (&error);
  g_assert_false (jobs_scenario_select (scenario, wrong, TRUE, &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_cmpuint (jobs_scenario_get_n_jobs (scenario), ==, 10);

  g_assert_true (jobs_scenario_skip (scenario, names, &error));
  assert_labels (scenario, "fetch note tests tests/prepare tests/style tests/fuzz[2] ship");
  assert_requires (scenario, "tests", "note after, fetch done");
  assert_requires (scenario, "tests/fuzz[2]", "prepare done");
  g_assert_true (jobs_scenario_skip (scenario, group, &error));
  assert_labels (scenario, "fetch note tests tests/prepare tests/style ship");
  assert_dies (scenario);
}

static void
test_select_again (void)
{
  const char *const one[] = { "a", NULL };
  const char *const gone[] = { "t[1]/s", "t[2]", "t[1]/s[2]", NULL };
  JobsScenario *scenario;

  g_test_summary ("What one selection has taken out, others know but leave alone");

  for (guint how = 0; how < 2; how++)
    {
      scenario = load (V "jobs:\n"
                         "  a: {}\n"
                         "  t: {matrix: {x: [1, 2]}, jobs: {s: {matrix: {y: [1, 2]}}}}\n");
      g_assert_true (jobs_scenario_select (scenario, one, TRUE, NULL));
      if (how == 0)
        g_assert_true (jobs_scenario_skip (scenario, gone, NULL));
      else
        g_assert_true (jobs_scenario_select (scenario, gone, TRUE, NULL));
      assert_labels (scenario, how == 0 ? "a" : "");
      assert_dies (scenario);
    }
}

static const char *
get_output (JobsScenario *scenario,
            const char   *path)
{
  const GValue *value = jobs_action_get_result (find (scenario, path));

  return value != NULL && G_VALUE_HOLDS_STRING (value) ? g_value_get_string (value) : NULL;
}

static void
test_environment (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "environment.yaml", NULL);
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario = jobs_scenario_new_from_file (path, &error);

  g_test_summary ("The innermost value of a variable wins, and that of the caller over all");

  g_assert_no_error (error);
  jobs_scenario_setenv (scenario, "CALLER", "caller");
  g_assert_true (jobs_engine_orchestrate (jobs_scenario_get_engine (scenario), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (get_output (scenario, "outer"), ==, "top top caller");
  g_assert_cmpstr (get_output (scenario, "own"), ==, "top own caller");
  g_assert_cmpstr (get_output (scenario, "level/inner"), ==, "level level caller");
  g_assert_cmpstr (get_output (scenario, "level/own"), ==, "level own caller");
  g_assert_cmpstr (get_output (scenario, "sweep[10,a]"), ==, "10-a");
  g_assert_cmpstr (get_output (scenario, "sweep[100,b]"), ==, "100-b");
  g_assert_cmpstr (get_output (scenario, "build[x y]/make"), ==, "x y");
  assert_dies (scenario);
}

static void
test_captures (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "captures.yaml", NULL);
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario = jobs_scenario_new_from_file (path, &error);

  g_test_summary ("What a job captures reaches all that is behind it, and nothing else");

  g_assert_no_error (error);
  g_assert_true (jobs_engine_orchestrate (jobs_scenario_get_engine (scenario), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (get_output (scenario, "version"), ==, "1.2 $(no code)");
  g_assert_cmpstr (get_output (scenario, "behind"), ==, "1.2 $(no code)");
  g_assert_cmpstr (get_output (scenario, "far-behind"), ==, "1.2 $(no code)");
  g_assert_cmpstr (get_output (scenario, "tests/inside"), ==, "1.2 $(no code)+");
  g_assert_cmpstr (get_output (scenario, "tests/deeper/inside"), ==, "1.2 $(no code)+count");
  g_assert_cmpstr (get_output (scenario, "tests/deeper/beside"), ==, "1.2 $(no code)+count");
  g_assert_cmpstr (get_output (scenario, "after-tests"), ==, "1.2 $(no code)+count+deep");
  g_assert_cmpstr (get_output (scenario, "weak"), ==, "unset");
  g_assert_cmpstr (get_output (scenario, "elsewhere"), ==, "unset");
  assert_dies (scenario);
}

static void
test_command_keys (void)
{
  g_autofree char *dir = g_dir_make_tmp ("jobs-XXXXXX", NULL);
  g_autofree char *text = NULL, *output = g_build_filename (dir, "out", NULL);
  g_autofree char *shutdown = g_build_filename (dir, "shutdown", NULL), *contents = NULL;
  g_autoptr (GError) error = NULL;
  JobsScenario *scenario;

  g_test_summary ("The keys of a command do what they say");

  text = g_strdup_printf (V "defaults: {dir: %s}\njobs:\n"
                            "  input: {run: [cat], stdin: \"a\\nb\", output: %s, capture: I}\n"
                            "  exits: {run: exit 3, allowed-exits: [0, 3]}\n"
                            "  unless: {run: exit 1, unless: test -d /}\n"
                            "  hook: {run: \"true\", shutdown: touch shutdown}\n"
                            "  server: {run: 'echo up; sleep 60', ready: {output: up}, "
                            "forever: true}\n"
                            "  bar: {run: 'echo 3 of 4', progress: '(.) of (.)'}\n"
                            "  client: {requires: {server: ready}, run: pwd, capture: D, dir: /}\n",
                          dir, output);
  scenario = load (text);
  g_assert_true (jobs_engine_orchestrate (jobs_scenario_get_engine (scenario), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (get_output (scenario, "input"), ==, "a\nb");
  g_assert_cmpstr (get_output (scenario, "client"), ==, "/");
  g_assert_cmpfloat (jobs_action_get_progress (jobs_engine_lookup (jobs_scenario_get_engine (scenario), "bar")),
                     ==, 0.75);
  g_assert_true (g_file_get_contents (output, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "a\nb");
  g_assert_true (g_file_test (shutdown, G_FILE_TEST_EXISTS));
  assert_dies (scenario);

  g_unlink (output);
  g_unlink (shutdown);
  g_rmdir (dir);
}

static void
test_remote (void)
{
  g_autoptr (GPtrArray) nodes = NULL;
  g_autofree char *details = NULL;
  JobsScenario *scenario;
  JobsNode *node;
  JobsAction *action;

  g_test_summary ("Jobs on other nodes have these, with what the file says of them");

  scenario = load (V "nodes:\n"
                     "  gate: {ssh: root@gate, options: [Port=2222], connect-timeout: 2s}\n"
                     "  fit01: {ssh: fit01, gateway: gate, config: my/config, sessions: 3}\n"
                     "  farm: {slurm: {partition: main, cpus: 2, time: 10m, extra: [--qos=x], folder: /x}}\n"
                     "jobs:\n"
                     "  a: {run: [make, 'a b'], on: fit01, push: {x: /tmp/x}, pull: {/tmp/y: y},\n"
                     "      idempotent: true, requires: b}\n"
                     "  b: {run: srun x, on: farm}\n");
  action = find (scenario, "a");
  details = JOBS_ACTION_GET_CLASS (action)->dup_details (action);
  g_assert_cmpstr (details, ==, "on fit01: make 'a b'");
  g_assert_true (jobs_action_get_idempotent (action));
  nodes = jobs_scenario_dup_nodes (scenario);
  g_assert_cmpuint (nodes->len, ==, 3);
  node = jobs_command_action_get_node (JOBS_COMMAND_ACTION (action));
  g_assert_true (node == g_ptr_array_index (nodes, 1));
  g_assert_cmpstr (jobs_ssh_node_get_destination (JOBS_SSH_NODE (node)), ==, "fit01");
  g_assert_cmpstr (jobs_ssh_node_get_config_file (JOBS_SSH_NODE (node)), ==, "my/config");
  g_assert_cmpuint (jobs_ssh_node_get_max_sessions (JOBS_SSH_NODE (node)), ==, 3);
  g_assert_true (JOBS_NODE (jobs_ssh_node_get_gateway (JOBS_SSH_NODE (node))) == g_ptr_array_index (nodes, 0));
  node = g_ptr_array_index (nodes, 0);
  g_assert_cmpuint (jobs_ssh_node_get_connect_timeout (JOBS_SSH_NODE (node)), ==, 2000);

  node = jobs_command_action_get_node (JOBS_COMMAND_ACTION (find (scenario, "b")));
  g_assert_true (node == g_ptr_array_index (nodes, 2));
  g_assert_cmpstr (jobs_slurm_node_get_folder (JOBS_SLURM_NODE (node)), ==, "/x");
  g_clear_pointer (&nodes, g_ptr_array_unref);
  assert_dies (scenario);
}

static void
test_gateways (void)
{
  g_autoptr (GString) text = g_string_new (V "nodes:\n  n0: {ssh: x}\n");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("There are 32 gateways on the way to a node, and no more");

  for (guint i = 1; i <= 33; i++)
    g_string_append_printf (text, "  n%u: {ssh: x, gateway: n%u}\n", i, i - 1);
  g_string_append (text, "jobs: {a: {run: x, on: n32}}\n");
  bytes = g_bytes_new (text->str, text->len);
  g_assert_null (jobs_scenario_new_from_bytes (bytes, "f", &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==, "f:36:26: there are more than 32 gateways on the way");
}

static void
test_fan_out (void)
{
  JobsScenario *scenario;

  g_test_summary ("A job on several nodes is one for each of them");

  scenario = load (V "nodes: {a: {ssh: a}, b: {ssh: b}, c: {ssh: c}}\n"
                     "groups: {two: [a, c], all: [a, b, c]}\n"
                     "jobs:\n"
                     "  one: {run: x, on: [b]}\n"
                     "  two: {run: x, on: {group: two}, matrix: {rate: [1, 2]}}\n"
                     "  end: {requires: two, run: x, on: {group: all}, matrix: {y: [z]}}\n");
  assert_labels (scenario, "one[b] two[1,a] two[1,c] two[2,a] two[2,c] end[z,a] end[z,b] end[z,c]");
  g_assert_cmpstr (jobs_node_get_name (jobs_command_action_get_node (
                     JOBS_COMMAND_ACTION (find (scenario, "two[2,c]")))), ==, "c");
  g_assert_true (jobs_action_get_requirement (find (scenario, "end[z,b]"), find (scenario, "two[2,a]"), NULL));
  assert_dies (scenario);
}

static void
test_plain_text (void)
{
  JobsScenario *scenario;

  g_test_summary ("Names and texts are what they look like, booleans only where one is wanted");

  scenario = load (V "name: 1:30\njobs:\n"
                     "  no: {run: [\"true\", no, 0777, 1:30, ~, null]}\n"
                     "  0777: {requires: no}\n"
                     "  1:30: {requires: [0777]}\n"
                     "  é ü: \n"
                     "  true: {requires: [é ü], critical: no, forever: Off}\n"
                     "  on: {run: x, forever: ON, priority: 0777}\n");
  g_assert_cmpstr (jobs_scenario_get_name (scenario), ==, "1:30");
  assert_labels (scenario, "no 0777 1:30 é ü true on");
  assert_requires (scenario, "1:30", "0777 done");
  g_assert_false (jobs_action_get_critical (find (scenario, "true")));
  g_assert_false (jobs_action_get_forever (find (scenario, "true")));
  g_assert_true (jobs_action_get_forever (find (scenario, "on")));
  g_assert_cmpint (jobs_action_get_priority (find (scenario, "on")), ==, 777);
  assert_dies (scenario);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/jobs/scenario/bad-tops", bad_tops, test_bad);
  g_test_add_data_func ("/jobs/scenario/bad-jobs", bad_jobs, test_bad);
  g_test_add_data_func ("/jobs/scenario/bad-requirements", bad_requirements, test_bad);
  g_test_add_data_func ("/jobs/scenario/bad-matrices", bad_matrices, test_bad);
  g_test_add_data_func ("/jobs/scenario/bad-pools", bad_pools, test_bad);
  g_test_add_data_func ("/jobs/scenario/bad-nodes", bad_nodes, test_bad);
  g_test_add_data_func ("/jobs/scenario/bad-captures", bad_captures, test_bad);
  g_test_add_func ("/jobs/scenario/limits", test_limits);
  g_test_add_func ("/jobs/scenario/many", test_many);
  g_test_add_func ("/jobs/scenario/many-mistakes", test_many_mistakes);
  g_test_add_func ("/jobs/scenario/files", test_files);
  g_test_add_func ("/jobs/scenario/bad-pattern", test_bad_pattern);
  g_test_add_func ("/jobs/scenario/standard-input", test_standard_input);
  g_test_add_func ("/jobs/scenario/plain-text", test_plain_text);
  g_test_add_func ("/jobs/scenario/policies", test_policies);
  g_test_add_func ("/jobs/scenario/requirements", test_requirements);
  g_test_add_func ("/jobs/scenario/nested-matrix", test_nested_matrix);
  g_test_add_func ("/jobs/scenario/warnings", test_warnings);
  g_test_add_func ("/jobs/scenario/secrets", test_secrets);
  g_test_add_func ("/jobs/scenario/longest-path", test_longest_path);
  g_test_add_func ("/jobs/scenario/names", test_names);
  g_test_add_func ("/jobs/scenario/select", test_select);
  g_test_add_func ("/jobs/scenario/skip", test_skip);
  g_test_add_func ("/jobs/scenario/select-again", test_select_again);
  g_test_add_func ("/jobs/scenario/environment", test_environment);
  g_test_add_func ("/jobs/scenario/captures", test_captures);
  g_test_add_func ("/jobs/scenario/command-keys", test_command_keys);
  g_test_add_func ("/jobs/scenario/remote", test_remote);
  g_test_add_func ("/jobs/scenario/fan-out", test_fan_out);
  g_test_add_func ("/jobs/scenario/gateways", test_gateways);

  return g_test_run ();
}
