"""What Odoo does not take along by itself when the addon is uninstalled.

Tables, views, scheduled actions and their copies go with our models and external ids.
It must never touch a table that is not ours.
"""

from odoo.tools import SQL


def uninstall_hook(env):
    # sudo: ir.config_parameter - uninstalling is for system administrators
    params = env["ir.config_parameter"].sudo()
    params.search([("key", "=like", "helpdesk\\_social.%")]).unlink()
    _keep_channels_in_use(env)
    _leave_accounts_to_their_table(env)
    _let_networks_go(env)


def _keep_channels_in_use(env):
    """A ticket goes on to say where it came from: its channel becomes the user's."""
    names = env["ir.model.data"].search(
        [("module", "=", "helpdesk_social"), ("model", "=", "helpdesk.ticket.channel")]
    )
    tickets = env["helpdesk.ticket"].with_context(active_test=False)
    used = tickets._read_group(
        [("channel_id", "in", names.mapped("res_id"))], ["channel_id"]
    )
    used = {channel.id for (channel,) in used}
    names.filtered(lambda name: name.res_id in used).unlink()


def _leave_accounts_to_their_table(env):
    """The account of the demo data goes with its table, as all others do: by itself it
    could not, as conversations point at it."""
    env["ir.model.data"].search(
        [("module", "=", "helpdesk_social"), ("model", "=", "helpdesk.social.account")]
    ).unlink()


def _let_networks_go(env):
    """Networks are removed before the tables that point at them."""
    # SQL: foreign keys are nothing the ORM could drop; only those of our own tables
    env.cr.execute(
        """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'helpdesk_social_network'::regclass
            AND conrelid::regclass::text LIKE 'helpdesk\\_social\\_%'
        """
    )
    for table, constraint in env.cr.fetchall():
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(constraint),
            )
        )
