"""One presence of ours on a network: what it is and what it keeps.

State and silence are in ``helpdesk_social_account_state``, who may speak in
``…_speak``, settings and secrets in ``…_settings``, pulling in ``…_pull``. Nothing here
ever talks to a network.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from . import common, social_failure

MANAGER = "helpdesk_mgmt.group_helpdesk_manager"
HELPDESK_USER = "helpdesk_mgmt.group_helpdesk_user_own"
#: what only the code writes, as superuser
MACHINE_FIELDS = frozenset(
    {
        "state",
        "external_id",
        "handle",
        "profile_url",
        "avatar_url",
        "facts",
        "missing_scopes",
        "granted_scopes",
        "token_expires_at",
        "connected_at",
        "connected_by_id",
        "last_check_at",
        "push",
        "error_code",
        "error_at",
    }
)


class HelpdeskSocialAccount(models.Model):
    _name = "helpdesk.social.account"
    _description = "Social Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"
    _check_company_auto = True
    _allow_sudo_commands = False
    _rec_names_search = ["name", "handle"]

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    network_id = fields.Many2one(
        "helpdesk.social.network", required=True, ondelete="restrict", index=True
    )
    network_code = fields.Char(related="network_id.code")
    app_id = fields.Many2one(
        "helpdesk.social.app",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        domain="[('network_id', '=', network_id)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self._default_company(),
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        check_company=True,
        help="The team that gets this account's tickets.",
    )
    speaker_user_ids = fields.Many2many(
        "res.users", string="Speakers", help="Who may answer as this account."
    )
    speaker_group_ids = fields.Many2many(
        "res.groups",
        string="Speaking Groups",
        help="Members may answer as this account. With neither people nor groups "
        "named, every helpdesk user may.",
    )
    state = fields.Selection(
        [
            ("draft", "Not connected"),
            ("active", "Connected"),
            ("paused", "Paused"),
            ("needs_auth", "Sign in again"),
            ("error", "Error"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    # who we are there, as the network told
    external_id = fields.Char(readonly=True, copy=False, index=True)
    handle = fields.Char(readonly=True, copy=False)
    profile_url = fields.Char(readonly=True, copy=False)
    avatar_url = fields.Char(readonly=True, copy=False)
    facts = fields.Json(readonly=True, copy=False)
    missing_scopes = fields.Char(readonly=True, copy=False)
    granted_scopes = fields.Char(
        readonly=True, copy=False, help="Empty where the network does not tell."
    )
    # settings
    base_url = fields.Char(
        string="Server",
        compute="_compute_base_url",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    options = fields.Json(copy=False, help="Settings that are not secret.")
    secrets = fields.Json(groups=fields.NO_ACCESS, copy=False)
    reopen_days = fields.Integer(
        default=14,
        help="A message for a ticket closed for less than this many days opens it "
        "again; later a new ticket is opened, linked to the old one.",
    )
    lookback_days = fields.Integer(
        default=7, help="How far back the first pull looks, in days."
    )
    # what goes wrong, and since when
    error_code = fields.Char(readonly=True, copy=False)
    error_detail = fields.Char(readonly=True, copy=False, groups=MANAGER)
    error_at = fields.Datetime(readonly=True, copy=False)
    error_text = fields.Char(compute="_compute_error_text")
    # a copy of the database must not speak
    home_uuid = fields.Char(copy=False, groups=fields.NO_ACCESS)
    home_url = fields.Char(copy=False, groups=fields.NO_ACCESS)
    connected_at = fields.Datetime(readonly=True, copy=False)
    connected_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    last_check_at = fields.Datetime(readonly=True, copy=False)

    _external_unique = models.UniqueIndex(
        "(network_id, external_id, company_id) WHERE external_id IS NOT NULL",
        "This account is connected already.",
    )

    # === COMPUTE METHODS === #
    @api.model
    def _default_company(self):
        return self.env.company

    @api.depends("network_id")
    def _compute_base_url(self):
        for account in self:
            adapter_class = account.network_id._adapter_class(account.network_id.code)
            account.base_url = account.base_url or (
                adapter_class.base_url if adapter_class else ""
            )

    @api.depends("error_code")
    def _compute_error_text(self):
        for account in self:
            account.error_text = account.error_code and social_failure.explain(
                # sudo: helpdesk.social.account - the sentence needs the detail only
                # for refusals, which hold no secret
                self.env,
                account.error_code,
                account.sudo().error_detail or "",
            )

    @api.depends("name", "handle")
    def _compute_display_name(self):
        for account in self:
            handle = common.shown_handle(account.handle)
            account.display_name = handle or account.name

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        self._check_machine_fields(vals_list)
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if not vals.get("app_id"):
                vals["app_id"] = self._default_app(vals).id
            app = self.env["helpdesk.social.app"].browse(vals["app_id"])
            vals.setdefault("network_id", app.network_id.id)
            company = app.company_id or self.env.company
            vals.setdefault("company_id", company.id)
        return super().create(vals_list)

    @api.model
    def _default_app(self, vals):
        """Networks without registrations get an app per account, silently."""
        network = self.env["helpdesk.social.network"].browse(vals.get("network_id"))
        company = vals.get("company_id") or self.env.company.id
        apps = self.env["helpdesk.social.app"]
        if network and network._get_adapter_class().shared_app:
            for owner in (company, False):
                app = apps.search(
                    [("network_id", "=", network.id), ("company_id", "=", owner)],
                    limit=1,
                )
                if app:
                    return app
        return apps.create(
            {
                "name": vals.get("name") or network.name,
                "network_id": network.id,
                "company_id": company,
            }
        )

    @api.model
    def _check_machine_fields(self, vals_list):
        """State and identity are what the network proved, never what somebody typed:
        not even a manager makes an account active by writing so."""
        if self.env.su:
            return
        touched = {name for vals in vals_list for name in vals} & MACHINE_FIELDS
        if touched:
            raise AccessError(
                self.env._(
                    "%(fields)s is kept by the system; use the buttons instead.",
                    fields=", ".join(sorted(touched)),
                )
            )

    def write(self, vals):
        self._check_machine_fields([vals])
        if "company_id" in vals:
            self._check_company_stays(vals["company_id"])
        if "base_url" in vals:
            moved = self.filtered(
                lambda account: (account.base_url or "") != (vals["base_url"] or "")
            )
            # sudo: helpdesk.social.account, .token - a secret belongs to the host it
            # was given for; a new host must not receive it
            tokens = self.env["helpdesk.social.token"].sudo()
            had = tokens.search([("account_id", "in", moved.ids)]).account_id
            had._forget_tokens()
            for account in moved.sudo():
                # those of the app stay, for the accounts that stay
                app = account.app_id
                if app.secrets and not app.secrets_host:
                    app.secrets_host = account.base_url
            (moved.sudo().filtered("secrets") | had).write(
                {"secrets": False, "state": "draft"}
            )
        return super().write(vals)

    def _check_company_stays(self, company_id):
        """What people said belongs to the company they said it to."""
        moved = self.filtered(lambda account: account.company_id.id != company_id)
        # sudo: helpdesk.social.conversation - whether there is any, nothing else
        threads = self.env["helpdesk.social.conversation"].sudo()
        if moved and threads.search_count([("account_id", "in", moved.ids)], limit=1):
            raise UserError(
                self.env._(
                    "This account has conversations already and stays with its "
                    "company. Connect it again in the other company instead."
                )
            )

    @api.constrains("app_id", "network_id")
    def _check_network(self):
        if any(one.app_id.network_id != one.network_id for one in self):
            raise ValidationError(
                self.env._("The account and its app must be on the same network.")
            )
