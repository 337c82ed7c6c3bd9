"""Messages posted as one: an album belongs together, whatever order it comes in.

Also a conversation that somebody opened without a word.
"""

from odoo import fields
from odoo.tests import tagged

from ..networks import items
from .common import SocialCase


class AlbumCase(SocialCase):
    def pull(self):
        return self.account.action_pull()

    def message(self, incoming):
        return self.env["helpdesk.social.message"].search([("key", "=", incoming.key)])

    def tickets(self):
        return self.env["helpdesk.ticket"].search([("team_id", "=", self.team.id)])


@tagged("post_install", "-at_install")
class TestAlbums(AlbumCase):
    def head(self, text="@us look", **values):
        return self.world.post(text, **{"album": "a1", **values})

    def sibling(self, **values):
        """A picture of the same album; nothing in it says that it is for us."""
        return self.world.post("", **{"album": "a1", "addressed": False, **values})

    def assert_together(self, head, *siblings):
        head = self.message(head)
        self.assertTrue(head.ticket_id)
        for one in map(self.message, siblings):
            self.assertEqual(one.conversation_id, head.conversation_id)
            self.assertEqual(one.ticket_id, head.ticket_id)
            self.assertFalse(one.context)
            self.assertTrue(one.waiting)
        self.assertEqual(self.tickets(), head.ticket_id)
        self.assertIn("look", head.ticket_id.name)

    # --- together -------------------------------------------------------------
    def test_in_one_batch(self):
        posts = [self.head(), self.sibling(), self.sibling()]
        self.pull()
        self.assert_together(*posts)

    def test_in_one_batch_the_one_that_names_us_last(self):
        siblings = [self.sibling(), self.sibling()]
        head = self.head()
        self.pull()
        self.assert_together(head, *siblings)

    def test_in_one_batch_the_one_that_names_us_in_the_middle(self):
        before, head, after = self.sibling(), self.head(), self.sibling()
        self.pull()
        self.assert_together(head, before, after)

    def test_across_batches(self):
        posts = [self.head()]
        self.pull()
        posts += [self.sibling(), self.sibling()]
        self.pull()
        self.assert_together(*posts)

    def test_across_batches_the_one_that_names_us_last(self):
        sibling = self.sibling()
        self.pull()
        self.assertEqual(self.message(sibling).why, "context")
        self.assertFalse(self.message(sibling).conversation_id)
        head = self.head()
        self.pull()
        self.assert_together(head, sibling)

    def test_what_joins_an_open_ticket_later(self):
        """Also where the conversation had its ticket before."""
        first = self.head(album="")
        self.pull()
        sibling = self.sibling()
        self.pull()
        head = self.head("more @us", parent=first.key)
        self.pull()
        self.assert_together(first, head, sibling)

    def test_several_that_name_us_are_one_ticket(self):
        posts = [
            self.head(),
            self.sibling(addressed=True),
            self.sibling(addressed=True),
        ]
        self.pull()
        self.assert_together(*posts)

    def test_named_by_an_edit(self):
        sibling, other = self.sibling(), self.sibling()
        self.pull()
        self.assertFalse(self.tickets())
        data = {
            **self.world.inbox[0].data,
            "text": "@us look",
            "addressed": True,
            "revision": 1,
        }
        self.world.inbox.append(items.RawItem("edit", data, revision="1"))
        self.pull()
        self.assert_together(sibling, other)

    def test_in_a_group_that_is_one_conversation(self):
        group = {"audience": items.GROUP, "author": "ann"}
        sibling = self.sibling(thread="", **group)
        head = self.head(thread="the-group", **group)
        later = self.sibling(thread="", **group)
        self.pull()
        head, *rest = map(self.message, (head, sibling, later))
        self.assertEqual(head.conversation_id.key, "the-group")
        for one in rest:
            self.assertEqual(one.conversation_id, head.conversation_id)
            self.assertEqual(one.ticket_id, head.ticket_id)

    # --- apart ----------------------------------------------------------------
    def test_an_album_that_is_for_nobody_opens_nothing(self):
        posts = [self.sibling(), self.sibling()]
        self.pull()
        self.assertFalse(self.tickets())
        self.assertEqual({self.message(one).why for one in posts}, {"context"})

    def test_other_albums_and_no_album_stay_apart(self):
        self.head()
        other, none = self.sibling(album="a2"), self.sibling(album="")
        self.pull()
        self.assertFalse(self.message(other).ticket_id)
        self.assertFalse(self.message(none).ticket_id)

    def test_another_account_and_another_audience_stay_apart(self):
        """The id says something on one account only, and nothing gets wider."""
        self.head()
        self.pull()
        inner = self.sibling(audience=items.GROUP, thread="")
        self.pull()
        self.assertFalse(self.message(inner).ticket_id)
        account = self.make_account(handle="us2", external_id="us2", state="active")
        del self.world.inbox[:]
        elsewhere = self.sibling()
        account.action_pull()
        self.assertFalse(self.message(elsewhere).conversation_id)

    def test_a_deleted_picture_stays_deleted(self):
        sibling = self.sibling()
        self.pull()
        self.message(sibling).deleted_at = fields.Datetime.now()
        self.head()
        self.pull()
        self.assertFalse(self.message(sibling).waiting)
        self.assertFalse(self.message(sibling).conversation_id)

    def test_what_is_only_read_along_does_not_wait(self):
        head = self.head()
        self.pull()
        along = self.sibling(context=True)
        self.pull()
        self.assertEqual(self.message(along).ticket_id, self.message(head).ticket_id)
        self.assertFalse(self.message(along).waiting)

    def test_any_id_survives(self):
        posts = [self.head(album="\x00\ud83d"), self.sibling(album="\x00\ud83d")]
        self.pull()
        self.assert_together(*posts)

    # --- cost -----------------------------------------------------------------
    def test_queries_do_not_grow_with_the_albums(self):
        counts = []
        for size in (2, 40):
            for number in range(size):
                album = f"{size}-{number}"
                author = f"person{album}"
                self.sibling(album=album, author=author)
                self.head(album=album, author=author)
            self.account._pull()
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["helpdesk.social.intake"]._process_all(self.account)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(len(self.tickets()), 42)
        self.assertLess(counts[1], counts[0] + 12, counts)


