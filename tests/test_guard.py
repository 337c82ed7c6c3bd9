"""The gate: what may not be said in public, who says it all the same, and who knows."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.social_concern import ConcernError
from ..networks import errors
from .common import MANAGER
from .test_spine_outbox import OutboxCase

PHONE = "+44 7400 123456"


class GuardCase(OutboxCase):
    def setUp(self):
        super().setUp()
        self.customer = self.env["res.partner"].create(
            {
                "name": "Margaret Whitfield",
                "email": "m.whitfield@example.org",
                "phone": PHONE,
                "street": "482 Orchard Lane",
                "zip": "60614",
                "city": "Chicago",
                "vat": "US123456789",
                "country_id": self.env.ref("base.us").id,
            }
        )
        self.message.identity_id.partner_id = self.customer
        self.env["res.company"].browse(self.company.id).write(
            {"phone": "+44 20 7946 0958", "email": "care@acme.example"}
        )
        self.env.flush_all()

    def refused(self, text, audience="public", **kwargs):
        """The guard's concern about it."""
        with self.assertRaises(ConcernError) as caught:
            self.reply(text, audience, to=self.message, **kwargs)
        [concern] = caught.exception.concerns
        self.assertEqual((concern.code, concern.effect), ("guard", "block"))
        return concern

    def kinds(self, text, **kwargs):
        found = self.refused(text, **kwargs).details["finds"]
        return [(one["kind"], one["own"]) for one in found]

    def consent(self, text, reason="The customer asked for it", **kwargs):
        """What the panel sends when its author says why ``text`` must be public."""
        marks = self.refused(text, **kwargs).details["marks"]
        return {"guard": {"override": reason, "marks": marks}}

    def overridden(self, text, reason="The customer asked for it", **kwargs):
        consent = self.consent(text, reason, **kwargs)
        return self.reply(text, to=self.message, consent=consent, **kwargs)


