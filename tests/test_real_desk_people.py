"""What is learned, the clocks, and who somebody is, on a real fediverse server.

Run by the stage ``real``. The times are those of the server, and so are the people; a
code that proves who somebody is travels through a direct post.
"""

from unittest.mock import patch

from odoo.tests import tagged

from ..models import helpdesk_social_proof as proof_module
from ..texts import proof_code
from .real_fediverse import RealDesk

REAL = ("-standard", "helpdesk_social_real", "post_install", "-at_install")
SWITCH = "Please restart the lamp by its switch."


@tagged(*REAL)
class TestRealDeskPeople(RealDesk):
    @classmethod
    def prepare(cls):
        cls.account.write(
            {
                "clock_first_public": 60,
                "clock_first_private": 30,
                "clock_next": 120,
                "clock_hours": "always",
            }
        )
        # what was learned in this database before
        cls.env["helpdesk.ticket"].search([]).social_to_learn = False
        cls.suggestions = cls.env["helpdesk.social.suggestion"]
        cls.suggestions._cron_learn()
        cls.suggestions.search([]).unlink()

    @classmethod
    def write(cls):
        say = cls.say
        cls.lamp = say("jo", "my lamp flickers, what can I do?")
        cls.again = say("sam", "what can I do when the lamp flickers?")
        cls.where = say("kim", "where is my order?")
        cls.fire = say("sam", "is your shop on fire?")
        cls.beep = say("robo", "It will rain on your shop")
        cls.psst = say("jo", "between us: the lamp flickers", visibility="direct")
        cls.other = say("sam", "I say nothing in public", visibility="direct")
        cls.aside = say("kim", "a word in private", visibility="direct")
        return [
            *(cls.lamp, cls.again, cls.where, cls.fire),
            *(cls.beep, cls.psst, cls.other, cls.aside),
        ]

    @classmethod
    def write_more(cls):
        # in the network's own app
        cls.native = cls.customer("brand").status_post(
            "@kim On its way to you.", in_reply_to_id=cls.where["id"]
        )
        cls.thanks = cls.say("kim", "And when will it be here?", below=cls.native)
        return [cls.thanks]

    # --- 7: what is learned ---------------------------------------------------
    def suggested(self, message, audience="public"):
        told = self.at_desk(message).social_suggest(self.option(message, audience), "")
        return [one["text"] for one in told]

    def test_a_solved_conversation_helps_with_the_next(self):
        lamp, psst, again = map(self.heard, (self.lamp, self.psst, self.again))
        private = "Use the code nightingale for a new lamp."
        self.assertFalse(self.suggested(again))
        for message, text, audience in (
            (lamp, SWITCH, "public"),
            (psst, private, "private"),
        ):
            self.deliver(self.rows(self.send(message, text, audience)))
            self.close(message.ticket_id)
        self.env.flush_all()
        self.suggestions._cron_learn()
        self.assertEqual(self.suggested(again), [SWITCH])
        # told to one person alone: not even in private
        self.assertNotIn("nightingale", str(self.suggested(again, "private")))

        told = self.at_desk(again).social_suggest(self.option(again), "")
        self.deliver(self.rows(self.send(again, told[0]["text"])))
        self.assertEqual(len(self.below(self.again, "by its switch")), 1)
        self.assertEqual(len(self.world("by its switch")), 2)
        self.assertFalse(self.world("nightingale"))

    # --- 8: clocks ------------------------------------------------------------
    def clocks(self, message):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["helpdesk.social.clock"].search(
            [
                ("conversation_id", "=", message.conversation_id.id),
                ("identity_id", "=", message.identity_id.id),
                ("kind", "!=", "resolution"),
            ],
            order="started_at, id",
        )

    @staticmethod
    def at(post):
        """The server's time, as the ORM keeps it."""
        return post["created_at"].replace(tzinfo=None)

    def test_a_native_answer_stops_the_clock_when_it_was_written(self):
        where = self.heard(self.where)
        clock = self.clocks(where)
        self.assertEqual(clock.kind, "first_public")
        self.assertEqual(clock.started_at, self.at(self.where))
        self.assertFalse(clock.stopped_at)
        self.account.action_pull()
        first, second = self.clocks(where)
        self.assertEqual((first.outcome, first.in_time), ("answered", 1))
        self.assertEqual(first.stopped_at, self.at(self.native))
        self.assertEqual(first.answer_id, self.heard(self.native))
        self.assertFalse(first.user_id, "nobody here")
        # she goes on asking: the next one runs since then
        self.assertEqual(second.kind, "next")
        self.assertEqual(second.started_at, self.at(self.thanks))
        self.assertFalse(second.stopped_at)

    def test_a_holding_statement_stops_nothing(self):
        fire = self.heard(self.fire)
        answer = self.send(fire, "We find out and tell you.", consent={"holding": True})
        row = self.rows(answer)
        self.deliver(row)
        self.assertEqual(len(self.below(self.fire, "We find out")), 1)
        # it comes back from the server as our own post
        self.account.action_pull()
        self.assertTrue(row.holding)
        self.assertTrue(fire.waiting)
        self.assertFalse(self.clocks(fire).stopped_at)
        answer = self.rows(self.send(fire, "No, it was the toaster."))
        self.deliver(answer)
        self.assertFalse(fire.waiting)
        self.assertEqual(self.clocks(fire).outcome, "answered")
        self.assertEqual(self.clocks(fire).answer_id, answer)

    def test_a_bot_starts_no_clock(self):
        beep = self.heard(self.beep)
        self.assertEqual(beep.origin, "bot")
        self.assertFalse(beep.waiting)
        self.assertFalse(self.clocks(beep))

    def test_private_has_a_clock_of_its_own(self):
        psst = self.heard(self.psst)
        clock = self.clocks(psst)
        self.assertEqual((clock.kind, clock.target), ("first_private", 30))
        self.assertEqual(clock.started_at, self.at(self.psst))

    # --- 9: who somebody is ---------------------------------------------------
    def ask_proof(self, message, name):
        """(proof, code): the code is read in the mailbox of the contact."""
        partner = self.env["res.partner"].create(
            {"name": name, "email": "customer@example.com"}
        )
        message.identity_id.action_link(partner.id)
        codes, mint = [], proof_code.new_code

        def noted(groups=proof_code.GROUPS):
            codes.append(mint(groups))
            return codes[-1]

        with patch.object(proof_module.proof_code, "new_code", noted):
            option = self.option(message, "private")
            asked = self.at_desk(message).social_ask_proof(option)
        self.assertTrue(asked["ok"], asked)
        proof = self.env["helpdesk.social.proof"].search(
            [("identity_id", "=", message.identity_id.id)]
        )
        self.deliver(proof.request_id.sudo())
        return proof, proof_code.shown(codes[-1])

    def test_a_code_proves_who_returns_it_in_private(self):
        psst, aside = self.heard(self.psst), self.heard(self.aside)
        proof, code = self.ask_proof(psst, "Jo Miller")
        other, stolen = self.ask_proof(aside, "Kim Okafor")
        post = self.posted(proof.request_id)
        self.assertEqual(post["visibility"], "direct")
        self.assertNotIn(code, post["content"])
        self.assertFalse(self.world("e-mail"))

        # jo returns hers; kim's is told by somebody else
        right = self.say("jo", code, below=post, visibility="direct")
        wrong = self.say("sam", f"{stolen} says sam", visibility="direct")
        self.arrive(right, wrong)
        self.account.action_pull()
        self.assertEqual((proof.state, other.state), ("proved", "leaked"))
        self.assertEqual(proof.message_id, self.heard(right))
        self.assertTrue(psst.identity_id.verified_until)
        for message in (aside, self.heard(self.other)):
            self.assertFalse(message.identity_id.verified_until)
        self.assertNotIn(code, self.heard(right).text)
        self.assertFalse(self.heard(right).waiting)
        self.assertTrue(self.heard(wrong).waiting, "it proved nothing")

    def test_two_accounts_of_one_person(self):
        psst, other = self.heard(self.psst), self.heard(self.other)
        jo, sam = psst.identity_id, other.identity_id
        before = (jo.message_count, sam.message_count)
        jo.with_user(self.agent).action_merge(sam.id)
        self.env.invalidate_all()
        self.assertEqual({jo.message_count, sam.message_count}, {sum(before)})
        self.assertEqual((psst.identity_id, other.identity_id), (jo, sam))
        # an answer still goes to the account that wrote, and to no other
        for message, name in ((psst, "jo"), (other, "sam")):
            row = self.rows(self.send(message, f"Only for {name}", "private"))
            self.deliver(row)
            post = self.posted(row, by="kim")
            named = {one["acct"].partition("@")[0] for one in post["mentions"]}
            self.assertEqual((post["visibility"], named), ("direct", {name}))
        self.assertFalse(self.world("Only for"))
        jo.with_user(self.agent).action_unmerge()
        self.env.invalidate_all()
        self.assertEqual(jo.message_count, before[0] + 1)
        self.assertEqual(sam.message_count, before[1] + 1)
