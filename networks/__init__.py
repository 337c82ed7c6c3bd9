"""Speaks to networks. Plain Python, never imports odoo (a test walks the AST).

One file per network; ``base`` is the contract, ``transport`` the only caller of
``requests``. Only relative imports, so that the package works under two names.
"""
