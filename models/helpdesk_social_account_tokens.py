"""Tokens of an account: renewed before they end, or when a call says that they have.

One worker renews, the others wait for its result: many networks give a refresh token
that works once, and a second use of it ends the whole sign-in. A renewal has a
transaction of its own, committed right after the network's answer: the work that asked
for it may still be rolled back, and would take the only valid token with it. A webhook
request never gets here, as its adapter has no line (``helpdesk_social_app_webhook``).

What remains is the moment between the network's answer and our commit. ``in_doubt`` is
committed before the call, so that whoever comes next knows: it tries the old token once
more (some networks accept it for a while, Bluesky for two hours), then signs in anew
where a password is stored, and else tells a person what happened.
"""

import logging
import time
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.tools import mute_logger

from ..networks import base, errors
from . import common
from .common import CONCURRENCY

_logger = logging.getLogger(__name__)

#: seconds that a call waits for another worker's renewal; longer than one call (20 s)
PATIENCE = 25
#: seconds between two looks whether it is done
LOOK_AGAIN = 0.3
#: tries to write down what the network answered, as the outbox has
CLASHES = 6
_TOUCHED = "helpdesk_social.tokens"
TOKEN_FIELDS = ("token_expires_at", "renews_itself", "person_needed_at")


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    token_expires_at = fields.Datetime(
        string="Sign-in ends", compute="_compute_tokens", compute_sudo=True
    )
    renews_itself = fields.Boolean(
        compute="_compute_tokens",
        compute_sudo=True,
        help="Nobody has to sign in again as long as the network plays along.",
    )
    person_needed_at = fields.Datetime(
        compute="_compute_tokens",
        compute_sudo=True,
        help="When somebody must have signed in again, if that is foreseeable.",
    )

    def _compute_tokens(self):
        rows = self.env["helpdesk.social.token"].search(
            [("account_id", "in", self.ids)]
        )
        by_account = rows.grouped("account_id")
        for account in self:
            row = by_account.get(account._origin, rows.browse())
            account.token_expires_at = row.expires_at
            account.renews_itself = account._can_renew(row)
            account.person_needed_at = account._ends_at(row)

    def _can_renew(self, row):
        """Can tokens be had again without a person?"""
        adapter_class = self.network_id._adapter_class(self.network_id.code)
        if adapter_class is None or row.refused:
            return False
        # sudo: helpdesk.social.account, .app - whether there is such a token, not which
        account = self.sudo()
        app = account.app_id
        known = (app.options, account.options, account.secrets, row.secrets)
        return adapter_class.renewable(
            {key: one for values in known for key, one in (values or {}).items()}
        )

    @api.model
    def _has_tokens(self, adapter_class):
        """May accounts of this network have a row of tokens?"""
        return any(
            adapter_class.can(one) for one in (base.OAUTH, base.REFRESH, base.SIGN_IN)
        )

    # === STORED BY A SIGN-IN === #
    def _token_secrets(self):
        # sudo: helpdesk.social.token - for the adapter, which needs them
        rows = self.env["helpdesk.social.token"].sudo()
        return rows.search([("account_id", "=", self.id)]).secrets or {}

    def _store_tokens(self, tokens):
        """Tokens of a new sign-in; callers have checked who asks."""
        self.ensure_one()
        self._touch_tokens()._keep(tokens, fresh_start=True)

    def _forget_tokens(self):
        """What an earlier sign-in gave is worthless: another host, other words."""
        for account in self:
            account._touch_tokens().unlink()
        self.invalidate_recordset(TOKEN_FIELDS)

    def _touch_tokens(self):
        """The row, to be written in the caller's transaction, which must then renew in
        it as well: another one would wait for it for ever."""
        self.flush_recordset()
        self.env.cr.postcommit.data.setdefault(_TOUCHED, set()).add(self.id)
        self.invalidate_recordset(TOKEN_FIELDS)
        # sudo: helpdesk.social.token - kept by the machine, callers have checked
        return self.env["helpdesk.social.token"].sudo()._of(self)

    # === RENEWED === #
    def _fresh_tokens(self, stale):
        """Settings with tokens newer than ``stale``, the access token that has ended.

        :raises AuthError: a person must sign in again
        :raises TransientError: not now; ``retry_after`` says when to try again
        :raises ConfigError: the network does not know our registration
        """
        self.ensure_one()
        until = time.monotonic() + PATIENCE
        while True:
            with self._apart() as (account, keep):
                fresh = account._renew(stale, keep)
            if fresh is not None:
                return fresh
            if time.monotonic() > until:
                raise errors.TransientError("renewing", retry_after=5)
            time.sleep(LOOK_AGAIN)

    @contextmanager
    def _apart(self):
        """(this account in a transaction of its own, function that commits it).

        The caller's own transaction where that cannot be: a test, an account that is
        not committed yet, tokens that the caller has just written.
        """
        env = self.env
        touched = self.id in env.cr.postcommit.data.get(_TOUCHED, ())
        if touched or common.holds_transaction(env):
            yield self.sudo(), env.flush_all
            return
        with env.registry.cursor() as cr:
            # sudo: helpdesk.social.account - tokens are kept by the machine; without
            # the caller's context, whose scheduled action counts its own commits
            apart = self.with_env(env(cr=cr, su=True, context={}))
            if apart.exists():
                yield apart, lambda: common.commit(apart.env)
                return
        yield self.sudo(), env.flush_all

    def _renew(self, stale, keep):
        """Renew, unless somebody has: settings, or None while another one is at it.

        :param keep: commits what was written
        """
        row = self.env["helpdesk.social.token"]._of(self)
        settings = {**(self.secrets or {}), **(row.secrets or {})}
        if not row:
            return None
        if (settings.get("access_token") or "") != stale:
            return settings
        now = fields.Datetime.now()
        if row.refused:
            raise errors.AuthError(row.error_code)
        if row.retry_at and row.retry_at > now:
            wait = (row.retry_at - now).total_seconds()
            raise errors.TransientError(row.error_code, retry_after=wait)
        lease, doubt = row._claim()
        if not lease:
            return None
        keep()  # commit: that it was begun, before any traffic
        common.failpoint("tokens: before the renewal")
        try:
            tokens = self._ask_for_tokens()
        except errors.NetworkError as error:
            _logger.info("account %s: no fresh tokens: %s", self.id, error)
            self._write_down(row, lease, keep, row._failed, error, doubt)
            if row.refused:
                # the account learns it at once, whoever was the one to ask
                self.env["helpdesk.social.intake"]._wake(
                    "helpdesk_social.cron_keep_alive"
                )
                keep()
            raise
        common.failpoint("tokens: after the renewal")
        self._write_down(row, lease, keep, row._keep, tokens)
        _logger.info("account %s: fresh tokens", self.id)
        return {**(self.secrets or {}), **(row.secrets or {})}

    def _write_down(self, row, lease, keep, write, *answer):
        """What the network answered, whoever else is at the row: it cannot be had
        again. Tokens of a sign-in that somebody finished meanwhile are newer."""
        for clash in range(CLASHES):
            try:
                with mute_logger("odoo.sql_db"):
                    if row._is_mine(lease):
                        write(*answer)
                    keep()
                return
            except CONCURRENCY:
                if clash == CLASHES - 1:
                    raise
                common.rollback(self.env)

    def _ask_for_tokens(self):
        """The network's answer: refreshed tokens, or those of one new sign-in.

        :raises NetworkError: ``AuthError`` when a person must sign in; everything else
            means that nothing has happened to what our caller wanted to do
        """
        adapter = self._bare_adapter()
        try:
            signs_in = adapter.can(base.SIGN_IN)
            if adapter.can(base.REFRESH) and (
                adapter.settings.get("refresh_token")
                or (not signs_in and adapter.renewable(adapter.settings))
            ):
                try:
                    return adapter.refresh()
                except (errors.AuthError, errors.RejectedError) as error:
                    if not signs_in:
                        raise
                    _logger.info("account %s: refresh: %s", self.id, error)
            if signs_in:
                return adapter.sign_in()
            raise errors.AuthError("token_ended")
        except errors.RejectedError as error:
            # the same request would be refused again: it takes a person
            raise errors.AuthError(error.code, error.detail) from error
        except (errors.AuthError, errors.ConfigError, errors.TransientError):
            raise
        except errors.NetworkError as error:
            again = error.retry_after
            raise errors.TransientError(error.code, error.detail, again) from error
        except Exception as error:
            # the border: a defect of an adapter must not leave a lease behind
            _logger.exception("account %s: crash while renewing", self.id)
            raise errors.TransientError("crash", type(error).__name__) from error
