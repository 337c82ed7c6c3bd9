#!/usr/bin/env python3
"""Build the Python package of the addon into dist/: what Odoo loads, no tooling."""

import argparse
import shutil
import subprocess

from devkit import console, downloads, paths, venv

LEFT_OUT = ("scripts/", "bench/", ".ci/", ".", "requirements-", "Makefile")


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    with paths.scratch() as folder:
        # The name of the folder is the name of the addon.
        source = folder / paths.ADDON
        for name in listed.stdout.split("\0"):
            if name and not name.startswith(LEFT_OUT) and (paths.ROOT / name).exists():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(paths.ROOT / name, source / name)
        build = [venv.get(), "-m", "build", "--wheel", "--no-isolation"]
        build += ["--outdir", paths.ROOT / "dist", source]
        downloads.run(build, what="building the wheel")
    for wheel in sorted((paths.ROOT / "dist").glob("*.whl")):
        console.say(f"dist/{wheel.name}")


console.main(main)
