"""What is shown of clocks and to whom; nothing that was said to us is lost sight of."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from ..networks import items
from .common import SocialCase
from .test_clock import ALL, CLOCK, ClockCase
from .test_revisions import ago


@tagged("post_install", "-at_install")
class TestClockScreens(SocialCase):
    """Two tickets: one late in public, one due soon in private."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({**ALL, "connected_at": "2020-01-01 00:00:00"})
        cls.late = cls.waiting("public", 90)
        cls.soon = cls.waiting("private", 25, user_id=cls.agent_team.id)
        cls.calm = cls.make_ticket()

    @classmethod
    def waiting(cls, audience, minutes, **values):
        return cls.make_message(
            cls.make_conversation(audience, cls.make_ticket(**values)),
            waiting=True,
            sent_at=fields.Datetime.now() - timedelta(minutes=minutes),
        )

    def found(self, user, domain, model="helpdesk.ticket", **options):
        return self.env[model].with_user(user).search(domain, **options)

    @property
    def tickets(self):
        return self.late.ticket_id | self.soon.ticket_id | self.calm

    def test_the_ticket_shows_the_worst(self):
        other = self.make_message(
            self.make_conversation("private", self.late.ticket_id),
            waiting=True,
            sent_at=fields.Datetime.now() - timedelta(minutes=80),
        )
        ticket = self.late.ticket_id.with_user(self.agent_all)
        worst = self.env[CLOCK].search(
            [("message_id", "=", other.id), ("kind", "=", "first_private")]
        )
        self.assertEqual(ticket.social_due, worst.deadline)
        told = ticket.social_clock
        self.assertEqual((told["kind"], told["more"]), ("first_private", 3))
        self.assertEqual(told["label"], "First private answer")
        # who may not read the private one is told of the public one
        seen = ticket.with_user(self.follower)
        self.late.ticket_id.message_subscribe(self.follower.partner_id.ids)
        self.assertFalse(seen.social_due, "no helpdesk user: told nothing")

    def test_an_agent_is_told_of_what_he_may_read(self):
        """He follows the ticket of a colleague: the public clock is all he sees."""
        private = self.soon
        ticket = private.ticket_id
        ticket.message_subscribe(self.agent_own.partner_id.ids)
        self.assertTrue(ticket.with_user(self.agent_team).social_due)
        mine = ticket.with_user(self.agent_own)
        self.assertFalse(mine.social_due)
        self.assertFalse(mine.social_clock)
        self.assertNotIn(
            ticket, self.found(self.agent_own, [("social_due", "!=", False)])
        )
        clocks = self.env[CLOCK].with_user(self.agent_own)
        self.assertFalse(clocks.search([("ticket_id", "=", ticket.id)]))
        self.assertFalse(clocks._read_group([("ticket_id", "=", ticket.id)], ["kind"]))
        clock = self.env[CLOCK].search([("ticket_id", "=", ticket.id)], limit=1)
        with self.assertRaises(AccessError):
            clock.with_user(self.agent_own).read(["deadline"])

    def test_lists_are_sorted_and_filtered_by_it(self):
        mine = [("id", "in", self.tickets.ids)]
        order = self.found(self.agent_all, mine, order="social_due")
        late, soon = self.late.ticket_id, self.soon.ticket_id
        self.assertEqual(order.ids, (late | soon | self.calm).ids)
        order = self.found(self.agent_all, mine, order="social_due desc")
        self.assertEqual(order.ids, (soon | late | self.calm).ids)
        for domain, expected in (
            ([("social_due", "<", "now")], late),
            ([("social_due", "<", "+1H")], late | soon),
            ([("social_due", ">", "now")], soon),
            ([("social_due", "=", False)], self.calm),
            ([("social_due", "!=", False)], late | soon),
        ):
            found = self.found(self.agent_all, mine + domain)
            self.assertEqual(found, expected, domain)

    def test_nothing_is_asked_where_no_account_has_a_target(self):
        self.account.write(dict.fromkeys(ALL, 0) | {"clock_hours": "always"})
        self.env[CLOCK]._cron_clocks()
        tickets = self.tickets.with_user(self.agent_all)
        tickets.mapped("social_marks")
        self.env.flush_all()
        self.env["helpdesk.social.account"]._any_clock()
        with self.assertQueryCount(0):
            self.assertEqual(tickets.mapped("social_clock"), [False] * 3)
        self.assertEqual(self.late.ticket_id.social_timeline()["clocks"], [])

    def test_a_list_asks_once(self):
        tickets = self.tickets.with_user(self.agent_all)
        tickets.mapped("social_due")
        self.env.invalidate_all()
        tickets.mapped("name")
        few = self.counted(tickets)
        many = tickets
        for _number in range(10):
            many |= self.waiting("public", 5).ticket_id.with_user(self.agent_all)
        self.env.flush_all()
        self.env.invalidate_all()
        many.mapped("name")
        self.assertLessEqual(self.counted(many), few + 1)

    def counted(self, tickets):
        start = self.cr.sql_log_count
        tickets.mapped("social_due")
        return self.cr.sql_log_count - start

    def test_messages_show_their_own(self):
        model = "helpdesk.social.message"
        both = [("id", "in", (self.late | self.soon).ids)]
        late, soon = self.found(self.agent_all, both, model, order="clock_due")
        self.assertEqual((late, soon), (self.late, self.soon))
        self.assertEqual(soon.clock["kind"], "first_private")
        self.assertLess(late.clock_due, fields.Datetime.now())
        found = self.found(self.agent_all, both + [("clock_due", "<", "now")], model)
        self.assertEqual(found, self.late)
        found = self.found(self.internal, both, model, order="clock_due")
        self.assertEqual(found, self.late)
        self.assertFalse(found.clock, "no helpdesk user: told nothing")

    def test_the_page_gets_them(self):
        page = self.late.ticket_id.with_user(self.agent_all).social_page
        clocks = page["timeline"]["clocks"]
        self.assertEqual(
            [one["kind"] for one in clocks], ["first_public", "resolution"]
        )
        self.assertEqual(clocks[0]["person_id"], self.late.identity_id.id)
        self.assertTrue(page["composer"]["desk"]["clock"])
        self.assertNotIn(self.late.text, str(clocks))

    def test_figures_are_for_managers(self):
        for message, minutes in ((self.late, 90), (self.soon, 25)):
            message.write(
                {
                    "waiting": False,
                    "handled_how": "answered",
                    "handled_by_id": self.agent_team.id,
                    "handled_at": message.sent_at + timedelta(minutes=minutes),
                }
            )
        third = self.waiting("public", 40)
        third.write(
            {
                "waiting": False,
                "handled_how": "answered",
                "handled_at": third.sent_at + timedelta(minutes=20),
            }
        )
        clocks = self.env[CLOCK].with_user(self.manager)
        ours = [
            ("message_id", "in", (self.late | self.soon | third).ids),
            ("kind", "!=", "resolution"),
        ]
        groups = clocks.formatted_read_group(
            ours, ["user_id"], ["median_minutes:avg", "minutes:avg", "in_time:avg"]
        )
        by_agent = {group["user_id"]: group for group in groups}
        team = by_agent[(self.agent_team.id, self.agent_team.display_name)]
        self.assertAlmostEqual(team["median_minutes:avg"], 57.5, places=1)
        self.assertEqual(team["in_time:avg"], 0.5)
        (everybody,) = clocks.formatted_read_group(ours, [], ["median_minutes:avg"])
        self.assertAlmostEqual(everybody["median_minutes:avg"], 25, places=1)
        with self.assertRaises(AccessError):
            clocks.with_user(self.agent_all).formatted_read_group(
                ours, [], ["median_minutes:avg"]
            )
        other = clocks.with_user(self.other_company_agent)
        self.assertFalse(other.search_count([("company_id", "=", self.company.id)]))
        described = clocks.fields_get(["median_minutes", "started_hour"])
        self.assertEqual(described["median_minutes"]["aggregator"], "avg")
        self.assertFalse(described["started_hour"].get("aggregator"))

    def test_nobody_writes_clocks(self):
        clock = self.env[CLOCK].search([("message_id", "=", self.late.id)], limit=1)
        for user in (self.agent_all, self.manager):
            with self.assertRaises(AccessError):
                clock.with_user(user).write({"deadline": False})


