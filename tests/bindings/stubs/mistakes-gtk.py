# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
# As in mistakes.py

from gi.repository import Jobs, JobsGtk

graph = JobsGtk.Graph(board=Jobs.Engine(), hexpand=True)  # arg-type
graph.zoom()  # attr-defined
graph.props.zoom = "1:1"  # assignment
graph.connect("activated", lambda graph, line: line.get_details().upper())  # call-overload
JobsGtk.Monitor.new(board=3)  # arg-type
