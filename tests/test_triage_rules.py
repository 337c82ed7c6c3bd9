"""Triage rules in the intake: what they decide, what they may never touch, dry run."""

from unittest.mock import patch

from psycopg2.errors import ForeignKeyViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import SocialCase

RULE = "helpdesk.social.rule"


class RuleCase(SocialCase):
    def rule(self, name="A rule", on=True, **values):
        rule = self.env[RULE].create({"name": name, **values})
        if on:
            rule.tried_at = "2026-01-01 00:00:00"
            rule.action_switch_on()
        return rule

    def take_in(self):
        self.account.action_pull()
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id)], order="sent_at, id"
        )

    def say(self, text="Hello", **values):
        """One post, taken in; the message."""
        incoming = self.world.post(text, **values)
        return self.take_in().filtered(lambda one: one.key == incoming.key)


@tagged("post_install", "-at_install")
class TestRulesInTheIntake(RuleCase):
    def test_without_rules_everything_opens_a_ticket(self):
        self.rule(on=False, ticket="no")
        message = self.say("thanks!")
        self.assertTrue(message.ticket_id)
        self.assertEqual((message.why, message.waiting), ("new", True))
        self.assertFalse(message.why_rules)

    def test_ruled_out_is_kept_without_ticket_and_without_waiting(self):
        rule = self.rule("Thanks", ticket="no", kind="thanks")
        message = self.say("Thanks a lot!")
        self.assertFalse(message.ticket_id)
        self.assertFalse(message.waiting)
        self.assertEqual(message.why, "ruled_out")
        self.assertEqual(message.why_rules, [[rule.id, [["kind", "thanks"]]]])
        self.assertEqual(message.why_rule_ids, rule)
        self.assertTrue(message.conversation_id)
        self.assertIn(
            "Rule “Thanks”: a bare thanks or emoji",
            message.with_user(self.agent_all).why_words,
        )
        # a real question in the same place is no thanks
        other = self.say("My parcel is lost", author="ann", parent=message.key)
        self.assertEqual(other.conversation_id, message.conversation_id)
        self.assertTrue(other.ticket_id)
        self.assertTrue(other.waiting)
        # what was said before goes along
        self.assertEqual(message.ticket_id, other.ticket_id)

    def test_one_question_among_what_is_ruled_out_opens_the_ticket(self):
        self.rule(ticket="no", words_mode="any", words="spam")
        first = self.world.post("spam spam", audience="private", author="jo")
        second = self.world.post("and a question", audience="private", author="jo")
        messages = self.take_in()
        self.assertEqual(messages.mapped("key"), [first.key, second.key])
        self.assertEqual(len(messages.ticket_id), 1)
        self.assertEqual(messages.mapped("why"), ["new", "new"])
        self.assertTrue(messages[0].why_rules)

    def test_results_reach_the_ticket(self):
        tag = self.env["helpdesk.ticket.tag"].create({"name": "Refund"})
        self.other_team.user_ids = self.agent_all
        rule = self.rule(
            words_mode="any",
            words="refund*",
            team_id=self.other_team.id,
            user_id=self.agent_all.id,
            priority="3",
            tag_ids=[(6, 0, tag.ids)],
        )
        message = self.say("I want to be refunded")
        ticket = message.ticket_id
        self.assertEqual(ticket.team_id, self.other_team)
        self.assertEqual(ticket.user_id, self.agent_all)
        self.assertEqual(ticket.priority, "3")
        self.assertEqual(ticket.tag_ids, tag)
        self.assertTrue(ticket.stage_id)
        self.assertTrue(message.waiting)
        self.assertEqual(message.why_rules, [[rule.id, [["words", "refund*"]]]])

    def test_order_and_stop(self):
        self.rule("Later", sequence=20, priority="2", team_id=self.other_team.id)
        self.rule("First", sequence=1, priority="3", stop=False)
        ticket = self.say().ticket_id
        self.assertEqual((ticket.priority, ticket.team_id), ("3", self.other_team))
        self.rule("Stops", sequence=2, ticket="yes")
        ticket = self.say(author="bo").ticket_id
        self.assertEqual((ticket.priority, ticket.team_id), ("3", self.team))

    def test_conversations_with_a_ticket_are_never_touched(self):
        first = self.say("My parcel is lost", author="jo")
        self.rule(ticket="no")
        second = self.say("refund", author="jo", parent=first.key)
        self.assertEqual(second.ticket_id, first.ticket_id)
        self.assertTrue(second.waiting)
        self.assertFalse(second.why_rules)
        # a private message of somebody whose ticket is open joins it
        private = self.say("psst", author="jo", audience="private")
        self.assertEqual(private.ticket_id, first.ticket_id)
        self.assertFalse(private.why_rules)
        # and a closed one is reopened as ever
        first.ticket_id.stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_done"
        )
        third = self.say("still lost", author="jo", parent=first.key)
        self.assertEqual(third.why, "reopen")
        self.assertFalse(first.ticket_id.stage_id.closed)

    def test_facts_of_the_author(self):
        vip = self.env["res.partner.category"].create({"name": "VIP"})
        partner = self.env["res.partner"].create(
            {"name": "Jo", "category_id": [(6, 0, vip.ids)]}
        )
        self.make_identity("jo", partner_id=partner.id)
        rule = self.rule(known="yes", partner_category_ids=[(6, 0, vip.ids)])
        self.assertEqual(self.say(author="jo").why_rule_ids, rule)
        self.assertFalse(self.say(author="bo").why_rule_ids)
        rule.write({"known": False, "partner_category_ids": False, "turn": "first"})
        self.assertFalse(self.say(author="bo").why_rule_ids)
        self.assertEqual(self.say(author="cy").why_rule_ids, rule)

    def test_orders_without_the_app_are_unknown(self):
        partner = self.env["res.partner"].create({"name": "Jo"})
        self.make_identity("jo", partner_id=partner.id)
        self.rule(orders="yes", ticket="no")
        self.rule(orders="no", ticket="no")
        model = self.registry[RULE]
        self.assertTrue(self.say(author="jo").ticket_id)
        with (
            patch("odoo.addons.helpdesk_social.models.intake_rules._installed") as have,
            patch.object(model, "_business") as business,
        ):
            have.return_value = True
            business.return_value = {"orders": frozenset(partner.ids)}
            self.assertEqual(
                self.say(author="jo", key="again").why_rules[0][1], [["orders", "yes"]]
            )
            self.assertEqual(business.call_count, 1)

    def test_a_broken_rule_stops_nothing(self):
        self.rule("Bad hours", hours="in", ticket="no")
        rule = self.rule("Bad pattern", ticket="no", regex="x")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_social_rule SET regex = '(x' WHERE id = %s", [rule.id]
        )
        self.env.cr.execute("UPDATE helpdesk_social_rule SET zone = 'No/Where'")
        self.env.invalidate_all()
        self.registry.clear_cache()
        with self.assertLogs("odoo.addons.helpdesk_social", "WARNING") as logs:
            message = self.say("x")
        self.assertEqual(len(logs.output), 2)
        self.assertTrue(message.ticket_id)

    def test_a_rule_that_raises_stops_nothing(self):
        self.rule(ticket="no", words_mode="any", words="hello")
        where = "odoo.addons.helpdesk_social.texts.rules.Rule.match"
        with (
            patch(where, side_effect=ZeroDivisionError),
            self.assertLogs("odoo.addons.helpdesk_social", "WARNING"),
        ):
            self.assertTrue(self.say().ticket_id)

    def test_a_rule_deleted_elsewhere_takes_no_message_along(self):
        rule = self.rule(ticket="no")
        compiled = self.env[RULE]._compiled(self.company.id)
        rule.unlink()
        with patch.object(self.registry[RULE], "_compiled", return_value=compiled):
            message = self.say()
        self.assertTrue(message.ticket_id)
        self.assertEqual(self.world.failures, [])

    def test_rules_are_of_their_company(self):
        self.rule(ticket="no", company_id=self.other_company.id)
        self.assertTrue(self.say().ticket_id)

    def test_a_rule_is_remembered_until_it_changes(self):
        rule = self.rule(ticket="no", words_mode="any", words="hello")
        self.assertFalse(self.say("hello", author="a").ticket_id)
        rule.words = "other"
        self.assertTrue(self.say("hello", author="b").ticket_id)
        rule.words = "hello"
        self.assertFalse(self.say("hello", author="c").ticket_id)
        rule.active = False
        self.assertTrue(self.say("hello", author="d").ticket_id)

    def test_queries_do_not_grow_with_rules_or_messages(self):
        def queries(count, prefix):
            for number in range(count):
                self.world.post(f"hello {number}", author=f"{prefix}{number}")
            account = self.account.sudo()
            events, model = self.env["helpdesk.social.event"], self.account
            items = self.world.inbox[-count:]
            events._journal(account.app_id, items, account)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["helpdesk.social.intake"]._process_all(model)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(5, "warm")
        plain = queries(20, "p")
        for number in range(20):
            self.rule(
                f"Rule {number}",
                words_mode="any",
                words=f"word{number}, hello",
                sequence=number,
                stop=False,
                priority="2",
            )
        queries(5, "warm2")  # a new rule empties the caches of the registry
        few, many = queries(20, "f"), queries(80, "m")
        # the lock on the rules that matched, and the relation's insert
        self.assertLessEqual(few, plain + 2)
        # inserts are split into packets; rules add none per message
        self.assertLessEqual(many, few + 10)


