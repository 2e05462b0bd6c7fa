# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All topics, in the order of the page."""

from .bindings import Bindings
from .cluster import Slurm
from .commands import Files, Monitors, Processes
from .graphs import Graphs, Large
from .loop import Asynchronous, Gap, Timeouts
from .remote import Ssh

TOPICS = (Graphs, Large, Asynchronous, Timeouts, Gap, Processes, Monitors, Ssh, Slurm, Files, Bindings)