@tagged("post_install", "-at_install")
class TestNothingIsLost(ClockCase):
    """Answered, handled without answer, or waiting; whatever became of the ticket."""

    def tearDown(self):
        messages = self.env["helpdesk.social.message"]
        self.env.flush_all()
        lost = messages.search(
            messages._domain_lost_sight_of()
            & Domain("account_id", "=", self.account.id)
        )
        self.assertFalse(lost, lost.mapped(lambda one: (one.text, one.why)))
        super().tearDown()

    def test_reasons(self):
        agent = self.message.with_user(self.agent_all)
        agent.action_handled(reason="not_ours", note="  for the\nshop ")
        self.assertEqual(
            (agent.handled_how, agent.handled_why, agent.handled_note),
            ("no_answer", "not_ours", "for the shop"),
        )
        self.assertEqual(agent.handled_by_id, self.agent_all)
        self.assertTrue(agent.handled_at)
        row = self.row(self.message)
        self.assertEqual(row["handled"]["why"], "for the shop")

    def test_a_reason_in_words(self):
        agent = self.message.with_user(self.agent_all)
        agent.action_handled(reason="Called them \x00" + "x" * 1000)
        self.assertEqual(agent.handled_why, "other")
        self.assertTrue(agent.handled_note.startswith("Called them"))
        self.assertLessEqual(len(agent.handled_note), 500)

    def test_any_reason_is_survived(self):
        agent = self.message.with_user(self.agent_all)
        for reason in (7, ["spam"], {"a": 1}, ""):
            agent.action_handled(reason=reason)
            self.assertFalse(agent.waiting)
        self.assertFalse(agent.handled_why)
        with self.assertRaises(AccessError):
            self.message.with_user(self.internal).action_handled(reason="spam")

    def test_thanks_on_a_closed_ticket(self):
        self.answer()
        self.close()
        thanks = self.say("Thanks!", -0.05)
        self.assertFalse(thanks.waiting)
        self.assertEqual((thanks.handled_how, thanks.why), ("auto", "stay"))
        self.assertFalse(thanks.handled_by_id)

    def test_archived_closed_and_merged_tickets(self):
        for change in (
            {"active": False},
            {"stage_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id},
            {"duplicate_id": self.make_ticket().id},
        ):
            post = self.world.post("Help me", author=f"x{len(change)}{change}"[:20])
            self.pull()
            message = self.of(post)
            message.ticket_id.write(change)
            self.assertTrue(message.waiting)
            self.world.post("Anybody?", author=post.author.id, parent=post.key)
            self.pull()

    def test_everything_a_network_can_bring(self):
        self.by_bot("Beep")
        self.world.post("", items.PRIVATE, author="s", kind=items.START)
        gone = self.world.post("oops", author="d")
        self.world.remove(gone)
        self.world.post("context", author="c", addressed=False)
        self.world.post("👍", author="t")
        self.world.post("us", author="us")
        self.pull()
        self.close()
        self.world.post("Thanks", author="cleo", parent=self.post.key)
        self.pull()
        self.world.edit(self.post, "Is it fireproof?")
        self.pull()

    def test_a_backlog_that_is_dismissed(self):
        self.account.connected_at = fields.Datetime.now() - timedelta(hours=1)
        for author in ("old", "older"):
            self.world.post("Years ago", author=author, sent_at=ago(hours=9))
        self.pull()
        self.account.with_user(self.manager).action_dismiss_backlog()
        messages = self.env["helpdesk.social.message"]
        old = messages.search([("why", "=", "backlog_dismissed")])
        self.assertEqual(len(old), 2)
        self.assertEqual(old.handled_by_id, self.manager)

    def test_a_backlog_that_is_accepted(self):
        self.account.connected_at = fields.Datetime.now() - timedelta(hours=1)
        old = self.world.post("Years ago", author="old", sent_at=ago(hours=9))
        done = self.world.post("Solved", author="done", sent_at=ago(hours=9))
        self.world.post("Yes", author="us", parent=done.key, sent_at=ago(hours=8))
        self.pull()
        self.account.with_user(self.manager).action_accept_backlog()
        self.assertTrue(self.of(old).waiting)
        clock = self.clocks(self.of(old))
        self.assertEqual(clock.started_at, self.account.connected_at)
        self.assertFalse(self.of(done).waiting)
