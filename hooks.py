"""What Odoo does not take along by itself when the addon is uninstalled."""


def uninstall_hook(env):
    """Forget our parameters; everything else carries external ids or our models."""
    # sudo: ir.config_parameter - uninstalling is for system administrators
    params = env["ir.config_parameter"].sudo()
    params.search([("key", "=like", "helpdesk_social.%")]).unlink()
