"""The alarm for push that died: a network that tells us nothing any more is silent, and
so is one where nobody writes. The difference is told here.

Where the network can be asked, it is lost when nothing was heard for hours although the
pull found messages; where it tells what it pushes, when we are not among it. It is
asked for again at once, the pull goes on at its own pace, and somebody is told.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ..networks import errors
from . import common

_logger = logging.getLogger(__name__)

LOST = "helpdesk_social.mail_activity_push_lost"
#: hours without a word, while the pull finds messages, after which push is lost
PARAM_HOURS = "helpdesk_social.push_silence_hours"
SILENCE_HOURS = 6
#: a message younger than this may still be pushed: it was found on its way
ON_ITS_WAY = timedelta(minutes=10)
#: whether the network still has our address is asked again after this long
ASK_EVERY = timedelta(hours=1)
#: newest events of an account that are looked through
LOOK_BACK = 2000


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    push_since = fields.Datetime(readonly=True, copy=False)
    push_asked_at = fields.Datetime(readonly=True, copy=False)
    push_lost_at = fields.Datetime(
        readonly=True, copy=False, help="Since when we know that nothing is pushed."
    )
    push_unsubscribed = fields.Boolean(
        readonly=True, copy=False, help="The network itself said so."
    )

    def write(self, vals):
        """Override: from when on something may be expected."""
        if "push" in vals:
            began = fields.Datetime.now() if vals["push"] else False
            vals = {**vals, "push_asked_at": began, "push_lost_at": False}
            vals["push_unsubscribed"] = False
            if not began or not all(self.mapped("push")):
                vals["push_since"] = began
        return super().write(vals)

    # === WATCHING === #
    @api.model
    def _cron_keep_alive(self):
        """Override: push is watched along."""
        result = super()._cron_keep_alive()
        pushed = self.search(Domain("state", "=", "active") & Domain("push", "=", True))
        for account in pushed:
            if not account._silence_reason():
                account._watch_push()
            common.commit(self.env)  # commit: what was found, one by one
        return result

    def _watch_push(self):
        """One account: lost, or heard again? Nothing here stops the others."""
        try:
            heard = self._heard_at()
            if self.push_lost_at and heard and heard > self.push_lost_at:
                self._push_is_back()
            elif self._is_push_missed(heard):
                self._push_is_lost(heard, asked=False)
            elif self._is_unsubscribed():
                self._push_is_lost(heard, asked=True)
        except errors.NetworkError as error:
            _logger.info("account %s: push: %s", self.id, error)  # next time
        except Exception:
            # the border of the lane: one account must not stop the others
            _logger.exception("account %s: push could not be watched", self.id)

    @api.model
    def _silence(self):
        # sudo: ir.config_parameter - a plain number
        text = self.env["ir.config_parameter"].sudo().get_param(PARAM_HOURS)
        try:
            hours = max(1, min(int(text or SILENCE_HOURS), 24 * 30))
        except ValueError:
            hours = SILENCE_HOURS
        return timedelta(hours=hours)

    def _heard_at(self):
        """When something was pushed for it last, as far as the newest events tell."""
        return self._newest_events(SQL("max(received_at)"), SQL("source = 'push'"))

    def _newest_events(self, what, which):
        self.env["helpdesk.social.event"].flush_model()
        # SQL: a sum over the newest rows of an index, however long the journal is
        [(found,)] = self.env.execute_query(
            SQL(
                """
                SELECT %s FROM (
                    SELECT source, sent_at, received_at, message_id
                    FROM helpdesk_social_event WHERE account_id = %s
                    ORDER BY id DESC LIMIT %s) newest
                WHERE %s
                """,
                what,
                self.id,
                LOOK_BACK,
                which,
            )
        )
        return found

    def _is_push_missed(self, heard):
        """Silent for hours, and the pull found what should have been pushed?"""
        if not self._can_pull():
            return False
        now = fields.Datetime.now()
        begun = max(filter(None, (heard, self.push_since, self.connected_at)))
        if begun > now - self._silence():
            return False
        found = self._newest_events(
            SQL("count(*)"),
            SQL(
                "source = 'pull' AND message_id IS NOT NULL "
                "AND sent_at > %s AND sent_at <= %s",
                begun,
                now - ON_ITS_WAY,
            ),
        )
        return bool(found)

    def _is_unsubscribed(self):
        """Does the network say that it does not push to us?

        :raises NetworkError: it could not be asked
        """
        now = fields.Datetime.now()
        if self.push_asked_at and self.push_asked_at > now - ASK_EVERY:
            return False
        # sudo: helpdesk.social.app - the address goes to the network only
        app = self.app_id.sudo()
        if not app._is_host_of(self):
            return False
        self.push_asked_at = now
        url = app.webhook_url
        common.let_go(self.env)
        there = self._adapter().is_subscribed(url)
        if there and self.push_unsubscribed:
            self._push_is_back()
        return there is False

    # === LOST, AND BACK === #
    def _push_is_lost(self, heard, asked):
        """Ask for it again, and tell somebody once.

        :param asked: the network itself said so
        """
        first = not self.push_lost_at
        if first:
            self.push_lost_at = fields.Datetime.now()
            self.push_unsubscribed = asked
            self._tell_of_silence(heard, asked)
            self.next_pull_at = fields.Datetime.now()
        if first or asked:
            self._prove_push()

    def _push_is_back(self):
        """Where nothing could be asked meanwhile, the note stays: somebody must look
        what was missed."""
        self.write({"push_lost_at": False, "push_unsubscribed": False})
        if self._can_pull():
            self.activity_unlink([LOST])

    def _tell_of_silence(self, heard, asked):
        if self.activity_search([LOST]):
            return
        keeper = self._keeper()
        env = self.with_context(lang=keeper.lang, tz=keeper.tz).env
        last = heard and format_datetime(env, heard, tz=keeper.tz or "UTC")
        if self._can_pull():
            rest = env._(
                "Odoo asks the network instead, so nothing is lost, only later; it has "
                "asked to be told again. This note goes away when it works again."
            )
        else:
            rest = env._(
                "This network cannot be asked for what it has not told. Odoo has asked "
                "to be told again; look there for what people wrote meanwhile."
            )
        last = env._("Last heard: %(when)s.", when=last) if last else ""
        self.activity_schedule(
            LOST,
            summary=env._("%(name)s: nothing is pushed any more", name=self.name),
            note=" ".join(filter(None, (self.with_env(env)._lost_words(), last, rest))),
            user_id=keeper.id,
        )

    def _lost_words(self):
        if not self.push_unsubscribed:
            return self.env._(
                "The network has told nothing for hours, although people have written."
            )
        return self.env._("The network says that it does not push to Odoo any more.")

    # === WHAT IS SHOWN === #
    def _wait_after(self, found):
        """Override: as without push while nothing is pushed."""
        if not self.push_lost_at:
            return super()._wait_after(found)
        return self._wait_unpushed(found)

    def _verdict(self, silence):
        """Override: an admin sees it on the account."""
        health, text = super()._verdict(silence)
        if health == "good" and self.push and self.push_lost_at:
            return "attention", self._lost_words()
        return health, text

    def _checked_delivery(self, adapter_class):
        """Override: with when it was heard last."""
        line = super()._checked_delivery(adapter_class)
        if line and self.push and self.push_lost_at and not self.push_error:
            return self._line(
                line["key"],
                "warn",
                line["title"],
                self._lost_words(),
                self._last_pushed(),
            )
        return line
