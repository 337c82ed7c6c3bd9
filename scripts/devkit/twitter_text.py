"""X's own library that counts a post's length, twitter-text, run with node.

It judges the addon's counting in the tests and is part of nothing else. It is fetched
once per user; what cannot be fetched is a failure, never a pass.
"""

import json
import subprocess
from pathlib import Path

from . import node
from .console import Failure

FILES = Path(__file__).with_name("twitter_text_package")
PATIENCE = 60  # seconds; a thousand texts take half a second on an idle machine


def measure(texts) -> list[int]:
    """The weighted length of each text."""
    folder = node.packages(FILES)
    (program, *_), _npm = node.find()
    done = subprocess.run(
        [program, "measure.cjs"],
        cwd=folder,
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["no reason given"]
        raise Failure(f"twitter-text did not run: {words[-1]}")
    return json.loads(done.stdout)
