# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import asyncio
import gi

gi.require_version("Jobs", "1")
from gi.repository import Jobs

async def boil(seconds):
    await asyncio.sleep(seconds)
    return "hot water"

async def set_cups():
    print("the cups are set")

async def pour():
    print("pouring", water.result())

water = Jobs.Action(boil(0.3), label="water")
cups = Jobs.Action(set_cups(), label="cups")
tea = Jobs.Action(pour(), label="tea")
tea.requires([water, cups])

if not Jobs.Engine(water, cups, tea).orchestrate(timeout=5):
    raise SystemExit("no tea")
