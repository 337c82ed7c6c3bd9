"""Whom an answer answers, given here or in the network's own app, and whose it is."""

from datetime import datetime, timedelta, timezone

from odoo.tests import tagged

from ..networks import items
from .test_revisions import EditCase, ago


@tagged("post_install", "-at_install")
class TestAnswered(EditCase):
    def setUp(self):
        super().setUp()
        comment = {"parent": self.post.key}
        self.dan = self.say("Mine is broken, too", "dan", 60, **comment)
        self.eve = self.say("And mine!", "eve", 50, **comment)
        self.cleo_again = self.say("Hello?", "cleo", 40, **comment)
        self.dan_again = self.say("Anybody?", "dan", 30, parent=self.eve.key)
        self.pull()

    def say(self, text, author, minutes, **values):
        return self.world.post(
            text, author=author, sent_at=ago(minutes=minutes), **values
        )

    def waiting(self):
        posts = (self.post, self.dan, self.eve, self.cleo_again, self.dan_again)
        return [post.text for post in posts if self.of(post).waiting]

    def test_one_person_in_a_public_thread(self):
        self.assertEqual(len(self.waiting()), 5)
        self.answer("Dear Cleo", to=self.of(self.cleo_again))
        self.assertEqual(
            self.waiting(), ["Mine is broken, too", "And mine!", "Anybody?"]
        )

    def test_who_asks_above_the_answered_goes_on_waiting(self):
        """Nobody tells them of an answer to somebody else: it must not hide them."""
        self.answer("Dear Dan", to=self.of(self.dan_again))
        self.assertEqual(self.waiting(), ["Is it waterproof?", "And mine!", "Hello?"])

    def test_the_same_for_an_answer_from_the_networks_app(self):
        native = self.say("Dear Cleo", "us", 20, parent=self.cleo_again.key)
        self.pull()
        self.assertEqual(
            self.waiting(), ["Mine is broken, too", "And mine!", "Anybody?"]
        )
        message = self.of(native)
        self.assertEqual((message.origin, message.direction), ("native", "out"))
        answered = self.of(self.post)
        self.assertEqual(answered.handled_how, "native")
        self.assertEqual(answered.handled_at, message.sent_at)
        self.assertEqual(message.conversation_id.last_outbound_at, message.sent_at)

    def test_it_stops_the_clock_for_what_came_before_it_only(self):
        late = self.say("One more thing", "cleo", 10, parent=self.post.key)
        self.say("Dear Cleo", "us", 20, parent=self.cleo_again.key)
        self.pull()
        self.assertTrue(self.of(late).waiting)
        self.assertFalse(self.of(self.cleo_again).waiting)

    def test_who_answers_it_in_the_same_second_still_waits(self):
        """Some networks count in whole seconds."""
        native = self.say("Dear Cleo", "us", 20, parent=self.cleo_again.key)
        late = self.world.post(
            "And then?", author="cleo", sent_at=native.sent_at, parent=native.key
        )
        self.pull()
        self.assertTrue(self.of(late).waiting)
        self.assertFalse(self.of(self.cleo_again).waiting)

    def test_a_native_answer_that_comes_before_its_question(self):
        """The stream of our own posts may be read before that of what we were told."""
        question = self.say("Where are you?", "fred", 15)
        asked = self.world.inbox.pop()
        native = self.say("In Ghent", "us", 10, parent=question.key)
        self.pull()
        self.assertFalse(self.of(native).conversation_id)
        self.world.inbox.append(asked)
        self.pull()
        answer, message = self.of(native), self.of(question)
        self.assertEqual(answer.conversation_id, message.conversation_id)
        self.assertEqual(answer.ticket_id, message.ticket_id)
        self.assertFalse(message.waiting)
        self.assertEqual(message.handled_how, "native")
        shown = message.ticket_id.with_user(self.agent_all).social_timeline()
        self.assertEqual(
            [one["origin"] for one in shown["messages"]], ["customer", "native"]
        )

    def test_a_post_of_ours_that_answers_nobody_settles_nothing(self):
        before = self.waiting()
        self.say("Sale starts today!", "us", 5)
        self.pull()
        self.assertEqual(self.waiting(), before)

    def test_in_private_everything_before_is_answered(self):
        for text in ("psst", "are you there"):
            self.world.post(text, items.PRIVATE, "gil", sent_at=ago(minutes=9))
        self.pull()
        self.world.post("we are", items.PRIVATE, "us", thread="thread-gil")
        self.pull()
        said = self.env["helpdesk.social.message"].search(
            [("conversation_id.key", "=", "thread-gil"), ("direction", "=", "in")]
        )
        self.assertEqual(len(said), 2)
        self.assertFalse(any(said.mapped("waiting")))

    def test_many_under_one_name_are_not_one_person(self):
        self.of(self.post).identity_id.shared = True
        self.answer("Dear Cleo", to=self.of(self.cleo_again))
        self.assertTrue(self.of(self.dan).waiting)
        above = self.of(self.post)
        self.assertFalse(above.waiting, "it stands above the answered")


