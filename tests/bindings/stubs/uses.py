# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
# All of this is right, and has the types that are said here

from typing import Any, assert_type

import gi

gi.require_version("Jobs", "1")
from gi.repository import Gio, GLib, Jobs


async def boil(seconds: float) -> str:
    return "hot water"


def changed(engine: Jobs.Engine, action: Jobs.Action, state: Jobs.State) -> None:
    print(action, state.value_nick)


water = Jobs.Action(boil(0.3), label="water", timeout=1.5, pools={Jobs.Pool("cups", 2): 1})
steps = Jobs.Action((step for step in [boil(1), None]), label="steps")
search = Jobs.Action(lambda: print("found"), thread=True)
tea = Jobs.Action(lambda: print("tea"), requires=[water, None, [water]], retry_delay=0.5)
assert_type(tea.requires(water, condition="success"), Jobs.Action)
assert_type(tea.requires(water, condition=Jobs.Condition.FAILURE), Jobs.Action)
assert_type(tea.requirements, list[Jobs.Action])
assert_type(tea.get_requirement(water), tuple[bool, Jobs.Condition])
assert_type(tea.get_timeout(), float)
assert_type(tea.get_label(), str | None)
assert_type(tea.props.state, Jobs.State)
assert_type(tea.props.timeout, int)
assert_type(tea.exception, BaseException | None)
tea.set_timeout(None)
tea.props.label = None

engine = Jobs.Engine([water, tea], window=2, on_failure="keep-going", grace=0.5, label="breakfast")
assert_type(engine.add(water), Jobs.Action)
assert_type(engine.add(Jobs.DelayAction(0.5)), Jobs.DelayAction)
assert_type(engine.update([water]), Jobs.Engine)
assert_type(engine.orchestrate(timeout=2), bool)
assert_type(engine.check(), list[str])
assert_type(list(engine), list[Jobs.Action])
assert_type(engine.dup_report(), GLib.Variant)
engine.connect("action-state-changed", changed)
engine.connect("action-state-changed", lambda engine, action, state, who: print(who), "me")
engine.connect("notify::window", lambda *_: None)
engine.orchestrate_async(Gio.Cancellable(), lambda engine, result, who: engine.orchestrate_finish(result), "me")

command = Jobs.CommandAction.new_shell("list", None, "ls")
assert_type(command, Jobs.CommandAction)
assert_type(command.get_argv(), list[str])
command.connect("notify::exit-status", lambda *_: None)


class Cup(Jobs.Action):
    def __init__(self, size: int) -> None:
        super().__init__(label="cup", critical=False)
        self.size = size

    def do_start(self, attempt: Jobs.Attempt) -> bool:
        attempt.complete(self.size)
        return True


class Slow(Jobs.AbstractAction):
    async def corun(self) -> str:
        Jobs.current_attempt().report(0.5, "half")
        return await boil(1)


async def main() -> Any:
    assert_type(await engine.orchestrate_async(timeout=3, check=True), bool)
    assert_type(await water.run_async(), bool)
    assert_type(await engine, bool)
    await engine.clear_async()
    async with engine.as_completed(timeout=3) as ended:
        async for action in ended:
            assert_type(action, Jobs.Action)
    async with Jobs.SshNode.new("far", "far.example", None) as node:
        assert_type(node.get_name(), str | None)
    await Jobs.call_async(engine.clear_async, finish=print)
    return water.result()
