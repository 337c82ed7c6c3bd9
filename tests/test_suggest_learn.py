"""What is learned from closed tickets, and above all what is not."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..networks import items
from .suggest_common import SuggestCase

QUESTION = "My lamp flickers since yesterday"
ANSWER = "Please restart the lamp by its switch."


@tagged("post_install", "-at_install")
class TestSuggestLearn(SuggestCase):
    def test_learned_when_the_ticket_is_closed(self):
        said = self.answered(QUESTION, ANSWER, close=False)
        self.learn()
        self.assertFalse(self.suggestions.search([]))
        said.ticket_id.with_user(self.agent_all).stage_id = self.closed
        self.learn()
        learned = self.suggestions.search([])
        self.assertEqual(
            (learned.text, learned.uses, learned.audience, learned.language),
            (ANSWER, 1, "public", "en"),
        )
        self.assertFalse(said.ticket_id.sudo().social_to_learn)
        # closed again: nothing is counted twice
        said.ticket_id.stage_id = self.team._get_applicable_stages()[:1]
        said.ticket_id.stage_id = self.closed
        self.learn()
        self.assertEqual(learned.uses, 1)

    def test_the_same_answer_is_one_suggestion(self):
        self.answered(QUESTION, f"Hi Zdenka, {ANSWER} ^MK")
        self.answered("The light flickers", f"Hi Tomek, {ANSWER.lower()}")
        self.learn()
        learned = self.suggestions.search([])
        self.assertEqual(learned.uses, 2)
        self.assertEqual(learned.text.lower(), f"hi {{{{customer}}}}, {ANSWER.lower()}")

    def test_what_is_no_answer_of_a_person_is_not_learned(self):
        for reply in (
            {"delivery_state": "failed"},
            {"delivery_state": "queued"},
            {"delivery_state": "cancelled"},
            {"origin": "bot"},
            {"deleted_at": "2026-01-01 00:00:00"},
            {"parts": 2},
            {"parts": 2, "part": 2},
            {"context": True},
        ):
            self.answered(QUESTION, ANSWER, reply=reply)
        self.answered("", ANSWER)
        gone = self.answered(QUESTION, ANSWER)
        gone.parent_id.deleted_at = "2026-01-01 00:00:00"
        self.learn()
        self.assertFalse(self.suggestions.search([]))

    def test_an_answer_in_parts_is_one_answer(self):
        first = self.answered(
            QUESTION, "Please restart the lamp,", reply={"parts": 2}, close=False
        )
        second = self.make_message(
            first.conversation_id,
            "then wait ten seconds.",
            direction="out",
            ticket_id=first.ticket_id.id,
            parent_id=first.parent_id.id,
            previous_id=first.id,
            part=2,
            parts=2,
            delivery_state="sent",
        )
        first.ticket_id.stage_id = self.closed
        self.learn()
        learned = self.suggestions.search([])
        self.assertEqual(
            learned.text, "Please restart the lamp, then wait ten seconds."
        )
        second.delivery_state = "failed"
        learned.unlink()
        first.ticket_id.sudo().social_to_learn = True
        self.learn()
        self.assertFalse(self.suggestions.search([]))

    def test_what_is_edited_is_learned_anew(self):
        said = self.answered(QUESTION, "Please restart the marzipan")
        self.learn()
        said.write({"text": ANSWER, "revisions": [{"revision": 0, "text": "x"}]})
        self.assertNotIn("marzipan", self.everything())
        self.learn()
        self.assertEqual(self.suggestions.search([]).text, ANSWER)

    def test_rejected_and_merged_tickets_teach_nothing(self):
        rejected = self.answered(QUESTION, ANSWER, close=False).ticket_id
        rejected.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_rejected")
        merged = self.answered(QUESTION, ANSWER).ticket_id
        merged.duplicate_id = self.make_ticket()
        self.answered(QUESTION, ANSWER).ticket_id.active = False
        self.learn()
        self.assertFalse(self.suggestions.search([]))

    def test_an_answer_without_a_parent_answers_what_stands_before_it(self):
        self.answered(
            QUESTION,
            ANSWER,
            reply={"parent_id": False, "origin": "native", "user_id": False},
        )
        self.learn()
        self.assertEqual(self.suggestions.search([]).text, ANSWER)

    # --- private never public -----------------------------------------------------
    def test_private_words_never_become_public(self):
        for _person in range(3):
            self.answered(QUESTION, "Your secret word is marzipan", audience="private")
            self.answered(QUESTION, "In the group: nougat for all", audience="group")
        # a private answer to a public question is private
        for _person in range(3):
            message = self.asked(QUESTION)
            thread = self.make_conversation("private", message.ticket_id)
            self.make_message(
                thread,
                "In private we say praline",
                direction="out",
                parent_id=message.id,
                ticket_id=message.ticket_id.id,
                delivery_state="sent",
            )
            message.ticket_id.stage_id = self.closed
        self.answered(QUESTION, ANSWER)
        self.learn()
        shown = {}
        for audience in items.AUDIENCES:
            message = self.asked(QUESTION, audience=audience)
            shown[audience] = " ".join(self.texts(message))
        for word in ("marzipan", "praline"):
            self.assertNotIn(word, shown["public"])
            self.assertNotIn(word, shown["group"])
            self.assertIn(word, shown["private"])
        self.assertNotIn("nougat", shown["public"])
        self.assertIn("nougat", shown["group"])
        self.assertIn("switch", shown["public"])

    def test_a_ticket_with_both_keeps_them_apart(self):
        ann = self.make_identity("ann")
        ticket = self.make_ticket()
        for number in range(2):
            person = ann if not number else self.make_identity("bea")
            desk = ticket if not number else self.make_ticket()
            for audience, word in (("public", "switch"), ("private", "marzipan")):
                self.answered(
                    QUESTION,
                    f"Please turn the {word} twice",
                    audience=audience,
                    person=person,
                    ticket=desk,
                )
        self.learn()
        self.assertEqual(
            set(
                self.suggestions.search([]).mapped(lambda one: (one.audience, one.text))
            ),
            {
                ("public", "Please turn the switch twice"),
                ("private", "Please turn the marzipan twice"),
            },
        )
        self.assertEqual(
            self.texts(self.asked(QUESTION)), ["Please turn the switch twice"]
        )

    def test_nobody_moves_a_suggestion_to_another_audience(self):
        for _person in range(2):
            self.answered(QUESTION, "The marzipan is yours now", audience="private")
        self.answered(QUESTION, ANSWER)
        self.learn()
        private = self.suggestions.search([("audience", "=", "private")])
        public = self.suggestions.search([("audience", "=", "public")])
        for values in (
            {"audience": "public"},
            {"scope": public.scope},
            {"text": "Forged"},
            {"ready": True},
        ):
            with self.assertRaises(AccessError):
                private.with_user(self.manager).write(values)
        # even a row that was changed behind our back does not fit its questions
        self.env.cr.execute(
            "UPDATE helpdesk_social_suggestion SET scope = %s, fingerprint = 'x'"
            " WHERE id = %s",
            [public.scope, private.id],
        )
        self.env.invalidate_all()
        self.assertNotIn("marzipan", str(self.texts(self.asked(QUESTION))))

    def test_private_words_are_told_to_one_person_only_until_two_heard_them(self):
        jo = self.make_identity("jo")
        self.answered(
            QUESTION, "Use the voucher marzipan", audience="private", person=jo
        )
        self.answered(
            QUESTION, "Use the voucher marzipan", audience="private", person=jo
        )
        self.learn()
        learned = self.suggestions.search([])
        self.assertEqual((learned.ready, learned.text, learned.uses), (False, False, 2))
        self.assertNotIn("marzipan", self.everything())
        self.answered(QUESTION, "Use the voucher marzipan", audience="private")
        self.learn()
        self.assertEqual(learned.text, "Use the voucher marzipan")
        self.assertEqual(
            self.texts(self.asked(QUESTION, audience="private")),
            ["Use the voucher marzipan"],
        )

    def test_many_who_share_a_name_are_not_two_people(self):
        crowd = self.make_identity("crowd", shared=True)
        other = self.make_identity("crowd2", shared=True)
        for person in (crowd, other, None):
            values = {"person": person} if person else {}
            said = self.answered(
                QUESTION, "The marzipan is yours", audience="private", **values
            )
            if not person:
                said.parent_id.identity_id = False
        self.learn()
        self.assertFalse(self.suggestions.search([]).ready)

    def test_two_identities_of_a_contact_are_one_person(self):
        for number in range(2):
            person = self.make_identity(f"jo{number}", partner_id=self.partner.id)
            self.answered(
                QUESTION, "The marzipan is yours", audience="private", person=person
            )
        self.learn()
        self.assertFalse(self.suggestions.search([]).ready)

    def test_private_words_stay_with_the_team(self):
        for _person in range(2):
            self.answered(QUESTION, "The marzipan is yours", audience="private")
        self.learn()
        for team, count in ((self.team, 1), (self.other_team, 0)):
            message = self.asked(QUESTION, audience="private", team=team)
            self.assertEqual(len(self.offered(message)), count)

    # --- what is one person's own -------------------------------------------------
    def test_numbers_wait_until_another_person_was_told_the_same(self):
        self.answered(QUESTION, "Your order 774411 is on its way to you")
        self.answered(QUESTION, "Please call 0800 123456 about the lamp")
        self.learn()
        self.assertFalse(self.suggestions.search([("ready", "=", True)]))
        for number in ("774411", "123456"):
            self.assertNotIn(number, self.everything())
        # another wording, another person, the same number: it is ours
        self.answered(QUESTION, "About lamps we can be reached at 0800-123456")
        self.learn()
        texts = self.texts(self.asked(QUESTION))
        self.assertEqual(len(texts), 2)
        self.assertNotIn("774411", str(texts))

    def test_what_was_told_in_private_makes_no_number_common(self):
        for _person in range(2):
            self.answered(QUESTION, "Please call 0800 123456", audience="private")
        self.answered(QUESTION, "Please call 0800 123456 about it")
        self.learn()
        self.assertEqual(
            self.suggestions.search([("ready", "=", True)]).mapped("audience"),
            ["private"],
        )

    def test_names_of_everybody_in_the_thread_are_taken_out(self):
        jo = self.make_identity(
            "jobrandt", name="Jo Brandt", partner_id=self.partner.id
        )
        self.partner.name = "Johanna Kowalczyk"
        self.answered(QUESTION, f"{ANSWER} Thanks, Johanna!", person=jo)
        self.answered(QUESTION, "We told Kowalczyk to restart the lamp", person=jo)
        self.learn()
        learned = self.suggestions.search([])
        self.assertEqual(learned.text, f"{ANSWER} Thanks, {{{{customer}}}}!")
        for name in ("johanna", "kowalczyk", "brandt"):
            self.assertNotIn(name, self.everything().lower())

    # --- apart --------------------------------------------------------------------
    def test_languages_networks_and_companies_are_apart(self):
        self.answered(QUESTION, ANSWER)
        self.answered(QUESTION, "Bitte die Lampe neu starten", language="de-AT")
        self.answered(QUESTION, "Nobody knows which language", language=False)
        other_network = self.make_account("mastodon", state="active", handle="acme")
        self.answered(QUESTION, "Restart it, as on Mastodon", account=other_network)
        other_company = self.make_account(
            company_id=self.other_company.id, state="active", team_id=False
        )
        self.answered(
            QUESTION,
            "Restart it, says the other firm",
            account=other_company,
            team=self.env["helpdesk.ticket.team"],
        )
        self.learn()
        self.assertEqual(len(self.suggestions.search([])), 5)
        for values, text in (
            ({}, ANSWER),
            ({"language": "en-GB"}, ANSWER),
            ({"language": "de"}, "Bitte die Lampe neu starten"),
            ({"language": "mars-1"}, "Nobody knows which language"),
            ({"account": other_network}, "Restart it, as on Mastodon"),
        ):
            with self.subTest(values=values):
                self.assertEqual(self.texts(self.asked(QUESTION, **values)), [text])

    def test_words_are_compared_in_their_language(self):
        self.answered(
            "Meine Lampen flackern seit Tagen", "Bitte neu starten!", language="de"
        )
        self.answered(
            "Wo ist mein Paket geblieben?", "Es ist unterwegs zu uns", language="de"
        )
        self.answered(
            "電源が切れる", "スイッチを押してください。お願いします", language="ja"
        )
        self.answered(
            "荷物が届かない", "荷物は明日届きます。お待ちください", language="ja"
        )
        self.learn()
        for question, language, answer in (
            ("Warum flackert die Lampe?", "de", "Bitte neu starten!"),
            ("Pakete, wo seid ihr", "de", "Es ist unterwegs zu uns"),
            ("ランプの電源", "ja", "スイッチを押してください。お願いします"),
        ):
            message = self.asked(question, language=language)
            self.assertEqual(self.texts(message)[0], answer)

    # --- the scheduled action -----------------------------------------------------
    def test_batches_are_committed_and_what_fails_does_not_stop_others(self):
        tickets = [self.answered(QUESTION, f"{ANSWER} {n}").ticket_id for n in "abc"]
        self.env.flush_all()
        progress = []
        pairs = type(tickets[0])._social_pairs

        def poisoned(ticket):
            if ticket == tickets[1]:
                raise ValueError("poison")
            return pairs(ticket)

        with (
            patch(
                "odoo.addons.helpdesk_social.models.helpdesk_social_suggestion_learn"
                ".BATCH",
                2,
            ),
            patch.object(type(tickets[0]), "_social_pairs", poisoned),
            patch(
                "odoo.addons.helpdesk_social.models.common.commit",
                lambda env, processed=0, remaining=None: (
                    progress.append((processed, remaining)) or 60.0
                ),
            ),
            self.assertLogs("odoo.addons.helpdesk_social", "ERROR") as logged,
        ):
            self.suggestions._cron_learn()
        self.assertEqual(progress, [(2, 1), (1, 0)])
        self.assertEqual(len(self.suggestions.search([])), 2)
        self.assertNotIn("lamp", logged.output[0].partition("Traceback")[0])

    def test_it_ends_when_its_time_is_over(self):
        for n in "abc":
            self.answered(QUESTION, f"{ANSWER} {n}")
        self.env.flush_all()
        with (
            patch(
                "odoo.addons.helpdesk_social.models.helpdesk_social_suggestion_learn"
                ".BATCH",
                1,
            ),
            patch(
                "odoo.addons.helpdesk_social.models.common.commit",
                lambda env, processed=0, remaining=None: 0.0,
            ),
        ):
            self.suggestions._cron_learn()
        self.assertEqual(len(self.suggestions.search([])), 1)
        self.learn()
        self.assertEqual(len(self.suggestions.search([])), 3)

    def test_tickets_closed_before_are_read_once(self):
        said = self.answered(QUESTION, ANSWER)
        said.ticket_id.sudo().social_to_learn = False
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("helpdesk_social.suggest_history", False)
        self.learn()
        self.assertIn(ANSWER, self.suggestions.search([]).mapped("text"))
        self.assertTrue(params.get_param("helpdesk_social.suggest_history"))

    # --- forgotten ----------------------------------------------------------------
    def test_a_forgotten_person_leaves_nothing(self):
        jo = self.make_identity("jo")
        self.answered(
            "My marzipan is hard", "Soften the marzipan in warm water", person=jo
        )
        for _person in range(2):
            self.answered("My lamp is dark", ANSWER)
        self.answered("My lamp is dark marzipan", ANSWER, person=jo)
        self.learn()
        self.assertIn("marzipan", self.everything())
        jo.with_user(self.manager).action_forget()
        self.assertNotIn("marzipan", self.everything())
        learned = self.suggestions.search([])
        self.assertEqual((learned.text, learned.uses), (ANSWER, 2))
        self.assertEqual(self.texts(self.asked("soften marzipan")), [ANSWER])

    def test_a_post_that_is_taken_back_teaches_nothing(self):
        by_us = self.answered("My marzipan is hard", "Soften the marzipan, dear")
        by_them = self.answered("My nougat is hard", "Soften it in hot water")
        self.learn()
        self.assertEqual(len(self.suggestions.search([])), 2)
        by_us._tombstone("us")
        by_them.parent_id._tombstone("author")
        self.assertFalse(self.suggestions.search([]))
        for word in ("marzipan", "nougat"):
            self.assertNotIn(word, self.everything())

    def test_when_too_few_people_are_left_a_private_wording_goes_back(self):
        people = [self.make_identity(name) for name in ("jo", "ann")]
        for person in people:
            self.answered(
                QUESTION, "The marzipan is yours", audience="private", person=person
            )
        self.learn()
        learned = self.suggestions.search([])
        self.assertTrue(learned.ready)
        people[0]._social_forget()
        self.assertEqual((learned.ready, learned.text), (False, False))
        self.assertNotIn("marzipan", self.everything())

    def test_deleted_by_the_manager(self):
        self.answered("My marzipan is hard", ANSWER)
        self.learn()
        self.suggestions.search([]).with_user(self.manager).unlink()
        self.assertEqual(self.everything(), "")