@tagged("post_install", "-at_install")
class TestGuard(GuardCase):
    # --- what is found ------------------------------------------------------------
    def test_the_customer_s_own_data(self):
        number = self.ticket.number
        for text, kind in (
            ("Hi Margaret", "name"),
            ("We call +44 7400 123456", "phone"),
            ("We call 07400123456", "phone"),
            ("sent to M.Whitfield@example.org", "email"),
            ("sent to m.whitfield (at) example (dot) org", "email"),
            ("it goes to 482 Orchard Ln, 60614 Chicago", "address"),
            ("VAT US 123 456 789", "vat"),
            (f"see ticket {number}", "ticket"),
        ):
            with self.subTest(text):
                self.assertEqual(self.kinds(text), [(kind, True)])

    def test_somebody_s_data(self):
        self.assertEqual(self.kinds("ask jo@example.org"), [("email", False)])
        self.assertEqual(self.kinds("4111 1111 1111 1111"), [("card", False)])
        self.assertEqual(self.kinds("DE89 3704 0044 0532 0130 00"), [("iban", False)])

    def test_what_the_brand_publishes_and_what_the_network_shows(self):
        self.company.social_published = (
            "+49 30 123456\nshop@gmail.com\nacme-shop.example\n"
            "https://www.acme-help.example/start\n482 Orchard Lane, 60614 Chicago\n\n"
        )
        for text in (
            "Hello Ann, @ann, dial +44 20 7946 0958 or +49 30 123456",
            "care@acme.example, jo@acme-shop.example, a.b@acme-help.example",
            "SHOP@gmail.com. Our shop: 482 Orchard Lane, 60614 Chicago",
            "DM us your order number and e-mail address, 9:00-17:00, $19.99",
        ):
            with self.subTest(text):
                row = self.reply(text, to=self.message)
                self.assertEqual(row.delivery_state, "queued")
        self.assertEqual(self.kinds("other@gmail.com"), [("email", False)])

    def test_only_what_others_read(self):
        private = self.received("it is me", audience="private", author="ann")
        row = self.reply("Margaret, call +44 7400 123456", "private", to=private)
        self.assertEqual(row.delivery_state, "queued")
        group = self.received("all of us", audience="group", author="ann")
        with self.assertRaises(ConcernError):
            self.reply(PHONE, "group", to=group)

    def test_said_in_public_by_the_customer_it_is_private_all_the_same(self):
        post = self.received(f"call me: {PHONE}", author="ann")
        with self.assertRaises(ConcernError):
            self.reply(f"We call you: {PHONE}", to=post)

    def test_a_picture_s_description(self):
        picture = self.env["ir.attachment"].with_user(self.agent_all)
        picture = picture.create(
            {
                "name": "a.png",
                "raw": b"\x89PNG\r\n\x1a\n0000",
                "mimetype": "image/png",
                "description": f"a letter to {PHONE}",
                "res_model": "helpdesk.social.message",
                "res_id": 0,
            }
        )
        concern = self.refused("Look", attachments=picture)
        self.assertEqual(
            [one["file"] for one in concern.details["finds"]], [picture.id]
        )
        # changed after it was queued: looked at again
        picture.description = "a letter"
        row = self.reply("Look", to=self.message, attachments=picture)
        row.attachment_ids.description = f"a letter to {PHONE}"
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "guard"))
        self.assertFalse(self.world.published)

    # --- what the person is told --------------------------------------------------
    def test_told_are_kind_and_place_never_the_record(self):
        text = "👋 Hi Margaret: 482 Orchard Lane"
        concern = self.refused(text)
        first, second = concern.details["finds"]
        self.assertEqual([*text][first["start"] : first["end"]], [*"Margaret"])
        self.assertEqual(
            [*text][second["start"] : second["end"]], [*"482 Orchard Lane"]
        )
        told = json.dumps(concern.told())
        for secret in ("Whitfield", "7400", "60614", "example.org", str(self.customer)):
            self.assertNotIn(secret, told)
        self.assertIn("this customer's real name", concern.message)

    def test_live_while_writing(self):
        option = self.option("public")
        ticket = self.ticket.with_user(self.agent_all)
        told = ticket.social_measure(f"call {PHONE}", option)["concerns"]
        self.assertEqual([one["code"] for one in told], ["guard"])
        self.assertEqual(ticket.social_measure("call us", option)["concerns"], [])
        consent = self.consent(f"call {PHONE}", "wanted by the customer")
        told = ticket.social_measure(f"call {PHONE}", option, 0, consent)["concerns"]
        self.assertEqual([one["effect"] for one in told], ["warn"])
        self.assertTrue(told[0]["details"]["overridden"])

    def option(self, audience):
        options = self.ticket.with_user(self.agent_all).social_composer()["options"]
        return next(one["id"] for one in options if one["audience"] == audience)

    def test_an_agent_without_rights_on_contacts_is_stopped_as_well(self):
        self.customer.company_id = self.company
        self.agent_own.partner_id.company_id = self.company
        self.ticket.user_id = self.agent_own
        ticket = self.ticket.with_user(self.agent_own)
        answer = ticket.social_send(self.option("public"), f"call {PHONE}")
        self.assertFalse(answer["ok"])
        self.assertEqual([one["code"] for one in answer["concerns"]], ["guard"])

    # --- all the same -------------------------------------------------------------
    def test_an_override_is_written_down_without_the_secret(self):
        row = self.overridden(f"We call {PHONE}")
        self.assertEqual(row.delivery_state, "queued")
        written = row.guard_override
        self.assertEqual(
            (written["kinds"], written["reason"], written["user_id"]),
            (["phone"], "The customer asked for it", self.agent_all.id),
        )
        self.assertNotIn("7400", json.dumps(written))
        self.assertTrue(written["at"])
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")

    def test_only_managers_see_who_overrode_it(self):
        row = self.overridden(f"We call {PHONE}")
        with self.assertRaises(AccessError):
            row.with_user(self.agent_all).read(["guard_override"])
        with self.assertRaises(AccessError):
            row.with_user(self.agent_all).search([("guard_override", "!=", False)])
        self.assertTrue(row.with_user(self.manager).read(["guard_override"]))

        def notes(user):
            page = self.ticket.with_user(user).social_timeline()["messages"]
            [told] = [one for one in page if one["id"] == row.id]
            return [one["icon"] for one in told["notes"]]

        self.assertIn("fa-unlock-alt", notes(self.manager))
        self.assertNotIn("fa-unlock-alt", notes(self.agent_all))

    def test_no_reason_no_override(self):
        for reason in (
            None,
            "",
            "  ",
            "ok",
            7,
            True,
            ["because of it"],
            {"a": "because"},
        ):
            with self.subTest(reason), self.assertRaises(ConcernError):
                self.overridden(f"We call {PHONE}", reason)
        for consent in ({"guard": "because of it"}, {"guard": True}, {"guard": []}, []):
            with self.subTest(consent), self.assertRaises(ConcernError):
                self.reply(PHONE, to=self.message, consent=consent)

    def test_a_reason_is_for_what_was_there(self):
        consent = self.consent(PHONE)
        row = self.reply(f"Call {PHONE}, please", to=self.message, consent=consent)
        self.assertEqual(row.delivery_state, "queued")
        # the same number, written another way
        self.reply("Call +44-7400-123456", to=self.message, consent=consent)
        for text in (f"{PHONE} jo@example.org", "+44 7400 654321", f"{PHONE} Margaret"):
            with self.subTest(text), self.assertRaises(ConcernError):
                self.reply(text, to=self.message, consent=consent)

    def test_another_number_asks_anew_while_writing(self):
        ticket = self.ticket.with_user(self.agent_all)
        option, consent = self.option("public"), self.consent(PHONE)
        told = ticket.social_measure("+44 7400 654321", option, 0, consent)["concerns"]
        self.assertEqual([one["effect"] for one in told], ["block"])
        self.assertFalse(told[0]["details"]["overridden"])
        [mark] = told[0]["details"]["marks"]
        self.assertNotIn(mark, consent["guard"]["marks"])
        self.assertNotIn("7400", mark)

    def test_a_reason_for_nothing_in_particular_is_none(self):
        mark = self.consent(PHONE)["guard"]["marks"][0]
        text = f"We call {PHONE}"
        for marks in (
            None,
            [],
            {},
            mark,
            mark[:-1],
            [mark[:-1]],
            [[mark]],
            [None],
            [7],
        ):
            decision = {"override": "he asked for it", "marks": marks}
            with self.subTest(marks), self.assertRaises(ConcernError):
                self.reply(text, to=self.message, consent={"guard": decision})
        for decision in (
            {"override": "he asked for it"},
            {"override": "he asked for it", "kinds": ["phone"]},
        ):
            with self.subTest(decision), self.assertRaises(ConcernError):
                self.reply(text, to=self.message, consent={"guard": decision})

    def test_another_number_in_the_same_place_does_not_leave(self):
        row = self.overridden(f"We call {PHONE}")
        row.text = "We call +44 7400 654321"
        self.env.flush_all()
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "guard"))
        self.assertFalse(self.world.published)

    def test_the_reason_must_not_repeat_it(self):
        with self.assertRaises(ConcernError) as caught:
            self.overridden(f"We call {PHONE}", f"he wants {PHONE} called")
        self.assertIn("must not repeat", str(caught.exception))

    def test_only_what_was_agreed_to_passes(self):
        row = self.overridden(f"We call {PHONE} and Orchard House")
        self.customer.street = "Orchard House 1"
        self.env.flush_all()
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "guard"))
        self.assertFalse(self.world.published)

    def test_parts_of_a_long_reply(self):
        text = "word " * 180 + PHONE
        row = self.overridden(text)
        rows = row._whole_reply()
        self.assertGreater(len(rows), 1)
        self.assertEqual([bool(one.guard_override) for one in rows][-1], True)
        self.deliver()
        self.assertEqual(set(rows.mapped("delivery_state")), {"sent"})

    # --- looked at again ----------------------------------------------------------
    def test_the_contact_has_got_a_number_meanwhile(self):
        row = self.reply("parcel 4155552671", to=self.message)
        self.assertEqual(row.delivery_state, "queued")
        self.customer.phone = "+1 415 555 2671"
        self.env.flush_all()
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "guard"))

    def test_known_only_when_it_is_sent(self):
        row = self.reply("Greetings to Bartholomew", to=self.message)
        self.customer.name = "Bartholomew Quince"
        self.env.flush_all()
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "guard"))
        self.assertIn("private data", row.error_text)
        # a person decides: the retry is looked at as well
        row.with_user(self.agent_all).action_retry()
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "guard"))
        self.assertFalse(self.world.published)

    def test_a_crash_of_the_check_says_nothing(self):
        row = self.reply("We look into it", to=self.message)
        self.patch(
            self.registry["helpdesk.ticket"],
            "_guard_finds",
            lambda ticket, words: 1 / 0,
        )
        with self.assertLogs("odoo.addons.helpdesk_social", "ERROR"):
            self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "crash"))
        self.assertFalse(self.world.published)

    def test_what_may_be_out_already_is_looked_for_not_said_again(self):
        row = self.reply("Greetings to Bartholomew", to=self.message)
        self.world.failures.append(errors.UncertainError("timeout"))
        self.deliver()
        self.assertIn(row.delivery_state, ("queued", "uncertain"))
        self.customer.name = "Bartholomew Quince"
        row.next_try_at = fields.Datetime.now() - timedelta(minutes=5)
        self.env.flush_all()
        self.deliver()
        self.assertFalse(self.world.published)

    # --- a second person ----------------------------------------------------------
    def test_a_second_person_must_agree(self):
        for where in (self.company, self.team):
            where.social_guard_second = True
            row = self.overridden(f"We call {PHONE}")
            self.assertEqual(row.held_for, ["approval"])
            self.assertTrue(row.approval_id.guard)
            self.deliver()
            self.assertEqual(row.delivery_state, "held")
            with self.assertRaises(AccessError):
                row.approval_id.with_user(self.agent_all).action_approve()
            row.approval_id.with_user(self.manager).action_approve()
            self.deliver()
            self.assertEqual(row.delivery_state, "sent")
            where.social_guard_second = False
        self.assertEqual(len(self.world.published), 2)

    def test_nobody_lets_go_of_it_alone(self):
        self.company.social_guard_second = True
        row = self.overridden(f"We call {PHONE}")
        for act in ("action_retry", "action_send_now"):
            try:
                getattr(row.with_user(self.agent_all), act)()
            except (AccessError, UserError):
                pass
            self.deliver()
            self.assertEqual(row.delivery_state, "held", act)
        self.assertFalse(self.world.published)

    def test_the_rule_came_after_the_override(self):
        row = self.overridden(f"We call {PHONE}")
        self.company.social_guard_second = True
        self.env.flush_all()
        self.deliver()
        self.assertEqual((row.delivery_state, row.held_for), ("held", ["approval"]))

    def test_approving_does_not_let_new_data_pass(self):
        self.company.social_guard_second = True
        row = self.overridden(f"We call {PHONE} about Quince")
        self.customer.name = "Bartholomew Quince"
        self.env.flush_all()
        with self.assertRaises(UserError):
            row.approval_id.with_user(self.manager).action_approve()
        self.assertEqual(row.delivery_state, "held")

    # --- cost ---------------------------------------------------------------------
    def test_the_number_of_queries_does_not_grow(self):
        ticket = self.ticket.with_user(self.agent_all)
        option = self.option("public")
        ticket.social_measure("call us", option)

        def queries():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            ticket.social_measure("call us", option)
            return self.env.cr.sql_log_count - before

        few = queries()
        self.env["res.partner"].create(
            [
                {"name": f"Shed {n}", "parent_id": self.customer.id, "type": "delivery"}
                for n in range(30)
            ]
        )
        for _number in range(30):
            self.make_ticket(partner_id=self.customer.id)
        self.env.flush_all()
        self.assertLessEqual(queries(), few + 2)


