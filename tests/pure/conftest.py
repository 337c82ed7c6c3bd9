"""Pure tests see ``networks`` and ``simulators`` as top-level packages.

They must never import odoo: they run in milliseconds without a database.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