@tagged("post_install", "-at_install")
class TestRuleForm(RuleCase):
    def test_what_cannot_work_is_refused(self):
        for values in (
            {"regex": "("},
            {"regex": "(?=a)b"},
            {"regex": ".*"},
            {"hours": "in", "hour_from": 5, "hour_to": 5},
            {"hours": "in", "hour_from": -1},
            {"followers_min": 5, "followers_max": 2},
            {"followers_min": -5},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.rule(on=False, **values)
        self.assertTrue(self.rule(on=False, regex=r"order #?\d+"))

    def test_nobody_switches_on_without_looking(self):
        rule = self.rule(on=False, ticket="no")
        with self.assertRaises(UserError):
            rule.state = "on"
        with self.assertRaises(UserError):
            self.env[RULE].create({"name": "x", "state": "on"})
        action = rule.action_switch_on()
        self.assertEqual(action["res_model"], "helpdesk.social.rule.try")
        self.assertEqual(rule.state, "off")
        self.env["helpdesk.social.rule.try"].browse(action["res_id"]).action_switch_on()
        self.assertEqual(rule.state, "on")
        rule.words_mode, rule.words = "any", "x"
        self.assertFalse(rule.tried_at)
        rule.name = "A better name"
        rule.action_switch_off()
        rule.tried_at = "2026-01-01 00:00:00"
        rule.sequence = 3
        self.assertTrue(rule.tried_at)
        self.assertEqual(rule.copy().state, "off")

    def test_nobody_claims_to_have_looked(self):
        """Not by RPC either: only the dry run notes it, in the name of who made it."""
        rule = self.rule(on=False, ticket="no").with_user(self.manager)
        claims = (
            {"tried_at": "2026-01-01 00:00:00"},
            {"tried_at": "2026-01-01 00:00:00", "state": "on"},
            {"tried_by_id": self.manager.id},
            {"name": "x", "tried_at": "2026-01-01 00:00:00"},
        )
        for values in claims:
            with self.assertRaises(AccessError):
                rule.write(values)
            with self.assertRaises(AccessError):
                rule.create({"name": "x", **values})
        self.assertFalse(rule.tried_at)
        self.assertEqual(rule.state, "off")
        with self.assertRaises(UserError):
            rule.copy({"state": "on"})
        action = rule.action_switch_on()
        self.assertEqual(rule.tried_by_id, self.manager)
        dialog = self.env["helpdesk.social.rule.try"].browse(action["res_id"])
        dialog.with_user(self.manager).action_switch_on()
        self.assertEqual(rule.state, "on")
        # whoever may not change the rule makes no dry run either
        rule.words_mode, rule.words = "any", "x"
        with self.assertRaises(AccessError):
            dialog.with_user(self.agent_all).action_look()
        self.assertFalse(rule.tried_at)

    def test_teams_cannot_be_deleted_under_a_rule(self):
        team = self.env["helpdesk.ticket.team"].create({"name": "Gone"})
        self.rule(team_id=team.id)
        with (
            self.assertRaises(ForeignKeyViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            team.unlink()
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestDryRun(RuleCase):
    def try_out(self, rule):
        return self.env["helpdesk.social.rule.try"].browse(rule.action_try()["res_id"])

    def snapshot(self):
        self.env.flush_all()
        tables = (
            "helpdesk_social_message",
            "helpdesk_social_conversation",
            "helpdesk_ticket",
            "helpdesk_social_identity",
            "helpdesk_social_message_rule_rel",
        )
        found = []
        for table in tables:
            whole = SQL(
                "SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM %s t",
                SQL.identifier(table),
            )
            found += self.env.execute_query(whole)
        return found

    def test_it_says_what_would_have_been_and_writes_nothing(self):
        for text in ("thanks", "Thank you", "My parcel is lost", "refund me"):
            self.say(text, author=text[:2])
        rule = self.rule(on=False, kind="thanks", ticket="no")
        before = self.snapshot()
        found = self.try_out(rule)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(found.looked_count, 4)
        self.assertEqual((found.matched_count, found.not_count), (2, 2))
        self.assertEqual((found.opens_count, found.changes_count), (0, 0))
        self.assertEqual(set(found.line_ids.mapped("preview")), {"thanks", "Thank you"})
        self.assertEqual(set(found.line_ids.mapped("outcome")), {"No ticket"})
        self.assertTrue(rule.tried_at)
        self.assertEqual(rule.state, "off")

    def test_it_knows_the_rules_around_it(self):
        self.rule("No thanks", kind="thanks", ticket="no", sequence=10)
        self.say("thanks", author="jo")
        self.say("question", author="bo")
        other = self.rule(on=False, sequence=1, ticket="yes", stop=False, turn="first")
        found = self.try_out(other)
        self.assertEqual((found.opens_count, found.not_count), (1, 0))
        other.write({"ticket": False, "team_id": self.other_team.id})
        found = self.try_out(other)
        self.assertEqual((found.opens_count, found.changes_count), (0, 1))
        line = found.line_ids.filtered(lambda one: one.effect == "changes")
        self.assertIn(self.other_team.name, line.outcome)

    def test_only_managers(self):
        rule = self.rule(on=False, ticket="no")
        with self.assertRaises(AccessError):
            rule.with_user(self.agent_all).action_try()
        with self.assertRaises(AccessError):
            rule.with_user(self.agent_all).action_switch_on()
        self.assertTrue(rule.with_user(self.agent_all).name)

    def test_a_manager_sees_no_more_than_he_may(self):
        self.say("thanks", author="jo", audience="private")
        rule = self.rule(on=False, ticket="no")
        found = self.env["helpdesk.social.rule.try"].browse(
            rule.with_user(self.manager).action_try()["res_id"]
        )
        self.assertEqual(found.looked_count, 1)
        with self.assertRaises(AccessError):
            found.with_user(self.agent_all).read(["looked_count"])