@tagged("post_install", "-at_install")
class TestGuardBySurface(GuardCase):
    """Every way to say something meets the guard."""

    def test_by_rpc(self):
        ticket = self.ticket.with_user(self.agent_all)
        options = ticket.social_composer()["options"]
        option = next(one["id"] for one in options if one["audience"] == "public")
        for consent in (None, {}, {"guard": {}}, {"approval": True}, "x", [1]):
            answer = ticket.social_send(option, PHONE, (), None, None, consent)
            self.assertFalse(answer["ok"], consent)
            self.assertEqual(answer["concerns"][0]["code"], "guard")
        self.assertFalse(
            self.ticket.social_message_ids.filtered(lambda one: one.direction == "out")
        )

    def test_users_write_no_override(self):
        row = self.reply("We look into it", to=self.message)
        for user in (self.agent_all, self.manager):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"guard_override": {"spans": []}})
            with self.assertRaises(AccessError):
                row.with_user(user).write({"text": PHONE})

    def test_a_text_changed_behind_the_scenes_is_seen_at_sending(self):
        row = self.overridden(f"We call {PHONE}")
        row.text = f"Jo: jo@example.org. We call {PHONE}"
        self.env.flush_all()
        self.deliver()
        self.assertEqual((row.delivery_state, row.error_code), ("failed", "guard"))

    def test_a_canned_answer_that_names_the_customer(self):
        canned = self.env["mail.canned.response"].create(
            {"source": "call", "substitution": f"Call {PHONE}"}
        )
        with self.assertRaises(ConcernError):
            self.reply(canned.substitution, to=self.message)

    def test_settings_are_no_business_of_the_portal(self):
        for record, name in (
            (self.company, "social_guard_second"),
            (self.company, "social_published"),
            (self.team, "social_guard_second"),
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.portal_customer).read([name])

    def test_agents_do_not_change_the_settings(self):
        for user in (self.agent_all, self.agent_own):
            with self.assertRaises(AccessError):
                self.company.with_user(user).social_guard_second = False
            with self.assertRaises(AccessError):
                self.team.with_user(user).social_guard_second = False
        self.assertTrue(self.manager.has_group(MANAGER))
        self.team.with_user(self.manager).social_guard_second = True

    def test_other_people_of_the_ticket(self):
        """Answered is bob; ann's data is hers all the same when the ticket is hers."""
        self.ticket.partner_id = self.customer
        bob = self.received("me too", author="bob")
        bob.conversation_id.ticket_id = self.ticket
        bob.ticket_id = self.ticket
        self.env.flush_all()
        with self.assertRaises(ConcernError):
            self.reply("Margaret told us", to=bob)

    def test_a_ticket_without_a_contact(self):
        self.message.identity_id.partner_id = False
        row = self.reply("We look into it", to=self.message)
        self.assertEqual(row.delivery_state, "queued")
        self.assertEqual(self.kinds(self.ticket.number), [("ticket", True)])
