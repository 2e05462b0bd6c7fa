# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""That the command tells every 30 s what still runs, which takes that long to see"""

import re
import signal
import subprocess
import sys

from toolkit import TOOL, environment, jobs, main, test


@test
def after_30_seconds():
    jobs("long: {sleep: 50s}")
    told = []
    with subprocess.Popen([TOOL, "run", "--no-journal", "jobs.yaml"], stdout=subprocess.PIPE,
                          env=environment(), text=True) as process:
        for line in process.stdout:
            told.append(line)
            if "running" in line:
                process.send_signal(signal.SIGTERM)
    found = re.fullmatch(r" *([0-9.]+)  running     long \((\d+) s\)\n", told[2])
    assert found, told
    # Late, on a machine that has other things to do, but never early
    assert 30 <= float(found[1]) < 40 and 30 <= int(found[2]) < 40, told
    return "after %s s" % found[1]


if __name__ == "__main__":
    sys.exit(main("tool-reminder"))
