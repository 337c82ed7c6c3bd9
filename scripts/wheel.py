#!/usr/bin/env python3
"""Build the Python package of the addon into dist/: what Odoo loads, no tooling."""

import argparse
import shutil
import subprocess

from devkit import console, downloads, odoo, paths, venv

DATABASE = "wheel"
LEFT_OUT = ("scripts/", "bench/", ".ci/", ".", "requirements-", "Makefile")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="let Odoo install the addon from it"
    )
    options = parser.parse_args()
    wheel = build()
    console.say(f"dist/{wheel.name}")
    if options.check:
        check(wheel)


def build():
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
        command = [venv.get(), "-m", "build", "--wheel", "--no-isolation"]
        command += ["--outdir", folder / "dist", source]
        downloads.run(command, what="building the wheel")
        (built,) = (folder / "dist").glob("*.whl")
        target = paths.ROOT / "dist" / built.name
        target.parent.mkdir(exist_ok=True)
        return shutil.move(built, target)


def check(wheel):
    """Unpack it as pip does, and have Odoo install the addon from there alone."""
    with paths.scratch() as folder, odoo.ready() as server:
        pip = [venv.get(), "-m", "pip", "install", "--quiet", "--no-input"]
        pip += ["--no-deps", "--target", folder, wheel]
        downloads.run(pip, what="unpacking the wheel")
        server.addons[0] = folder / "odoo" / "addons"
        server.copy(server.template(), DATABASE)
        try:
            with console.step("installing the addon from the wheel"):
                log = paths.work_dir("logs") / "wheel.log"
                server.install(DATABASE, [paths.ADDON], log=log)
            if not server.installed(DATABASE):
                raise console.Failure(f"Odoo did not find the addon (log: {log})")
        finally:
            server.drop(DATABASE)
    console.say("the wheel installs")


console.main(main)
