/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scenarios.h"

/* Job files that are wrong: what is said of them */

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
  { V "jobs: [a]\n",
    "f:2:7: 'jobs': expected a map, found a list; each job stands behind its name, as in 'jobs: "
    "{hello: {run: echo hello}}'" },
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
  { V "jobs: {a: {env: {é: x}, run: x}}\nenv: {A: [1], '': x, 'B=C': x, 1A: x, A-B: x, _a_1: x}\n",
    "f:2:18: no variable can be named 'é': that takes letters, digits and '_', and no digit "
    "first\n"
    "f:3:10: 'A': expected text, found a list\n"
    "f:3:15: no variable can be named '': that takes letters, digits and '_', and no digit "
    "first\n"
    "f:3:22: no variable can be named 'B=C': that takes letters, digits and '_', and no digit "
    "first\n"
    "f:3:32: no variable can be named '1A': that takes letters, digits and '_', and no digit "
    "first\n"
    "f:3:39: no variable can be named 'A-B': that takes letters, digits and '_', and no digit "
    "first" },
  { V "jobs: {a: {}}\nenv: [A=1]\n",
    "f:3:6: 'env': expected a map, found a list; write 'env: {NAME: VALUE}'" },
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
  { V "jobs:\n  a: x\n  b: [x]\n  c: echo hi\n  d: 'echo hi'\n  e: echo {hi}\n  f: {jobs: {g: make}}\n",
    "f:3:6: 'a': expected a map, found 'x'; write 'a: {run: x}'\n"
    "f:4:6: 'b': expected a map, found a list; write 'b: {run: COMMAND}'\n"
    "f:5:6: 'c': expected a map, found 'echo hi'; write 'c: {run: echo hi}'\n"
    "f:6:6: 'd': expected a map, found the text \"echo hi\"; write 'd: {run: COMMAND}'\n"
    "f:7:6: 'e': expected a map, found 'echo {hi}'; write 'e: {run: COMMAND}'\n"
    "f:8:17: 'g': expected a map, found 'make'; write 'g: {run: make}'" },
  { V "steps:\n  a: {}\nparallel: 2\nenvironment: {}\njobs:\n"
      "  a: {needs: b, depends: b, depends_on: b, command: x, script: x, cmd: x, retry: 1}\n"
      "  b: {run: {command: x}, host: n, title: x, cwd: x, if: x, nonsense: x}\n"
      "nodes: {n: {host: h, proxy: g}}\n",
    "f:2:1: unknown key 'steps' in a job file; did you mean 'jobs'?\n"
    "f:4:1: unknown key 'parallel' in a job file; did you mean 'window'?\n"
    "f:5:1: unknown key 'environment' in a job file; did you mean 'env'?\n"
    "f:7:7: unknown key 'needs' in a job; did you mean 'requires'?\n"
    "f:7:17: unknown key 'depends' in a job; did you mean 'requires'?\n"
    "f:7:29: unknown key 'depends_on' in a job; did you mean 'requires'?\n"
    "f:7:44: unknown key 'command' in a job; did you mean 'run'?\n"
    "f:7:56: unknown key 'script' in a job; did you mean 'run'?\n"
    "f:7:67: unknown key 'cmd' in a job; did you mean 'run'?\n"
    "f:7:75: unknown key 'retry' in a job; did you mean 'retries'?\n"
    "f:8:13: unknown key 'command' in 'run'\n"
    "f:8:26: unknown key 'host' in a job; did you mean 'on'?\n"
    "f:8:35: unknown key 'title' in a job; did you mean 'label'?\n"
    "f:8:45: unknown key 'cwd' in a job; did you mean 'dir'?\n"
    "f:8:53: unknown key 'if' in a job; did you mean 'unless'?\n"
    "f:8:60: unknown key 'nonsense' in a job\n"
    "f:9:13: unknown key 'host' in a node; did you mean 'ssh'?\n"
    "f:9:22: unknown key 'proxy' in a node; did you mean 'gateway'?" },
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
  { V "pools: {p: 1}\njobs:\n  a: {run: x, on: nn, pool: q, window: 1, allowed-exits: x, retrys: 1, matrix: {b: []}}\n"
      "  b: {rnu: x, on: [nn], allowed-exits: x}\n  c/d: {dir: /}\n  e: {sleep: soon, on: n, dir: /}\n",
    "f:4:19: no node is named 'nn'\n"
    "f:4:29: no pool is named 'q'\n"
    "f:4:32: 'window' has no meaning for a job with 'run'\n"
    "f:4:58: 'allowed-exits': expected a status from 0 to 255, or a list of them, found 'x'\n"
    "f:4:61: unknown key 'retrys' in a job; did you mean 'retries'?\n"
    "f:4:84: 'b': expected a list of one value or more, found an empty list\n"
    "f:5:7: unknown key 'rnu' in a job; did you mean 'run'?\n"
    "f:5:20: no node is named 'nn'\n"
    "f:5:40: 'allowed-exits': expected a status from 0 to 255, or a list of them, found 'x'\n"
    "f:6:3: the name of a job has no '/': that stands for a job inside of another\n"
    "f:6:9: 'dir' has no meaning for a job without 'run', 'sleep' or 'jobs'\n"
    "f:7:14: 'sleep': expected a duration such as 500ms, 30s, 10m or 1h30m, found 'soon'\n"
    "f:7:24: no node is named 'n'" },
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
test_bad_pattern (void)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A pattern that is none is refused in GLib's words");

  g_assert_null (try_load (V "jobs: {a: {run: x, progress: '([0-9]'}}\n", &error));
  g_assert_error (error, JOBS_ERROR, JOBS_ERROR_SCHEMA);
  g_assert_true (g_str_has_prefix (error->message, "f:2:30: '([0-9]' is no regular expression: "));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/jobs/scenario-errors/bad-tops", bad_tops, test_bad);
  g_test_add_data_func ("/jobs/scenario-errors/bad-jobs", bad_jobs, test_bad);
  g_test_add_data_func ("/jobs/scenario-errors/bad-requirements", bad_requirements, test_bad);
  g_test_add_data_func ("/jobs/scenario-errors/bad-matrices", bad_matrices, test_bad);
  g_test_add_data_func ("/jobs/scenario-errors/bad-pools", bad_pools, test_bad);
  g_test_add_data_func ("/jobs/scenario-errors/bad-nodes", bad_nodes, test_bad);
  g_test_add_data_func ("/jobs/scenario-errors/bad-captures", bad_captures, test_bad);
  g_test_add_func ("/jobs/scenario-errors/limits", test_limits);
  g_test_add_func ("/jobs/scenario-errors/many-mistakes", test_many_mistakes);
  g_test_add_func ("/jobs/scenario-errors/bad-pattern", test_bad_pattern);

  return g_test_run ();
}
