"""Triage, threads of several people and an incident on a real fediverse server.

Run by the stage ``real``. What an agent does here is looked up on the server, with the
eyes of somebody else.
"""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .real_fediverse import RealDesk

REAL = ("-standard", "helpdesk_social_real", "post_install", "-at_install")


@tagged(*REAL)
class TestRealDeskThreads(RealDesk):
    @classmethod
    def prepare(cls):
        cls.account.write({"incident_people": 3, "incident_minutes": 60})
        rule = cls.env["helpdesk.social.rule"].create(
            {"name": "No ticket for thanks", "kind": "thanks", "ticket": "no"}
        )
        rule.action_try()
        rule.action_switch_on()
        cls.rule = rule
        cls.inbox = cls.env["helpdesk.social.inbox"].with_user(cls.agent)

    @classmethod
    def write(cls):
        say = cls.say
        cls.thanks = say("jo", "Thank you so much!")
        cls.lamp = say("jo", "my lamp flickers")
        cls.kettle = say("jo", "the kettle leaks")
        cls.spam = say("sam", "cheap watches here")
        cls.ads = say("robo", "cheap shoes here")
        cls.top = say("jo", "is the heater safe?")
        cls.sam = say("sam", "@jo my heater burns", below=cls.top)
        cls.kim = say("kim", "I wonder about the heater, too", below=cls.top)
        # a post of ours, written in the network's own app
        cls.news = cls.customer("brand").status_post("We raise our prices")
        cls.storm = [
            say(name, f"Shame on you! says {name}", below=cls.news)
            for name in ("jo", "sam", "kim")
        ]
        people = (cls.thanks, cls.lamp, cls.kettle, cls.spam, cls.ads, cls.top)
        return [*people, cls.sam, cls.kim, *cls.storm]

    @classmethod
    def write_more(cls):
        cls.spam_more = cls.say("sam", "and more watches")
        cls.sam_more = cls.say("sam", "now it smokes", below=cls.sam)
        cls.kim_more = cls.say("kim", "Nothing to say?", below=cls.storm[2])
        return [cls.spam_more, cls.sam_more, cls.kim_more]

    # --- 1: inbox and triage --------------------------------------------------
    def act(self, name, message, **options):
        return self.inbox.act(name, message.ids, options)

    def take_back(self, done):
        self.inbox.take_back(done["undo"])
        self.env.invalidate_all()

    def test_triage_and_taking_back(self):
        before = [one["id"] for one in self.world()]
        thanks, lamp = self.heard(self.thanks), self.heard(self.lamp)
        self.assertFalse(thanks.ticket_id)
        self.assertEqual((thanks.why, thanks.waiting), ("ruled_out", False))
        self.assertEqual(thanks.why_rule_ids, self.rule)
        self.assertTrue(lamp.ticket_id)
        loose = [one["id"] for one in self.inbox.get_list("loose")["rows"]]
        self.assertIn(thanks.id, loose)

        done = self.act("attach", thanks, ticket_id=lamp.ticket_id.id)
        self.assertEqual((thanks.ticket_id, thanks.why), (lamp.ticket_id, "attached"))
        self.take_back(done)
        self.assertFalse(thanks.ticket_id)
        done = self.act("open", thanks)
        own = thanks.ticket_id
        self.assertTrue(own)
        self.assertNotEqual(own, lamp.ticket_id)
        self.take_back(done)
        self.assertFalse(own.exists())
        done = self.act("ignore", thanks)
        self.assertEqual(thanks.handled_how, "ignored")
        self.take_back(done)
        self.assertEqual(thanks.handled_how, "auto")
        self.act("handled", lamp, reason="said on the phone")
        self.assertEqual((lamp.handled_how, lamp.waiting), ("no_answer", False))

        # all this is between us: not a word of it on the server
        self.assertEqual([one["id"] for one in self.world()], before)

    def test_a_blocked_person_goes_on_talking_to_others(self):
        spam = self.heard(self.spam)
        self.assertTrue(spam.waiting)
        done = self.act("block", spam)
        self.assertFalse(spam.waiting)
        self.account.action_pull()
        more = self.heard(self.spam_more)
        self.assertFalse(more.ticket_id)
        self.assertEqual((more.why, more.waiting), ("blocked", False))
        # silence here; on the server nothing was done to anybody
        self.assertFalse(self.kept_out(self.spam))
        self.assertTrue(self.world("more watches", who="sam", by="jo"))
        self.take_back(done)
        self.assertTrue(spam.waiting)
        self.assertFalse(spam.identity_id.blocked_at)

    def kept_out(self, post):
        """Does the server keep its author away from the brand?"""
        brand = self.customer("brand")
        [between] = brand.account_relationships(post["account"]["id"])
        return between["blocking"]

    def test_blocked_on_the_server_too_and_let_in_again(self):
        blocks = self.env["helpdesk.social.block"]
        author = self.ads["account"]["id"]
        self.addCleanup(self.customer("brand").account_unblock, author)
        ads = self.heard(self.ads)
        done = self.act("block_there", ads)
        self.assertEqual((done["there"], done["not_there"]), (1, []), done)
        self.assertFalse(self.kept_out(self.ads), "a lane does it")
        blocks._cron_block()
        row = ads.identity_id.sudo().block_ids
        self.assertEqual(row.state, "done", row.error_code)
        self.assertTrue(self.kept_out(self.ads))
        # what they write reaches the server, and not us
        lost = self.say("robo", "Do you hear me?")
        self.arrive(self.say("kim", "I like your robot"))
        self.account.action_pull()
        self.assertFalse(self.heard(lost))
        self.assertTrue(self.world("hear me", who="robo", by="jo"))
        self.take_back(done)
        blocks._cron_block()
        self.assertFalse(self.kept_out(self.ads))

    def test_hiding_is_refused_where_the_network_cannot(self):
        spam = self.heard(self.spam).with_user(self.agent)
        kinds = [one["kind"] for one in spam.social_affordances()]
        self.assertNotIn("hide", kinds)
        with self.assertRaisesRegex(UserError, "cannot|not"):
            spam.action_hide()
        self.assertFalse(spam.hidden)
        self.assertTrue(self.world("cheap watches", who="sam", by="jo"))

    # --- 2: several people ----------------------------------------------------
    def test_one_of_several_is_answered_and_split_off(self):
        top, sam, kim = map(self.heard, (self.top, self.sam, self.kim))
        ticket = self.at_desk(top)
        self.assertEqual((sam | kim).ticket_id, top.ticket_id)
        people = ticket.social_people()
        self.assertEqual((people["total"], people["waiting"]), (3, 3))
        roles = {
            people["labels"][one["id"]]["handle"].partition("@")[2].partition("@")[0]: (
                one["role"],
                one["message_id"],
            )
            for one in people["people"]
        }
        self.assertEqual(
            roles,
            {
                "jo": ("opener", top.id),
                "sam": ("bystander", sam.id),
                "kim": ("bystander", kim.id),
            },
        )

        row = self.rows(self.send(sam, "Please switch your heater off."))
        self.deliver(row)
        # who asks above is not told of it, and goes on waiting
        self.assertEqual((top.waiting, sam.waiting, kim.waiting), (True, False, True))
        [seen] = self.below(self.sam, "switch your heater off")
        self.assertEqual(len(self.world("switch your heater off")), 1)
        self.assertEqual(seen["visibility"], "public")
        named = {one["acct"].partition("@")[0] for one in seen["mentions"]}
        self.assertEqual(named, {"sam"}, "nobody else is called into it")

        done = ticket.social_split(sam.identity_id.id)
        other = self.env["helpdesk.ticket"].browse(done["ticket_id"])
        self.assertEqual(other.social_message_ids, sam | row)
        self.account.action_pull()
        more = self.heard(self.sam_more)
        self.assertEqual(more.ticket_id, other)
        self.assertFalse(more.ticket_id & (top | kim).ticket_id)
        row = self.rows(self.send(more, "We send somebody to look at it."))
        self.deliver(row)
        [seen] = self.below(self.sam_more, "send somebody")
        self.assertEqual(row.ticket_id, other)

        other.with_user(self.agent).social_take_back_move(done["move_id"])
        self.assertEqual((sam | more | row).ticket_id, top.ticket_id)

    def test_two_tickets_become_one_and_each_post_its_own_answer(self):
        lamp, kettle = self.heard(self.lamp), self.heard(self.kettle)
        former = kettle.ticket_id
        self.assertNotEqual(former, lamp.ticket_id)
        self.at_desk(kettle).social_merge(lamp.ticket_id.id)
        self.assertEqual(kettle.ticket_id, lamp.ticket_id)
        self.assertEqual(former.duplicate_id, lamp.ticket_id)
        for message, text in (
            (lamp, "A new lamp is on its way."),
            (kettle, "Please send us your kettle."),
        ):
            self.deliver(self.rows(self.send(message, text)))
        self.assertEqual(len(self.below(self.lamp, "A new lamp")), 1)
        self.assertEqual(len(self.below(self.kettle, "send us your kettle")), 1)
        self.assertFalse(self.below(self.lamp, "kettle"))

    def test_an_incident_is_held_and_answered_at_a_pace(self):
        comments = self.messages.union(*map(self.heard, self.storm))
        ticket = self.at_desk(comments[0])
        self.assertEqual(comments.ticket_id, ticket.sudo(False))
        self.assertTrue(ticket.social_incident)
        self.assertIn("We raise our prices", ticket.name)
        self.assertFalse(self.heard(self.top).ticket_id.social_incident)

        done = ticket.social_incident_hold("We read every word of you.")
        holding = self.rows(done)
        self.deliver(holding)
        self.assertEqual(len(self.below(self.news, "every word of you")), 1)
        self.assertTrue(all(comments.mapped("waiting")))
        self.assertFalse(ticket.social_incident_hold("Once more.")["ok"])

        planned = ticket.social_incident_answer(
            ["Sorry, {{handle}}!", "{{handle}}, we are sorry."]
        )
        self.assertEqual(planned["planned"], 3, planned)
        rows = self.messages.search(
            [("ticket_id", "=", ticket.id), ("paced_at", "!=", False)]
        ).sudo()
        # kim goes on writing before it is her turn
        self.account.action_pull()
        past = fields.Datetime.now() - timedelta(seconds=5)
        for _again in range(3):
            # two never leave at once: the last one was a while ago
            gone = rows.filtered("released_at")
            gone.released_at = past - timedelta(minutes=10)
            coming = rows.filtered(lambda one: one.delivery_state in ("held", "queued"))
            coming.write({"held_until": past, "paced_at": past})
            self.outbox._cron_deliver()
        kim = rows.filtered(lambda one: one.parent_id == comments[2])
        self.assertEqual(
            (kim.delivery_state, kim.error_code), ("cancelled", "paced_again")
        )
        self.assertEqual(set((rows - kim).mapped("delivery_state")), {"sent"})
        for post in self.storm[:2]:
            self.assertEqual(len(self.below(post)), 1)
        self.assertFalse(self.below(self.storm[2]) + self.below(self.kim_more))
        self.assertEqual(len(self.world("every word of you")), 1)
        self.assertEqual(comments.mapped("waiting"), [False, False, True])
