"""What is done in the inbox: a ticket, an old ticket, handled, ignored, blocked.

One message or hundreds: the number of queries depends on the accounts they reached, not
on the messages. Each act checks who asks, says what it did and can be taken back by the
same person for some minutes (``helpdesk_social_undo``). Nothing here speaks to a
network; who is to be blocked there as well is noted (``helpdesk_social_block``).
"""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..networks.items import PRIVATE
from . import ticket_policy
from .helpdesk_social_inbox import MODEL

#: what an act may change of a message, of its conversation, of its author
MESSAGE = (
    "ticket_id",
    "waiting",
    "waiting_again_at",
    "handled_at",
    "handled_by_id",
    "handled_how",
    "handled_why",
    "handled_note",
    "settled_by_id",
    "why",
    "rule_wrong_at",
    "rule_wrong_by_id",
)
CONVERSATION = ("ticket_id", "backlog")
IDENTITY = ("blocked_at", "blocked_by_id")
TICKET = ("active", "team_id", "stage_id", "user_id", "priority")
ACTS = ("open", "attach", "handled", "ignore", "wrong")
ACTS += ("block", "block_there", "unblock")


class HelpdeskSocialInbox(models.AbstractModel):
    _inherit = "helpdesk.social.inbox"

    @api.model
    def act(self, name, message_ids, options=None):
        """Do one thing with these messages.

        :param name: of ``ACTS``
        :param options: ``ticket_id`` (attach), ``reason`` (handled: words)
        :return: ``done`` (messages), ``left`` (how many it did not concern),
            ``undo`` (for ``take_back``; False when nothing was done), ``tickets``;
            ``block_there`` also: ``there`` (people), ``not_there`` (sentences)
        :raises AccessError: one of them is none of the user's business
        :raises UserError: it cannot be done
        """
        self._check_desk()
        if name not in ACTS:
            raise UserError(self.env._("The inbox knows no such act."))
        messages = self.env[MODEL].search([("id", "in", self._asked_ids(message_ids))])
        if len(messages) < len(set(message_ids)):
            raise UserError(
                self.env._("Some of these messages are gone or not for you. Reload.")
            )
        with self.env["helpdesk.social.clock"]._gathering():
            return getattr(self, f"_act_{name}")(messages, options or {})

    @api.model
    def take_back(self, undo_id):
        """Everything as it was before an act of this user; the messages concerned."""
        self._check_desk()
        # sudo: helpdesk.social.undo - nobody has rights on it; it checks whose it is
        undo = self.env["helpdesk.social.undo"].sudo().browse(int(undo_id)).exists()
        if not undo:
            raise UserError(self.env._("This cannot be taken back any more."))
        with self.env["helpdesk.social.clock"]._gathering():
            messages = undo._take_back()
        self.env["helpdesk.social.live"]._changed(messages)
        return messages.ids

    # === HOW AN ACT IS NOTED === #
    @api.model
    def _watching(self, act, messages, *more):
        # sudo: helpdesk.social.undo - written by code only
        undo = self.env["helpdesk.social.undo"].sudo()
        return undo._watching(act, [(messages, MESSAGE), *more])

    @api.model
    def _done(self, asked, messages, undo, tickets=None, opened=None):
        if undo:
            undo._seal(opened)
        tickets = (tickets or self.env["helpdesk.ticket"]).sudo(False)
        return {
            "done": messages.ids,
            "left": len(asked - messages),
            "undo": undo.id if undo else False,
            "tickets": [
                self._ticket_row(one, True) for one in tickets._filtered_access("read")
            ],
        }

    # === TICKETS === #
    @api.model
    def _act_open(self, asked, _options, undo_act="open", why="by_hand"):
        """One ticket per conversation; the private ones of a person share one."""
        self.env["helpdesk.ticket"].check_access("create")
        messages = asked.filtered(lambda one: not one.ticket_id and one._may_be_asked())
        threads = messages.conversation_id.filtered(lambda one: not one.ticket_id)
        messages = messages.filtered(lambda one: one.conversation_id in threads)
        if not messages:
            return self._done(asked, messages, None)
        moved = threads._orphans()
        undo = self._watching(undo_act, moved, (threads, CONVERSATION))
        first = {}
        for message in messages.sorted(lambda one: (one.sent_at, one.id)):
            first.setdefault(message.conversation_id, message)
        # sudo: helpdesk.ticket, .conversation - as the intake opens them; the user may
        # create tickets and read these messages
        opened, of_thread = self.env["helpdesk.ticket"].sudo(), {}
        for account, of_account in threads.sudo().grouped("account_id").items():
            groups = self._groups(of_account)
            tickets = opened._social_open(
                account, [first[group[0]]._opening() for group in groups]
            )
            opened |= tickets
            for group, ticket in zip(groups, tickets, strict=True):
                of_thread.update(dict.fromkeys(group, ticket))
        self._put_on(of_thread, moved)
        messages._wait_on_ticket(why)
        notice = self.env["helpdesk.social.notice"].sudo()
        notice._tell(messages.sudo(), opened, opened.browse())
        return self._done(asked, messages, undo, opened, opened)

    @api.model
    def _groups(self, threads):
        """Conversations that get one ticket together, oldest first."""
        groups = {}
        for thread in threads.sorted("id"):
            person = thread.identity_id
            # a hidden or shared name is nobody in particular: tickets stay apart
            own = thread.audience == PRIVATE and person and not person.shared
            groups.setdefault(person if own else thread, []).append(thread)
        return list(groups.values())

    @api.model
    def _put_on(self, of_thread, moved):
        """The conversations, and what was said in them without a ticket, go there."""
        of_ticket = {}
        for thread, ticket in of_thread.items():
            of_ticket[ticket] = of_ticket.get(ticket, thread.browse()) | thread
        for ticket, threads in of_ticket.items():
            threads = threads.sudo().with_context(social_orphans_known=True)
            threads.write({"ticket_id": ticket.id, "backlog": False})
        for ticket, messages in (
            moved.sudo().grouped(lambda one: of_thread[one.conversation_id]).items()
        ):
            messages.write({"ticket_id": ticket.id})

    @api.model
    def _act_attach(self, asked, options):
        ticket = self.env["helpdesk.ticket"].browse(int(options.get("ticket_id") or 0))
        if not ticket.exists():
            raise UserError(self.env._("Choose the ticket first."))
        ticket.check_access("write")
        # sudo: helpdesk.ticket - the one that a duplicate leads to
        ticket = ticket.sudo()._social_target().sudo(False)
        ticket.check_access("write")
        messages = asked.filtered(lambda one: not one.ticket_id and one._may_be_asked())
        threads = messages.conversation_id.filtered(lambda one: not one.ticket_id)
        messages = messages.filtered(lambda one: one.conversation_id in threads)
        if any(one.company_id != ticket.company_id for one in threads):
            raise UserError(
                self.env._("That ticket belongs to another company than the message.")
            )
        if not messages:
            return self._done(asked, messages, None)
        moved = threads._orphans()
        undo = self._watching("attach", moved, (threads, CONVERSATION))
        self._put_on(dict.fromkeys(threads.sudo(), ticket.sudo()), moved)
        if ticket.stage_id.closed:
            messages.sudo().write({"why": "attached"})
        else:
            messages._wait_on_ticket("attached")
        return self._done(asked, messages, undo, ticket)

    # === ASIDE === #
    @api.model
    def _act_handled(self, asked, options):
        reason = str(options.get("reason") or "").strip()[:200]
        return self._aside(asked, "handled", "no_answer", reason)

    @api.model
    def _act_ignore(self, asked, _options):
        return self._aside(asked, "ignore", "ignored")

    @api.model
    def _aside(self, asked, act, how, reason=""):
        messages = asked.filtered(lambda one: one.direction == "in")
        messages = messages._unseen()
        if not messages:
            return self._done(asked, messages, None)
        messages._check_may_handle()
        undo = self._watching(act, messages)
        messages._put_aside_as(how, reason)
        return self._done(asked, messages, undo)

    @api.model
    def _act_block(self, asked, _options):
        """Their authors, and all of theirs that waits for us and that the user sees."""
        people = asked.identity_id.filtered(lambda one: not one.shared)
        if not people:
            raise UserError(
                self.env._(
                    "Nobody in particular wrote this: the author is hidden, or one "
                    "name stands for many people."
                )
            )
        messages = asked.filtered(lambda one: one.identity_id in people)
        messages |= self.env[MODEL].search(
            [("identity_id", "in", people.ids), ("waiting", "=", True)]
        )
        messages = messages._unseen()
        mine = messages.ticket_id._filtered_access("write")
        messages = messages.filtered(lambda one: one.ticket_id <= mine)
        messages._check_may_handle()
        undo = self._watching("block", messages, (people, IDENTITY))
        people.action_block()
        messages._put_aside_as("blocked")
        self.env["helpdesk.social.live"]._changed(asked)
        theirs = asked.filtered(lambda one: one.identity_id in people)
        return self._done(asked, theirs, undo)

    @api.model
    def _act_block_there(self, asked, options):
        """With us at once, and on the network where it can be: what cannot is told."""
        result = self._act_block(asked, options)
        blocks = self.env["helpdesk.social.block"]
        theirs = asked.browse(result["done"])
        rows, refused = blocks._ask(blocks._pairs_of(theirs))
        if result["undo"]:
            # sudo: helpdesk.social.undo - the one of this very act
            undo = self.env["helpdesk.social.undo"].sudo().browse(result["undo"])
            undo.block_ids = rows.ids
        return {
            **result,
            "there": len(rows.identity_id),
            "not_there": [*dict.fromkeys(refused.values())],
        }

    @api.model
    def _act_unblock(self, asked, _options):
        people = asked.identity_id.filtered("blocked_at")
        messages = asked.filtered(lambda one: one.identity_id in people)
        if not people:
            return self._done(asked, messages, None)
        undo = self._watching("unblock", messages, (people, IDENTITY))
        pairs = list(
            dict.fromkeys(
                # sudo: helpdesk.social.block - where they were blocked
                (one.identity_id, one.account_id)
                for one in people.sudo().block_ids
            )
        )
        people.action_unblock()
        rows = self.env["helpdesk.social.block"]._latest(pairs).values()
        undo.block_ids = [one.id for one in rows if one.verb == "unblock"]
        self.env["helpdesk.social.live"]._changed(messages)
        return self._done(asked, messages, undo)

    # === RULES === #
    @api.model
    def _act_wrong(self, asked, options):
        """The rules were wrong: what would have been without them, and it counts
        against each of them.

        - ruled out: its ticket is opened
        - made a ticket by a rule that says so: the ticket goes, if nobody worked on it
        - else: the ticket goes back to the account's team, nobody's, as urgent as any
        """
        judged = asked.filtered(lambda one: one.why_rules and not one.rule_wrong_at)
        if not judged:
            return self._done(asked, judged, None)
        judged._check_may_handle()
        ruled_out = judged.filtered(
            lambda one: not one.ticket_id and one.why == ticket_policy.RULED_OUT
        )
        if ruled_out:
            result = self._act_open(ruled_out, {}, "wrong", "rule_wrong")
            ruled_out._call_rules_wrong()
            self._seal_again(result)
            return {**result, "left": len(asked - ruled_out)}
        tickets = judged.ticket_id
        moved = tickets.social_message_ids | judged
        threads = tickets.social_conversation_ids
        undo = self._watching(
            "wrong", moved, (threads, CONVERSATION), (tickets, TICKET)
        )
        for ticket in tickets:
            self._as_without_rules(ticket, judged & ticket.social_message_ids)
        judged._call_rules_wrong()
        return self._done(asked, judged, undo)

    @api.model
    def _seal_again(self, result):
        # sudo: helpdesk.social.undo - the one of this very act
        undo = self.env["helpdesk.social.undo"].sudo().browse(result["undo"] or ())
        if undo:
            undo._seal(self.env["helpdesk.ticket"].browse(undo.opened_ids))

    @api.model
    def _as_without_rules(self, ticket, judged):
        # sudo: helpdesk.social.rule, .conversation, .message - what rules said; the
        # user may change the ticket
        rules = judged.sudo().why_rule_ids
        threads = ticket.sudo().social_conversation_ids
        if "yes" in rules.mapped("ticket") and not self._worked_on(ticket):
            messages = ticket.sudo().social_message_ids
            threads.write({"ticket_id": False})
            messages.write({"ticket_id": False, "waiting": False})
            ticket.sudo().write({"active": False})
            return
        account = threads[:1].account_id
        values = {"priority": ticket._fields["priority"].default(ticket)}
        if rules.team_id and ticket.team_id in rules.team_id:
            values["team_id"] = account.team_id.id
        if rules.user_id and ticket.user_id in rules.user_id:
            values["user_id"] = False
        if ticket.priority not in rules.mapped("priority"):
            del values["priority"]
        if values:
            ticket.sudo().with_context(social_activity=True).write(values)

    @api.model
    def _worked_on(self, ticket):
        said = ticket.sudo().social_message_ids
        untouched = self.env["helpdesk.social.undo"]._untouched(ticket, set(said.ids))
        return not untouched or "out" in said.mapped("direction")


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    def _may_be_asked(self):
        """Said to us by somebody else, and still there."""
        return self.direction == "in" and not self.deleted_at and not self.context

    def _opening(self):
        """What a ticket is opened with, as ``_social_open`` takes it."""
        return {
            "identity": self.sudo().identity_id,
            "audience": self.audience,
            "text": self.text,
            "permalink": self.permalink,
        }

    def _wait_on_ticket(self, why):
        """What was picked waits for an answer, unless it has one by now."""
        # sudo: helpdesk.social.message - users never write messages; callers checked
        rows = self.sudo()
        answered = rows.filtered(
            lambda one: (
                one.conversation_id.last_outbound_at
                and one.conversation_id.last_outbound_at >= one.sent_at
            )
        )
        values = {"why": why}
        handled = ("at", "by_id", "how", "why", "note")
        aside = {f"handled_{one}": False for one in handled}
        answered.write(values)
        (rows - answered).write({**values, **aside, "waiting": True})

    def _call_rules_wrong(self):
        # sudo: helpdesk.social.message - users never write messages; callers checked
        self.sudo().write(
            {
                "rule_wrong_at": fields.Datetime.now(),
                "rule_wrong_by_id": self.env.uid,
            }
        )


class HelpdeskSocialConversation(models.Model):
    _inherit = "helpdesk.social.conversation"

    def _orphans(self):
        """What was said in these conversations and has no ticket."""
        # sudo: helpdesk.social.message - they go where their conversation goes
        messages = self.env[MODEL].sudo()
        return messages.search(
            [("conversation_id", "in", self.ids), ("ticket_id", "=", False)]
        ).sudo(False)

    def _take_along(self):
        """Override: a caller that has moved them already does it at once for all."""
        if not self.env.context.get("social_orphans_known"):
            return super()._take_along()
        return None
