"""The inbox: its parts, what is done there one by one and in bulk, and taken back."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_triage_rules import RuleCase

INBOX, MESSAGE = "helpdesk.social.inbox", "helpdesk.social.message"
#: what an act may change, for comparing before and after
STATE = (
    "ticket_id",
    "waiting",
    "handled_at",
    "handled_by_id",
    "handled_how",
    "why",
    "rule_wrong_at",
)


class InboxCase(RuleCase):
    def inbox(self, user=None):
        return self.env[INBOX].with_user(user or self.agent_all)

    def act(self, name, messages, user=None, **options):
        result = self.inbox(user).act(name, messages.ids, options)
        self.env.invalidate_all()
        return result

    def take_back(self, result, user=None):
        found = self.inbox(user).take_back(result["undo"])
        self.env.invalidate_all()
        return found

    def ids(self, part, user=None, **kwargs):
        rows = self.inbox(user).get_list(part, **kwargs)["rows"]
        return [row["id"] for row in rows]

    def state(self, messages):
        self.env.invalidate_all()
        return [[one[name] for name in STATE] for one in messages] + [
            (one.ticket_id, one.backlog) for one in messages.conversation_id
        ]

    def loose(self, text="Hi", audience="public", **values):
        """A message that was ruled out."""
        thread = self.make_conversation(audience, **values.pop("thread", {}))
        return self.make_message(thread, text, why="ruled_out", **values)


@tagged("post_install", "-at_install")
class TestInboxParts(InboxCase):
    def test_each_message_is_in_its_part(self):
        ticket = self.make_ticket()
        now = fields.Datetime.now()
        thread = self.make_conversation(ticket=ticket)
        waiting = self.make_message(thread, waiting=True, sent_at=now)
        older = self.make_message(
            thread, waiting=True, sent_at=now - timedelta(hours=1)
        )
        loose = self.loose()
        aside = self.make_message(handled_how="ignored", handled_at=now)
        stale = self.make_message(
            handled_how="ignored", handled_at=now - timedelta(days=30)
        )
        self.make_message(thread, handled_how="answered", handled_at=now)
        by_itself = self.loose(
            handled_how="auto", handled_at=now, sent_at=now - timedelta(hours=2)
        )
        nobodys = [
            self.loose(context=True),
            self.loose(deleted_at=now),
            self.loose(direction="out", origin="native"),
            self.make_message(self.make_conversation(), why="backlog"),
        ]
        self.assertEqual(self.ids("waiting"), [older.id, waiting.id])
        self.assertEqual(self.ids("loose"), (loose | by_itself).ids)
        self.assertEqual(self.ids("aside"), aside.ids)
        everything = self.ids("waiting") + self.ids("loose") + self.ids("aside")
        for one in [*nobodys, stale]:
            self.assertNotIn(one.id, everything)
        found = self.inbox().get_list("loose")
        self.assertEqual(found["counts"], {"waiting": 2, "loose": 2, "aside": 1})
        with self.assertRaises(UserError):
            self.inbox().get_list("all' OR 1=1")

    def test_a_page_is_a_page(self):
        for number in range(5):
            self.loose(f"number {number}")
        found = self.inbox().get_list("loose", 2)
        self.assertEqual((len(found["rows"]), found["has_more"]), (2, True))
        self.assertFalse(self.inbox().get_list("loose", 5)["has_more"])
        self.assertEqual(len(self.inbox().get_list("loose", -5)["rows"]), 1)

    def test_search_by_words_and_by_person(self):
        one = self.loose("my parcel")
        ann = self.make_identity("ann_smith")
        other = self.loose("hello", identity_id=ann.id)
        self.assertEqual(self.ids("loose", term="PARCEL"), one.ids)
        self.assertEqual(self.ids("loose", term="ann_s"), other.ids)
        self.assertEqual(self.ids("loose", term="nobody"), [])

    def test_rows_show_neither_warned_nor_deleted_words(self):
        now = fields.Datetime.now()
        ticket = self.make_ticket()
        thread = self.make_conversation(ticket=ticket)
        self.make_message(thread, "eight legs", warning="spiders", waiting=True)
        self.make_message(thread, "gone words", deleted_at=now, waiting=True)
        rows = str(self.inbox().get_list("waiting")["rows"])
        self.assertIn("spiders", rows)
        self.assertNotIn("eight legs", rows)
        self.assertNotIn("gone words", rows)

    def test_queries_of_a_list_do_not_grow(self):
        rule = self.rule(ticket="no")

        def fill(count):
            for _number in range(count):
                self.loose(why_rules=[[rule.id, [["always"]]]])

        def queries():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.inbox().get_list("loose")
            return self.env.cr.sql_log_count - before

        fill(3)
        queries()
        few = queries()
        fill(40)
        self.assertLessEqual(queries(), few)
        self.assertLessEqual(few, 25)

    def test_one_message_with_what_is_around_it(self):
        ann = self.make_identity("ann")
        thread = self.make_conversation(identity_id=ann.id)
        now = fields.Datetime.now()
        before = self.make_message(
            thread, "first", sent_at=now - timedelta(hours=1), identity_id=ann.id
        )
        message = self.make_message(thread, "second", why="bot", identity_id=ann.id)
        ticket = self.make_ticket(name="Other matter")
        self.make_conversation(ticket=ticket, identity_id=ann.id)
        found = self.inbox().get_message(message.id)
        shown = [one["id"] for one in found["timeline"]["messages"]]
        self.assertEqual(shown, (before | message).ids)
        self.assertEqual(found["author"]["handle"], "@ann")
        self.assertEqual([one["id"] for one in found["tickets"]], ticket.ids)
        self.assertIn("bot", found["why"])
        self.assertFalse(self.inbox().get_message(0))

    def test_tickets_of_the_same_person_are_found_first(self):
        ann = self.make_identity("ann")
        message = self.loose(identity_id=ann.id)
        own = self.make_ticket(name="Anns lamp")
        self.make_conversation(ticket=own, identity_id=ann.id)
        newer = self.make_ticket(name="A lamp of somebody")
        foreign = self.make_ticket(
            name="lamp", company_id=self.other_company.id, team_id=False
        )
        for term in ("", "lamp"):
            found = self.inbox().find_tickets(term, message.ids)
            ids = [one["id"] for one in found]
            self.assertEqual(ids[0], own.id)
            self.assertIn(newer.id, ids)
            self.assertNotIn(foreign.id, ids)
            self.assertEqual(found[0]["own"], True)
        closed = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        own.stage_id = closed
        found = self.inbox().find_tickets("", message.ids)
        self.assertNotIn(own.id, [one["id"] for one in found])
        # asked for by its number, a closed one is found as well
        found = self.inbox().find_tickets(own.number, message.ids)
        self.assertEqual(found[0]["id"], own.id)


@tagged("post_install", "-at_install")
class TestInboxActs(InboxCase):
    def test_open_and_take_back(self):
        message = self.loose("My lamp is broken")
        before = self.state(message)
        result = self.act("open", message)
        ticket = message.ticket_id
        self.assertEqual(result["tickets"][0]["id"], ticket.id)
        self.assertEqual(ticket.name, "My lamp is broken")
        self.assertEqual(ticket.team_id, self.team)
        self.assertFalse(ticket.user_id)
        self.assertEqual(message.conversation_id.ticket_id, ticket)
        self.assertEqual((message.waiting, message.why), (True, "by_hand"))
        self.assertEqual(self.ids("waiting"), message.ids)
        self.take_back(result)
        self.assertEqual(self.state(message), before)
        self.assertFalse(ticket.exists())
        with self.assertRaises(UserError):
            self.take_back(result)

    def test_a_conversation_is_one_ticket_and_goes_as_a_whole(self):
        thread = self.make_conversation()
        first = self.make_message(thread, "thanks", why="ruled_out")
        second = self.make_message(thread, "and a question", why="ruled_out")
        before = self.state(first | second)
        result = self.act("open", second)
        self.assertEqual(first.ticket_id, second.ticket_id)
        self.assertEqual((first.waiting, second.waiting), (False, True))
        self.take_back(result)
        self.assertEqual(self.state(first | second), before)

    def test_private_threads_of_a_person_share_a_ticket_others_do_not(self):
        ann = self.make_identity("ann")
        anon = self.make_identity("anon", shared=True)
        both = self.env[MESSAGE]
        for who, audience in ((ann, "private"), (anon, "private"), (ann, "public")):
            for _turn in range(2):
                both |= self.loose(
                    audience=audience,
                    identity_id=who.id,
                    thread={"identity_id": who.id},
                )
        self.act("open", both)
        self.assertEqual(len(both[:2].ticket_id), 1)
        self.assertEqual(len(both[2:4].ticket_id), 2)
        self.assertEqual(len(both[4:].ticket_id), 2)
        self.assertEqual(len(both.ticket_id), 5)

    def test_what_was_answered_since_does_not_wait(self):
        message = self.loose()
        message.conversation_id.last_outbound_at = fields.Datetime.now()
        self.act("open", message)
        self.assertTrue(message.ticket_id)
        self.assertFalse(message.waiting)

    def test_attach_and_take_back(self):
        ticket = self.make_ticket()
        message = self.loose()
        before = self.state(message)
        result = self.act("attach", message, ticket_id=ticket.id)
        self.assertEqual(message.ticket_id, ticket)
        self.assertEqual((message.waiting, message.why), (True, "attached"))
        self.take_back(result)
        self.assertEqual(self.state(message), before)
        self.assertTrue(ticket.exists())
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.act("attach", message, ticket_id=ticket.id)
        self.assertFalse(message.waiting)
        self.assertTrue(ticket.stage_id.closed)

    def test_attach_follows_duplicates_and_refuses_nonsense(self):
        target, double = self.make_ticket(), self.make_ticket()
        double.duplicate_id = target
        message = self.loose()
        foreign = self.make_ticket(company_id=self.other_company.id, team_id=False)
        both = self.agent_all
        both.company_ids |= self.other_company
        for wrong in (0, 10**9, foreign.id):
            with self.assertRaises(UserError):
                self.act("attach", message, ticket_id=wrong)
        context = {"allowed_company_ids": [self.company.id, self.other_company.id]}
        with self.assertRaises(UserError):
            self.inbox().with_context(**context).act(
                "attach", message.ids, {"ticket_id": foreign.id}
            )
        self.act("attach", message, ticket_id=double.id)
        self.assertEqual(message.ticket_id, target)

    def test_handled_ignored_and_taken_back(self):
        ticket = self.make_ticket()
        thread = self.make_conversation(ticket=ticket)
        waiting = self.make_message(thread, waiting=True)
        both = waiting | self.loose()
        before = self.state(both)
        for act, how in (("handled", "no_answer"), ("ignore", "ignored")):
            result = self.act(act, both, reason="answered by phone")
            self.assertEqual(set(both.mapped("handled_how")), {how})
            self.assertFalse(any(both.mapped("waiting")))
            self.assertEqual(both.handled_by_id, self.agent_all)
            self.assertEqual(set(self.ids("aside")), set(both.ids))
            again = self.act(act, both)
            self.assertEqual((again["done"], again["left"]), ([], 2))
            self.assertFalse(again["undo"])
            self.take_back(result)
            self.assertEqual(self.state(both), before)

    def test_taking_back_never_undoes_what_others_did(self):
        message = self.loose()
        result = self.act("open", message)
        ticket = message.ticket_id
        steps = {
            "a colleague took it": lambda: ticket.write(
                {"user_id": self.agent_team.id}
            ),
            "somebody commented": lambda: ticket.message_post(
                body="x", message_type="comment"
            ),
            "it was answered": lambda: message.write({"waiting": False}),
            "the customer went on": lambda: self.make_message(message.conversation_id),
            "somebody replied": lambda: self.make_message(
                message.conversation_id, direction="out"
            ),
            "it was closed": lambda: ticket.write(
                {
                    "stage_id": self.env.ref(
                        "helpdesk_mgmt.helpdesk_ticket_stage_done"
                    ).id
                }
            ),
        }
        for title, step in steps.items():
            with self.subTest(title):
                with self.env.cr.savepoint() as savepoint:
                    step()
                    self.env.flush_all()
                    with self.assertRaises(UserError):
                        self.take_back(result)
                    savepoint.rollback()
                self.env.invalidate_all()
        self.take_back(result)
        self.assertFalse(message.ticket_id)

    def test_only_the_same_person_takes_back_and_not_for_ever(self):
        message = self.loose()
        result = self.act("ignore", message)
        with self.assertRaises(UserError):
            self.take_back(result, self.agent_team)
        undo = self.env["helpdesk.social.undo"].browse(result["undo"])
        self.env.cr.execute(
            "UPDATE helpdesk_social_undo SET create_date = create_date "
            "- interval '16 minutes'"
        )
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            self.take_back(result)
        with self.assertRaises(UserError):
            self.inbox().take_back(10**9)
        self.env.cr.execute(
            "UPDATE helpdesk_social_undo SET create_date = create_date "
            "- interval '2 days'"
        )
        self.env.invalidate_all()
        undo._gc_undo()
        self.assertFalse(undo.exists())

    def test_bulk_costs_as_many_queries_as_one(self):
        ticket = self.make_ticket()

        def queries(act, count, **options):
            messages = self.env[MESSAGE]
            for _number in range(count):
                messages |= self.loose(audience="public")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.inbox().act(act, messages.ids, options)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        for act, options in (
            ("ignore", {}),
            ("handled", {"reason": "x"}),
            ("attach", {"ticket_id": ticket.id}),
            ("open", {}),
            ("block", {}),
        ):
            queries(act, 2, **options)  # caches
            few, many = queries(act, 3, **options), queries(act, 60, **options)
            # a stored field of replies follows the ticket of what they answer: the ORM
            # looks for such replies once per ticket that is opened, by an index
            followed = 2 * 60 if act == "open" else 0
            with self.subTest(act, few=few, many=many):
                self.assertLessEqual(many, few + followed + 8)

    def test_too_many_and_unknown(self):
        with self.assertRaises(UserError):
            self.inbox().act("ignore", list(range(1, 1000)))
        with self.assertRaises(UserError):
            self.inbox().act("unlink", self.loose().ids)
        with self.assertRaises(UserError):
            self.inbox().act("ignore", [10**9])


@tagged("post_install", "-at_install")
class TestBlocking(InboxCase):
    def test_block_silences_and_is_reversible(self):
        message = self.say("buy pills", author="bot42")
        self.assertTrue(message.waiting)
        before = self.state(message)
        result = self.act("block", message)
        self.assertEqual(message.identity_id.blocked_by_id, self.agent_all)
        self.assertEqual((message.waiting, message.handled_how), (False, "blocked"))
        self.take_back(result)
        self.assertEqual(self.state(message), before)
        self.assertFalse(message.identity_id.blocked_at)
        self.act("block", message)
        # a new conversation opens no ticket, a ticket that is there is left alone
        new = self.say("buy more", author="bot42")
        self.assertFalse(new.ticket_id)
        self.assertEqual((new.why, new.waiting), ("blocked", False))
        self.assertIn(new.id, self.ids("aside"))
        self.assertNotIn(new.id, self.ids("loose"))
        reply = self.say("buy now", author="bot42", parent=message.key)
        self.assertEqual(reply.ticket_id, message.ticket_id)
        self.assertEqual((reply.why, reply.waiting), ("blocked", False))
        message.ticket_id.stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_done"
        )
        self.say("buy", author="bot42", parent=message.key)
        self.assertTrue(message.ticket_id.stage_id.closed)
        # the same words edited do not wait either
        edited = self.world.edit(self.world_post(reply), "buy it all now")
        self.take_in()
        self.assertEqual(reply.text, edited.text)
        self.assertFalse(reply.waiting)
        self.act("unblock", new)
        again = self.say("a real question", author="bot42")
        self.assertTrue(again.ticket_id)
        self.assertTrue(again.waiting)
        # unblocking brings nothing back by itself, but it can be opened
        self.assertFalse(new.ticket_id)
        self.act("open", new)
        self.assertTrue(new.ticket_id)

    def world_post(self, message):
        """The ``Incoming`` of a message, for the world to edit."""
        item = next(
            one for one in self.world.inbox if one.data.get("key") == message.key
        )
        return self.account.sudo()._adapter().parse(item)

    def test_shared_and_hidden_authors_cannot_be_blocked(self):
        crowd = self.make_identity("crowd", shared=True)
        for message in (
            self.loose(identity_id=crowd.id),
            self.loose(identity_id=False),
        ):
            with self.assertRaises(UserError):
                self.act("block", message)
        with self.assertRaises(UserError):
            crowd.with_user(self.agent_all).action_block()
        self.assertFalse(crowd.blocked_at)

    def test_all_that_waits_of_a_blocked_person(self):
        ann = self.make_identity("ann")
        messages = self.env[MESSAGE]
        for _turn in range(3):
            ticket = self.make_ticket()
            thread = self.make_conversation(ticket=ticket, identity_id=ann.id)
            messages |= self.make_message(thread, waiting=True, identity_id=ann.id)
        other = self.make_message(
            self.make_conversation(ticket=self.make_ticket()), waiting=True
        )
        result = self.act("block", messages[0])
        self.assertFalse(any(messages.mapped("waiting")))
        self.assertTrue(other.waiting)
        self.take_back(result)
        self.assertTrue(all(messages.mapped("waiting")))


@tagged("post_install", "-at_install")
class TestWrongRules(InboxCase):
    def test_a_wrongly_ruled_out_message_gets_its_ticket(self):
        rule = self.rule("Thanks", ticket="no", kind="thanks")
        message = self.say("thanks!")
        before = self.state(message)
        result = self.act("wrong", message)
        self.assertTrue(message.ticket_id)
        self.assertTrue(message.waiting)
        self.assertEqual(message.why, "rule_wrong")
        self.assertEqual((rule.matched_count, rule.wrong_count), (1, 1))
        self.assertEqual(rule.precision, 0)
        self.assertFalse(self.act("wrong", message)["done"])
        self.take_back(result)
        self.assertEqual(self.state(message), before)
        self.env.invalidate_all()
        self.assertEqual((rule.wrong_count, rule.precision), (0, 1))

    def test_a_wrong_ticket_goes_unless_somebody_worked_on_it(self):
        self.rule(ticket="yes", words_mode="any", words="sale")
        message = self.say("sale sale", author="a")
        before, ticket = self.state(message), message.ticket_id
        result = self.act("wrong", message)
        self.assertFalse(message.ticket_id)
        self.assertFalse(message.waiting)
        self.assertFalse(ticket.active)
        self.assertEqual(self.ids("loose"), message.ids)
        self.take_back(result)
        self.assertEqual(self.state(message), before)
        self.assertTrue(ticket.active)
        other = self.say("sale again", author="b")
        other.ticket_id.message_post(body="I call them", message_type="comment")
        self.act("wrong", other)
        self.assertTrue(other.ticket_id.active)
        self.assertTrue(other.rule_wrong_at)

    def test_a_wrong_team_goes_back(self):
        self.rule(team_id=self.other_team.id, priority="3")
        message = self.say("hello")
        ticket = message.ticket_id
        self.assertEqual(ticket.team_id, self.other_team)
        result = self.act("wrong", message)
        self.assertEqual((ticket.team_id, ticket.priority), (self.team, "1"))
        self.take_back(result)
        self.assertEqual((ticket.team_id, ticket.priority), (self.other_team, "3"))

    def test_the_suggested_answer_is_offered_to_those_who_may_use_it(self):
        group = self.env["res.groups"].create({"name": "Writers"})
        canned = self.env["mail.canned.response"].create(
            {
                "source": "hi",
                "substitution": "Hello!",
                "group_ids": [(6, 0, group.ids)],
            }
        )
        self.rule(canned_id=canned.id)
        message = self.say("hello")
        ticket = message.ticket_id
        desk = ticket.with_user(self.agent_all).social_composer()["desk"]
        self.assertEqual(desk["canned"], {message.id: []})
        self.agent_all.group_ids |= group
        self.env.invalidate_all()
        desk = ticket.with_user(self.agent_all).social_composer()["desk"]
        self.assertEqual(desk["canned"][message.id][0]["text"], "Hello!")


@tagged("post_install", "-at_install")
class TestInboxAccess(InboxCase):
    def test_private_without_ticket_is_for_the_accounts_team(self):
        message = self.loose(audience="private")
        for user in (self.agent_own, self.agent_team, self.agent_all, self.manager):
            self.assertEqual(self.ids("loose", user), message.ids, user.name)
        self.account.team_id = self.other_team
        for user in (self.agent_own, self.agent_team):
            self.assertEqual(self.ids("loose", user), [], user.name)
            self.assertFalse(self.inbox(user).get_message(message.id))
            for name in ("open", "handled", "ignore", "block", "wrong"):
                with self.assertRaises(UserError):
                    self.act(name, message, user)
            with self.assertRaises(UserError):
                self.act("attach", message, user, ticket_id=self.make_ticket().id)
        self.assertFalse(message.ticket_id)
        self.assertFalse(message.handled_at)
        self.assertFalse(message.identity_id.blocked_at)
        self.assertEqual(self.ids("loose", self.agent_all), message.ids)

    def test_outsiders_see_and_do_nothing(self):
        message = self.loose()
        outsiders = (
            self.internal,
            self.sales,
            self.follower,
            self.portal_customer,
            self.public,
        )
        for user in outsiders:
            inbox = self.inbox(user)
            for call in (
                lambda inbox=inbox: inbox.get_list(),
                lambda inbox=inbox: inbox.get_message(message.id),
                lambda inbox=inbox: inbox.find_tickets("", message.ids),
                lambda inbox=inbox: inbox.act("ignore", message.ids),
                lambda inbox=inbox: inbox.take_back(1),
                lambda user=user: message.identity_id.with_user(user).action_block(),
            ):
                with self.assertRaises(AccessError):
                    call()
        other = self.other_company_agent
        self.assertEqual(self.ids("loose", other), [])
        with self.assertRaises(UserError):
            self.act("ignore", message, other)
        self.assertFalse(message.handled_at)

    def test_tickets_that_one_may_not_change_keep_their_messages(self):
        ticket = self.make_ticket(team_id=self.other_team.id)
        thread = self.make_conversation(ticket=ticket)
        message = self.make_message(thread, waiting=True)
        self.assertIn(message.id, self.ids("waiting", self.agent_own))
        for name in ("handled", "ignore"):
            with self.assertRaises(AccessError):
                self.act(name, message, self.agent_own)
        with self.assertRaises(AccessError):
            loose = self.loose()
            self.act("attach", loose, self.agent_own, ticket_id=ticket.id)
        self.assertTrue(message.waiting)
        # blocking concerns the person; what waits on foreign tickets goes on waiting
        self.act("block", message, self.agent_own)
        self.assertTrue(message.waiting)
        self.assertTrue(message.identity_id.blocked_at)
        rows = self.inbox(self.agent_own).get_list("waiting")["rows"]
        self.assertNotIn(ticket.name, str(rows))

    def test_nobody_reads_or_forges_what_was_before(self):
        message = self.loose()
        result = self.act("ignore", message)
        undo = self.env["helpdesk.social.undo"].with_user(self.manager)
        with self.assertRaises(AccessError):
            undo.browse(result["undo"]).read(["before"])
        with self.assertRaises(AccessError):
            undo.create({"user_id": self.manager.id, "act": "x", "before": {}})

    def test_live_names_messages_without_a_ticket_by_id_only(self):
        sent = []
        channel = type(self.env["res.groups"])
        self.patch(
            channel,
            "_bus_send",
            lambda this, notice, payload, **kw: sent.append((notice, payload)),
        )
        message = self.loose("secret words", audience="private")
        self.env.cr.precommit.run()
        (_notice, payload) = sent[-1]
        self.assertEqual(payload, {"ticket_ids": [], "message_ids": message.ids})
