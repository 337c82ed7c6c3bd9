"""Echoes that name our own reply, receipts that name a moment, words only people may
say, files that go beside no words: what a network may tell and ask for."""

from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from itertools import count
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..networks import base, items
from .common import FakeAdapter, SocialCase
from .test_media import PNG

_numbers = count(1)
LATER = items.Affordance(base.REPLY_PRIVATE, True, human=True)


def now():
    return datetime.now(timezone.utc)


class NewsCase(SocialCase):
    def setUp(self):
        super().setUp()
        original = FakeAdapter.parse

        def parse(adapter, item):
            data = dict(item.data)
            if "receipt" not in data:
                return original(adapter, item)
            at = datetime.fromisoformat(data["receipt"].pop("at"))
            return items.Receipt(at=at, **data["receipt"])

        self.startPatcher(patch.object(FakeAdapter, "parse", parse))
        self.heard = self.world.post("My lamp broke", items.PRIVATE)
        self.pull()
        self.message = self.of(self.heard)

    def pull(self):
        self.account.action_pull()
        self.env.invalidate_all()

    def of(self, one):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("key", "=", one.key)]
        )

    def reply(self, text="We look into it", **kwargs):
        ticket = self.message.ticket_id.with_user(self.agent_all)
        return ticket.social_reply(
            text, "private", to=self.message.with_user(self.agent_all), **kwargs
        ).sudo()

    def deliver(self):
        self.env["helpdesk.social.outbox"]._cron_deliver()
        self.env.invalidate_all()

    def said(self, text="We look into it"):
        row = self.reply(text)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        return row

    def tell(self, state="read", at=None, **values):
        """The network tells of what we said."""
        values = {"thread": self.heard.thread, **values}
        self.world.inbox.append(self.news(state, at or now(), **values))
        self.pull()

    @staticmethod
    def news(state, at, **values):
        receipt = asdict(items.Receipt(state, at, **values))
        data = {"receipt": receipt | {"at": at.isoformat()}}
        return items.RawItem(f"news{next(_numbers)}", data, sent_at=at)

    def later(self):
        """The news that waits has its turn again."""
        events = self.env["helpdesk.social.event"].search(
            [("account_id", "=", self.account.id), ("state", "=", "new")]
        )
        events.retry_at = False
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.env.invalidate_all()
        return len(events)

    def echo(self, text, ours=None, **values):
        values.setdefault("sent_at", now() - timedelta(seconds=20))
        return self.world.post(
            text,
            items.PRIVATE,
            author=items.Author(id="us"),
            thread=self.heard.thread,
            ours=ours,
            **values,
        )


