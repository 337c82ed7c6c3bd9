"""Keeping sign-ins alive: renewed in time, proved once a day, warned about.

A scheduled action. One account's trouble is told on that account and never stops the
others; an admin gets one activity, and days before what cannot renew itself ends.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..networks import errors
from . import common
from .helpdesk_social_account_state import ENDING

_logger = logging.getLogger(__name__)

#: credentials are proved again after this long, so that a revoked one is noticed
#: before an agent's reply depends on it
CHECK_EVERY = timedelta(days=1)
#: a sign-in that ends within this time is told; long enough for a holiday
EXPIRY_DAYS = 14
#: renewals that fail for this long are told as well: a network that is down for a
#: night needs nobody
FAILING = timedelta(days=1)


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    @api.model
    def _cron_keep_alive(self):
        """Renew tokens that end soon; prove credentials that nobody proved lately."""
        self.env["helpdesk.social.event"]._settle_unclaimed()
        now = fields.Datetime.now()
        tokens = self.env["helpdesk.social.token"].search(
            Domain("renew_at", "<=", now)
            | Domain("refused", "=", True)
            | Domain("expires_at", "<=", now + timedelta(days=EXPIRY_DAYS))
        )
        active = Domain("state", "=", "active")
        stale = Domain("last_check_at", "<=", now - CHECK_EVERY)
        warned = Domain("activity_ids.activity_type_id", "=", self.env.ref(ENDING).id)
        accounts = self.search(
            active & (Domain("id", "in", tokens.account_id.ids) | stale | warned)
        )
        left = common.commit(self.env, remaining=len(accounts))
        for account in accounts:
            if not account._silence_reason():
                account._keep_alive()
            left = common.commit(self.env, 1)  # commit: what was found, one by one
            if not left:
                break

    def _keep_alive(self):
        """One account: whatever fails is told on it, and never stops the others."""
        try:
            self._renew_ending()
            self._prove()
        except errors.NetworkError as error:
            _logger.info("account %s: %s", self.id, error)
            self._record_failure(error)
        except Exception:
            # the border of the lane: one account must not stop the others
            _logger.exception("account %s: could not be checked", self.id)

    def _prove(self):
        """Ask the network who we are, once a day."""
        now = fields.Datetime.now()
        if self.last_check_at and self.last_check_at > now - CHECK_EVERY:
            return
        common.let_go(self.env)
        profile = self._adapter().check()
        if self.external_id and profile.id != self.external_id:
            raise errors.AuthError("other_account", profile.handle or profile.id)
        self._note_ends(profile)
        self.write(
            {
                "last_check_at": now,
                "handle": profile.handle,
                "profile_url": profile.url,
                "avatar_url": profile.avatar,
                "facts": profile.facts,
                "missing_scopes": ", ".join(profile.missing_scopes),
                "granted_scopes": ", ".join(profile.scopes),
            }
        )
        self._prove_push()

    def _prove_push(self):
        """Ask for what is pushed once more: a network that could not reach us for a
        while has switched it off and told nobody (X after 28 hours, or one bad proof:
        fact sheet x §4).

        :raises AuthError: a person must sign in again
        """
        if not self.push:
            return
        # sudo: helpdesk.social.app - the secret goes to the network only
        app = self.app_id.sudo()
        if not app._is_host_of(self):
            return  # a shared app's address is not for a server of one's own
        url, secret = app.webhook_url, app.webhook_secret
        common.let_go(self.env)
        try:
            self._adapter().subscribe(url, secret)
        except (errors.TransientError, errors.MalformedResponse) as error:
            _logger.info("account %s: push: %s", self.id, error)  # tomorrow again
        except (errors.RejectedError, errors.ScopeError, errors.ConfigError) as error:
            self.push_error = self.with_context(lang=self._keeper().lang)._explain(
                error
            )
            self._ask_instead()
        else:
            self.push_error = False

    def _ask_instead(self):
        """The network refuses to push: where pushing keeps us from asking, nothing
        would arrive any more. So it is switched off there, and Odoo asks; why is on
        the account until somebody switches it on again.
        """
        if not self._push_excludes_pull():
            return
        common.let_go(self.env)
        try:
            self._adapter().unsubscribe()
        except errors.NetworkError as error:
            _logger.info("account %s: push stays on: %s", self.id, error)  # tomorrow
            return
        self.write({"push": False, "next_pull_at": fields.Datetime.now()})
        self.env["helpdesk.social.lanes"]._wake("pull")

    def _renew_ending(self):
        """Fresh tokens where the old ones end soon; or a warning, where a person is
        needed.

        :raises NetworkError: they have ended, or the network will not renew them
        """
        now = fields.Datetime.now()
        row = self._tokens()
        if self._can_renew(row) or row.refused:
            if row.refused or (row.renew_at and row.renew_at <= now):
                stale = self._bare_adapter().settings.get("access_token") or ""
                common.let_go(self.env)
                try:
                    self._fresh_tokens(stale)
                except errors.TransientError as error:
                    if self._tokens().expires_at <= fields.Datetime.now():
                        raise
                    # they still work: the next run tries again
                    _logger.info("account %s: not renewed yet: %s", self.id, error)
        elif row.expires_at and row.expires_at <= now:
            raise errors.AuthError("token_ended")
        self._warn_of_the_end()

    def _tokens(self):
        """The account's row of tokens as it is now, or an empty one."""
        rows = self.env["helpdesk.social.token"].sudo()
        row = rows.search([("account_id", "=", self.id)])
        row.invalidate_recordset()
        return row

    def _ends_at(self, row=None):
        """When a person must have signed in again, if that is foreseeable."""
        row = self._tokens() if row is None else row
        if not row.expires_at:
            return False
        now = fields.Datetime.now()
        failing = row.failing_since and row.failing_since <= now - FAILING
        return row.expires_at if failing or not self._can_renew(row) else False

    def _warn_of_the_end(self):
        """One activity days before the sign-in ends; gone when it was renewed."""
        ends = self._ends_at()
        soon = fields.Datetime.now() + timedelta(days=EXPIRY_DAYS)
        if not ends or ends > soon:
            self.activity_unlink([ENDING])
        elif not self.activity_search([ENDING]):
            keeper = self._keeper()
            env = self.with_context(lang=keeper.lang).env
            self.activity_schedule(
                ENDING,
                date_deadline=ends.date(),
                summary=env._("The sign-in of %(name)s ends", name=self.name),
                note=env._(
                    "It ends on %(day)s. Sign in again before that, or nothing is read "
                    "or sent from then on.",
                    day=format_date(env, ends),
                ),
                user_id=keeper.id,
            )