@tagged("post_install", "-at_install")
class TestEcho(EditCase):
    """Neither is somebody's answer in the app taken for ours, nor ours for theirs."""

    def sending(self, text="We look into it"):
        row = self.reply(text, to=self.message)
        self.being_sent(row)
        row.sending_at = datetime.now(timezone.utc).replace(tzinfo=None)
        return row

    def native(self, text, **values):
        values.setdefault("parent", self.post.key)
        post = self.world.post(text, author="us", **values)
        self.pull()
        return self.of(post)

    def test_our_echo_is_ours(self):
        row = self.sending()
        self.assertEqual(self.native("@cleo We look into it"), row)
        self.assertEqual((row.origin, row.delivery_state), ("agent", "sent"))

    def test_an_answer_that_ends_like_ours_is_not_ours(self):
        row = self.sending("thanks")
        native = self.native("@cleo no, thanks")
        self.assertNotEqual(native, row)
        self.assertEqual(native.origin, "native")
        self.assertEqual(row.delivery_state, "sending")

    def test_the_same_words_said_before_ours_left_are_not_ours(self):
        row = self.sending()
        native = self.native("We look into it", sent_at=ago(minutes=30))
        self.assertNotEqual(native, row)
        self.assertEqual(row.delivery_state, "sending")

    def test_a_queued_reply_is_not_sent_because_somebody_said_the_same(self):
        row = self.reply(to=self.message)
        native = self.native("We look into it")
        self.assertNotEqual(native, row)
        self.assertEqual(row.delivery_state, "queued")

    def test_an_echo_taken_for_native_hands_over_what_it_settled(self):
        row = self.sending()
        native = self.native("We  look into it…")
        self.assertEqual(self.message.handled_how, "native")
        row._published(items.Published(native.key, sent_at=self.at(native)))
        self.env.invalidate_all()
        self.assertFalse(native.exists())
        self.assertEqual(self.message.handled_how, "answered")
        self.assertEqual(self.message.handled_by_id, self.agent_all)

    @staticmethod
    def at(message):
        return message.sent_at.replace(tzinfo=timezone.utc)

    def test_private_words_to_another_are_not_the_echo(self):
        self.world.post("psst", items.PRIVATE, "gil", sent_at=ago(minutes=9))
        self.world.post("psst", items.PRIVATE, "hal", sent_at=ago(minutes=9))
        self.pull()
        find = self.env["helpdesk.social.message"].search
        gil, hal = (
            find([("conversation_id.key", "=", f"thread-{name}")])
            for name in ("gil", "hal")
        )
        row = self.reply("Hello", "private", to=gil)
        self.being_sent(row)
        row.sending_at = row.queued_at
        post = self.world.post("Hello", items.PRIVATE, "us", thread="thread-hal")
        self.pull()
        native = self.of(post)
        self.assertNotEqual(native, row)
        self.assertEqual(native.conversation_id, hal.conversation_id)
        self.assertFalse(hal.waiting)
        self.assertTrue(gil.waiting)

    def test_clocks_that_differ_a_little(self):
        row = self.sending()
        sent_at = datetime.now(timezone.utc) - timedelta(seconds=90)
        self.assertEqual(self.native("We look into it", sent_at=sent_at), row)
