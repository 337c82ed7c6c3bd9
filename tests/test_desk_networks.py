"""The same desk on every network: what it offers is what the adapter affords.

Each network of the catalogue in turn, without any traffic: composer, menu, hand-off and
block are compared with what its adapter says, and whatever is refused has a sentence.
What the networks then do is tried by the pure tests (``test_desk_acts``).
"""

import logging

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import social_failure
from ..networks import base, items, registry
from .common import SocialCase

_logger = logging.getLogger(__name__)
VERBS = ("like", "hide", "delete")


@tagged("post_install", "-at_install")
class TestDeskOnEveryNetwork(SocialCase):
    def setUp(self):
        super().setUp()
        # other accounts of ours are ways into private as well
        self.env["helpdesk.social.account"].search([]).active = False
        self.table = []

    def each(self, check):
        """``check(account, message)`` for each network and audience."""
        networks = self.env["helpdesk.social.network"].search(
            [("code", "in", list(registry.adapters()))], order="code"
        )
        self.assertGreater(len(networks), 5)
        for code in networks.mapped("code"):
            account = self.connected(code)
            for audience in items.AUDIENCES:
                if account._bare_adapter(tokens={}).can(f"reply_{audience}"):
                    with self.subTest(network=code, audience=audience):
                        check(account, self.said(account, audience))
            account.active = False

    def connected(self, code):
        """An account that knows its own name, as after a first check."""
        account = self.make_account(
            code, handle="us", external_id="4711", state="active"
        )
        account._remember_home()
        account.sudo().facts = {"id": "4711", "handle": "us", "username": "us"}
        keys = [
            one.key
            for one in registry.adapters()[code].settings_spec
            if one.required and not one.secret and one.key != "base_url"
        ]
        account.sudo().options = dict.fromkeys(keys, "4711")
        return account

    def said(self, account, audience):
        """Somebody wrote just now; the message, seen by an agent."""
        ann = self.make_identity(f"ann_{audience}", account=account)
        now = fields.Datetime.now()
        thread = self.make_conversation(
            audience,
            self.make_ticket(),
            account=account,
            identity_id=ann.id,
            last_inbound_at=now,
        )
        message = self.make_message(thread, "My lamp broke", identity_id=ann.id)
        message.write(
            {"refs": {str(account.id): "12 34"}, "ticket_id": thread.ticket_id.id}
        )
        return message.with_user(self.agent_all)

    def raw(self, message):
        """What the adapter itself says about it: {kind: affordance}."""
        message = message.sudo()
        adapter = message.account_id._bare_adapter(tokens={})
        facts = message._facts_map()[message]
        return adapter, facts, {one.kind: one for one in adapter.affordances(facts)}

    def assert_sentence(self, code, told):
        self.assertIn(code, social_failure.WORDS, "a reason without words")
        self.assertNotEqual(told, code)
        self.assertIn(" ", told)

    def test_the_composer_and_the_menu_offer_what_is_afforded(self):
        def check(account, message):
            _adapter, _facts, raw = self.raw(message)
            told = {one["kind"]: one for one in message.social_affordances()}
            self.assertEqual(set(told), set(raw))
            options = {
                one["audience"]: one
                for one in message.ticket_id.social_composer(message.id)["options"]
                if one["message_id"] == message.id and one["account_id"] == account.id
            }
            replies = {kind[6:] for kind in raw if kind.startswith("reply_")}
            self.assertEqual(set(options), replies)
            wide = items.AUDIENCES.index
            for audience, option in options.items():
                self.assertLessEqual(wide(audience), wide(message.audience))
                self.assertEqual(
                    option["allowed"], told[f"reply_{audience}"]["allowed"]
                )
                self.assertEqual(bool(option["reason"]), not option["allowed"])
                # the button names the act and who speaks
                self.assertIn(account.display_name, option["label"])
            for kind, one in raw.items():
                if one.reason:
                    self.assertFalse(told[kind]["allowed"])
                    self.assert_sentence(one.reason, told[kind]["reason"])
            self.table.append((account, message, told))

        self.each(check)
        self.assertGreater(len({one[0] for one in self.table}), 5)
        _logger.info("what the desk offers\n%s", "\n".join(map(self.line, self.table)))

    @staticmethod
    def line(row):
        account, message, told = row
        acts = (
            kind if one["allowed"] else f"({kind}: {one['reason']})"
            for kind, one in told.items()
        )
        return f"{account.network_code:<10} {message.audience:<8} {', '.join(acts)}"

    def test_what_is_not_afforded_is_refused_in_words_and_without_traffic(self):
        def check(_account, message):
            _adapter, _facts, raw = self.raw(message)
            for verb in VERBS:
                if verb not in raw:
                    with self.assertRaisesRegex(UserError, "cannot do that"):
                        getattr(message, f"action_{verb}")()
            self.assertFalse(message.liked or message.hidden or message.deleted_at)

        self.each(check)

    def test_the_ways_into_private_are_those_of_the_network(self):
        def check(account, message):
            adapter, facts, _raw = self.raw(message)
            if message.audience == items.PRIVATE:
                self.assertEqual(adapter.handoff(facts, "t" * 32), [])
                return
            found = {one.kind: one for one in adapter.handoff(facts, "t" * 32)}
            ways = message.ticket_id.social_handoff_ways(message.id)["ways"]
            self.assertEqual({one["kind"] for one in ways}, set(found))
            self.assertEqual(
                {one["kind"] for one in ways if one["allowed"]},
                {kind for kind, one in found.items() if one.allowed},
            )
            for way in ways:
                self.assertEqual(way["id"], f"{way['kind']}:{account.id}")
                if not way["allowed"]:
                    self.assert_sentence(found[way["kind"]].reason, way["reason"])
            self.assertTrue(any(one["allowed"] for one in ways))

        self.each(check)

    def test_blocking_on_the_network_is_offered_where_it_can(self):
        blocks = self.env["helpdesk.social.block"].with_user(self.agent_all)

        def check(account, message):
            person = message.identity_id
            offer = blocks._offers([(person, account)])[person, account]
            adapter, facts, _raw = self.raw(message)
            found = adapter.blocking(items.PersonFacts(facts.author, facts.sent_at))
            self.assertEqual(offer["allowed"], found.allowed)
            if not found.allowed:
                self.assert_sentence(found.reason, offer["reason"])
            # the words of what it means stand where it can be done
            self.assertEqual(bool(person._block_means()), adapter.can(base.BLOCK))

        self.each(check)
