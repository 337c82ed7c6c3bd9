#!/usr/bin/env python3
"""Download and prepare everything the other commands need."""

import argparse

from devkit import browser, console, fediverse, odoo, twitter_text


def main():
    argparse.ArgumentParser(description=__doc__).parse_args()
    browser.ensure()
    fediverse.program()
    twitter_text.measure(["ready"])
    with odoo.ready() as server:
        server.template()
        console.say(f"Odoo {server.tree.version} is ready")


console.main(main)
