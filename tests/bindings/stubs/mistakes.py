# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each line with a remark is wrong, and mypy has to find just that: the code of its error

import gi

gi.require_version("Jobs", "1")
from gi.repository import Jobs


async def boil(seconds: float) -> str:
    return "hot water"


Jobs.Actoin(boil(1))  # attr-defined
Jobs.Action(3)  # arg-type
Jobs.Action(boil(1), lable="water")  # call-arg
Jobs.Action(boil(1), timeout="5")  # arg-type
Jobs.Action(boil(1), critical="no")  # arg-type
Jobs.DelayAction(delay=[])  # arg-type
Jobs.DelayAction(1, capacity=2)  # call-arg
Jobs.Pool("cpus", capacity="two")  # arg-type

water = Jobs.Action(boil(0.3), label="water")
water.finished  # attr-defined
water.props.state.retries  # attr-defined
water.props.lable = "water"  # attr-defined
water.props.retries = "twice"  # assignment
water.props.state = Jobs.State.IDLE  # misc
water.requires(3)  # arg-type
water.requires(water, condition="sucess")  # arg-type
water.requires(water, conditions="success")  # call-arg
water.get_label().upper()  # union-attr
water.set_timeout("5")  # arg-type
water.get_engine().orchestrate()  # union-attr
Jobs.State.RUNING  # attr-defined

engine = Jobs.Engine(water, 3)  # arg-type
engine.orchestrate(timeout="long")  # arg-type
engine.orchestrate(check=True).result()  # attr-defined
engine.add("water")  # type-var
Jobs.Engine(water, on_failure="keep going")  # arg-type
Jobs.Engine(water, windows=2)  # call-arg
engine.connect("action-state-changed", 3)  # call-overload
engine.orchestrate_async(None, 3)  # call-overload
for action in engine:
    action.orchestrate()  # attr-defined

command = Jobs.CommandAction.new_shell("list", None)  # call-arg
command.connect("outptu", print)  # call-overload
Jobs.CommandAction.new("list", None, 5)  # arg-type
known, condition = water.get_requirement(water)
condition.retries  # attr-defined
known.retries  # attr-defined


class Slow(Jobs.AbstractAction):
    async def corun(self) -> str:
        attempt = Jobs.current_attempt()
        attempt.report("half")  # arg-type
        self.lable  # attr-defined
        return "done"


async def main() -> None:
    verdict = await engine.orchestrate_async()
    verdict.retries  # attr-defined
    await engine.orchestrate_async(None, print)  # misc
