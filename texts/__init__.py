"""Reads words: rules that need no database and no network. Never imports odoo."""
