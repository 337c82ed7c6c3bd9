"""How an account is doing: what an admin sees instead of a log file.

Numbers and sentences only; it changes nothing and asks the network nothing. Every
number is counted for a whole list of accounts at once, over an index.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from . import common, social_failure
from .helpdesk_social_account import MANAGER
from .helpdesk_social_account_keep_alive import EXPIRY_DAYS


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    health = fields.Selection(
        [
            ("good", "Working"),
            ("attention", "Look at this"),
            ("bad", "Not working"),
            ("off", "Off"),
        ],
        compute="_compute_health",
    )
    health_text = fields.Char(
        string="What to Do", compute="_compute_health", help="The next step, if any."
    )
    silence_code = fields.Char(compute="_compute_health")
    icon = fields.Char(related="network_id.icon", string="Network Icon")
    last_in_at = fields.Datetime(
        string="Last Event", compute="_compute_traffic", compute_sudo=True
    )
    last_out_at = fields.Datetime(
        string="Last Reply", compute="_compute_last_out_at", compute_sudo=True
    )
    waiting_count = fields.Integer(
        string="Waiting for Us", compute="_compute_traffic", compute_sudo=True
    )
    queued_count = fields.Integer(
        string="To Send", compute="_compute_traffic", compute_sudo=True
    )
    uncertain_count = fields.Integer(
        string="Uncertain", compute="_compute_traffic", compute_sudo=True
    )
    failed_count = fields.Integer(
        string="Failed to Send", compute="_compute_traffic", compute_sudo=True
    )
    new_event_count = fields.Integer(
        string="To Process", compute="_compute_traffic", compute_sudo=True
    )
    dead_event_count = fields.Integer(
        string="Failed Events", compute="_compute_traffic", compute_sudo=True
    )
    webhook_url = fields.Char(related="app_id.webhook_url", groups=MANAGER)

    # === COUNTS === #
    def _compute_traffic(self):
        """All numbers of all accounts in one query, each over a partial index."""
        rows = {}
        if self.ids:
            # SQL: LATERAL, so that the newest event is one look into an index; a
            # grouping would read the whole journal
            self.env.cr.execute(
                SQL(
                    """
                    SELECT a.id, last_in.received_at,
                        (SELECT count(*) FROM helpdesk_social_message m
                         WHERE m.account_id = a.id AND m.waiting),
                        replies.queued, replies.uncertain, replies.failed,
                        (SELECT count(*) FROM helpdesk_social_event e
                         WHERE e.account_id = a.id AND e.state = 'new'),
                        (SELECT count(*) FROM helpdesk_social_event e
                         WHERE e.app_id = a.app_id AND e.state IN ('dead', 'held')
                            AND e.state = 'dead'
                            AND (e.account_id = a.id OR e.account_id IS NULL))
                    FROM helpdesk_social_account a
                    LEFT JOIN LATERAL (
                        SELECT received_at FROM helpdesk_social_event e
                        WHERE e.account_id = a.id ORDER BY e.id DESC LIMIT 1
                    ) last_in ON TRUE
                    LEFT JOIN LATERAL (
                        SELECT
                            count(*) FILTER (WHERE m.delivery_state IN
                                ('held', 'queued', 'sending')) AS queued,
                            count(*) FILTER (WHERE m.delivery_state = 'uncertain')
                                AS uncertain,
                            count(*) FILTER (WHERE m.delivery_state IN
                                ('failed', 'undelivered')) AS failed
                        FROM helpdesk_social_message m
                        WHERE m.account_id = a.id AND m.delivery_state IN
                            ('held', 'queued', 'sending', 'uncertain', 'failed',
                             'undelivered')
                    ) replies ON TRUE
                    WHERE a.id IN %s
                    """,
                    tuple(self.ids),
                )
            )
            rows = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for account in self:
            (
                account.last_in_at,
                account.waiting_count,
                account.queued_count,
                account.uncertain_count,
                account.failed_count,
                account.new_event_count,
                account.dead_event_count,
            ) = rows.get(account._origin.id, (False, 0, 0, 0, 0, 0, 0))

    def _compute_last_out_at(self):
        """For the form only: it reads all conversations of the account."""
        latest = dict(
            self.env["helpdesk.social.conversation"]._read_group(
                [("account_id", "in", self.ids), ("last_outbound_at", "!=", False)],
                ["account_id"],
                ["last_outbound_at:max"],
            )
        )
        for account in self:
            account.last_out_at = latest.get(account._origin, False)

    # === THE VERDICT === #
    @api.depends(
        "state", "active", "error_code", "missing_scopes", "push", "push_error"
    )
    def _compute_health(self):
        # sudo: ir.config_parameter - one switch
        stopped = self.env["ir.config_parameter"].sudo().get_param(common.PARAM_STOP)
        for account in self:
            silence = account.state == "active" and account._silence_reason()
            if account.state in ("needs_auth", "error") and account._is_copy():
                silence = "restored_copy"
            account.silence_code = "traffic_stopped" if stopped else silence or False
            account.health, account.health_text = account._verdict(silence)

    def _verdict(self, silence):
        """(health, sentence): the first thing that needs somebody wins."""
        if silence == "restored_copy":
            return "bad", self._copy_sentence()
        if self.state in ("needs_auth", "error"):
            return "bad", self.error_text or social_failure.explain(self.env, "auth")
        if self.state == "draft":
            return "off", self.env._("Connect the account to begin.")
        if self.state == "paused" or not self.active:
            return "off", self.env._("Nothing is read or sent until it is resumed.")
        if silence:
            return "bad", social_failure.explain(self.env, silence)
        if self.error_code:
            return "attention", self.error_text
        if self.failed_count or self.uncertain_count:
            return "attention", self.env._("Replies need somebody to look at them.")
        if self.dead_event_count:
            return "attention", self.env._("Some of what came in could not be read.")
        if self.push and self.push_error:
            return "attention", self._unpushed_sentence()
        if self.missing_scopes:
            return "attention", self.env._(
                "Rights are missing: %(scopes)s. Sign in again and allow them.",
                scopes=", ".join(
                    self.network_id._term(one)
                    for one in self.missing_scopes.split(", ")
                ),
            )
        if self._ends_soon():
            return "attention", self.env._("The sign-in ends soon: sign in again.")
        return "good", ""

    def _ends_soon(self):
        """Must a person sign in again within days?"""
        soon = fields.Datetime.add(fields.Datetime.now(), days=EXPIRY_DAYS)
        return bool(self.person_needed_at) and self.person_needed_at < soon

    def _copy_sentence(self):
        # sudo: helpdesk.social.account - an address that every user of Odoo knows
        old, new = self.sudo().home_url, self._home()[1]
        if old == new:
            return social_failure.explain(self.env, "restored_copy")
        return self.env._(
            "This account was connected when Odoo's address was %(old)s; now it is "
            "%(new)s. If this is a copy of the database, leave it silent. If Odoo has "
            "moved, an administrator confirms it here.",
            old=old or "?",
            new=new or "?",
        )

    # === BUTTONS === #
    def action_pull_now(self):
        """Pull from the button: say what was found, or why nothing could be."""
        self.ensure_one()
        found = self.action_pull()
        if found:
            message = self.env._("%(number)s new messages.", number=found)
        else:
            message = self.env._("Nothing new.")
        return self._notify(message, "success" if found else "info")

    def action_check(self):
        """Prove the credentials now; an account that is paused stays paused."""
        self.ensure_one()
        paused = self.state == "paused"
        self.action_connect()
        if paused:
            self.action_pause()
        message = self.env._(
            "The network knows us as %(name)s.", name=self.display_name
        )
        return self._notify(message, "success")

    def _notify(self, message, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _action_of(self, xmlid, domain, **context):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("account_id", "=", self.id), *domain]
        action["context"] = {"search_default_account_id": 0, **context}
        action.pop("path", None)
        return action

    def action_open_waiting(self):
        return self._action_of(
            "helpdesk_social.action_message_waiting", [("waiting", "=", True)]
        )

    def action_open_queued(self):
        return self._action_of(
            "helpdesk_social.action_message",
            [("delivery_state", "in", ("held", "queued", "sending"))],
        )

    def action_open_failed(self):
        return self._action_of(
            "helpdesk_social.action_message_failed",
            [("delivery_state", "in", ("failed", "undelivered"))],
        )

    def action_open_uncertain(self):
        return self._action_of(
            "helpdesk_social.action_message_uncertain",
            [("delivery_state", "=", "uncertain")],
        )

    def action_open_backlog(self):
        return self._action_of(
            "helpdesk_social.action_conversation", [("backlog", "=", True)]
        )

    def action_open_events(self):
        """Failed events first when there are any; for system administrators."""
        action = self._action_of("helpdesk_social.action_event", [])
        action["domain"] = [
            ("app_id", "=", self.app_id.id),
            ("account_id", "in", (self.id, False)),
        ]
        if self.dead_event_count:
            action["context"] = {"search_default_dead": 1}
        return action
