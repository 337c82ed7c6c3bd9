"""Connect an account: what the network needs to know, asked by the network's adapter.

Knows no network by name. What is typed in goes into write-only fields of the account or
of its registration (the app), and is blanked here at once. Trying it out is in
``helpdesk_social_connect_try``.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.urls import urljoin

from ..models.helpdesk_social_account_connect import CALLBACK
from ..networks import base


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
    account_state = fields.Selection(related="account_id.state")
    app_id = fields.Many2one(
        "helpdesk.social.app",
        string="Registration",
        check_company=True,
        domain="[('network_id', '=', network_id)]",
        help="Accounts of one registration share its client id and secret.",
    )
    app_count = fields.Integer(compute="_compute_app_count")
    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self._default_company()
    )
    server = fields.Char()
    server_label = fields.Char()
    server_help = fields.Char()
    server_default = fields.Boolean(help="There is one that nearly everybody uses.")
    line_ids = fields.One2many("helpdesk.social.connect.line", "wizard_id")
    has_app_lines = fields.Boolean(compute="_compute_lines")
    has_account_lines = fields.Boolean(compute="_compute_lines")
    has_hand_lines = fields.Boolean(
        compute="_compute_lines", help="Credentials may be typed in by hand."
    )
    can_sign_in = fields.Boolean(compute="_compute_options")
    registers_itself = fields.Boolean(compute="_compute_options")
    can_choose_push = fields.Boolean(compute="_compute_options")
    redirect_uri = fields.Char(
        string="Redirect address", compute="_compute_redirect_uri"
    )
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
    checklist = fields.Json(related="account_id.checklist")
    backlog_count = fields.Integer(related="account_id.backlog_count")

    # === OPENING === #
    @api.model
    def _default_company(self):
        return self.env.company

    @api.model
    def _open_for(self, network, account=None):
        """The dialog's action, for a new account or for one to be set up again.

        What the same user began and left is taken up again.
        """
        accounts = self.env["helpdesk.social.account"]
        account = account or accounts._begun_by_user(network)
        wizard = self.create([{"network_id": network.id, "account_id": account.id}])
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
            app = account.app_id
            if not app and adapter_class.shared_app:
                app = self._apps(network, vals.get("company_id"))[:1]
            vals.setdefault("app_id", app.id)
            for setting in adapter_class.settings_spec:
                if setting.key == adapter_class.host_setting:
                    vals.setdefault("server", account.base_url or setting.default or "")
                    vals["server_label"] = network._term(setting.label)
                    vals["server_help"] = network._term(setting.help)
                    vals["server_default"] = bool(setting.default)
            vals.setdefault(
                "line_ids",
                [
                    fields.Command.create(line)
                    for line in self._line_values(network, account, app)
                ],
            )
        return super().create(vals_list)

    @api.model
    def _apps(self, network, company_id=None):
        found = self.env["helpdesk.social.app"].search(
            [
                ("network_id", "=", network.id),
                ("company_id", "in", [company_id or self.env.company.id, False]),
            ]
        )
        # one of one's own before one that all companies share
        return found.sorted(lambda app: not app.company_id)

    @api.model
    def _line_values(self, network, account, app):
        adapter_class = network._get_adapter_class()
        # sudo: helpdesk.social.account, .app - whether a secret is there, not which
        options, secrets = {}, {}
        for record in (app.sudo(), account.sudo()):
            options |= record.options or {}
            secrets |= record.secrets or {}
        if app and account:
            secrets = app._secrets_for(account.base_url) | (
                account.sudo().secrets or {}
            )
        return [
            self._line_of(setting, network._term, options, secrets)
            | {"sequence": place}
            for place, setting in enumerate(adapter_class.settings_spec)
            if setting.key != adapter_class.host_setting
        ]

    @api.model
    def _line_of(self, setting, term, options, secrets):
        """The line for a setting; of a secret it knows only that it is there."""
        return {
            "key": setting.key,
            "scope": setting.scope,
            "label": term(setting.label),
            "help": term(setting.help),
            "required": setting.required,
            "secret": setting.secret,
            "advanced": setting.advanced,
            "default": setting.default,
            "stored": setting.secret and bool(secrets.get(setting.key)),
            "value": False
            if setting.secret
            else options.get(setting.key, setting.default),
        }

    @api.onchange("app_id")
    def _onchange_app_id(self):
        """Another registration has other secrets; which are stored is shown."""
        values = {
            one["key"]: one
            for one in self._line_values(self.network_id, self.account_id, self.app_id)
        }
        for line in self.line_ids.filtered(lambda one: one.scope == "app"):
            line.stored = values[line.key]["stored"]
            line.value = values[line.key]["value"]

    # === WHAT IS SHOWN === #
    @api.depends("network_id")
    @api.depends_context("lang")
    def _compute_options(self):
        for wizard in self:
            adapter_class = wizard.network_id._get_adapter_class()
            wizard.can_sign_in = adapter_class.can(base.OAUTH)
            wizard.registers_itself = adapter_class.can(base.REGISTER)
            wizard.can_choose_push = adapter_class.can(base.WEBHOOK) and (
                adapter_class.can(base.PULL)
            )
            wizard.scopes_text = Markup().join(
                Markup("<li><code>%s</code> %s</li>")
                % (wizard.network_id._term(scope), wizard.network_id._term(why))
                for scope, why in adapter_class.scopes.items()
            )

    @api.depends("line_ids.scope", "line_ids.secret")
    def _compute_lines(self):
        for wizard in self:
            scopes = wizard.line_ids.mapped("scope")
            wizard.has_app_lines = "app" in scopes
            wizard.has_account_lines = "account" in scopes
            wizard.has_hand_lines = any(
                line.scope == "account" and line.secret for line in wizard.line_ids
            )

    @api.depends("network_id", "company_id")
    def _compute_app_count(self):
        for wizard in self:
            shared = wizard.network_id._get_adapter_class().shared_app
            apps = shared and self._apps(wizard.network_id, wizard.company_id.id)
            wizard.app_count = len(apps or ())

    def _compute_redirect_uri(self):
        """What the network's developer console asks for, there before any account."""
        for wizard in self:
            wizard.redirect_uri = urljoin(wizard.get_base_url(), CALLBACK)

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect %(network)s", network=self.network_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
