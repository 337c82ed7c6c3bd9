"""Developer tooling: runs Odoo 19 with this addon on a bare machine.

Plain standard library, so that it works before anything is installed. It writes only
to the per-user cache, the work folder of the checkout and (for PostgreSQL started by
root) one folder in /var/tmp. It must never touch the machine's own apt state,
PostgreSQL clusters or Odoo.
"""
