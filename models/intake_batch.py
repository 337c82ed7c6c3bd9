"""One batch of events of one account becomes messages, conversations, tickets.

Reads everything first, decides in memory in the order of the network's clock, then
writes in bulk: the number of queries does not depend on the number of events. It
never talks to a network and never commits.
"""

import logging
from collections import defaultdict

from odoo import fields

from ..networks import items
from . import common, intake_apply
from .common import CONCURRENCY
from .helpdesk_social_account_announced import ANNOUNCED
from .helpdesk_social_media_policy import LINK
from .intake_handoff import Invitations
from .intake_proof import Proofs
from .intake_slots import Identities, Messages
from .intake_threads import Conversations

_logger = logging.getLogger(__name__)

#: news of a whole conversation
BLOCKS = ("blocked", "unblocked")
#: what is about a message that is known by its key
KEYED = items.Removal | items.Hidden | items.Reaction | items.Receipt


class Batch:
    """The events of one account, from raw item to ticket.

    :param account: the (sudo) account that all events belong to
    :param events: events in the order of the network's clock
    """

    def __init__(self, env, account, events):
        self.env = env(su=True)
        self.account = account.with_env(self.env)
        self.network = self.account.network_id
        self.events = events.with_env(self.env)
        self.now = fields.Datetime.now()
        self.parsed = []
        self.outcomes = {}
        self.held = []
        self.evidence = defaultdict(list)
        #: events that only name what must be read
        self.to_read = self.events.browse()
        #: why the network no longer takes our sign-in, if it said so
        self.signed_out = ""
        #: files are not fetched, only the way to them is kept
        self.links_only = self.account._media_rule()[0] == LINK
        self.keeps_fleeting = self.network.media_fleeting

    def run(self):
        """Do it all; returns how many messages were new."""
        with self.env["helpdesk.social.clock"]._gathering():
            return self._run()

    def _run(self):
        self._parse()
        self._load()
        for event, parsed in self.parsed:
            self.outcomes[event] = self._place(event, parsed)
        self.identities.store()
        self.conversations.decide_tickets()
        self.conversations.store()
        new = self.messages.store()
        self.invitations.store()
        self.proofs.store()
        self.conversations.answered()
        self._finish_events()
        if self.to_read:
            self.account._read_soon(self.to_read)
        if self.signed_out:
            self.account._access_taken_back(self.signed_out)
        self._tell_in_peace()
        return new

    # --- reading --------------------------------------------------------------
    def _parse(self):
        adapter = self.account._adapter()
        for event in self.events:
            self.parsed.append((event, adapter.parse(event._item())))
        # nothing follows a deletion: whatever else is here about it comes first
        self.parsed.sort(key=lambda pair: isinstance(pair[1], items.Removal))

    def _load(self):
        incoming = [p for _e, p in self.parsed if isinstance(p, items.Incoming)]
        keys = {p.key for p in incoming} | {p.parent for p in incoming}
        keys |= {p.key for _e, p in self.parsed if isinstance(p, KEYED)}
        self.own_ids = self.env["helpdesk.social.account"]._own_ids(
            self.network,
            {common.storable(p.author.id) for p in incoming if p.author.id},
        )
        self.identities = Identities(self)
        self.identities.load(incoming)
        self.conversations = Conversations(self)
        self.messages = Messages(self)
        self.messages.load(keys - {""}, {p.album for p in incoming} - {""})
        self.invitations = Invitations(self)
        self.invitations.load(incoming)
        self.proofs = Proofs(self)
        self.proofs.load(incoming)
        self.conversations.load(
            incoming,
            {slot.conversation_id for slot in self.messages.known()},
            {
                p.thread
                for _e, p in self.parsed
                if isinstance(p, items.Receipt)
                and (p.state in BLOCKS or p.earlier)
                and p.thread
            },
        )

    # --- deciding -------------------------------------------------------------
    def _place(self, event, parsed):
        """What one item means, in memory; returns the outcome's code."""
        handler = intake_apply.HANDLERS[type(parsed)]
        return handler(self, event, parsed)

    # --- writing --------------------------------------------------------------
    def _finish_events(self):
        by_outcome = defaultdict(self.events.browse)
        for event in self.events:
            outcome = self.outcomes[event]
            if outcome == ANNOUNCED:
                self.to_read |= event
            elif outcome.startswith("wait:"):
                event.write(
                    {
                        "attempts": event.attempts + 1,
                        "outcome": outcome[5:],
                        "retry_at": fields.Datetime.add(self.now, seconds=15),
                    }
                )
            else:
                by_outcome[outcome] |= event
        for outcome, events in by_outcome.items():
            events.write(
                {"state": "done", "outcome": outcome, "error": False, "retry_at": False}
            )
        for event, slot in self.messages.by_event.items():
            event.message_id = slot.record

    def _tell_in_peace(self):
        """Telling people may fail; what the customer said must not fail with it."""
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                self._tell()
                self.env.flush_all()
        except CONCURRENCY:
            raise
        except Exception:
            _logger.exception("account %s: nobody was told", self.account.id)

    def _tell(self):
        """Evidence, notices and live screens, each once for the whole batch."""
        evidence = {
            self.identities.record(key): found for key, found in self.evidence.items()
        }
        if evidence or self.identities.fresh:
            self.identities.fresh._match(evidence)
        created = self.messages.created_records()
        changed = created | self.messages.changed_records()
        if any(one.media_try_at for one in changed):
            self.env["helpdesk.social.intake"]._wake("helpdesk_social.cron_media")
        self.env["helpdesk.social.notice"]._tell(
            created | self.messages.asked_again(),
            self.conversations.opened,
            self.conversations.reopened,
        )
        if changed and "helpdesk.social.live" in self.env:
            self.env["helpdesk.social.live"]._changed(changed)

    # --- shared by the handlers -----------------------------------------------
    def brought_back(self):
        """Keys of ours that came back with messages, or with news of them."""
        return {
            one.ours
            for _event, one in self.parsed
            if isinstance(one, items.Receipt | items.Incoming) and one.ours
        }

    def told_up_to(self):
        """Conversations of which we are told that all before a moment was read."""
        return {
            one.thread
            for _event, one in self.parsed
            if isinstance(one, items.Receipt) and one.earlier and one.thread
        }

    def is_backlog(self, sent_at):
        """From before the account was connected (5 s for clocks that differ)."""
        start = self.account.connected_at
        return bool(start) and sent_at < fields.Datetime.subtract(start, seconds=5)

    def moment(self, value):
        """The network's clock as the ORM stores it, never in the far future.

        A post dated tomorrow would stay on top of every list; it counts as now.
        """
        moment = common.to_orm(value) or self.now
        return min(moment, fields.Datetime.add(self.now, minutes=5))
