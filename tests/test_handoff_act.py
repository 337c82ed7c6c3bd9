"""Moving somebody to private: the ways, the note in public, the words in private."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..networks import base, items
from .common import FakeAdapter
from .handoff_common import HandoffCase


@tagged("post_install", "-at_install")
class TestHandoffAct(HandoffCase):
    def setUp(self):
        super().setUp()
        self.message = self.complaint()
        self.ticket = self.message.ticket_id.with_user(self.agent_all)

    def ways(self):
        return self.ticket.social_handoff_ways(self.message.id)["ways"]

    def way(self, kind):
        return next(one for one in self.ways() if one["kind"] == kind)

    def go(self, kind, note=None, **values):
        way = self.way(kind)
        note = way["note"] if note is None else note
        return self.ticket.social_handoff(self.message.id, way["id"], note, **values)

    def can(self, *capabilities, without=()):
        """The fake network with other abilities."""
        changed = (FakeAdapter.capabilities | set(capabilities)) - set(without)
        link = patch.object(
            FakeAdapter,
            "invite_url",
            lambda adapter, token: f"https://fake.example.com/start?t={token}",
        )
        self.startPatcher(patch.object(FakeAdapter, "capabilities", changed))
        self.startPatcher(link)

    def said(self):
        self.deliver()
        return [(draft.audience, draft.text) for draft, _key in self.world.published]

    # --- ways -------------------------------------------------------------------
    def test_the_best_way_comes_first_and_the_page_is_always_there(self):
        self.assertEqual([one["kind"] for one in self.ways()], ["direct", "page"])
        self.can(base.INVITE, without={base.PRIVATE_FIRST})
        ways = self.ways()
        self.assertEqual([one["kind"] for one in ways], ["link", "page", "direct"])
        self.assertEqual([one["allowed"] for one in ways], [True, True, False])
        self.assertIn("not written", ways[2]["reason"])
        self.can(without={base.REPLY_PRIVATE})
        self.assertEqual([one["kind"] for one in self.ways()], ["link", "page"])

    def test_other_accounts_of_ours_are_a_way_too(self):
        sandbox = self.make_account("sandbox", name="Practice")
        sandbox.set_settings({"handle": "practice"})
        sandbox.action_connect()
        found = [one for one in self.ways() if one["kind"] == "link"]
        self.assertEqual([one["id"] for one in found], [f"link:{sandbox.id}"])
        self.assertIn("you say whether it is @ann", found[0]["hint"])
        sandbox.speaker_user_ids = self.manager
        self.assertFalse([one for one in self.ways() if one["kind"] == "link"])

    def test_what_an_agent_is_told_holds_no_token(self):
        self.can(base.INVITE)
        self.assertNotIn("start?t=", str(self.ways()))

    # --- we write first ---------------------------------------------------------
    def test_a_private_message_and_a_note(self):
        answer = self.go("direct", text="Where do you live?", key="k1")
        self.assertTrue(answer["ok"], answer)
        self.assertFalse(answer["open"])
        self.assertEqual(
            self.said(),
            [
                ("private", "Where do you live?"),
                ("public", "We have sent you a private message."),
            ],
        )
        rows = self.messages.browse(answer["message_ids"])
        self.assertEqual(rows.ticket_id, self.message.ticket_id)
        self.assertEqual(rows.parent_id, self.message)
        # the same click once more
        again = self.go("direct", text="Where do you live?", key="k1")
        self.assertEqual(sorted(again["message_ids"]), sorted(answer["message_ids"]))
        self.assertEqual(len(self.said()), 2)
        # what they answer joins the ticket
        private = rows.filtered(lambda one: one.audience == "private")
        back = self.world.post(
            "12 Long Road", items.PRIVATE, "ann", thread=private.conversation_id.key
        )
        self.pull()
        self.assertEqual(self.heard(back).ticket_id, self.message.ticket_id)

    def test_from_the_form_both_may_be_taken_back_for_a_moment(self):
        self.ticket = self.ticket.with_context(social_undo=True)
        answer = self.go("direct", text="Tell us your number")
        self.assertTrue(5 <= answer["undo"] <= 6)
        self.assertFalse(answer["waits"])
        rows = self.env["helpdesk.social.message"].browse(answer["message_ids"])
        self.assertEqual(rows.mapped("held_for"), [["undo"], ["undo"]])
        self.assertFalse(self.said())
        first = rows.filtered(lambda one: one.audience == "private")
        back = first.with_user(self.agent_all).social_take_back()
        self.assertEqual(back["text"], "Tell us your number")
        self.assertEqual(set(rows.mapped("delivery_state")), {"cancelled"})
        self.assertFalse(self.said(), "nor is anybody told of it")

    def test_from_the_form_both_leave(self):
        self.ticket = self.ticket.with_context(social_undo=True)
        answer = self.go("direct", text="Tell us your number", key="again")
        rows = self.env["helpdesk.social.message"].browse(answer["message_ids"])
        rows.with_user(self.agent_all).action_send_now()
        self.assertEqual(len(self.said()), 2)

    def test_without_words_the_private_composer_opens(self):
        answer = self.go("direct", note=False)
        self.assertEqual(
            {**answer, "message_ids": []},
            {
                "ok": True,
                "message_ids": [],
                "undo": 0,
                "open": True,
                "link": "",
                "waits": "",
            },
        )
        self.assertEqual(self.said(), [])

    # --- they write first -------------------------------------------------------
    def test_an_invitation_is_said_in_public_and_works(self):
        self.can(base.INVITE, without={base.PRIVATE_FIRST})
        answer = self.go("link")
        self.assertTrue(answer["ok"], answer)
        self.assertFalse(answer["link"])
        [(audience, note)] = self.said()
        self.assertEqual(audience, "public")
        start, _sep, token = note.rpartition("?t=")
        self.assertEqual(
            start, "Please write to us in private: https://fake.example.com/start"
        )
        private = self.world.post("Hello", items.PRIVATE, "ann", payload=token)
        self.pull()
        self.assertEqual(self.heard(private).why, "invited")

    def test_without_a_note_the_agent_gets_the_link(self):
        self.can(base.INVITE, without={base.PRIVATE_FIRST})
        answer = self.go("link", note=False)
        self.assertIn("/start?t=", answer["link"])
        self.assertEqual(self.said(), [])

    def test_no_private_words_where_we_may_not_write(self):
        self.can(base.INVITE, without={base.PRIVATE_FIRST})
        answer = self.go("link", text="Where do you live?")
        self.assertFalse(answer["ok"])
        self.assertEqual(self.said(), [])
        self.assertFalse(
            self.handoffs.search([("ticket_id", "=", self.message.ticket_id.id)])
        )

    # --- the page ---------------------------------------------------------------
    def test_the_first_words_wait_on_the_page(self):
        answer = self.go("page", text="Your order 4711 is lost. We send another.")
        self.assertTrue(answer["ok"], answer)
        self.deliver()
        [(audience, note)] = self.said()
        self.assertEqual(audience, "public")
        self.assertIn("/helpdesk_social/private/", note)
        self.assertNotIn("4711", note)
        first = self.messages.browse(answer["message_ids"]).filtered(
            lambda one: one.audience == "private"
        )
        self.assertEqual(first.delivery_state, "sent")
        self.assertEqual(first.ticket_id, self.message.ticket_id)
        page = first.account_id
        self.assertEqual(page.page_for_id, self.account)
        self.assertEqual((page.team_id, page.company_id), (self.team, self.company))
        # one page account for all
        self.go("page", key="another")
        self.assertEqual(
            self.env["helpdesk.social.account"].search_count(
                [("page_for_id", "=", self.account.id)]
            ),
            1,
        )

    def test_whoever_may_not_speak_as_the_account_may_not_through_its_page(self):
        self.go("page", text="Hello there")
        page = self.account._page_account()
        self.assertTrue(page._may_speak(self.agent_all))
        self.account.speaker_user_ids = self.manager
        self.assertFalse(page._may_speak(self.agent_all))
        self.assertTrue(page._may_speak(self.manager))
        self.account.team_id = self.other_team
        self.assertEqual(page.team_id, self.other_team)

    def test_the_page_s_account_looks_after_itself(self):
        page = self.account._page_account()
        self.assertEqual((page.state, page.health), ("active", "good"))
        page.last_check_at = "2020-01-01"
        page._keep_alive()
        self.assertFalse(page.push_error)
        self.assertTrue(page.push)
        self.assertEqual(page.state, "active")
        self.assertNotIn(
            page, page.search(page._domain_pulled()), "nobody asks ourselves"
        )
        lines = {one["key"]: one["mark"] for one in page.checklist}
        self.assertEqual(lines["delivery"], "good")

    def test_a_page_that_has_ended_takes_no_answer(self):
        self.go("page")
        handoff = self.handoffs.search([("way", "=", "page")])
        handoff.state = "ended"
        row = self.ticket.social_reply(
            "Still there?",
            "private",
            account=handoff.account_id.with_user(self.agent_all),
            to=handoff.conversation_id.identity_id.with_user(self.agent_all),
        )
        self.deliver()
        self.assertEqual(row.delivery_state, "failed")
        self.assertIn("has ended", row.error_text)

    def test_forgetting_a_person_takes_the_page_along(self):
        self.go("page", text="Your order 4711 is lost")
        handoff = self.handoffs.search([("way", "=", "page")])
        page, person = handoff.conversation_id, handoff.conversation_id.identity_id
        handoff._page_says("12 Long Road", "once")
        self.env["helpdesk.social.intake"]._process_all(handoff.account_id)
        self.message.identity_id.with_user(self.manager).action_forget()
        self.assertEqual(handoff.state, "ended")
        self.assertFalse(handoff.token_hash)
        self.assertFalse(person.handle or person.name)
        self.assertFalse(any(page.message_ids.mapped("text")))
        journal = self.env["helpdesk.social.event"].search(
            [("account_id", "=", handoff.account_id.id)]
        )
        self.assertNotIn("Long Road", str(journal.mapped("raw")))

    # --- the note ---------------------------------------------------------------
    def test_a_note_without_its_link_is_refused(self):
        for note in ("Write to us", "", "{Link}", "{ link }"):
            answer = self.go("page", note=note)
            self.assertFalse(answer["ok"])
            self.assertIn("{link}", answer["error"])
        self.assertEqual(self.said(), [])

    def test_a_note_never_repeats_the_private_words(self):
        text = "Your address is 12 Long Road, isn't it?"
        for note in (text, f"We ask: {text.upper()}", text.replace(" ", "\n")):
            answer = self.go("direct", note=note, text=text)
            self.assertIn("Everybody would read it", answer["error"])
        self.assertEqual(self.said(), [])

    def test_a_note_fits_into_one_post(self):
        answer = self.go("direct", note="long " * 200, text="Hello Ann")
        self.assertIn("one post", answer["error"])
        self.assertEqual(self.said(), [])
        told = self.ticket.social_handoff_measure(
            self.message.id, self.way("page")["id"], "Here: {link}"
        )
        self.assertGreater(told["length"], len("Here: ") + 32)
        self.assertIn("/private/…", told["shown"])
        self.assertNotIn("error", told)

    def test_notes_in_the_words_of_the_account_and_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.account.handoff_link_note = "Come here: {link}"
        self.account.with_context(lang="de_DE").handoff_link_note = "Hierher: {link}"
        self.message.language = "de-AT"
        self.assertEqual(self.way("page")["note"], "Hierher: {link}")
        self.message.language = "pt"
        self.assertEqual(self.way("page")["note"], "Come here: {link}")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.account.handoff_link_note = "Come here"

    def test_what_stands_against_public_words_stands_against_a_note(self):
        """The guard and whatever else is asked for a public answer."""
        from ..models.social_concern import BLOCK, Concern

        asked = []

        def concerns(ticket, words):
            asked.append((words.audience, words.text, words.stage))
            if words.audience == "public" and "@" in words.text:
                return [Concern("guard", BLOCK, "An e-mail address")]
            return []

        tickets = self.registry["helpdesk.ticket"]
        self.startPatcher(patch.object(tickets, "_social_concerns", concerns))
        answer = self.go("direct", note="ann@example.com, look", text="Hello Ann")
        self.assertFalse(answer["ok"])
        self.assertEqual(answer["concerns"][0]["code"], "guard")
        self.assertEqual(self.said(), [], "neither is said")
        told = self.ticket.social_handoff_measure(
            self.message.id, self.way("direct")["id"], "a@b.example"
        )
        self.assertEqual(told["concerns"][0]["code"], "guard")

    def test_nothing_is_said_in_public_of_words_that_wait(self):
        from ..models.social_concern import HOLD, Concern

        def concerns(ticket, words):
            hold = words.audience == "private" and words.stage == "queue"
            return [Concern("approval", HOLD, "A colleague looks")] if hold else []

        tickets = self.registry["helpdesk.ticket"]
        self.startPatcher(patch.object(tickets, "_social_concerns", concerns))
        answer = self.go("direct", text="Where do you live?")
        self.assertTrue(answer["ok"])
        self.assertIn("approval", answer["waits"])
        self.assertEqual(self.said(), [])
        self.assertEqual(len(answer["message_ids"]), 1)

    # --- who may ----------------------------------------------------------------
    def test_who_may_not(self):
        for user in (
            self.internal,
            self.portal_customer,
            self.other_company_agent,
            self.follower,
        ):
            ticket = self.message.ticket_id.with_user(user)
            with self.assertRaises(UserError):
                ticket.social_handoff_ways(self.message.id)
            way = f"page:{self.account.id}"
            try:
                answer = ticket.social_handoff(self.message.id, way, "{link}")
                self.assertFalse(answer["ok"])
            except AccessError:
                pass
        self.account.speaker_user_ids = self.manager
        with self.assertRaises(UserError):
            self.ways()
        self.assertEqual(self.said(), [])
        self.assertFalse(self.handoffs.search([]))

    def test_only_what_somebody_said_in_public_to_us(self):
        other = self.complaint("bob", "@us Mine too")
        answer = self.ticket.social_handoff(
            other.id, f"direct:{self.account.id}", "x", "Hello"
        )
        self.assertIn("not on this ticket", answer["error"])
        for changes in ({"deleted_at": "2026-01-01"}, {"direction": "out"}):
            with self.env.cr.savepoint() as savepoint:
                self.message.write(changes)
                with self.assertRaises(UserError):
                    self.ways()
                savepoint.rollback()
        self.message.identity_id.shared = True
        with self.assertRaises(UserError):
            self.ways()
        for nonsense in ("", None, "direct", "direct:0", "rm -rf:1", "page:x", 7):
            answer = self.ticket.social_handoff(self.message.id, nonsense, "x")
            self.assertFalse(answer["ok"])

    def test_the_form_asks_nothing_for_tickets_without_hand_off(self):
        self.env.invalidate_all()
        with patch.object(self.registry["helpdesk.social.handoff"], "search") as looked:
            self.ticket.social_composer()
        looked.assert_not_called()


@tagged("post_install", "-at_install")
class TestHandoffSandbox(HandoffCase):
    """Each kind of network, to be tried out without one."""

    def setUp(self):
        super().setUp()
        self.sandbox = self.make_account("sandbox", name="Practice")
        self.sandbox.set_settings({"handle": "practice"})
        self.sandbox.action_connect()
        self.posts = self.env["helpdesk.social.sandbox.post"]
        self.posts._say(self.sandbox, "ann", "My lamp broke")
        self.pull(self.sandbox)
        self.message = self.messages.search([("account_id", "=", self.sandbox.id)])
        self.ticket = self.message.ticket_id.with_user(self.agent_all)

    def ways(self, private):
        self.sandbox.set_settings({"private": private})
        ways = self.ticket.social_handoff_ways(self.message.id)["ways"]
        return [one["kind"] for one in ways if one["allowed"]]

    def test_each_kind_of_network(self):
        self.assertEqual(self.ways("direct"), ["direct", "link", "page"])
        self.assertEqual(self.ways("reply"), ["private_reply", "link", "page"])
        self.assertEqual(self.ways("link"), ["link", "page"])
        self.assertEqual(self.ways("none"), ["page"])

    def test_a_private_answer_is_given_once(self):
        self.assertEqual(self.ways("reply")[0], "private_reply")
        way = f"private_reply:{self.sandbox.id}"
        answer = self.ticket.social_handoff(
            self.message.id, way, "Please look", "Where do you live?"
        )
        self.assertTrue(answer["ok"], answer)
        self.deliver()
        said = self.posts.search([("author_id.own", "=", True)], order="seq")
        self.assertEqual(said.mapped("audience"), ["private", "public"])
        self.assertEqual(self.ways("reply"), ["link", "page"])
        again = self.ticket.social_handoff(self.message.id, way, "Look", "Once more")
        self.assertIn("one private answer", again["error"])

    def test_to_another_network_only_a_person_knows_who_came(self):
        """The same name there: the network does not tell that it is the same person."""
        asked = self.complaint()
        agent = asked.ticket_id.with_user(self.agent_all)
        way = f"link:{self.sandbox.id}"
        answer = agent.social_handoff(asked.id, way, "Here: {link}")
        self.assertTrue(answer["ok"], answer)
        self.deliver()
        [(draft, _key)] = self.world.published
        token = draft.text.rpartition("?start=")[2]
        self.posts._say(self.sandbox, "ann", "I came over", "private", payload=token)
        self.pull(self.sandbox)
        came = self.messages.search([("text", "=", "I came over")])
        self.assertNotEqual(came.ticket_id, asked.ticket_id)
        [question] = agent.social_composer()["desk"]["same"]
        self.assertEqual(
            (question["came"], question["came_network"], question["invited"]),
            ("@ann", "Sandbox", "@ann"),
        )
        agent.social_same_person(question["id"])
        self.assertEqual(came.ticket_id, asked.ticket_id)

    def test_the_link_brings_them_to_the_ticket(self):
        self.assertEqual(self.ways("link")[0], "link")
        way = f"link:{self.sandbox.id}"
        answer = self.ticket.social_handoff(self.message.id, way, "Here: {link}")
        self.assertTrue(answer["ok"], answer)
        self.deliver()
        note = self.posts.search([("author_id.own", "=", True)])
        token = note.text.rpartition("?start=")[2]
        self.posts._say(self.sandbox, "ann", "Here I am", "private", payload=token)
        self.pull(self.sandbox)
        private = self.messages.search([("text", "=", "Here I am")])
        self.assertEqual(private.ticket_id, self.message.ticket_id)
        self.assertEqual(private.why, "invited")
