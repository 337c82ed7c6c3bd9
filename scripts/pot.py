#!/usr/bin/env python3
"""Export the terms to translate to i18n/helpdesk_social.pot."""

import argparse

from devkit import console, odoo, paths

DATABASE = "pot"


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    (paths.ROOT / "i18n").mkdir(exist_ok=True)
    log = paths.work_dir("logs") / "pot.log"
    with odoo.ready() as server:
        server.copy(server.template(), DATABASE)
        try:
            with console.step("installing the addon"):
                server.install(DATABASE, [paths.ADDON], log=log)
            if server.run("i18n", "export", "-d", DATABASE, paths.ADDON, log=log):
                raise console.Failure(f"the export failed (log: {log})")
        finally:
            server.drop(DATABASE)
    console.say(f"i18n/{paths.ADDON}.pot is up to date")


console.main(main)
