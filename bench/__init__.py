"""What is measured, and against what people have today, in the same run.

Never imported by the addon. Each row of the table has a module of its own; what runs
inside Odoo and what runs around it are functions of the same module.
"""