@tagged("post_install", "-at_install")
class TestReadUpTo(NewsCase):
    """A watermark says all before that time."""

    def test_all_before_a_moment_was_read(self):
        first, second = self.said("one"), self.said("two")
        self.tell(earlier=True)
        self.assertEqual([first.delivery_state, second.delivery_state], ["read"] * 2)

    def test_what_was_said_after_it_was_not(self):
        first, second = self.said("one"), self.said("two")
        second.sent_at += timedelta(minutes=5)
        self.tell(earlier=True)
        self.assertEqual(first.delivery_state, "read")
        self.assertEqual(second.delivery_state, "sent")

    def test_it_never_goes_backwards(self):
        row = self.said()
        self.tell("read", earlier=True)
        self.tell("delivered", earlier=True)
        self.assertEqual(row.delivery_state, "read")

    def test_another_persons_reading_says_nothing(self):
        row = self.said()
        other = self.world.post("Me too", items.PRIVATE, author="bob")
        self.pull()
        self.tell(thread=other.thread, earlier=True)
        self.assertEqual(row.delivery_state, "sent")
        self.tell(thread="nobody", earlier=True)
        self.assertEqual(row.delivery_state, "sent")

    def test_a_named_message_and_all_before_it(self):
        first, second, third = self.said("one"), self.said("two"), self.said("three")
        for minutes, row in ((-3, first), (-2, second), (-1, third)):
            row.sent_at += timedelta(minutes=minutes)
        self.tell(key=second.key, earlier=True)
        states = [one.delivery_state for one in (first, second, third)]
        self.assertEqual(states, ["read", "read", "sent"])

    def test_what_a_colleague_said_elsewhere_was_read_as_well(self):
        echo = self.echo("Hi from the inbox", ours="")
        self.pull()
        native = self.of(echo)
        self.assertEqual((native.origin, native.delivery_state), ("native", "sent"))
        self.tell(earlier=True)
        self.assertEqual(native.delivery_state, "read")

    def test_native_words_and_their_reading_in_one_delivery(self):
        echo = self.echo("Hi from the inbox", ours="")
        self.tell(earlier=True)
        self.assertEqual(self.of(echo).delivery_state, "read")

    def test_our_clock_is_ahead_until_the_echo_tells(self):
        """Read at once, and the news overtook the echo: looked at again, and right."""
        row = self.said()
        said_at = now() - timedelta(seconds=30)
        row.sent_at = (said_at + timedelta(seconds=4)).replace(tzinfo=None)
        self.tell(at=said_at + timedelta(seconds=1), earlier=True)
        self.assertEqual(row.delivery_state, "sent")
        # a wrong answer for good would be: never read
        self.echo("We look into it", row.outbox_key, key=row.key, sent_at=said_at)
        self.pull()
        self.assertEqual(
            row.sent_at.replace(microsecond=0),
            said_at.replace(tzinfo=None, microsecond=0),
        )
        self.assertEqual(self.later(), 1)
        self.assertEqual(row.delivery_state, "read")

    def test_it_is_not_waited_for_without_end(self):
        row = self.said()
        row.sent_at += timedelta(seconds=5)
        self.tell(earlier=True)
        looks = 0
        while self.later():
            looks += 1
            self.assertLess(looks, 10)
        self.assertEqual(row.delivery_state, "sent")

    def test_an_inbound_message_is_never_read_by_its_author(self):
        self.tell(key=self.message.key, earlier=True)
        self.assertFalse(self.message.delivery_state)

    def test_the_number_of_queries_does_not_grow_with_the_news(self):
        self.said()
        self.tell(earlier=True)

        def cost(number):
            for _each in range(number):
                thread = self.heard.thread
                one = self.news("read", now(), thread=thread, earlier=True)
                self.world.inbox.append(one)
            before = self.env.cr.sql_log_count
            self.pull()
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertLessEqual(cost(40), cost(1) + 5)


@tagged("post_install", "-at_install")
class TestOwnKeyInEcho(NewsCase):
    def lost(self, text="We look into it"):
        """It went out, and the answer to our call got lost."""
        row = self.reply(text)
        row._move("sending", attempts=1, sending_at=row.queued_at)
        row._move("uncertain", in_doubt=True)
        return row

    def test_the_key_proves_what_words_cannot(self):
        row = self.lost()
        echo = self.echo("We look into it.", row.outbox_key)
        self.pull()
        self.assertEqual(self.of(echo), row)
        self.assertEqual((row.delivery_state, row.origin), ("sent", "agent"))

    def test_the_same_words_by_a_colleague_are_another_message(self):
        """The network says that it was said elsewhere: ours is still in doubt."""
        row = self.lost()
        echo = self.echo("We look into it", ours="")
        self.pull()
        self.assertNotEqual(self.of(echo), row)
        self.assertEqual(self.of(echo).origin, "native")
        self.assertEqual(row.delivery_state, "uncertain")

    def test_where_nothing_tells_the_words_decide(self):
        row = self.lost()
        echo = self.echo("We look into it", ours=None)
        self.pull()
        self.assertEqual(self.of(echo), row)

    def test_a_key_that_is_not_ours_is_somebody_elses(self):
        """Another database, or another program, on the same page: shown, not taken."""
        row = self.lost()
        echo = self.echo("We look into it", ours="another-database:1")
        self.pull()
        self.assertEqual(self.of(echo).origin, "native")
        self.assertEqual(row.delivery_state, "uncertain")

    def test_the_echo_under_another_name_is_no_second_message(self):
        row = self.said()
        self.echo("We look into it", row.outbox_key, key="another name")
        self.pull()
        said = (
            self.env["helpdesk.social.message"]
            .search([("conversation_id", "=", self.message.conversation_id.id)])
            .filtered(lambda one: one.direction == "out")
        )
        self.assertEqual(said, row)

    def test_a_reply_of_another_account_is_not_taken(self):
        row = self.lost()
        other = self.make_account(handle="we", external_id="we", state="active")
        echo = self.world.post(
            "We look into it",
            items.PRIVATE,
            author=items.Author(id="we"),
            ours=row.outbox_key,
        )
        other.action_pull()
        self.env.invalidate_all()
        self.assertEqual(row.delivery_state, "uncertain")
        found = self.env["helpdesk.social.message"].search([("key", "=", echo.key)])
        self.assertEqual(found.account_id, other)


