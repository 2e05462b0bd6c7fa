#!/usr/bin/python3
# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the conformance cases through PyGObject.

What a case desires wins over what it expects, key by key. Each known difference
stands in differences.json, with its reason; anything else must match, and so must a
difference that is none any more: its entry has to go.

    driver.py            all cases, as TAP
    driver.py ID...      some of them
    driver.py --worker   reads ids, a line each, and writes what differs, as JSON
"""

import asyncio
import contextlib
import functools
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORKERS = 4
TRIES = 3
CASE_LIMIT = 30
# Upper bounds are for a machine with nothing else to do; lower ones are strict
SLACK = float(os.environ.get("JOBS_TEST_SLACK", "1.3"))
LOWER_TOLERANCE = 2


def load(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return json.load(file)


# What the jobs of a case do --------------------------------------------------

ERRORS = {"ValueError": ValueError, "KeyError": KeyError, "RuntimeError": RuntimeError}


@functools.lru_cache
def make_kinds():
    import gi

    gi.require_version("Jobs", "1")
    from gi.repository import Jobs

    class Body:
        """The body of a job, which notes what happens to it."""

        async def body(self):
            spec, world = self.spec, self.world
            world.note("start", spec["id"])
            world.parallel += 1
            world.max_parallel = max(world.max_parallel, world.parallel)
            try:
                if "adds_when_started" in spec:
                    world.add_jobs(world.objects[spec["adds_to"]], spec["adds_when_started"])
                value = await self.work()
            except asyncio.CancelledError:
                world.note("cancel", spec["id"])
                raise
            except Exception:
                world.note("raise", spec["id"])
                raise
            finally:
                world.parallel -= 1
            world.note("end", spec["id"])
            world.ended[spec["id"]].set()
            return value

        async def work(self):
            spec = self.spec
            try:
                while not spec.get("instant"):
                    await asyncio.sleep(spec.get("duration_ms", 0) / 1000)
                    if not spec.get("loop"):
                        break
                if "ends_after" in spec:
                    await self.world.ended[spec["ends_after"]["job"]].wait()
                    for _ in range(spec["ends_after"]["loop_turns"]):
                        await asyncio.sleep(0)
            except asyncio.CancelledError:
                reaction = spec.get("on_cancel")
                if reaction is None:
                    raise
                await asyncio.sleep(reaction.get("delay_ms", 0) / 1000)
                if reaction["then"] == "raise":
                    raise ERRORS[reaction["type"]](reaction["message"]) from None
                return reaction["returns"]
            if spec.get("cancels_itself"):
                raise asyncio.CancelledError
            if "raises" in spec:
                self.world.ended[spec["id"]].set()
                raise ERRORS[spec["raises"]["type"]](spec["raises"]["message"])
            return spec.get("returns", spec.get("duration_ms"))

        async def shut_down(self):
            spec, world = self.spec, self.world
            world.note("sd-start", spec["id"])
            try:
                await asyncio.sleep(spec.get("shutdown_ms", 0) / 1000)
                if "shutdown_raises" in spec:
                    raise ERRORS[spec["shutdown_raises"]["type"]](spec["shutdown_raises"]["message"])
            except asyncio.CancelledError:
                world.note("sd-cancel", spec["id"])
                raise
            except Exception:
                world.note("sd-raise", spec["id"])
                raise
            world.note("sd-end", spec["id"])

    class Job(Jobs.AbstractAction, Body):
        async def corun(self):
            return await self.body()

        async def coshutdown(self):
            await self.shut_down()

    return Jobs, Body, Job


def seconds(ms):
    return None if ms is None else ms / 1000


class World:
    """The objects of one case, and what was seen of them."""

    def __init__(self, case):
        self.Jobs, self.Body, self.Job = make_kinds()
        self.objects = {}
        self.specs = {}
        self.ended = {}
        self.events = []
        self.start = None
        self.parallel = self.max_parallel = 0
        self.is_seed = case["kind"] == "seed-engine"
        self.snapshots = []
        self.main = self.make_engine(case.get("engine") or {})
        self.objects["main"] = self.main
        if case["kind"] != "graph":
            self.main.connect("action-state-changed", self.state_changed)
        self.add_jobs(self.main, case.get("jobs", []))

    def note(self, event, name):
        if self.start is not None:
            self.events.append((event, name, 1000 * (time.monotonic() - self.start)))

    def state_changed(self, engine, action, old, new):
        name = next((name for name, item in self.objects.items() if item is action), None)
        if not isinstance(action, self.Jobs.Engine) or name is None:
            return
        State = self.Jobs.State
        if new == State.RUNNING:
            self.note("start", name)
        elif self.Jobs.state_is_terminal(new) and old in (State.RUNNING, State.CANCELLING):
            self.note("cancel" if new == State.CANCELLED else "end", name)

    def make_engine(self, spec, **kwargs):
        engine = self.Jobs.Engine(timeout=seconds(spec.get("timeout_ms")),
                                  window=spec.get("jobs_window"), **kwargs)
        if "shutdown_timeout_ms" in spec:
            engine.set_shutdown_timeout(seconds(spec["shutdown_timeout_ms"]))
        return engine

    def make_job(self, spec):
        policy = {"label": spec.get("label", spec["id"]), "critical": spec.get("critical", True),
                  "forever": spec.get("forever", False)}
        if self.is_seed:
            policy["label"] = spec.get("label")
        kind = spec.get("kind", "job")
        if kind == "engine":
            engine = self.make_engine(spec.get("engine") or {}, **policy)
            self.add_jobs(engine, spec["jobs"])
            return engine
        if kind == "wrapped-engine":
            engine = self.make_engine(spec.get("engine") or {})
            self.add_jobs(engine, spec["jobs"])
            return self.Jobs.Action(engine.orchestrate_async, **policy)
        if kind == "coroutine" or self.is_seed:
            body = self.Body()
            body.spec, body.world = spec, self
            return self.Jobs.Action(self.seed_body(body) if self.is_seed else body.body(), **policy)
        job = self.Job(details=spec.get("details"), **policy)
        job.spec, job.world = spec, self
        return job

    async def seed_body(self, body):
        if "snapshot" in body.spec:
            self.snapshots.append(str(self.objects[body.spec["snapshot"]]))
        return await body.body()

    def add_jobs(self, engine, specs):
        for spec in specs:
            self.specs[spec["id"]] = spec
            self.ended[spec["id"]] = asyncio.Event()
            if spec.get("kind") != "sequence":
                self.objects[spec["id"]] = self.make_job(spec)
        for spec in specs:
            if spec.get("kind") == "sequence":
                self.objects[spec["id"]] = self.Jobs.Sequence(self.find(spec["members"]))
        new = []
        for spec in specs:
            if not spec.get("outside") and spec.get("kind") != "sequence":
                new.append(self.objects[spec["id"]])
                if spec.get("listed_twice"):
                    new.append(self.objects[spec["id"]])
        # Where the engine does not run, what requires what is said first, and out of order
        if engine is self.objects.get("main") and self.start is not None:
            self.require(specs)
            engine.update(new)
        else:
            engine.update(new)
            if engine is self.main:
                self.require(self.specs.values())

    main = None

    def require(self, specs):
        for spec in specs:
            for name in spec.get("requires", []):
                self.objects[spec["id"]].requires(self.objects[name])

    def find(self, names):
        if isinstance(names, list):
            return [self.find(name) for name in names]
        return None if names is None else self.objects[names]

    def name_of(self, thing):
        return next(name for name, item in self.objects.items() if item is thing)

    def names(self, things):
        return sorted(self.name_of(thing) for thing in things)

    def close(self):
        for item in self.objects.values():
            if isinstance(item, self.Jobs.Engine):
                item.clear()
        self.objects.clear()


# Steps -----------------------------------------------------------------------


def take_step(world, step):
    """What a step gives; raises what it raises."""
    Jobs, objects = world.Jobs, world.objects
    op = step["op"]
    engine = objects[step.get("on", "main")]
    job = objects.get(step.get("job"))
    starts = world.find(step.get("starts", []))
    if op == "required-of":
        return world.names(job.requirements)
    if op == "required-count":
        return len(job.requirements)
    if op == "requires":
        returned = job.requires(*world.find(step["of"]), remove=step.get("remove", False))
        return returned is job
    if op == "sequence-requires":
        return objects[step["sequence"]].requires(world.find(step["of"]))
    if op == "append":
        return objects[step["sequence"]].append(*world.find(step["jobs"]))
    if op == "new-sequence":
        objects[step["id"]] = Jobs.Sequence(world.find(step["members"]),
                                            requires=world.find(step.get("requires")),
                                            engine=objects.get(step.get("into")))
        return None
    if op == "add":
        return "the-job" if engine.add(job) is job else "something else"
    if op == "remove":
        return "the-engine" if engine.remove(job) is engine else "something else"
    if op == "len":
        return len(engine)
    if op == "jobs":
        return world.names(engine.actions)
    if op == "check-cycles":
        with contextlib.suppress(ValueError):
            engine.check()
            return True
        return False
    if op == "sanitize":
        return engine.sanitize() == 0
    if op in ("successors", "successors-downstream"):
        return world.names(engine.dup_successors(starts, op != "successors"))
    if op in ("predecessors", "predecessors-upstream"):
        return world.names(engine.dup_predecessors(starts, op != "predecessors"))
    if op == "bypass":
        return engine.bypass_and_remove(job)
    if op == "keep-only":
        return engine.keep_only(*world.find(step["remains"]))
    if op == "keep-only-between":
        return engine.keep_only_between(starts, world.find(step.get("ends", [])),
                                        keep_starts=step.get("keep_starts", True),
                                        keep_ends=step.get("keep_ends", True))
    if op == "entry-jobs":
        return world.names(engine.dup_entries())
    if op == "exit-jobs":
        return world.names(engine.dup_exits(not step.get("discard_forever", True)))
    if op == "iterate":
        with_engines = step.get("engines", False)
        found = world.names(engine.dup_all(with_engines))
        # The lineage counts the outermost engine in
        return sorted(set(found) | {"main"}) if with_engines else found
    if op == "result-of":
        return job.result()
    if op == "error-of":
        return job.error
    if op == "state-of":
        state = job.get_state()
        is_ran = state in (Jobs.State.RUNNING, Jobs.State.CANCELLING) or job.is_done()
        return {"idle": state == Jobs.State.IDLE, "scheduled": state != Jobs.State.IDLE,
                "running": is_ran, "done": job.is_done()}
    if op == "why":
        return engine.why()
    if op == "stats":
        return engine.dup_stats()
    if op in ("list", "list-safe", "list-details"):
        return engine.dup_list(op == "list-details").splitlines()
    if op == "debrief":
        return engine.debrief().splitlines()
    if op == "dot":
        return engine.to_dot().splitlines()
    if op == "repr":
        return repr(job)
    raise NotImplementedError(op)


def take_steps(world, case, are_after, differ):
    for index, step in enumerate(case.get("steps", [])):
        if step.get("after", False) != are_after:
            continue
        key = f"steps[{index}].{step['op']}"
        error = None
        value = None
        try:
            value = take_step(world, step)
        except Exception as raised:
            error = type(raised).__name__
        if "expect_error" in step and step.get("desired") != "no error":
            if error != step["expect_error"]["type"]:
                differ(key, step["expect_error"]["type"], error or repr(value))
        elif error is not None:
            differ(key, "no error", error)
        elif "expect_prefix" in step:
            expected = step.get("desired", step["expect_prefix"])
            if value[:len(expected)] != expected:
                differ(key, expected, value)
        elif "expect" in step:
            expected = step.get("desired", step["expect"])
            if value != expected:
                differ(key, expected, value)


# Runs ------------------------------------------------------------------------


def is_raising(case):
    engine = case.get("engine") or {}
    return engine.get("kind") == "nestable" and engine.get("critical", True)


def run_once(world, case):
    """One run; what came of it, as the cases say it."""
    run = case.get("run", {})
    engine = world.main
    seen = {}
    world.start = time.monotonic()
    try:
        if {"hang_limit_ms", "cancel_at_ms", "shutdown_at_ms", "observe_after_ms", "concurrent"} & set(run):
            loop = world.Jobs.MainContextLoop()
            try:
                loop.run_until_complete(run_beside(world, case, seen))
            finally:
                loop.close()
        else:
            seen["success"] = engine.orchestrate(check=is_raising(case))
            seen["outcome"] = "returned"
    except asyncio.CancelledError:
        seen["outcome"] = "cancelled"
    except Exception as error:
        seen["outcome"] = "raised"
        seen["raised"] = {"type": type(error).__name__, "message": str(error)}
    if "elapsed_ms" not in seen:
        look(world, seen)
    return seen


async def run_beside(world, case, seen):
    """A run with something else going on."""
    run = case["run"]
    engine = world.main
    task = asyncio.ensure_future(engine.orchestrate_async(check=is_raising(case)))
    if "concurrent" in run:
        await asyncio.sleep(0)
        try:
            seen["second_run"] = await engine.orchestrate_async()
        except RuntimeError:
            seen["second_run"] = "refused"
    if "shutdown_at_ms" in run:
        await asyncio.sleep(run["shutdown_at_ms"] / 1000)
        try:
            seen["shutdown_returned"] = await engine.shutdown_async()
        except RuntimeError:
            seen["shutdown_returned"] = "refused"
    limit = run.get("hang_limit_ms") or run.get("cancel_at_ms")
    try:
        if limit is not None:
            _, pending = await asyncio.wait([task], timeout=limit / 1000)
            if pending:
                task.cancel()
                if "hang_limit_ms" in run:
                    await asyncio.wait([task])
                    seen["outcome"] = "hang"
                    return
        seen["success"] = await task
        seen["outcome"] = "returned"
    finally:
        look(world, seen)
        if "observe_after_ms" in run:
            n = len(world.events)
            await asyncio.sleep(run["observe_after_ms"] / 1000)
            seen["late_events"] = [f"{event}:{name}" for event, name, _ in world.events[n:]]


def leaves(world):
    return {name: spec for name, spec in world.specs.items()
            if spec.get("kind") in (None, "job", "coroutine")}


def look(world, seen):
    """What can be seen when the run has ended."""
    Jobs, State = world.Jobs, world.Jobs.State
    engine = world.main
    seen["elapsed_ms"] = 1000 * (time.monotonic() - world.start)
    error = engine.get_error()
    is_error = lambda code: error is not None and error.matches(Jobs.error_quark(), code)
    seen["failed_timeout"] = is_error(Jobs.Error.TIMED_OUT)
    seen["failed_critical"] = is_error(Jobs.Error.CRITICAL)
    seen["why"] = engine.why()
    seen["stats"] = engine.dup_stats()
    seen["max_parallel"] = world.max_parallel

    happened = {}
    times = {"start": {}, "end": {}}
    counts = {}
    for event, name, when in world.events:
        happened.setdefault(name, []).append(event)
        if event in times:
            times[event].setdefault(name, when)
        if event == "start":
            counts[name] = counts.get(name, 0) + 1
    seen["start_ms"], seen["end_ms"], seen["start_counts"] = times["start"], times["end"], counts

    for key in ("finished", "failed", "cancelled", "not_started", "still_running", "queued",
                "shutdown_called", "shutdown_completed", "shutdown_cancelled"):
        seen[key] = []
    for name, spec in leaves(world).items():
        had = happened.get(name, [])
        job = world.objects[name]
        state = job.get_state()
        key = ("not_started" if "start" not in had else "finished" if "end" in had else
               "failed" if "raise" in had else "cancelled" if "cancel" in had else "still_running")
        seen[key].append(name)
        if key == "not_started" and all(other.is_done() for other in job.requirements):
            seen["queued"].append(name)
        for key, event in (("shutdown_called", "sd-start"), ("shutdown_completed", "sd-end"),
                           ("shutdown_cancelled", "sd-cancel")):
            if event in had:
                seen[key].append(name)
    for name, spec in world.specs.items():
        if spec.get("kind") == "engine":
            state = world.objects[name].get_state()
            is_bad = state in (State.FAILED, State.TIMED_OUT)
            if state == State.FINISHED or is_bad and not spec.get("critical", True):
                seen["finished"].append(name)
            elif is_bad:
                seen["failed"].append(name)
            elif state == State.CANCELLED:
                seen["cancelled"].append(name)
            else:
                seen["not_started"].append(name)
    seen["counts"] = {key: len(value) for key, value in seen.items() if isinstance(value, list)}

    seen["results"], seen["errors"], seen["nested_why"] = {}, {}, {}
    for name, item in world.objects.items():
        if isinstance(item, Jobs.Action) and item is not engine:
            try:
                seen["results"][name] = item.result()
            except Exception:
                seen["results"][name] = None
            if item.exception is not None:
                seen["errors"][name] = {"type": type(item.exception).__name__,
                                        "message": str(item.exception)}
            if isinstance(item, Jobs.Engine):
                seen["nested_why"][name] = item.why()


def is_within(value, bounds):
    return value is not None and bounds[0] - LOWER_TOLERANCE <= value <= bounds[1] * SLACK


def compare(case, expected, seen, world, differ):
    for key, want in expected.items():
        have = seen.get(key)
        if key == "order":
            for first, second in want:
                found = [next((i for i, (event, name, _) in enumerate(world.events)
                               if f"{event}:{name}" == which), None) for which in (first, second)]
                if None in found or found[0] > found[1]:
                    differ(key, [first, second], [f"{e}:{n}" for e, n, _ in world.events])
        elif key == "elapsed_ms":
            if not is_within(have, want):
                differ(key, want, have, is_timing=have > want[1])
        elif key in ("start_ms", "end_ms"):
            for name, bounds in want.items():
                if not is_within(have.get(name), bounds):
                    differ(key, {name: bounds}, have.get(name), is_timing=True)
        elif key in ("results", "errors", "start_counts", "counts", "nested_why"):
            for name, value in want.items():
                if have.get(name) != value or type(have.get(name)) is not type(value):
                    differ(key, {name: value}, {name: have.get(name)})
        elif isinstance(want, list) and key not in ("printed_no_clock", "explicit_shutdown", "late_events"):
            if sorted(want) != sorted(have):
                differ(key, want, have)
        elif have != want:
            differ(key, want, have)


def wanted(case):
    """What is to be seen: desires first, and nothing that a desire drops."""
    want = dict(case.get("expect", {}))
    want.update(case.get("desired", {}))
    return {key: value for key, value in want.items()
            if not (key in case.get("desired", {}) and value is None)}


@contextlib.contextmanager
def captured(lines):
    """What anybody writes to stdout, C or Python."""
    sys.stdout.flush()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        saved = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            yield
        finally:
            sys.stdout.flush()
            os.dup2(saved, 1)
            os.close(saved)
            file.seek(0)
            lines.extend(re.sub(r"^\d\d:\d\d:\d\d\.\d\d\d ?", "", line).rstrip() for line in file)


def prepare(world, action):
    others = world.find(action.get("jobs", []))
    if action["do"] == "sanitize":
        world.main.sanitize()
    elif action["do"] == "scan-other-engine":
        other = world.Jobs.Engine(others)
        other.check()
        for item in others:
            other.remove(item)
    elif action["do"] == "run-other-engine":
        other = world.Jobs.Engine(others)
        other.orchestrate()
        for item in others:
            other.remove(item)


def check_run(case, differ):
    make_kinds()
    try:
        world = World(case)
    except ValueError as error:
        differ("engine", case["engine"], str(error))
        return
    run = case.get("run", {})
    take_steps(world, case, False, differ)
    for action in run.get("before", []):
        prepare(world, action)
    want = wanted(case)
    printed = []
    with captured(printed):
        seen = run_once(world, case)
        runs = [seen]
        for _ in range(run.get("times", 1) - 1):
            world.events.clear()
            seen = run_once(world, case)
            runs.append(seen)
    seen["printed_no_clock"] = printed
    if "runs" in want:
        for index, wants in enumerate(want.pop("runs")):
            compare(case, wants, runs[index], world,
                    lambda key, *args, **kwargs: differ(f"runs[{index}].{key}", *args, **kwargs))
    seen["explicit_shutdown"] = [world.main.shutdown() for _ in range(run.get("explicit_shutdown", 0))]
    compare(case, want, seen, world, differ)
    take_steps(world, case, True, differ)
    world.close()


def check_graph(case, differ):
    world = World(case)
    take_steps(world, case, False, differ)
    world.close()


def check_seed(case, differ):
    world = World(case)
    names = [spec["id"] for spec in case.get("jobs", [])]
    want = wanted(case)
    seen = {"repr_before": {name: str(world.objects[name]) for name in names}}
    printed = []
    with captured(printed):
        if case["run"].get("order"):
            try:
                world.main.dup_order()
                seen["outcome"] = "returned"
            except Exception as error:
                seen["outcome"] = "raised"
                seen["raised"] = {"type": type(error).__name__, "message": str(error)}
        else:
            seen.update(run_once(world, case))
    seen["printed"] = printed
    seen["repr_after"] = {name: str(world.objects[name]) for name in names}
    seen["snapshots"] = world.snapshots
    seen["jobs_left"] = len(world.main)
    seen["trace"] = [f"{'->' if event == 'start' else '<-'} {name}"
                     for event, name, _ in world.events if event in ("start", "end", "raise")]
    arrows = {"->": "start", "<-": "end"}
    if "order" in want:
        want["order"] = [[f"{arrows[which[:2]]}:{which[3:]}" for which in pair] for pair in want["order"]]
    for key in ("repr_before", "repr_after"):
        for name, text in want.pop(key, {}).items():
            if seen[key][name] != text:
                differ(key, {name: text}, {name: seen[key][name]})
    compare(case, want, seen, world, differ)
    world.close()


def check_race(case, differ):
    """All the attempts at once: each is an engine of its own."""
    worlds = [World(case) for _ in range(case["run"]["attempts"])]
    loop = worlds[0].Jobs.MainContextLoop()

    async def run_all():
        for world in worlds:
            world.start = time.monotonic()
        return await asyncio.gather(*(world.main.orchestrate_async() for world in worlds))

    verdicts = loop.run_until_complete(run_all())
    want = wanted(case)["every_attempt"]
    for world, verdict in zip(worlds, verdicts):
        starts = [event[:2] for event in world.events].count(("start", "C"))
        if starts != want["starts_of_C"] or verdict != want["success"]:
            differ("every_attempt", want, {"starts_of_C": starts, "success": verdict})
        world.close()
    loop.close()


def check_badge(case, differ):
    differ("rows", "the badges of the lineage", "the states have names")


CHECKS = {"run": check_run, "graph": check_graph, "seed-engine": check_seed,
          "race": check_race, "badge": check_badge}


def check_case(case):
    found = []

    def differ(key, want, have, is_timing=False):
        found.append({"key": key, "want": want, "have": have, "is_timing": is_timing})

    try:
        CHECKS[case["kind"]](case, differ)
    except Exception as error:
        import traceback
        found.append({"key": "the case itself", "want": "it runs", "is_timing": False,
                      "have": "".join(traceback.format_exception(error))})
    return found


# One process per some cases ---------------------------------------------------


def work():
    cases = {case["id"]: case for case in load("cases.json")["cases"]}
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        found = check_case(cases[line.strip()])
        print(json.dumps(found, default=repr), file=out, flush=True)


class Worker:
    """A process of its own, so that a crash or a hang costs one case."""

    def __init__(self):
        self.process = None

    def check(self, name):
        if self.process is None:
            # As this one was started, with what runs it
            command = sys.orig_argv[:len(sys.orig_argv) - len(sys.argv) + 1]
            self.process = subprocess.Popen([*command, "--worker"], text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        watchdog = threading.Timer(CASE_LIMIT, self.process.kill)
        watchdog.start()
        print(name, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        watchdog.cancel()
        if line:
            return json.loads(line)
        status = self.process.wait()
        self.process = None
        return [{"key": "the case itself", "want": "it runs", "have": f"the process ended with {status}",
                 "is_timing": False}]

    def end(self):
        if self.process is not None:
            self.process.communicate()


def judge(name, found, table):
    """What is left of the differences once the known ones are taken off; stale entries too."""
    known = table.get(name, {})
    bad = [item for item in found if item["key"] not in known]
    stale = set(known) - {item["key"] for item in found}
    bad += [{"key": key, "want": "a difference: " + known[key], "have": "none: the entry can go",
             "is_timing": False} for key in stale]
    return bad


def main(names):
    cases = load("cases.json")["cases"]
    reasons = load("differences.json")["reasons"]
    table = {name: {key: reasons.get(why, why) for key, why in entries.items()}
             for name, entries in load("differences.json")["cases"].items()}
    names = names or [case["id"] for case in cases]
    todo = queue.SimpleQueue()
    done = {}
    for name in names:
        todo.put(name)

    def serve():
        worker = Worker()
        while True:
            try:
                name = todo.get_nowait()
            except queue.Empty:
                worker.end()
                return
            for _ in range(TRIES):
                bad = judge(name, worker.check(name), table)
                # A late end says something of the machine, until it is late each time
                if not bad or not all(item["is_timing"] for item in bad):
                    break
            done[name] = bad

    threads = [threading.Thread(target=serve) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    print(f"1..{len(names)}")
    failures = 0
    for number, name in enumerate(names, 1):
        bad = done[name]
        failures += bool(bad)
        print(f"{'not ok' if bad else 'ok'} {number} /jobs/conformance/{name}")
        for item in bad:
            print(f"#   {item['key']}: want {item['want']}")
            for line in str(item["have"]).splitlines():
                print(f"#     have {line}")
    sys.exit(failures > 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        work()
    else:
        main(sys.argv[1:])
