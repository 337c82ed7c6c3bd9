"""Connecting an account: sign-in in the browser, push or pull.

The state that travels through the browser proves who asked, for which account, once
and not for long. Tokens and verifiers stay in fields nobody can read. It decides no
protocol: addresses and forms come from the adapter.
"""

import logging
import os
import secrets as random_secrets
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import consteq
from odoo.tools.misc import hash_sign, verify_hash_signed
from odoo.tools.urls import urljoin

from ..networks import base, errors, oauth2
from . import common, social_failure
from .helpdesk_social_account import MANAGER

_logger = logging.getLogger(__name__)

OAUTH_SCOPE = "helpdesk_social.oauth"
CALLBACK = "/helpdesk_social/oauth/callback"
#: long enough to find a password and a second factor, short enough that an address
#: left in a browser's history is worth nothing
SIGN_IN_TIME = timedelta(minutes=15)


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    #: {nonce, verifier, redirect_uri, push} of the sign-in under way, and
    #: {registered_for: [server, redirect_uri, rights]} of our registration
    oauth = fields.Json(groups=fields.NO_ACCESS, copy=False)
    can_sign_in = fields.Boolean(compute="_compute_connect_options")
    can_push = fields.Boolean(compute="_compute_connect_options")
    redirect_uri = fields.Char(
        string="Redirect Address", compute="_compute_connect_options"
    )

    push_error = fields.Char(
        readonly=True, copy=False, help="Why the network does not push, if it should."
    )

    @api.depends("network_id")
    def _compute_connect_options(self):
        for account in self:
            adapter_class = account.network_id._adapter_class(account.network_id.code)
            can = adapter_class.can if adapter_class else lambda _capability: False
            account.can_sign_in = can(base.OAUTH)
            account.can_push = can(base.WEBHOOK)
            account.redirect_uri = (
                urljoin(account.get_base_url(), CALLBACK) if can(base.OAUTH) else False
            )

    def _check_manager(self):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise UserError(self.env._("Only a helpdesk manager may do this."))

    def _explain(self, error):
        """The sentence for an error of the network, which is also logged."""
        _logger.info("account %s: %s", self.id, error)
        detail, spec = error.detail, self._settings_spec()
        if error.code == "missing_setting" and detail in spec:
            detail = spec[detail].label
        return social_failure.explain(
            self.env, error.code, self.network_id._term(detail)
        )

    # === SIGN-IN IN THE BROWSER === #
    def action_sign_in(self):
        return self._begin_sign_in()

    def _begin_sign_in(self, push=None):
        """Send the admin to the network's sign-in page.

        :param push: have the network push once it is connected; None: as it is
        :raises UserError: with a sentence that says what is missing
        """
        self.ensure_one()
        self._check_manager()
        adapter_class = self.network_id._get_adapter_class()
        if not adapter_class.can(base.OAUTH):
            raise UserError(social_failure.explain(self.env, "unsupported"))
        missing = self._missing_for_sign_in()
        if missing:
            raise UserError(
                social_failure.explain(self.env, "missing_setting", ", ".join(missing))
            )
        self._check_no_copy()
        redirect_uri = self.redirect_uri
        try:
            if adapter_class.can(base.REGISTER):
                self._have_registration(redirect_uri)
            verifier = oauth2.verifier(os.urandom(oauth2.VERIFIER_BYTES))
            nonce = random_secrets.token_urlsafe(16)
            state = hash_sign(
                # sudo: ir.config_parameter - the signing key of the database
                self.env(su=True),
                OAUTH_SCOPE,
                [self.id, self.env.uid, nonce],
                expiration=SIGN_IN_TIME,
            )
            url = self._bare_adapter().authorize_url(
                redirect_uri, state, oauth2.challenge(verifier)
            )
        except errors.NetworkError as error:
            raise UserError(self._explain(error)) from error
        self._keep_oauth(
            nonce=nonce,
            verifier=verifier,
            redirect_uri=redirect_uri,
            push=push is not None and [push],
        )
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _missing_for_sign_in(self):
        """Labels of what must be there before the browser can leave: the server, and
        what the registration with the network gave (settings of the app)."""
        adapter_class = self.network_id._get_adapter_class()
        registers = adapter_class.can(base.REGISTER)
        return [
            self.network_id._term(setting.label)
            for setting in self._missing_settings()
            if setting.key == adapter_class.host_setting
            or (setting.scope == "app" and not registers)
        ]

    def _have_registration(self, redirect_uri):
        """Have a registration with this very server for this very address, and for
        the rights that are asked for: a network refuses to grant others."""
        # sudo: helpdesk.social.account - hidden field, access checked by the caller
        rights = sorted(self.network_id._get_adapter_class().scopes)
        wanted = [self.base_url or "", redirect_uri, rights]
        if (self.sudo().oauth or {}).get("registered_for") == wanted:
            return
        self._store_settings(self._bare_adapter().register(redirect_uri))
        self._keep_oauth(registered_for=wanted)

    def _keep_oauth(self, **values):
        # sudo: helpdesk.social.account - hidden field, access checked by the caller
        account = self.sudo()
        kept = {**(account.oauth or {}), **values}
        account.oauth = {key: value for key, value in kept.items() if value}

    @api.model
    def _sign_in_returned(self, params):
        """The browser is back from the network: (account, sentence or '').

        Nothing is raised for what a network or a stranger may send. The account is
        empty when the state proves nothing.
        """
        account, kept = self._sign_in_of(params.get("state"))
        if not account:
            return account, self.env._(
                "This sign-in is no longer valid: it was used already, took too long, "
                "or was begun by somebody else. Please begin again on the account."
            )
        try:
            if params.get("error"):
                raise oauth2.error_of(params)
            if not params.get("code"):
                raise errors.AuthError("oauth_refused", "no code came back")
            account._finish_sign_in(params["code"], kept)
        except errors.NetworkError as error:
            if isinstance(error, errors.ConfigError):
                # our registration may be gone there: the next sign-in makes another
                account._keep_oauth(registered_for=False)
            return account, account._explain(error)
        except UserError as error:
            return account, str(error)
        return account, ""

    def _finish_sign_in(self, code, kept):
        """Tokens for the code; they become ours once we know whose they are.

        :raises NetworkError: what the network said
        :raises UserError: they are somebody else's
        """
        tokens = self._bare_adapter().exchange(
            code, kept["redirect_uri"], kept["verifier"]
        )
        if not self.external_id:
            # what goes wrong after this can be tried again without signing in
            self._store_tokens(tokens)
        profile = self._bare_adapter(tokens.settings).check()
        self._check_same(profile)
        self._store_tokens(tokens)
        self._connected(profile)
        for push in kept.get("push") or ():
            self._set_push(push)

    @api.model
    def _sign_in_of(self, state):
        """(account, what was kept) for a genuine state, which is then worthless."""
        nothing = self.browse(), {}
        try:
            account_id, user_id, nonce = verify_hash_signed(
                # sudo: ir.config_parameter - the signing key of the database
                self.env(su=True),
                OAUTH_SCOPE,
                state or "",
            )
        except (ValueError, TypeError, OverflowError):
            return nothing
        account = self.browse(account_id).exists()
        if not account or user_id != self.env.uid:
            return nothing
        try:
            account._check_manager()
            # two tabs with one state: the second waits for nothing and gets nothing
            account.lock_for_update(allow_referencing=True)
        except (AccessError, LockError, UserError):
            return nothing
        # sudo: helpdesk.social.account - hidden field, access checked above
        kept = account.sudo().oauth or {}
        if not consteq(kept.get("nonce") or "", nonce):
            return nothing
        account._keep_oauth(nonce=False, verifier=False, redirect_uri=False, push=False)
        return account, kept

    # === PUSH OR PULL === #
    def _set_push(self, push):
        """Push or pull; what fails is told on the account, which stays connected."""
        if not self.can_push:
            return
        try:
            with self.env.cr.savepoint():
                if push:
                    self.action_subscribe()
                elif self.push or self._pushed_elsewhere():
                    self.action_unsubscribe()
                else:
                    # sudo: helpdesk.social.account - read-only, callers have checked
                    self.sudo().push_error = False
        except UserError as error:
            # sudo: helpdesk.social.account - read-only field, callers have checked
            self.sudo().push_error = str(error)

    def _push_excludes_pull(self):
        """Can this network be asked, but only as long as it does not push?"""
        adapter_class = self.network_id._get_adapter_class()
        return (
            adapter_class.can(base.WEBHOOK)
            and adapter_class.can(base.PULL)
            and not adapter_class.pull_beside_push
        )

    def _pushed_elsewhere(self):
        """The network pushes to somebody, and would refuse to be asked: another
        program, or us, when the answer to our call got lost."""
        # sudo: helpdesk.social.account - what the last check found, see ``check``
        facts = self.sudo().facts or {}
        return self._push_excludes_pull() and bool(facts.get("webhook"))

    def action_subscribe(self):
        """Have the network push to our webhook from now on."""
        for account in self:
            account._check_manager()
            # sudo: helpdesk.social.app - the secret goes to the network only
            app = account.app_id.sudo()
            account._check_reachable(app.webhook_url)
            app._check_one_webhook()
            app._check_push_host(account)
            try:
                account._adapter().subscribe(app.webhook_url, app.webhook_secret)
            except errors.NetworkError as error:
                raise UserError(account._explain(error)) from error
            # sudo: helpdesk.social.account - read-only field, access checked above
            account.sudo().write({"push": True, "push_error": False})
        return True

    def action_unsubscribe(self):
        """Ask the network ourselves from now on."""
        for account in self:
            account._check_manager()
            try:
                account._adapter().unsubscribe()
            except errors.NetworkError as error:
                raise UserError(account._explain(error)) from error
            # sudo: helpdesk.social.account - read-only fields, access checked above
            account.sudo().write(
                {
                    "push": False,
                    "push_error": False,
                    "next_pull_at": fields.Datetime.now(),
                }
            )
        self.env["helpdesk.social.lanes"]._wake("pull")
        return True

    def _check_reachable(self, url):
        """Networks deliver to public https addresses only."""
        parts = urlsplit(url)
        local = common.private_addresses_allowed() and parts.hostname in (
            "127.0.0.1",
            "localhost",
        )
        if parts.scheme != "https" and not local:
            raise UserError(
                self.env._(
                    "Networks deliver only to an address that begins with https://, "
                    "and this Odoo's address is %(address)s. Set up https and the "
                    "system parameter “web.base.url” first, or let Odoo ask the "
                    "network itself.",
                    address=f"{parts.scheme}://{parts.netloc}",
                )
            )

    def action_renew_webhook(self):
        self.ensure_one()
        return self.app_id.action_renew_webhook()
