"""What state an account is in: proved, paused, silent, in trouble, a copy.

Only an ``active`` account pulls or sends. What an error does to the state is one table
(``social_failure``); state is never written by hand.
"""

import logging
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..networks import errors
from . import common, social_failure
from .helpdesk_social_account import MANAGER

_logger = logging.getLogger(__name__)


def _place(url):
    """(host, port) of an address; the names of the own machine are one."""
    parts = urlsplit(url or "")
    host = (parts.hostname or "").lower()
    if host in ("localhost", "127.0.0.1", "::1"):
        return "localhost", parts.port
    return host, parts.port if parts.port not in (80, 443) else None


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

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
