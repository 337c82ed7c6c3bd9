"""Many people are answered one by one: one answer each, spaced, and never blindly.

Each answer is a reply like any other, through ``social_reply`` with guard, approval and
all, held until its moment. At its moment it is looked at again: who was answered
meanwhile, deleted or changed their words, or wrote again is passed over and goes on
waiting for a person. It can be stopped at any time.
"""

import random
import uuid
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..networks.items import PUBLIC
from ..texts import paced
from .social_concern import BLOCK, HOLD, QUEUE, SEND, Concern

CODE = "paced"
#: people answered by one request: each costs some queries, and a worker has a limit.
#: Whoever asks is told how many are left, and asks again for them
MOST_PEOPLE = 500
#: states of a reply that will be, or was, said
SAYING = ("held", "queued", "sending", "uncertain", "sent", "delivered", "read")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === WHAT THE BROWSER ASKS === #
    def social_incident_answer(self, wordings, person_ids=None, skip_ids=()):
        """Answer these people, or all who wait, one after the other.

        :param wordings: several ways to say the same, with placeholders
        :param person_ids: identities; nothing: everybody who waits
        :param skip_ids: messages whose answer was refused a moment ago
        :return: {ok, planned, left: [{person, message_id, error}], until, more} or
            {ok: False, error}; ``more``: how many are to be asked for once more
        """
        incident = self._social_check_incident()
        every = self._social_paced_targets(person_ids)
        every = every.filtered(lambda one: one.id not in set(skip_ids))
        targets = every[:MOST_PEOPLE]
        if not targets:
            return self._social_not_ok(self.env._("None of them waits for an answer."))
        chance = random.Random()
        account = incident.account_id
        values = [
            self._social_paced_values(account.sudo(False), one, PUBLIC)
            for one in targets
        ]
        try:
            last = self._social_paced_newest(incident)
            said = paced.words(values, wordings, chance, last.text or "")
        except paced.SameWordsError:
            return self._social_not_ok(
                self.env._(
                    "Two people would get the very same words, which networks take for "
                    "spam. Give another wording, or call them by {{handle}}."
                )
            )
        except ValueError:
            return self._social_not_ok(self.env._("There is nothing to send yet."))
        start = max(fields.Datetime.now(), self._social_paced_last(incident))
        moments = paced.moments(len(targets), account.incident_rate, start, chance)
        planned, left = self._social_plan(incident, targets, said, moments)
        return {
            "ok": bool(planned),
            "planned": planned,
            "left": left,
            "until": fields.Datetime.to_string(moments[-1]),
            "more": len(every) - len(targets),
            "error": "" if planned else left[0]["error"],
        }

    def social_incident_stop(self):
        """Nobody is answered any more who has not been; how many that were."""
        incident = self._social_check_incident()
        # sudo: helpdesk.social.message - users never write messages; checked above
        rows = self.env["helpdesk.social.message"].sudo()
        rows = rows.search(
            Domain("incident_id", "=", incident.id)
            & Domain("paced_at", "!=", False)
            & Domain("delivery_state", "in", ("held", "queued"))
        )
        stopped = rows._locked()._move("cancelled", next_try_at=False, held_until=False)
        for approval in stopped.approval_id.filtered(
            lambda one: one.state == "waiting"
        ):
            approval.sudo(False)._close("withdrawn")
        return len(stopped.filtered(lambda one: one.part == 1))

    # === PLANNING === #
    def _social_paced_targets(self, person_ids):
        """The newest public message of each that waits and can be answered, in the
        order in which they wait; one per person."""
        messages = self.env["helpdesk.social.message"]
        waiting = (
            Domain("ticket_id", "=", self.id)
            & Domain("waiting", "=", True)
            & Domain("audience", "=", PUBLIC)
            & Domain("deleted_at", "=", False)
        )
        if person_ids is not None:
            ids = [int(one) for one in person_ids]
            waiting &= Domain("identity_id", "in", ids)
        found = messages.search(waiting, order="sent_at, id")
        # who is being answered already is not answered twice
        coming = messages.search(
            Domain("parent_id", "in", found.ids)
            & Domain("direction", "=", "out")
            & Domain("delivery_state", "in", SAYING[:4])
        ).parent_id
        newest = {}
        for message in found:
            # a shared name is many people: each message is somebody's
            person = message.identity_id
            own = person if person and not person.shared else message
            newest[own] = message
        targets = messages.union(*newest.values())
        busy = coming.identity_id
        return (targets - coming).filtered(
            lambda one: one.identity_id.shared or one.identity_id not in busy
        )

    @api.model
    def _social_paced_values(self, account, message, audience):
        """As for canned responses; ``{{name}}`` is another word for the customer."""
        values = self._social_placeholders(account, message, audience)
        return {**values, "name": values["customer"]}

    @api.model
    def _social_paced_newest(self, incident):
        """The last of those that are planned already."""
        # sudo: helpdesk.social.message - its moment and words: they are the incident's
        return (
            self.env["helpdesk.social.message"]
            .sudo()
            .search(
                Domain("incident_id", "=", incident.id)
                & Domain("paced_at", "!=", False)
                & Domain("delivery_state", "=", "held"),
                order="paced_at desc, id desc",
                limit=1,
            )
        )

    @api.model
    def _social_paced_last(self, incident):
        """After those that are planned already."""
        last = self._social_paced_newest(incident)
        pause = timedelta(seconds=60 / incident.account_id.incident_rate)
        return last.paced_at + pause if last else datetime.min

    def _social_plan(self, incident, targets, said, moments):
        """Queue them, each for its moment; (how many, whom not and why)."""
        planned, left, run = 0, [], uuid.uuid4().hex
        for target, text, moment in zip(targets, said, moments, strict=True):
            one = self.with_context(social_paced_at=moment)
            try:
                with self.env.cr.savepoint():
                    row = one.social_reply(
                        text, PUBLIC, to=target, key=f"paced-{run}-{target.id}"
                    )
                    # sudo: helpdesk.social.message - of what was just queued
                    row.sudo()._whole_reply().write(
                        {"incident_id": incident.id, "paced_at": moment}
                    )
                planned += 1
            except UserError as error:
                left.append(
                    {
                        "person": target.identity_id._social_label(),
                        "message_id": target.id,
                        "error": str(error.args[0]),
                    }
                )
        return planned, left

    # === CHECKED === #
    def _social_concerns(self, words):
        """Override: what is paced waits for its moment, and is then looked at again."""
        concerns = super()._social_concerns(words)
        moment = self.env.context.get("social_paced_at")
        # no client can send a datetime along
        if words.stage == QUEUE and isinstance(moment, datetime):
            concerns.append(
                Concern(
                    CODE, HOLD, self.env._("It waits for its turn."), {}, until=moment
                )
            )
        if words.stage == SEND and words.message and words.message.paced_at:
            reason = words.message._why_not_paced()
            if reason:
                concerns.append(
                    Concern(reason, BLOCK, self.env._("They need no such answer now."))
                )
        return concerns

    # === TOLD === #
    @api.model
    def _social_paced_told(self, incident):
        """How far it is; False when nobody is, or was, answered this way."""
        groups = (
            # sudo: helpdesk.social.message - numbers only
            self.env["helpdesk.social.message"]
            .sudo()
            ._read_group(
                Domain("incident_id", "=", incident.id)
                & Domain("paced_at", "!=", False)
                & Domain("part", "=", 1),
                ["delivery_state", "error_code"],
                ["__count", "paced_at:max"],
            )
        )
        if not groups:
            return False
        told = dict.fromkeys(("sent", "coming", "approval", "failed", "passed"), 0)
        until = None
        for state, code, count, last in groups:
            if state == "held":
                told["coming"] += count
                until = max(filter(None, (until, last)))
            elif state in ("queued", "sending", "uncertain"):
                told["coming"] += count
            elif state in ("sent", "delivered", "read"):
                told["sent"] += count
            elif state == "cancelled":
                told["passed"] += count
            else:
                key = "passed" if (code or "").startswith("paced_") else "failed"
                told[key] += count
        told["total"] = sum(told.values())
        told["until"] = fields.Datetime.to_string(until) if until else False
        return told


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    paced_at = fields.Datetime(
        readonly=True, copy=False, help="When it is its turn among many answers."
    )

    def _why_not_paced(self):
        """Why the person needs no such answer any more: a code, or ''."""
        self.ensure_one()
        asked, since = self.parent_id, self.queued_at
        if not asked or asked.deleted_at:
            return "paced_deleted"
        if not asked.waiting:
            return "paced_answered"
        if asked._changed_after(since):
            return "paced_edited"
        wrote = Domain("identity_id", "=", asked.identity_id.id)
        wrote &= Domain("direction", "=", "in") & Domain("id", ">", asked.id)
        others = Domain("direction", "=", "out") & Domain("parent_id", "=", asked.id)
        others &= Domain("delivery_state", "in", SAYING)
        others &= Domain("paced_at", "=", False)
        again = self.search(
            Domain("conversation_id", "=", asked.conversation_id.id)
            & Domain("received_at", ">=", since)
            & (wrote | others),
            limit=1,
        )
        if again:
            return "paced_again" if again.direction == "in" else "paced_answered"
        return ""

    def _release(self):
        """Override: what is let go early (approved) still waits for its turn, and whom
        it does not concern any more is passed over."""
        now = fields.Datetime.now()
        mine = self.filtered(lambda one: one.paced_at and one.delivery_state == "held")
        passed, early = self.browse(), self.browse()
        turns = mine._paced_turns(now)
        for row in mine:
            first = row._whole_reply()[:1] or row
            if reason := first._why_not_paced():
                row._move(
                    "cancelled", held_for=False, held_until=False, error_code=reason
                )
                passed |= row
            elif turns[first] > now:
                row.write({"held_for": [CODE], "held_until": turns[first]})
                early |= row
        return super(HelpdeskSocialMessage, self - passed - early)._release()

    def _paced_turns(self, now):
        """{reply: when it may leave}, one after the other for each account."""
        replies = self.browse()
        for row in self:
            replies |= row._whole_reply()[:1] or row
        groups = self._read_group(
            Domain("account_id", "in", replies.account_id.ids)
            & Domain("paced_at", "!=", False)
            & Domain("released_at", "!=", False),
            ["account_id"],
            ["released_at:max"],
        )
        last, turns = {account: at for account, at in groups}, {}
        for reply in replies.sorted(lambda one: (one.paced_at, one.id)):
            account = reply.account_id
            turns[reply] = paced.turn(
                reply.paced_at, last.get(account), now, account.incident_rate
            )
            # whoever is passed over keeps nobody waiting
            if not reply._why_not_paced():
                last[account] = max(now, turns[reply])
        return turns
