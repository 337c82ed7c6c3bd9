"""Suggestions in the composer: filled for the audience, judged, never for strangers."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .suggest_common import SuggestCase

QUESTION = "My lamp flickers since yesterday"
ANSWER = "Please restart the lamp by its switch."


@tagged("post_install", "-at_install")
class TestSuggestOffer(SuggestCase):
    def judge(self, message, suggestion, how, user=None, **values):
        option = f"{message.audience}:{message.account_id.id}:{message.id}"
        ticket = message.ticket_id.with_user(user or self.agent_all)
        return ticket.social_suggest_feedback(option, suggestion, how, **values)

    def feedback(self):
        return self.env["helpdesk.social.suggestion.feedback"].search([])

    def canned(self, source, text, **values):
        group = self.env.ref("base.group_user")
        return self.env["mail.canned.response"].create(
            {
                "source": source,
                "substitution": text,
                "group_ids": [(6, 0, group.ids)],
                **values,
            }
        )

    # --- filled -------------------------------------------------------------------
    def test_placeholders_are_filled_for_the_audience(self):
        self.answered(
            QUESTION,
            f"Hi Zdenka, {ANSWER} Marta knows more, @zdenka",
            person=self.make_identity("zdenka"),
            reply={"user_id": self.agent_all.id},
        )
        self.learn()
        ann = self.make_identity("ann_b", name="✨Ann Kowalski✨")
        message = self.asked(QUESTION, person=ann)
        (told,) = self.offered(message)
        self.assertEqual(told["text"], f"Hi Ann, {ANSWER} Marta knows more, @ann_b")
        self.assertEqual(
            (told["source"], told["left"], told["long"]), ("learned", [], False)
        )
        self.assertIn("similar question", told["why"])
        # nobody is told by a name that is none
        ann.write({"name": "@everyone {{agent}}", "handle": "no handle\nat all"})
        self.assertEqual(self.texts(message), [f"Hi, {ANSWER} Marta knows more"])

    def test_why(self):
        for _person in range(3):
            self.answered(QUESTION, ANSWER)
        self.learn()
        (told,) = self.offered(self.asked(QUESTION))
        self.assertEqual(told["why"], "Used 3 times, answered 3 similar questions")

    def test_what_is_typed_counts(self):
        self.answered("What about my lamp?", "Restart the lamp by the switch")
        self.answered("What about my lamp?", "Return the lamp by the post")
        self.learn()
        message = self.asked("What about my lamp?")
        for typed, first in (
            ("return it by post", "Return"),
            ("the switch", "Restart"),
        ):
            self.assertTrue(self.texts(message, text=typed)[0].startswith(first))

    def test_what_does_not_fit_stands_last_and_says_so(self):
        self.answered(QUESTION, f"{ANSWER} " + "Then wait. " * 60)
        self.answered("Something about a lamp", "We will look at the lamp")
        self.learn()
        told = self.offered(self.asked(QUESTION))
        self.assertEqual([one["long"] for one in told], [False, True])

    # --- canned responses ---------------------------------------------------------
    def test_canned_responses_are_offered_and_filled(self):
        self.canned("flicker", "Dear {{customer}}, lamps flicker: {{ticket}}{{date}}")
        message = self.asked(QUESTION, person=self.make_identity("ann"))
        (told,) = self.offered(message)
        self.assertEqual(told["source"], "canned")
        self.assertEqual(told["text"], "Dear Ann, lamps flicker:{{date}}")
        self.assertEqual(told["left"], ["{{date}}"])
        private = self.asked(QUESTION, audience="private")
        self.assertIn(private.ticket_id.number, self.offered(private)[0]["text"])

    def test_canned_responses_by_network_language_and_rights(self):
        mastodon = self.env["helpdesk.social.network"].search(
            [("code", "=", "mastodon")]
        )
        self.canned("all", "lamp for all")
        self.canned(
            "mastodon", "lamp for mastodon", social_network_ids=[(4, mastodon.id)]
        )
        self.canned("here", "lamp for here", social_network_ids=[(4, self.network.id)])
        self.canned("english", "lamp in English", social_language="en")
        own = self.env["mail.canned.response"].with_user(self.agent_team)
        own.create({"source": "mine", "substitution": "lamp of a colleague"})

        def shown(language):
            message = self.asked(QUESTION, language=language)
            option = f"public:{message.account_id.id}:{message.id}"
            ticket = message.ticket_id.with_user(self.agent_all)
            listed = {one["text"] for one in ticket.social_canned(option)}
            self.assertLessEqual(set(self.texts(message)), listed)
            return listed

        english = {"lamp for all", "lamp for here", "lamp in English"}
        self.assertEqual(shown("en-US"), english)
        self.assertEqual(shown(False), english, "unknown: the agent chooses")
        self.assertEqual(shown("de"), {"lamp for all", "lamp for here"})

    def test_placeholders_that_are_left_are_a_concern(self):
        message = self.asked(QUESTION)
        option = f"public:{message.account_id.id}:{message.id}"
        ticket = message.ticket_id.with_user(self.agent_all)
        for text, codes in (("On {{date}}", ["placeholder"]), ("On Monday", [])):
            told = ticket.social_measure(text, option)["concerns"]
            self.assertEqual(
                [one["code"] for one in told if one["code"] == "placeholder"], codes
            )

    # --- judged -------------------------------------------------------------------
    def two(self):
        """Two answers to one question; the message, the first and the second."""
        self.answered(QUESTION, "Please restart the lamp")
        self.answered(QUESTION, "Send it back to us now")
        self.learn()
        message = self.asked(QUESTION)
        return message, *[one["id"] for one in self.offered(message)]

    def test_feedback_changes_the_order(self):
        message, first, second = self.two()
        for _number in range(3):
            self.judge(self.asked(QUESTION), second, "accepted")
        self.assertEqual([one["id"] for one in self.offered(message)], [second, first])
        for _number in range(6):
            self.judge(self.asked(QUESTION), second, "dismissed")
        self.assertEqual([one["id"] for one in self.offered(message)], [first, second])

    def test_one_person_has_one_opinion_of_one_case(self):
        message, first, second = self.two()
        for _click in range(20):
            self.judge(message, second, "accepted", filled="x")
        self.assertEqual(len(self.feedback()), 1)

    def test_dismissed_for_this_message_only_and_by_this_person(self):
        message, first, second = self.two()
        self.judge(message, first, "dismissed")
        self.assertEqual([one["id"] for one in self.offered(message)], [second])
        self.assertEqual(len(self.offered(message, user=self.manager)), 2)
        self.assertEqual(len(self.offered(self.asked(QUESTION))), 2)

    def test_whether_it_was_edited_shows_when_it_is_sent(self):
        message, first, second = self.two()
        text = self.offered(message)[0]["text"]
        for sent, how in (
            (text, "accepted"),
            (f"  {text}\n", "accepted"),
            (f"{text}, and tell us what you see then", "edited"),
            ("Something quite different was said here after all", "dismissed"),
        ):
            with self.subTest(sent=sent):
                message = self.asked(QUESTION)
                self.judge(message, first, "accepted", filled=text)
                ticket = message.ticket_id.with_user(self.agent_all)
                ticket.social_reply(sent, "public", to=message)
                note = self.feedback().filtered(
                    lambda one, m=message: one.message_id == m
                )
                self.assertEqual((note.how, note.filled), (how, False))

    def test_what_was_never_sent_is_not_kept(self):
        message, first, second = self.two()
        self.judge(message, first, "accepted", filled="Hi Ann")
        note = self.feedback()
        note._gc_filled()
        self.assertEqual(note.filled, "Hi Ann")
        self.env.cr.execute(
            "UPDATE helpdesk_social_suggestion_feedback"
            " SET write_date = write_date - interval '3 days'"
        )
        self.env.invalidate_all()
        note._gc_filled()
        self.assertEqual((note.how, note.filled), ("accepted", False))

    def test_only_what_was_offered_can_be_judged(self):
        message, first, second = self.two()
        for _person in range(2):
            self.answered(QUESTION, "The marzipan is yours", audience="private")
        self.learn()
        private = self.suggestions.search([("audience", "=", "private")])
        theirs = self.canned("x", "lamp", group_ids=[(6, 0, [])])
        theirs.with_user(self.env.ref("base.user_root"))
        self.env.cr.execute(
            "UPDATE mail_canned_response SET create_uid = %s WHERE id = %s",
            [self.manager.id, theirs.id],
        )
        self.env.invalidate_all()
        for wrong in (
            private.id,
            0,
            -1,
            "x",
            None,
            f"canned:{theirs.id}",
            "canned:x",
            10**9,
        ):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                self.judge(message, wrong, "accepted")
        with self.assertRaises(UserError):
            self.judge(message, first, "stolen")
        self.assertFalse(self.feedback())

    def test_put_aside_by_the_manager(self):
        message, first, second = self.two()
        self.suggestions.browse(first).with_user(self.manager).active = False
        self.assertEqual([one["id"] for one in self.offered(message)], [second])

    # --- who ----------------------------------------------------------------------
    def test_who_may_not_answer_is_not_told(self):
        message, _first, _second = self.two()
        for user in (
            self.internal,
            self.history,
            self.portal_customer,
            self.other_company_agent,
            self.public,
        ):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.offered(message, user=user)

    def test_an_option_of_another_ticket(self):
        message, _first, _second = self.two()
        other = self.asked(QUESTION)
        option = f"public:{other.account_id.id}:{other.id}"
        for wrong in (option, "public:1:x", "", "everyone:1:1", None):
            with self.assertRaises(UserError):
                message.ticket_id.with_user(self.agent_all).social_suggest(wrong)

    # --- what it costs ------------------------------------------------------------
    def test_queries_do_not_grow_with_what_is_learned(self):
        def queries():
            message = self.asked(QUESTION)
            self.env.flush_all()
            self.offered(message)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.offered(message)
            return self.cr.sql_log_count - before

        self.answered(QUESTION, ANSWER)
        self.learn()
        few = queries()
        for number in range(12):
            self.answered(f"{QUESTION} {'abcdefghijkl'[number]}x", f"{number} {ANSWER}")
        self.learn()
        self.assertLessEqual(queries(), few)
        self.assertLess(few, 40)

    def test_the_form_asks_for_nothing_more(self):
        message = self.asked(QUESTION)
        with self.assertQueryCount(0):
            self.assertNotIn("suggest", message.ticket_id._social_desk(message))
