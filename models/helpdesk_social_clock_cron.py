"""The clocks' scheduled action: deadlines anew, and somebody told before they pass.

In batches, each committed. Told is who is assigned to the ticket, else the leader of
its team, else who is in charge of the account: once per clock, by an activity on the
ticket that goes away with the answer. Where there is no ticket it is the leader of the
account's team, and an activity of its own that leads to the inbox. It says no word of
what was said, and nobody is told of what he may not read.
"""

import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import common

_logger = logging.getLogger(__name__)

#: conversations per transaction when targets or calendars have changed, and clocks per
#: transaction when people are told: a second or so, to be repeated when it clashes
RENEWED = 500
WARNED = 200
#: where messages without a ticket wait
INBOX = "/odoo/action-helpdesk_social.action_inbox"


class HelpdeskSocialClock(models.Model):
    _inherit = "helpdesk.social.clock"

    @api.model
    def _cron_clocks(self):
        """Renew what has changed, then warn of what is due soon."""
        common.commit(self.env, remaining=1)
        accounts = self.env["helpdesk.social.account"]
        # archived ones as well: their clocks end
        changed = accounts.with_context(active_test=False)
        for account in changed.search([("clock_renew", "=", True)], order="id"):
            if not self._renew(account):
                return  # out of time: the action is called again
        while accounts._any_clock():
            done = self._warn()
            left = common.commit(self.env, done, 1 if done else 0)
            if not done or not left:
                break
        common.commit(self.env, remaining=0)

    # === ANEW === #
    @api.model
    def _renew(self, account):
        """All running clocks of an account by its present targets; False when there
        was no time left for all of them."""
        # changes from now on want another turn
        account.clock_renew = False
        common.commit(self.env)  # commit: the note, before what it is about is read
        last = 0
        while True:
            threads = self._next_threads(account, last)
            if not threads:
                return True
            self._keep_others_out(threads.ids)
            self._follow(threads)
            last = threads.ids[-1]
            if not common.commit(self.env, len(threads), 1):
                # the rest of it in the next run, from the start: it costs little
                account.clock_renew = True
                common.commit(self.env, remaining=1)
                return False

    @api.model
    def _next_threads(self, account, last):
        """The next conversations in which something waits or a clock is open."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (
                    SELECT m.conversation_id AS id FROM helpdesk_social_message m
                     WHERE m.account_id = %(account)s AND m.waiting
                       AND m.conversation_id > %(last)s
                     UNION
                    SELECT k.conversation_id FROM helpdesk_social_clock k
                     WHERE k.account_id = %(account)s AND k.stopped_at IS NULL
                       AND k.conversation_id > %(last)s) found
                 ORDER BY id LIMIT %(limit)s
                """,
                account=account.id,
                last=last,
                limit=RENEWED,
            )
        )
        threads = self.env["helpdesk.social.conversation"]
        return threads.browse(row[0] for row in rows)

    # === BEFORE IT IS TOO LATE === #
    @api.model
    def _warn(self):
        """Tell somebody about the clocks that are due next; how many there were."""
        clocks = self.search(
            Domain("running_since", "!=", False)
            & (Domain("warned_at", "=", False) | self._told_without_ticket())
            & Domain("warn_at", "<=", fields.Datetime.now()),
            order="warn_at, id",
            limit=WARNED,
        )
        if not clocks:
            return 0
        # those that another run has, or that are being answered now, come later
        locked = clocks.try_lock_for_update()
        if not locked:
            return 0
        locked.activity_id.unlink()
        locked.warned_at = fields.Datetime.now()
        whom = locked._whom_to_warn()
        values, warned = [], []
        for clock in locked:
            if user := whom.get(clock):
                values.append(clock._activity_values(user))
                warned.append(clock)
        # quick: one mail per clock would be a flood; the activity is on the ticket
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create(values)
        )
        for clock, activity in zip(warned, activities, strict=True):
            clock.activity_id = activity
        if len(warned) < len(locked):
            _logger.info("%s clocks: nobody to warn", len(locked) - len(warned))
        return len(locked)

    @api.model
    def _told_without_ticket(self):
        """Told about without a ticket, and there is one now: it is shown there."""
        loose = Domain("activity_id.res_model", "=", False)
        return (
            loose
            & Domain("activity_id", "!=", False)
            & Domain("ticket_id", "!=", False)
        )

    def _whom_to_warn(self):
        """{clock: whom to tell}, of those that somebody answers for."""
        whom = {}
        for level in range(4):
            asked = defaultdict(self.browse)
            for clock in self:
                if clock in whom:
                    continue
                for user in clock._in_charge()[level]:
                    if user.active and not user.share:
                        asked[user] |= clock
            for user, clocks in asked.items():
                # an activity on a ticket that somebody may not read helps nobody
                readable = clocks.ticket_id.with_user(user)._filtered_access("read")
                heard = clocks.message_id.with_user(user)._filtered_access("read")
                for clock in clocks:
                    known = clock.ticket_id.id in readable.ids
                    if not clock.ticket_id:
                        known = clock.message_id.id in heard.ids
                    if known:
                        whom.setdefault(clock, user)
        return whom

    def _in_charge(self):
        """Who answers for this clock: lists of users, the nearest first."""
        self.ensure_one()
        ticket, account = self.ticket_id, self.account_id
        return (
            ticket.user_id,
            (ticket or account).team_id.user_id,
            account.clock_user_ids,
            account.connected_by_id,
        )

    def _activity_values(self, user):
        clock = self.with_context(lang=user.lang or self.env.lang, tz=user.tz)
        due = fields.Datetime.context_timestamp(clock, clock.deadline)
        words = {"clock": clock._kind_words()[self.kind], "time": f"{due:%H:%M}"}
        where = self._activity_on_ticket(clock.env, words)
        if not self.ticket_id:
            where = self._activity_in_inbox(clock.env, words)
        return {
            **where,
            "activity_type_id": self.env.ref(
                "helpdesk_social.mail_activity_clock", raise_if_not_found=False
            ).id
            or False,
            "user_id": user.id,
            "date_deadline": due.date(),
            "automated": True,
        }

    def _activity_on_ticket(self, env, words):
        return {
            "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
            "res_id": self.ticket_id.id,
            "summary": env._("%(clock)s due at %(time)s", **words),
        }

    def _activity_in_inbox(self, env, words):
        """Of no record: the person's own list of what is to be done."""
        # sudo: helpdesk.social.account - the name that its messages show
        name = self.account_id.sudo().display_name
        return {
            "summary": env._("%(clock)s due at %(time)s, without a ticket", **words),
            "note": Markup("<p>%s <a href='%s'>%s</a></p>")
            % (
                env._("Somebody who wrote to %(account)s is waiting.", account=name),
                INBOX,
                env._("Open the social inbox"),
            ),
        }
