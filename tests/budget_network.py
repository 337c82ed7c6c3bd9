"""The fake network with a bill: two streams, prices, looking again, push.

For the tests of money and pulling. Like its base it holds its world in memory.
"""

import json
from contextlib import contextmanager
from unittest.mock import patch

from ..networks import base, errors, items
from .common import FakeAdapter, SocialCase

READ, REPLY = "read", "reply"


class PricedAdapter(FakeAdapter):
    """An item read costs 0.01, a reply 0.25 dollars."""

    prices = {READ: "0.01", REPLY: "0.25", "odd": "-3", "words": "a lot"}
    price_labels = {READ: "Items read", REPLY: "Replies sent"}
    #: what an empty answer costs: stands for networks that bill calls
    call_price = 0

    def fetch(self, stream, cursor, since):
        try:
            page = super().fetch(stream, cursor, since)
        except errors.TransientError:
            self.charge(READ, self.call_price)  # billed although it failed
            raise
        self.charge(READ, len(page.items) + self.call_price)
        return page

    def publish(self, draft, key):
        self.charge(REPLY)
        return super().publish(draft, key)


class TwoStreams(PricedAdapter):
    """``inbox`` as before, and ``mail``, which is empty; a test lets either fail."""

    streams = ("mail", "inbox")
    stream_labels = {"mail": "Letters"}
    #: {stream: [errors]}; a stream raises its next one
    trouble = {}
    rate_per_stream = True

    def fetch(self, stream, cursor, since):
        self.world.calls.append(stream)
        if self.trouble.get(stream):
            raise self.trouble[stream].pop(0)
        if stream == "mail":
            return items.Page(cursor="mail")
        return super().fetch(stream, cursor, since)


class Rereading(PricedAdapter):
    """Messages can be looked at again, five at a time."""

    capabilities = FakeAdapter.capabilities | {base.REREAD}
    reread_batch = 5
    forget_deleted = True
    #: refs of each call, newest last; what a test wants the next calls to raise
    asked, refuse = [], []

    def reread(self, refs):
        self.asked.append(list(refs))
        if self.refuse:
            raise self.refuse.pop(0)
        self.charge(READ, len(refs))
        return items.Page()


class Pushing(PricedAdapter):
    """It pushes, and may be asked beside that."""

    capabilities = FakeAdapter.capabilities | {base.WEBHOOK}
    pull_beside_push = True

    def subscribe(self, url, secret):
        self.world.calls.append("subscribe")

    def unsubscribe(self):
        self.world.calls.append("unsubscribe")

    def verify(self, headers, query, raw):
        return True

    def split(self, raw):
        found = json.loads(raw)
        self.charge(READ, len(found))
        return [items.RawItem(key=one, data={}) for one in found]


class BudgetCase(SocialCase):
    """``SocialCase`` whose fake network is one of this file."""

    adapter_class = PricedAdapter

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        networks = cls.registry["helpdesk.social.network"]
        original = networks._adapter_class

        def _adapter_class(model, code):
            found = original(model, code)
            return cls.adapter_class if found is FakeAdapter else found

        cls.startClassPatcher(patch.object(networks, "_adapter_class", _adapter_class))
        cls.app = cls.account.app_id
        cls.app._ensure_prices()

    @contextmanager
    def with_network(self, adapter_class, **attributes):
        """The network is another one for a while."""
        made = type("Adapter", (adapter_class,), attributes)
        with patch.object(BudgetCase, "adapter_class", made):
            self.env.invalidate_all()
            yield made

    def book(self):
        """What a commit does to what was charged."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def rows(self, app=None):
        ledger = self.env["helpdesk.social.spending"]
        return ledger.search([("app_id", "=", (app or self.app).id)])

    def spend(self, amount, day=None, app=None, **values):
        app = app or self.app
        row = self.env["helpdesk.social.spending"].create(
            {
                "app_id": app.id,
                "day": day or app._today(),
                "kind": READ,
                "label": "Items read",
                "number": 1,
                "amount": amount,
                **values,
            }
        )
        app.invalidate_recordset()
        return row

    def limit(self, budget, **values):
        self.app.write({"budget_limited": True, "budget": budget, **values})

    def reply(self, text="We look into it"):
        """An agent answers somebody in public; the reply, queued."""
        ticket = self.make_ticket()
        message = self.make_message(self.make_conversation(ticket=ticket))
        return ticket.with_user(self.agent_all).social_reply(text, "public", to=message)

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