@tagged("post_install", "-at_install")
class TestOnlyHuman(NewsCase):
    """So late the network takes only what a person wrote."""

    def late(self):
        return patch.object(FakeAdapter, "affordances", lambda *_args: [LATER])

    def test_a_persons_words_go(self):
        with self.late():
            [way] = self.message.social_affordances()
            self.assertTrue(way["allowed"] and way["human"])
            row = self.said()
        [(draft, _key)] = self.world.published
        self.assertFalse(draft.automatic)
        self.assertEqual(draft.last_inbound_at, self.heard.sent_at)
        self.assertEqual(row.delivery_state, "sent")

    def test_a_holding_statement_is_refused(self):
        with self.late(), self.assertRaises(UserError) as caught:
            self.reply("We are at it", consent={"holding": True})
        self.assertIn("only what a person writes", str(caught.exception))

    def test_a_holding_statement_in_time_is_marked_as_one(self):
        self.reply("We are at it", consent={"holding": True})
        self.deliver()
        [(draft, _key)] = self.world.published
        self.assertTrue(draft.automatic)

    def test_the_window_that_passes_on_the_way_stops_it(self):
        row = self.reply("We are at it", consent={"holding": True})
        with self.late():
            self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "only_human"))
        self.assertFalse(self.world.published)
        self.assertIn("only what a person", row.error_text)

    def test_prepared_words_are_refused(self):
        with self.late(), self.assertRaises(UserError):
            self.message = self.message.with_context(social_automatic=True)
            ticket = self.message.ticket_id.with_user(self.agent_all)
            ticket.social_reply("Send us the code", "private", to=self.message)

    def test_the_composer_says_so(self):
        ticket = self.message.ticket_id.with_user(self.agent_all)
        with self.late():
            [option] = ticket.social_composer()["options"]
        self.assertTrue(option["human"])
        [option] = ticket.social_composer()["options"]
        self.assertFalse(option["human"])


@tagged("post_install", "-at_install")
class TestFilesBesideNoWords(NewsCase):
    RULES = items.MediaRules(max_files=5, apart=True, captioned=False)

    def files(self, number):
        return (
            self.env["ir.attachment"]
            .with_user(self.agent_all)
            .create(
                [{"name": f"{n}.png", "raw": PNG + b"%d" % n} for n in range(number)]
            )
        )

    def drafts(self, text, number, rules=RULES):
        with patch.object(FakeAdapter, "media_rules", lambda *_args: rules):
            self.reply(text, attachments=self.files(number))
            for _part in range(number + 2):
                self.deliver()
        return [
            (draft.text, [one.name for one in draft.media])
            for draft, _key in self.world.published
        ]

    def test_words_first_then_file_by_file(self):
        self.assertEqual(
            self.drafts("Look", 2), [("Look", []), ("", ["0.png"]), ("", ["1.png"])]
        )

    def test_no_words_no_empty_message(self):
        self.assertEqual(self.drafts("", 2), [("", ["0.png"]), ("", ["1.png"])])

    def test_long_words_come_all_before_the_file(self):
        drafts = self.drafts("x" * 700, 1)
        self.assertEqual([len(text) for text, _files in drafts], [500, 200, 0])
        self.assertEqual([files for _text, files in drafts], [[], [], ["0.png"]])

    def test_where_a_file_takes_words_it_has_them(self):
        rules = items.MediaRules(max_files=5, apart=True)
        self.assertEqual(
            self.drafts("Look", 2, rules), [("Look", ["0.png"]), ("", ["1.png"])]
        )
