"""What a batch holds in memory: conversations by key, and what they do to tickets.

Which ticket a conversation opens, joins or reopens is asked of ``ticket_policy``, once
per conversation and batch; tickets are opened in one go. Nothing here decides which
message belongs to which conversation (``intake_apply``).
"""

from dataclasses import dataclass, field

from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..networks.items import AUDIENCES, PRIVATE
from . import common, intake_incident, intake_rules, ticket_policy


@dataclass(eq=False)
class Thread:
    """A conversation: stored or about to be."""

    record: object
    audience: str
    key: str
    identity: tuple | None = None
    ticket: object = None
    alias: "Thread | None" = None
    #: ``why`` of messages that join its ticket for another reason than the usual ones
    via: str = ""
    people: set = field(default_factory=set)
    values: dict = field(default_factory=dict)
    #: inbound messages of this batch that ask for a ticket, oldest first
    asking: list = field(default_factory=list)
    #: own answers of this batch, as slots
    answers: list = field(default_factory=list)

    def moved(self, name, moment):
        """Keep the latest of a moment, whatever order things arrive in."""
        have = self.values.get(name) or (self.record[name] if self.record else False)
        if not have or moment > have:
            self.values[name] = moment


class Conversations:
    """Conversations of the batch by (audience, key), and what they do to tickets."""

    def __init__(self, batch):
        self.batch = batch
        self.model = batch.env["helpdesk.social.conversation"]
        self.tickets = batch.env["helpdesk.ticket"]
        self.threads = {}
        self.opened = self.tickets.browse()
        self.reopened = self.tickets.browse()

    def load(self, incoming, known, keys):
        # without a thread id a conversation is named after its topmost message
        keys = keys | {one.thread or one.key for one in incoming}
        keys |= {one.thread_alias for one in incoming if one.thread_alias}
        found = self.model.union(*(one for one in known if one))
        found = found.filtered(lambda one: one.account_id == self.batch.account)
        if keys:
            found |= common.unordered(
                self.model,
                Domain("account_id", "=", self.batch.account.id)
                # the audience stands before the key in the unique index: without it
                # all conversations of the account are read
                & Domain("audience", "in", AUDIENCES)
                & Domain("key", "in", [common.storable(key) for key in keys]),
            )
        for one in found:
            self.threads[one.audience, one.key] = Thread(
                one, one.audience, one.key, ticket=one.ticket_id
            )

    def of(self, slot):
        """The thread a known message is in, when it is one of this account's."""
        if slot is None:
            return None
        if slot.conversation:
            return slot.conversation
        record = slot.conversation_id
        return record and self.threads.get((record.audience, record.key))

    def get(self, audience, key, identity=None, alias="", beside=None):
        """The thread of this key.

        :param beside: conversation of another account of ours that is about the same
        """
        key = common.storable(key)
        thread = self.threads.get((audience, key))
        if thread is None:
            thread = Thread(
                self.model, audience, key, identity, ticket=self.tickets.browse()
            )
            former = alias and next(
                (one for (_a, k), one in self.threads.items() if k == alias), None
            )
            if former:
                thread.alias, thread.ticket = former, former.ticket
            elif beside:
                thread.ticket = beside.ticket_id
                thread.values["same_as_id"] = beside.id
            self.threads[audience, key] = thread
        # a stored one learns who writes, for the look at the person's open tickets
        thread.identity = thread.identity or identity
        return thread

    def by_key(self, key):
        key = common.storable(key)
        return [one for (_a, k), one in self.threads.items() if k == key]

    # --- tickets --------------------------------------------------------------
    def decide_tickets(self):
        """One decision per conversation, by the policy's table.

        Rules are asked before it, about what would open a ticket and nothing else.
        """
        for thread in self.threads.values():
            # what was deleted before we even looked wants nothing any more
            thread.asking = [one for one in thread.asking if not one.get("deleted_at")]
        asking = [one for one in self.threads.values() if one.asking]
        # private ones last: they join what the same person opens in public here
        asking.sort(
            key=lambda one: (one.audience == PRIVATE, one.asking[0].get("sent_at"))
        )
        private = self._open_tickets_of_people(asking)
        crowds = intake_incident.find(
            self.batch, [one for one in asking if not one.ticket]
        )
        self._hold(
            [one.ticket._social_target() for one in asking]
            + [*private.values()]
            + [one.ticket for one in crowds.values() if one.ticket]
        )
        judged = intake_rules.judge_threads(
            self.batch, [one for one in asking if not one.ticket]
        )
        openings, waiting = [], {}
        for thread in asking:
            slot = thread.asking[0]
            kinds = {ticket_policy.kind_of(one.get("text")) for one in thread.asking}
            kind = (
                ticket_policy.MESSAGE
                if ticket_policy.MESSAGE in kinds
                else ticket_policy.THANKS
            )
            ticket = thread.ticket._social_target()
            state = ticket._social_state(self.batch.account, self.batch.now)
            act = ticket_policy.decide(state, kind)
            previous = self.tickets.browse()
            person = self._person(thread)
            if act == ticket_policy.NEW and person:
                ticket = private.get(person, ticket)
                if ticket:
                    act = ticket_policy.JOIN
                elif person in waiting:
                    # what this person opens in this very batch, in public or private
                    waiting[person].append(thread)
                    self._why(thread, ticket_policy.JOIN)
                    continue
            said = judged.get(thread) if act == ticket_policy.NEW else None
            if said:
                said.explain()
                slot = said.slot
                if said.ruled_out:
                    self._why(thread, ticket_policy.RULED_OUT)
                    continue
            crowd = crowds.get(thread) if act == ticket_policy.NEW else None
            if crowd:
                self._join_crowd(crowd, thread, slot, openings)
                continue
            if act == ticket_policy.REOPEN:
                self.reopened |= ticket
            if act == ticket_policy.LINKED:
                previous = ticket
            if act in (ticket_policy.NEW, ticket_policy.LINKED):
                joining = []
                values = said.ticket_values(self.batch.env) if said else {}
                openings.append((thread, slot, previous, joining, values))
                who = self._known_person(slot.identity)
                if who:
                    waiting[who] = joining
            else:
                thread.ticket = ticket
            self._why(thread, act)
        self._open(openings)
        intake_incident.store(self.batch, crowds)
        if self.reopened:
            self.reopened._social_reopen()

    def _join_crowd(self, crowd, thread, slot, openings):
        """One of many below one post: their ticket is the incident's.

        What the same person says in private stays apart from it.
        """
        if crowd.ticket:
            thread.ticket = crowd.ticket
        elif crowd.first:
            crowd.joining.append(thread)
        else:
            crowd.first = thread
            values = intake_incident.ticket_values(self.batch, crowd)
            openings.append((thread, slot, self.tickets, crowd.joining, values))
            self._why(thread, ticket_policy.INCIDENT_NEW)
            return
        self._why(thread, ticket_policy.INCIDENT)

    def _hold(self, tickets):
        """Nobody closes or merges a ticket between our look at it and our commit.

        One that was written meanwhile makes the batch start over and look again;
        else a message would wait on a ticket that was just closed.
        """
        ids = sorted(self.tickets.union(*tickets).ids)
        if ids:
            self.tickets.flush_model()
            # SQL: the ORM has no shared lock, which lets other lanes hold it as well
            self.batch.env.cr.execute(
                SQL(
                    "SELECT id FROM helpdesk_ticket WHERE id IN %s ORDER BY id "
                    "FOR SHARE",
                    tuple(ids),
                )
            )

    def _person(self, thread):
        """Who asks in a private thread; None where that is nobody in particular.

        Without a name, or under a name that many share, two threads are never known
        to be one person's: their tickets stay apart.
        """
        if thread.audience != PRIVATE:
            return None
        return self._known_person(thread.asking[0].identity)

    def _known_person(self, identity):
        shared = identity and self.batch.identities.record(identity).shared
        return None if shared else identity

    def _why(self, thread, act):
        for slot in thread.asking:
            joins = act == ticket_policy.JOIN and thread.via
            slot.values["why"] = thread.via if joins else act
            if act in (ticket_policy.STAY, ticket_policy.RULED_OUT):
                slot.values["waiting"] = False

    def _open(self, openings):
        """One ticket per opening (thread, first message, ticket before, threads that
        join it, what rules say of the ticket)."""
        tickets = self.tickets._social_open(
            self.batch.account,
            [
                {
                    "identity": self.batch.identities.record(slot.identity),
                    "audience": thread.audience,
                    "text": slot.get("text"),
                    "permalink": slot.get("permalink"),
                    "previous": previous,
                    "values": values,
                }
                for thread, slot, previous, _joining, values in openings
            ],
        )
        for (thread, _slot, _previous, joining, _values), ticket in zip(
            openings, tickets, strict=True
        ):
            for one in (thread, *joining):
                one.ticket = ticket
        self.opened |= tickets

    def _open_tickets_of_people(self, threads):
        """Open tickets of the people who wrote in private: newest per person."""
        keys = {self._person(one) for one in threads if not one.ticket} - {None}
        people = self.batch.env["helpdesk.social.identity"].union(
            *(self.batch.identities.record(key) for key in keys)
        )
        if not people:
            return {}
        # who is known under two names has one ticket
        rows = self.model.search(
            Domain("identity_id", "in", people._same_person().ids)
            & Domain("company_id", "=", self.batch.account.company_id.id)
            & Domain("ticket_id", "!=", False)
            & Domain("ticket_id.active", "=", True)
            # nothing private is for the ticket of many
            & Domain("ticket_id.social_incident", "!=", True)
            & Domain("ticket_id.stage_id.closed", "=", False),
            order="last_message_at, id",
        )
        of_identity = {}
        for row in rows:
            ticket = row.ticket_id._social_target()
            state = ticket._social_state(self.batch.account, self.batch.now)
            if state == ticket_policy.OPEN:
                for one in row.identity_id._same_person():
                    of_identity[one] = ticket
        return {
            key: of_identity[record]
            for key in keys
            if (record := self.batch.identities.record(key)) in of_identity
        }

    # --- writing --------------------------------------------------------------
    def store(self):
        fresh = [one for one in self.threads.values() if not one.record]
        records = self.batch.identities.record
        created = self.model.create(
            [
                {
                    **thread.values,
                    "account_id": self.batch.account.id,
                    "company_id": self.batch.account.company_id.id,
                    "key": thread.key,
                    "audience": thread.audience,
                    "identity_id": records(thread.identity).id,
                    "ticket_id": thread.ticket.id,
                    **({"same_as_id": thread.alias.record.id} if thread.alias else {}),
                    "participant_ids": [
                        Command.set([records(key).id for key in thread.people])
                    ],
                }
                for thread in fresh
            ]
        )
        for thread in self.threads.values():
            if thread.record:
                self._update(thread, records)
        for thread, record in zip(fresh, created, strict=True):
            thread.record = record

    def _update(self, thread, records):
        values = dict(thread.values)
        if thread.ticket != thread.record.ticket_id:
            values["ticket_id"] = thread.ticket.id
        if thread.asking and thread.record.backlog:
            values["backlog"] = False
        people = {records(key).id for key in thread.people}
        people -= set(thread.record.participant_ids.ids)
        if people:
            values["participant_ids"] = [Command.link(one) for one in sorted(people)]
        if values:
            thread.record.write(values)

    def answered(self):
        """What our answers from the network's own app answer stops waiting."""
        messages = self.batch.messages
        answers = messages.joined.union(
            *(slot.record for one in self.threads.values() for slot in one.answers)
        )
        if answers:
            answers._settle("native")
