"""Run by ``odoo shell``: one function of one module of ``bench``, its result as JSON.

Never imported. What to run is in the environment: BENCH_ROOT, BENCH_CALL (JSON:
module, function, arguments) and BENCH_RESULT (a file).
"""

import importlib
import json
import os
import sys

env = globals()["env"]
root = os.environ["BENCH_ROOT"]
# at the end: the addon's folders must not hide anybody's packages
sys.path += [root, os.path.join(root, "tests")]
call = json.loads(os.environ["BENCH_CALL"])
module = importlib.import_module(f"bench.{call['module']}")
result = getattr(module, call["function"])(env, **call["arguments"])
with open(os.environ["BENCH_RESULT"] + ".part", "w") as handle:
    json.dump(result, handle)
os.replace(os.environ["BENCH_RESULT"] + ".part", os.environ["BENCH_RESULT"])
