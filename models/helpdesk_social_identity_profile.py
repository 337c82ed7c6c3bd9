"""Who is behind an id: names that a network does not tell with a message are asked for.

One call a person, by a lane of its own, after the message: nobody waits for a name.
What the network refuses to tell (consent is often needed) is asked again when the
person writes another day. It never replaces a label with nothing, and links nobody.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import mute_logger

from ..networks import base, errors
from . import common, social_failure

_logger = logging.getLogger(__name__)

#: minutes before a lane that died is taken over: a call ends within 20 s
LEASE = 2
#: looks that fail for the moment, before the person is left nameless
ATTEMPTS = 5
#: who wrote again this long after a refusal is asked for again
ASK_AGAIN = timedelta(days=1)
#: what of ``items.Author`` is kept under which name
LABELS = {
    "handle": "handle",
    "name": "name",
    "url": "url",
    "avatar": "avatar_url",
    "language": "language",
}


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    profile_try_at = fields.Datetime(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="When to ask who it is.",
    )
    profile_attempts = fields.Integer(
        readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    profile_asked_at = fields.Datetime(
        readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    profile_account_id = fields.Many2one(
        "helpdesk.social.account",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
        help="Our account that met the person, and may ask.",
    )

    _profile_todo = models.Index("(profile_try_at) WHERE profile_try_at IS NOT NULL")

    # === WHO IS ASKED FOR === #
    @api.model
    def _profile_values(self, account, values, known=None):
        """What the intake writes on somebody it meets: {} or when to ask who it is.

        :param values: labels that came with the message
        :param known: the stored identity, if there is one
        """
        has_a_name = any(
            values.get(one) or (known and known[one]) for one in ("name", "handle")
        )
        if has_a_name or values.get("shared"):
            return {}
        if not account.network_id._get_adapter_class().can(base.PROFILE):
            return {}
        now = fields.Datetime.now()
        if known and (
            known.profile_try_at
            or known.profile_asked_at
            and known.profile_asked_at > now - ASK_AGAIN
        ):
            return {}
        return {
            "profile_try_at": now,
            "profile_attempts": 0,
            "profile_account_id": account.id,
        }

    # === THE LANE === #
    @api.model
    def _cron_fetch_profiles(self):
        """Ask for people without a name, the first met first."""
        left = common.commit(self.env, remaining=1)
        while left:
            identity = self._claim_profile()
            if not identity:
                break
            identity._fetch_profile()
            left = common.commit(self.env, 1, 1)  # commit: one person
        common.commit(self.env, remaining=0 if left else 1)

    @api.model
    def _claim_profile(self):
        """The next one to ask for, put off for other lanes; accounts that may speak."""
        now = fields.Datetime.now()
        accounts = self.env["helpdesk.social.outbox"]._speaking_accounts()
        # sudo: helpdesk.social.identity - the lane's own, asked for by code only
        due = self.sudo().search(
            Domain("profile_try_at", "<=", now)
            & Domain("profile_account_id", "in", accounts.ids),
            order="profile_try_at, id",
            limit=10,
        )
        try:
            with mute_logger("odoo.sql_db"):
                due = due.try_lock_for_update(limit=1)
                due.write(
                    {
                        "profile_try_at": now + timedelta(minutes=LEASE),
                        "profile_attempts": due.profile_attempts + 1,
                    }
                )
                self.env.flush_all()
        except common.CONCURRENCY:
            common.rollback(self.env)  # another lane was quicker
            return self.browse()
        common.commit(self.env)  # commit: the claim, before any traffic
        return due

    def _fetch_profile(self):
        self.ensure_one()
        account, attempts = self.profile_account_id, self.profile_attempts
        adapter = account._adapter()
        thread = self._profile_thread(account) if adapter.profile_by_thread else ""
        common.let_go(self.env)
        author, error = None, None
        try:
            author = (
                adapter.profile(self.external_id, thread)
                if adapter.profile_by_thread
                else adapter.profile(self.external_id)
            )
        except errors.NetworkError as problem:
            _logger.info("identity %s: profile: %s", self.id, problem)
            error = problem
        except Exception:
            # the border of the lane: one strange person must not keep the others
            _logger.exception("identity %s: profile", self.id)
            error = errors.RejectedError("crash")
        now = fields.Datetime.now()
        if error and attempts < ATTEMPTS and _may_pass(error):
            wait = error.retry_after or 60 * attempts
            values = {"profile_try_at": now + timedelta(seconds=wait)}
        else:
            values = {"profile_try_at": False, "profile_asked_at": now}
        try:
            with mute_logger("odoo.sql_db"):
                self.write(values)
                if author is not None:
                    self._learn_profile(author)
                self.env.flush_all()
        except common.CONCURRENCY:
            # left as it is: the lease ends, and it is asked once more
            common.rollback(self.env)

    def _profile_thread(self, account):
        """Where we met the person: some networks tell a name only there."""
        return (
            self.env["helpdesk.social.conversation"]
            .sudo()
            .search(
                Domain("account_id", "=", account.id)
                & Domain("participant_ids", "in", self.ids)
                & Domain("audience", "!=", "public"),
                order="last_message_at DESC, id DESC",
                limit=1,
            )
            .key
            or ""
        )

    # === WHAT IS LEARNT === #
    def _learn_profile(self, author):
        """Keep what the network tells of the person, and call their tickets by it."""
        values = {
            field: common.storable(getattr(author, label))
            for label, field in LABELS.items()
            if getattr(author, label)
        }
        if author.followers is not None:
            values["followers"] = min(author.followers, 2**31 - 1)
        if author.verified:
            values["verified"] = True
        untitled = self._titled_by_nobody()
        self.write(values)
        if not (self.name or self.handle):
            return
        for ticket, account, audience in untitled:
            ticket.name = ticket._social_title(account, self._opening(audience))
        nameless = self._started_conversations(
            Domain("ticket_id.partner_id", "=", False)
            & Domain("ticket_id.partner_name", "in", (False, ""))
        ).ticket_id
        nameless.write({"partner_name": self.name or self.handle})

    def _titled_by_nobody(self):
        """(ticket, account, audience) of those that still say "somebody"."""
        found = []
        for thread in self._started_conversations():
            ticket, account = thread.ticket_id, thread.account_id
            title = ticket._social_title(account, self._opening(thread.audience))
            if ticket.name == title:
                found.append((ticket, account, thread.audience))
        return found

    def _opening(self, audience):
        """As the intake tells of what opened a ticket; without the words."""
        return {"identity": self, "audience": audience, "text": ""}


def _may_pass(error) -> bool:
    return social_failure.effect_of(error).message == "queued"
