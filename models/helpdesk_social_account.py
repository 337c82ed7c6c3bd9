"""One presence of ours on a network: who we are there, who may speak, what state.

Only an ``active`` account pulls or sends. Settings and secrets are in
``helpdesk_social_account_settings``, pulling in ``helpdesk_social_account_pull``;
nothing here opens a socket but through the adapter.
"""

import logging
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..networks import base, errors
from ..networks.items import PRIVATE
from . import common, social_failure

_logger = logging.getLogger(__name__)

MANAGER = "helpdesk_mgmt.group_helpdesk_manager"
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
        "token_expires_at",
        "connected_at",
        "last_check_at",
        "push",
        "error_code",
        "error_at",
    }
)
HELPDESK_USER = "helpdesk_mgmt.group_helpdesk_user_own"


def _place(url):
    """(host, port) of an address; the names of the own machine are one."""
    parts = urlsplit(url or "")
    host = (parts.hostname or "").lower()
    if host in ("localhost", "127.0.0.1", "::1"):
        return "localhost", parts.port
    return host, parts.port if parts.port not in (80, 443) else None


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
    token_expires_at = fields.Datetime(readonly=True, copy=False)
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
            handle = account.handle and f"@{account.handle.lstrip('@')}"
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
            vals.setdefault("company_id", app.company_id.id)
        return super().create(vals_list)

    @api.model
    def _default_app(self, vals):
        """Networks without registrations get an app per account, silently."""
        network = self.env["helpdesk.social.network"].browse(vals.get("network_id"))
        company = vals.get("company_id") or self.env.company.id
        apps = self.env["helpdesk.social.app"]
        if network and network._get_adapter_class().shared_app:
            app = apps.search(
                [("network_id", "=", network.id), ("company_id", "=", company)],
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
            # sudo: helpdesk.social.account - a secret belongs to the host it was
            # given for; a new host must not receive it
            moved.sudo().filtered("secrets").write({"secrets": False, "state": "draft"})
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

    # === STATE === #
    def action_connect(self):
        """Prove the credentials with the network; the account becomes active.

        :raises UserError: with a sentence that says what to do
        """
        self.check_access("write")
        for account in self:
            missing = account._missing_settings()
            if missing:
                names = ", ".join(setting.label for setting in missing)
                raise UserError(
                    social_failure.explain(self.env, "missing_setting", names)
                )
            try:
                profile = account._adapter().check()
            except errors.NetworkError as error:
                _logger.info("account %s: check failed: %s", account.id, error)
                raise UserError(
                    social_failure.explain(self.env, error.code, error.detail)
                ) from error
            account._connected(profile)
        return True

    def _connected(self, profile):
        """Write what ``check`` found; the account starts or goes on where it was."""
        now = fields.Datetime.now()
        twin = self.with_context(active_test=False).search(
            [
                ("network_id", "=", self.network_id.id),
                ("external_id", "=", profile.id),
                ("company_id", "=", self.company_id.id),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if twin:
            raise UserError(
                self.env._(
                    "%(handle)s is connected already, as “%(name)s”.",
                    handle=profile.handle,
                    name=twin.name,
                )
            )
        self._remember_home()
        # sudo: helpdesk.social.account - read-only fields, access checked by caller
        self.sudo().write(
            {
                "external_id": profile.id,
                "handle": profile.handle,
                "profile_url": profile.url,
                "avatar_url": profile.avatar,
                "facts": profile.facts,
                "missing_scopes": ", ".join(profile.missing_scopes),
                # what the sign-in said stands where the profile does not say
                "token_expires_at": common.to_orm(profile.expires_at)
                or self.token_expires_at,
                "state": "active",
                "connected_at": self.connected_at or now,
                "last_check_at": now,
                "next_pull_at": now,
                "paused_until": False,
                "failures": 0,
                "error_code": False,
                "error_detail": False,
                "error_at": False,
            }
        )
        self.activity_unlink(["mail.mail_activity_data_warning"])
        self.env["helpdesk.social.outbox"]._wake()
        self.env["helpdesk.social.intake"]._wake_pull()

    def action_pause(self):
        self.check_access("write")
        self.filtered(lambda one: one.state != "draft").sudo().state = "paused"

    def action_resume(self):
        """Go on after a pause: the credentials are proved again first."""
        return self.action_connect()

    def action_confirm_copy(self):
        """An admin says: this database is the one that speaks."""
        self.check_access("write")
        if not self.env.user.has_group("base.group_system"):
            raise UserError(self.env._("Only a system administrator may do this."))
        self._remember_home()

    def _remember_home(self):
        uuid, url = self._home()
        # sudo: helpdesk.social.account - hidden fields, callers check access
        self.sudo().write({"home_uuid": uuid, "home_url": url})

    @api.model
    def _home(self):
        # sudo: ir.config_parameter - which database this is, not what is in it
        params = self.env["ir.config_parameter"].sudo()
        return params.get_param("database.uuid"), params.get_param("web.base.url")

    def _is_home(self):
        """Is this the database that was connected, at the address it had?

        Odoo rewrites its address when an admin logs in: localhost and 127.0.0.1 are
        one place, and so are http and https of one name.
        """
        # sudo: helpdesk.social.account - hidden fields, only compared
        account = self.sudo()
        uuid, url = self._home()
        return account.home_uuid == uuid and _place(account.home_url) == _place(url)

    def _silence_reason(self):
        """Why this account may not talk to its network now: a code, or ''."""
        self.ensure_one()
        # sudo: ir.config_parameter, helpdesk.social.account - one switch, home fields
        account = self.sudo()
        if self.env["ir.config_parameter"].sudo().get_param(common.PARAM_STOP):
            return "traffic_stopped"
        if account.state != "active" or not account.active:
            return "account_not_active"
        adapter_class = self.network_id._adapter_class(self.network_id.code)
        if adapter_class is None:
            # its addon is gone; that must not silence the other accounts
            return "no_adapter"
        # a network inside the database is copied with it: nobody outside would hear
        outside = not adapter_class.transport_model
        if outside and not account._is_home():
            return "restored_copy"
        return ""

    def _record_failure(self, error):
        """Note an error of the network on the account, by the one table."""
        self.ensure_one()
        effect = social_failure.effect_of(error)
        now = fields.Datetime.now()
        # sudo: helpdesk.social.account - state is kept by the machine, not by users
        account = self.sudo()
        values = {
            "error_code": common.storable(error.code),
            "error_detail": common.storable(error.detail),
            "error_at": now,
            "failures": account.failures + 1,
        }
        wait = social_failure.wait_before(account.failures + 1)
        if isinstance(error, errors.RateLimited):
            if error.retry_after is not None:
                wait = timedelta(seconds=min(error.retry_after + 1, 24 * 3600))
            values["paused_until"] = now + wait
        values["next_pull_at"] = now + wait
        if effect.account and account.state == "active":
            values["state"] = effect.account
            account._alert(error)
        account.write(values)

    def _alert(self, error):
        """One activity for the people who can act, not one per failure."""
        if self.activity_search(["mail.mail_activity_data_warning"]):
            return
        managers = self.env.ref(MANAGER).all_user_ids.filtered(
            lambda user: self.company_id in user.company_ids and user.id > 2
        )
        for user in managers[:3] or self.env.ref("base.user_admin"):
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("%(name)s is disconnected", name=self.name),
                note=social_failure.explain(self.env, error.code, error.detail),
                user_id=user.id,
            )

    # === WHO MAY SPEAK === #
    def _may_speak(self, user=None):
        """Is this user allowed to speak as this account?"""
        self.ensure_one()
        user = user or self.env.user
        if not user._is_internal() or not user.has_group(HELPDESK_USER):
            return False
        if self.company_id not in user.company_ids:
            return False
        # sudo: helpdesk.social.account - the list of speakers decides for everyone
        account = self.sudo()
        if not account.speaker_user_ids and not account.speaker_group_ids:
            return True
        return user in account.speaker_user_ids or bool(
            account.speaker_group_ids & user.all_group_ids
        )

    def _knows_in_private(self, person):
        """May a private message to this person leave now?

        Some networks let us write first; on the others the person must have.
        """
        self.ensure_one()
        if self.network_id._get_adapter_class().can(base.PRIVATE_FIRST):
            return True
        return bool(
            person
            and self.env["helpdesk.social.conversation"].search_count(
                [
                    ("account_id", "=", self.id),
                    ("audience", "=", PRIVATE),
                    ("participant_ids", "in", person.ids),
                ],
                limit=1,
            )
        )

    @api.model
    def _own_ids(self, network, external_ids):
        """Which of these author ids are accounts of ours, of any company."""
        # sudo: helpdesk.social.account - an author of another company is us as well
        accounts = (
            self.sudo()
            .with_context(active_test=False)
            .search(
                Domain("network_id", "=", network.id)
                & Domain("external_id", "in", list(external_ids))
            )
        )
        return set(accounts.mapped("external_id"))
