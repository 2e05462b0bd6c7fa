# SPDX-FileCopyrightText: The asyncjobs authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests/benchmarks/run is made of."""

import sys
from pathlib import Path

# The servers that the tests have, too
sys.path.append(str(Path(__file__).resolve().parents[2] / "services"))
