"""What state an account is in: proved, paused, silent, in trouble, a copy.

Only an ``active`` account pulls or sends. What an error does to the state is one table
(``social_failure``); state is never written by hand.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..networks import base, errors
from . import common, social_failure
from .helpdesk_social_account import MANAGER

#: states that a person must end by signing in
STOPPED = ("needs_auth", "error")
#: the activity for an account that is disconnected, and for one that will be
ALERT = "mail.mail_activity_data_warning"
ENDING = "helpdesk_social.mail_activity_sign_in_ends"


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
                term = account.network_id._term
                names = ", ".join(term(setting.label) for setting in missing)
                raise UserError(
                    social_failure.explain(self.env, "missing_setting", names)
                )
            account._check_no_copy()
            try:
                account._have_session()
                profile = account._adapter().check()
            except errors.NetworkError as error:
                if error.code == "auth":
                    # somebody is just trying: "no longer" would be about the past
                    error.code = "not_accepted"
                raise UserError(account._explain(error)) from error
            account._connected(profile)
        return True

    def _have_session(self):
        """Sign in with the stored name and password, where the network wants that.

        Networks count sign-ins (Bluesky: 30 in 5 minutes): none is made where a
        session lives, which ``check`` then proves.
        """
        adapter = self._bare_adapter()
        if not adapter.can(base.SIGN_IN):
            return
        if self.state in ("active", "paused") and adapter.settings.get("access_token"):
            return
        self._store_tokens(adapter.sign_in())

    def _check_same(self, profile):
        """Is this who we are, and nobody else's account with us?

        Cursors, tickets and people's histories belong to one account on the network:
        signing in as another one never continues them.

        :raises UserError: which account it is, and what to do
        """
        if self.external_id and self.external_id != profile.id:
            raise UserError(
                self.env._(
                    "That was the sign-in of %(other)s, and this account is "
                    "%(handle)s. Sign in as %(handle)s, or connect %(other)s as "
                    "an account of its own.",
                    other=profile.handle or profile.id,
                    handle=self.handle or self.name,
                )
            )
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

    def _connected(self, profile):
        """Write what ``check`` found; the account starts or goes on where it was."""
        self._check_same(profile)
        now = fields.Datetime.now()
        self._note_ends(profile)
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
                "granted_scopes": ", ".join(profile.scopes),
                "state": "active",
                "connected_at": self.connected_at or now,
                "connected_by_id": self.env.uid,
                "last_check_at": now,
                "next_pull_at": now,
                "paused_until": False,
                "failures": 0,
                "error_code": False,
                "error_detail": False,
                "error_at": False,
            }
        )
        self.activity_unlink([ALERT, ENDING])
        self._release_queue()
        # sudo: helpdesk.social.event - what was pushed before anybody knew us
        self.env["helpdesk.social.event"].sudo()._settle_unclaimed()
        self.env["helpdesk.social.outbox"]._wake()
        self.env["helpdesk.social.intake"]._wake_pull()

    def _release_queue(self):
        """What waited for the sign-in is tried now, each reply checked again first."""
        # sudo: helpdesk.social.message - queue times only
        waiting = self.env["helpdesk.social.message"].sudo()
        waiting.search(
            [
                ("account_id", "=", self.id),
                ("delivery_state", "=", "queued"),
                ("next_try_at", "!=", False),
            ]
        ).write({"next_try_at": False})

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

    def _why_silent(self):
        """As ``_silence_reason``, for whoever waits for a reply to leave."""
        reason = self._silence_reason()
        # sudo: helpdesk.social.account - what an agent may know of it: it is waited for
        if reason == "account_not_active" and self.sudo().state in STOPPED:
            return "waits_for_sign_in"
        return reason

    def _is_copy(self):
        """Was it connected from another database or address, which may still run?"""
        # sudo: helpdesk.social.account - whether a hidden field is set
        if not self.sudo().home_uuid or self._is_home():
            return False
        adapter_class = self.network_id._adapter_class(self.network_id.code)
        return bool(adapter_class) and not adapter_class.transport_model

    def _check_no_copy(self):
        """A copy proves no sign-in: renewing tokens would end those of the original."""
        if self._is_copy():
            raise UserError(self._copy_sentence())

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

    def _proved_at(self):
        """When the network last accepted our sign-in, as far as it was noted."""
        times = (self.connected_at, self.last_check_at)
        return max((one for one in times if one), default=datetime.min)

    def _access_taken_back(self, code):
        """The network says so by itself: no call has to fail first."""
        if self.state == "active":
            self._record_failure(errors.AuthError(code))

    def _alert(self, error):
        """One activity for somebody who can act, not one per failure or person."""
        if self.activity_search([ALERT]):
            return
        keeper = self._keeper()
        env = self.with_context(lang=keeper.lang).env
        self.activity_schedule(
            ALERT,
            summary=env._("%(name)s is disconnected", name=self.name),
            note=social_failure.explain(env, error.code, error.detail),
            user_id=keeper.id,
        )

    def _keeper(self):
        """Who is asked to sign in again: who connected it, else a manager of the
        company, else the administrator."""

        def able(user):
            return user.active and self.company_id in user.company_ids

        managers = self.env.ref(MANAGER).all_user_ids.filtered(able)
        # nobody reads the activities of the system's own user
        one = (self.connected_by_id & managers).filtered(lambda user: user.id > 1)
        others = managers.filtered(lambda user: user.id > 2)
        return one or others[:1] or self.env.ref("base.user_admin")