@tagged("post_install", "-at_install")
class TestStart(AlbumCase):
    """``kind`` start: somebody opened the chat with us and said nothing."""

    def start(self, author="ann", **values):
        return self.world.post(
            "/start", items.PRIVATE, author=author, kind=items.START, **values
        )

    def test_it_opens_no_ticket(self):
        bare, token = self.start(), self.start("bob", payload="tkt_1")
        self.pull()
        for one in map(self.message, (bare, token)):
            self.assertEqual(one.why, "start")
            self.assertFalse(one.waiting)
            self.assertFalse(one.ticket_id)
            self.assertTrue(one.conversation_id)
        self.assertEqual(self.message(token).payload, "tkt_1")
        self.assertFalse(self.tickets())

    def test_the_first_words_open_one_and_take_it_along(self):
        bare = self.start()
        words = self.world.post("My lamp broke", items.PRIVATE)
        self.pull()
        later = self.world.post("And it smells", items.PRIVATE)
        self.pull()
        ticket = self.message(words).ticket_id
        self.assertTrue(ticket)
        self.assertEqual(self.message(bare).ticket_id, ticket)
        self.assertEqual(self.message(later).ticket_id, ticket)
        self.assertFalse(self.message(bare).waiting)

    def test_the_first_words_in_a_later_batch(self):
        bare = self.start()
        self.pull()
        words = self.world.post("My lamp broke", items.PRIVATE)
        self.pull()
        self.assertEqual(self.message(bare).ticket_id, self.message(words).ticket_id)

    def test_on_an_open_ticket_it_is_told(self):
        """Whoever was invited into the private chat has arrived."""
        words = self.world.post("My lamp broke", items.PRIVATE)
        self.pull()
        again = self.start()
        self.pull()
        self.assertEqual(self.message(again).ticket_id, self.message(words).ticket_id)
        self.assertTrue(self.message(again).waiting)

    def test_on_a_closed_ticket_it_reopens_nothing(self):
        words = self.world.post("My lamp broke", items.PRIVATE)
        self.pull()
        ticket = self.message(words).ticket_id
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        again = self.start()
        self.pull()
        self.assertTrue(ticket.stage_id.closed)
        self.assertEqual(self.message(again).why, "start")
        self.assertFalse(self.message(again).waiting)
        self.assertEqual(self.tickets(), ticket)

    def test_words_are_no_start(self):
        words = self.world.post("/start my lamp broke", items.PRIVATE)
        self.pull()
        self.assertTrue(self.message(words).ticket_id)
