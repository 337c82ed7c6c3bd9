"""Connect an account: what the network needs to know, asked by the network's adapter.

Knows no network by name. What is typed in goes into the account's write-only fields
and is blanked here at once; a failed attempt keeps what was right about it.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..networks import base

GOOD, WARN, BAD = "good", "warn", "bad"
#: shapes, not only colours: the marks are read by everybody
MARKS = {
    GOOD: "fa-check-circle text-success",
    WARN: "fa-exclamation-triangle text-warning",
    BAD: "fa-times-circle text-danger",
}


class HelpdeskSocialConnect(models.TransientModel):
    _name = "helpdesk.social.connect"
    _description = "Connect a Social Account"
    _check_company_auto = True

    step = fields.Selection(
        [("settings", "Sign in"), ("done", "Connected")],
        default="settings",
        required=True,
    )
    network_id = fields.Many2one("helpdesk.social.network", required=True)
    network_name = fields.Char(related="network_id.name", string="Network Name")
    network_note = fields.Text(related="network_id.note")
    icon = fields.Char(related="network_id.icon")
    account_id = fields.Many2one("helpdesk.social.account")
    made_account = fields.Boolean(help="The account exists because of this dialog.")
    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self._default_company()
    )
    server = fields.Char()
    server_label = fields.Char()
    server_help = fields.Char()
    line_ids = fields.One2many("helpdesk.social.connect.line", "wizard_id")
    can_sign_in = fields.Boolean(compute="_compute_options")
    can_choose_push = fields.Boolean(compute="_compute_options")
    redirect_uri = fields.Char(related="account_id.redirect_uri")
    scopes_text = fields.Html(compute="_compute_options")
    receive = fields.Selection(
        [
            ("pull", "Odoo asks the network regularly"),
            ("push", "The network tells Odoo at once"),
        ],
        default="pull",
        required=True,
    )
    team_id = fields.Many2one("helpdesk.ticket.team", check_company=True)
    speaker_user_ids = fields.Many2many("res.users", string="Who may answer")
    lookback_days = fields.Integer(string="Look back", default=7)
    result = fields.Html(readonly=True)
    backlog_count = fields.Integer(related="account_id.backlog_count")

    # === OPENING === #
    @api.model
    def _default_company(self):
        return self.env.company

    @api.model
    def _open_for(self, network, account=None):
        """The dialog's action, for a new account or for one to be set up again."""
        wizard = self.create(
            [{"network_id": network.id, "account_id": account and account.id}]
        )
        return wizard._reopen()

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base` to fill in what the adapter asks for."""
        networks = self.env["helpdesk.social.network"]
        for vals in vals_list:
            network = networks.browse(vals.get("network_id"))
            account = self.env["helpdesk.social.account"].browse(vals.get("account_id"))
            adapter_class = network._get_adapter_class()
            vals.setdefault("name", account.name or network.name)
            if account:
                vals |= {
                    "company_id": account.company_id.id,
                    "team_id": account.team_id.id,
                    "speaker_user_ids": [
                        fields.Command.set(account.speaker_user_ids.ids)
                    ],
                    "lookback_days": account.lookback_days,
                    "receive": "push" if account.push else "pull",
                }
            for setting in adapter_class.settings_spec:
                if setting.key == adapter_class.host_setting:
                    vals.setdefault("server", account.base_url or setting.default or "")
                    vals["server_label"] = setting.label
                    vals["server_help"] = setting.help
            vals.setdefault(
                "line_ids",
                [
                    fields.Command.create(line)
                    for line in self._line_values(adapter_class, account)
                ],
            )
        return super().create(vals_list)

    @api.model
    def _line_values(self, adapter_class, account):
        # sudo: helpdesk.social.account, .app - whether a secret is there, not which
        known = [account.sudo().app_id, account.sudo()]
        options, secrets = {}, {}
        for record in known:
            options |= record.options or {}
            secrets |= record.secrets or {}
        return [
            {
                "sequence": place,
                "key": setting.key,
                "label": setting.label,
                "help": setting.help,
                "required": setting.required,
                "secret": setting.secret,
                "stored": setting.secret and bool(secrets.get(setting.key)),
                "value": False
                if setting.secret
                else options.get(setting.key, setting.default),
            }
            for place, setting in enumerate(adapter_class.settings_spec)
            if setting.key != adapter_class.host_setting
        ]

    @api.depends("network_id")
    def _compute_options(self):
        for wizard in self:
            adapter_class = wizard.network_id._get_adapter_class()
            wizard.can_sign_in = adapter_class.can(base.OAUTH)
            wizard.can_choose_push = adapter_class.can(base.WEBHOOK) and (
                adapter_class.can(base.PULL)
            )
            wizard.scopes_text = Markup().join(
                Markup("<li><code>%s</code> %s</li>") % one
                for one in adapter_class.scopes.items()
            )

    # === CONNECTING === #
    def _save_account(self):
        """Write what was typed to the account; secrets leave this dialog here."""
        self.ensure_one()
        values = {
            "name": self.name,
            "team_id": self.team_id.id,
            "speaker_user_ids": [fields.Command.set(self.speaker_user_ids.ids)],
            "lookback_days": self.lookback_days,
        }
        account = self.account_id
        if account:
            account.write(values)
        else:
            account = account.create(
                {
                    **values,
                    "network_id": self.network_id.id,
                    "company_id": self.company_id.id,
                }
            )
            self.write({"account_id": account.id, "made_account": True})
        adapter_class = self.network_id._get_adapter_class()
        settings = {line.key: line.value or "" for line in self.line_ids}
        if adapter_class.host_setting:
            settings[adapter_class.host_setting] = self.server or ""
        account.set_settings(settings)
        for line in self.line_ids.filtered("secret"):
            line.write({"stored": line.stored or bool(line.value), "value": False})
        return account

    def action_sign_in(self):
        """Go to the network's page; the account is finished when it comes back."""
        return self._save_account().action_sign_in()

    def action_connect(self):
        """Try it, and show step by step how far it went."""
        account = self._save_account()
        checks = []
        try:
            account.action_connect()
            done = True
        except UserError as error:
            checks.append((BAD, str(error)))
            done = False
        if done:
            checks += self._checks_connected(account)
            checks += self._set_receiving(account)
            checks += self._first_look(account)
        self.write(
            {
                "step": "done" if done else "settings",
                "result": self._render(checks),
            }
        )
        return self._reopen()

    def _checks_connected(self, account):
        name = account.display_name
        checks = [
            (GOOD, self.env._("The network accepts the sign-in.")),
            (GOOD, self.env._("We are %(name)s there.", name=name)),
        ]
        if account.missing_scopes:
            text = self.env._("Rights are missing: %(all)s", all=account.missing_scopes)
            checks.append((WARN, text))
        if not account.team_id:
            text = self.env._("No team gets the tickets yet. Choose one when you can.")
            checks.append((WARN, text))
        return checks

    def _set_receiving(self, account):
        """Push or pull; what fails here leaves the account connected."""
        if not self.can_choose_push:
            return []
        push = self.receive == "push"
        try:
            if push:
                account.action_subscribe()
            elif account.push:
                account.action_unsubscribe()
        except UserError as error:
            return [(WARN, str(error))]
        if push:
            return [(GOOD, self.env._("The network tells Odoo at once from now on."))]
        return []

    def _first_look(self, account):
        """Read what is there already, so that the admin sees it works."""
        if not account._can_pull():
            return []
        try:
            found = account.action_pull()
        except UserError as error:
            return [(WARN, str(error))]
        if not found:
            text = self.env._(
                "Nothing new in the last %(days)s days.", days=account.lookback_days
            )
        else:
            text = self.env._(
                "Read %(number)s messages of the last %(days)s days.",
                number=found,
                days=account.lookback_days,
            )
        return [(GOOD, text)]

    @api.model
    def _render(self, checks):
        row = Markup('<li class="mb-1"><i class="fa fa-fw %s me-2"></i>%s</li>')
        rows = Markup().join(row % (MARKS[kind], text) for kind, text in checks)
        return Markup('<ul class="list-unstyled mb-0">%s</ul>') % rows

    # === AFTERWARDS === #
    def action_accept_backlog(self):
        self.account_id.action_accept_backlog()
        return self.action_open_account()

    def action_dismiss_backlog(self):
        self.account_id.action_dismiss_backlog()
        return self.action_open_account()

    def action_open_account(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.social.account",
            "res_id": self.account_id.id,
            "views": [(False, "form")],
        }

    def action_discard(self):
        """Leave nothing behind that was never connected."""
        if self.made_account and self.account_id.state == "draft":
            app = self.account_id.app_id
            self.account_id.unlink()
            if not app.account_ids:
                app.unlink()
        return {"type": "ir.actions.act_window_close"}

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect %(network)s", network=self.network_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
