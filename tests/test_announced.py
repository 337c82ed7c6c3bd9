"""What a network only names is read by the lane that pulls, and by nobody else."""

from dataclasses import replace
from unittest.mock import patch

from odoo.tests import tagged

from ..networks import base, errors, items
from .common import FakeAdapter
from .test_spine_outbox import OutboxCase


class AnnouncingAdapter(FakeAdapter):
    """Some of what is pushed is a bare name; ``there`` holds what it stands for."""

    capabilities = FakeAdapter.capabilities | {base.ANNOUNCED}
    there: dict = {}

    def parse(self, item):
        if "named" in item.data:
            return items.Announced(item.data["named"])
        return super().parse(item)

    def fetch_announced(self, ref):
        self._traffic("fetch_announced")
        found = self.there.get(ref)
        if found is None:
            raise errors.NotFoundError("not_found", ref)
        return items.Page((found,))


@tagged("post_install", "-at_install")
class TestAnnounced(OutboxCase):
    def setUp(self):
        super().setUp()
        networks = self.registry["helpdesk.social.network"]
        original = networks._adapter_class
        self.adapter_class = type("Announcing", (AnnouncingAdapter,), {"there": {}})
        self.adapter_class.world = self.world
        self.startPatcher(
            patch.object(
                networks,
                "_adapter_class",
                lambda model, code: (
                    self.adapter_class
                    if code == FakeAdapter.code
                    else original(model, code)
                ),
            )
        )

    def push(self, *names):
        """Journalled as from the webhook, and looked at by the intake."""
        found = [items.RawItem(f"named:{one}", {"named": one}) for one in names]
        self.events._journal(self.account.app_id, found, self.account, "push")
        self.process()

    @property
    def events(self):
        return self.env["helpdesk.social.event"]

    def process(self):
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.env.invalidate_all()

    def event(self, name):
        return self.events.search([("key", "=", f"named:{name}")])

    def put(self, name, text="You there, @us"):
        said = self.world.post(text)
        self.adapter_class.there[name] = self.world.inbox.pop()
        return said

    def of(self, said):
        return self.env["helpdesk.social.message"].search([("key", "=", said.key)])

    def test_the_intake_reads_nothing_and_calls_who_does(self):
        said = self.put("a")
        self.account.next_pull_at = "2100-01-01 00:00:00"
        self.world.calls.clear()
        self.push("a")
        self.assertFalse(self.world.calls)
        self.assertEqual(self.event("a").state, "held")
        self.assertLess(self.account.next_pull_at.year, 2100)
        self.assertEqual(self.account.action_pull(), 1)
        self.assertEqual(self.world.calls[:2], ["fetch_announced", "fetch"])
        message = self.of(said)
        self.assertTrue(message.ticket_id)
        self.assertEqual(self.event("a").outcome, "read")
        self.world.calls.clear()
        self.account.action_pull()
        self.assertNotIn("fetch_announced", self.world.calls, "once is enough")

    def test_named_twice_is_one_message(self):
        said = self.put("a")
        self.push("a")
        self.push("a")
        self.adapter_class.there["b"] = replace(
            self.adapter_class.there["a"], key="another delivery"
        )
        self.push("b")
        self.account.action_pull()
        self.assertEqual(len(self.of(said)), 1)

    def test_what_is_gone_by_then_keeps_nothing_waiting(self):
        said = self.put("b")
        self.push("a", "b")
        self.account.action_pull()
        self.assertEqual(self.event("a").outcome, "gone")
        self.assertEqual(self.event("a").state, "done")
        self.assertTrue(self.of(said).ticket_id)

    def test_trouble_of_the_network_loses_nothing(self):
        said = self.put("a")
        self.push("a")
        self.world.failures = [errors.TransientError("unavailable")]
        self.account.action_pull()
        self.assertEqual(self.event("a").state, "held")
        self.assertFalse(self.of(said))
        self.account.action_pull()
        self.assertEqual(self.event("a").state, "held", "it rests")
        self.account.stream_rests = False
        self.account.action_pull()
        self.assertTrue(self.of(said).ticket_id)
        self.assertFalse(self.account.stream_rests)

    def test_a_refusal_is_told_to_the_administrator(self):
        self.put("b")
        self.push("a", "b")
        self.world.failures = [errors.RejectedError("bad_parameter", "(100)")]
        self.account.action_pull()
        self.assertEqual(self.event("a").state, "dead")
        self.assertIn("bad_parameter", self.event("a").error)
        self.assertEqual(self.event("b").outcome, "read")

    def test_nonsense_is_asked_for_a_few_times(self):
        self.put("a")
        self.push("a")
        for _time in range(5):
            self.world.failures = [errors.MalformedResponse("malformed")]
            self.account.action_pull()
        self.assertEqual(self.event("a").state, "dead")
        self.event("a").action_replay()
        self.process()
        self.account.action_pull()
        self.assertEqual(self.event("a").outcome, "read")

    def test_a_sign_in_that_ended_stops_the_account_and_keeps_the_names(self):
        self.push("a")
        self.world.failures = [errors.AuthError("revoked")]
        self.assertEqual(self.account._pull().code, "revoked")
        self.assertEqual(self.account.state, "needs_auth")
        self.assertEqual(self.event("a").state, "held")
