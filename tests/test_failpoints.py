"""Never lost, never twice: the process dies at each point in turn, for each adapter.

Deterministic: the whole way of a message (pull, journal, ticket, reply, send) is run
again and again, and dies at the first point, then at the second, and so on, until a
run meets no further point. After each death the lanes start anew, as after a restart.
"""

from unittest.mock import patch

from odoo import api, fields
from odoo.tests import TransactionCase, tagged

from ..models import common
from ..networks import x_files
from ..networks.facebook import FacebookAdapter
from .simulators.bluesky import BlueskyHarness
from .simulators.facebook import FacebookHarness
from .simulators.instagram import InstagramHarness
from .simulators.line import LineHarness, LineSimulator
from .simulators.mastodon import MastodonHarness
from .simulators.sandbox import SandboxHarness
from .simulators.telegram import TelegramHarness
from .simulators.whatsapp import WhatsAppHarness
from .simulators.x import XHarness
from .test_media import PNG


class Died(BaseException):
    """The process is gone; nothing may catch this."""


class DieAt:
    """Dies when the ``number``-th point is reached; later points are harmless."""

    def __init__(self, number):
        self.number, self.reached, self.name = number, 0, ""

    def __call__(self, name):
        self.reached += 1
        if self.reached == self.number:
            self.name = name
            raise Died(name)


@tagged("post_install", "-at_install", "helpdesk_social_failpoints")
class TestFailpoints(TransactionCase):
    SAID = ("My lamp broke", "Mine too", "And mine")

    def test_mastodon(self):
        self.die_everywhere(MastodonHarness())

    def test_telegram(self):
        self.die_everywhere(TelegramHarness())

    def test_bluesky(self):
        self.die_everywhere(BlueskyHarness())

    def test_bluesky_in_private(self):
        """No key protects a private message there: what became of it is looked up."""
        harness = BlueskyHarness()
        harness.says = "private"
        self.die_everywhere(harness)

    def test_x(self):
        self.die_everywhere(XHarness())

    def test_x_with_a_file_in_chunks(self):
        """Whatever dies between two chunks: one post, and no chunk is lost."""
        harness = XHarness()
        harness.file = PNG
        chunk = 30
        with patch.object(x_files, "CHUNK", chunk):
            names = self.die_everywhere(harness)
        steps = [one for one in names if one == "outbox: between steps of an upload"]
        self.assertGreaterEqual(len(steps), len(PNG) // chunk + 1)

    def test_whatsapp(self):
        """Nothing can be pulled and nothing looked up: what became of a message is
        told by the network, which brings our own key back."""
        self.die_everywhere(WhatsAppHarness())

    def test_whatsapp_that_tells_nothing(self):
        """No news of what was sent: a person is asked, and nothing is doubled."""
        harness = WhatsAppHarness()
        harness.tells = False
        self.die_everywhere(harness)

    def test_facebook(self):
        """Nothing makes a repeat harmless there: what became of a comment is looked
        up, or comes back with the pull."""
        self.die_on_facebook("public", "published_posts")

    def test_facebook_in_private(self):
        self.die_on_facebook("private", "messages")

    def die_on_facebook(self, audience, *streams):
        """The other streams are read alike, and each is more points to die at."""
        harness = FacebookHarness()
        harness.says, harness.own_posts = audience, int(audience == "public")
        with patch.object(FacebookAdapter, "streams", streams):
            self.die_everywhere(harness)

    def test_instagram(self):
        """Comments: no key protects an answer, what became of it is looked up."""
        self.die_everywhere(InstagramHarness())

    def test_instagram_that_is_only_asked(self):
        """No webhook at all: posts, their comments, page by page."""
        harness = InstagramHarness()
        harness.deliveries = None
        harness.own_posts = 1
        self.die_everywhere(harness)

    def test_instagram_in_private(self):
        harness = InstagramHarness()
        harness.says = "private"
        self.die_everywhere(harness)

    def test_line(self):
        """What counts on the plan has a key."""
        self.die_everywhere(LineHarness())

    def test_line_while_an_answer_is_free(self):
        """A reply token protects nothing: a person is asked, nothing is doubled."""
        harness = LineHarness()
        harness.reply_seconds = "60"
        harness.simulator = lambda: LineSimulator().wake_up()
        self.die_everywhere(harness)

    def test_sandbox(self):
        self.die_everywhere(SandboxHarness())

    def die_everywhere(self, harness):
        names = []
        for number in range(1, 200):
            name = self.one_life(harness, number)
            if not name:
                break
            names.append(name)
        self.assertGreater(len(names), 12, "the points were not reached")
        self.assertIn("outbox: before the effect", names)
        self.assertIn("outbox: after the effect", names)
        self.assertIn("before a commit", names)
        return names

    def one_life(self, harness, number):
        """One run that dies at point ``number``; the point's name, or ''."""
        life = self.env.cr.savepoint()
        try:
            with harness.simulator() as sim, self.enter_registry_test_mode():
                with self.registry.cursor() as cr:
                    return self.live_and_settle(cr, harness, sim, number)
        finally:
            # nothing of this life is left for the next
            life.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def live_and_settle(self, cr, harness, sim, number):
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        world = World(self, env, harness, sim)
        die = DieAt(number)
        with patch.object(common, "failpoint", die):
            try:
                world.live()
            except Died:
                cr.rollback()
                env.invalidate_all(flush=False)
        world.settle()
        world.judge(die)
        return die.name


class World:
    """One account on one fake server, and the way of a message through it."""

    def __init__(self, case, env, harness, sim):
        self.case, self.env, self.harness, self.sim = case, env, harness, sim
        network = env["helpdesk.social.network"].search([("code", "=", harness.code)])
        self.team = env["helpdesk.ticket.team"].create({"name": f"Team {sim!r}"})
        self.account = env["helpdesk.social.account"].create(
            {
                "name": harness.code,
                "network_id": network.id,
                "team_id": self.team.id,
            }
        )
        self.link()
        self.account.action_connect()
        # fake servers have clocks of their own; nothing here is a backlog
        self.account.connected_at = "2020-01-01 00:00:00"
        audience = "private" if harness.code == "telegram" else "public"
        audience = getattr(harness, "says", audience)
        self.keys = [harness.customer_says(sim, text, audience) for text in case.SAID]
        self.replies = env["helpdesk.social.message"].browse()
        self.user = env.ref("base.user_admin")
        env.cr.commit()  # the scene is set before anything can die

    def link(self):
        """Point the account at the fake server."""
        if hasattr(self.harness, "transport"):
            patcher = patch.object(
                type(self.env["helpdesk.social.sandbox.post"]),
                "_transport",
                lambda model, account: self.harness.transport(self.sim),
            )
            patcher.start()
            self.case.addCleanup(patcher.stop)
        self.account.set_settings(self.harness.settings(self.sim))

    # --- the way of a message -------------------------------------------------
    def hear(self):
        """Ask the network, or take what it delivers, again and again."""
        deliveries = getattr(self.harness, "deliveries", None)
        if deliveries is None:
            return self.account._pull()
        adapter = self.account._adapter()
        events = self.env["helpdesk.social.event"]
        for raw in deliveries(self.sim):
            found = adapter.split(raw)
            events._journal(self.account.app_id, found, source="push")
            common.commit(self.env)  # commit: as the webhook's request does
        return None

    def live(self):
        self.hear()
        self.env["helpdesk.social.intake"]._process_all(self.account)
        self.answer()
        self.env["helpdesk.social.outbox"]._cron_deliver()

    def messages(self):
        return self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id), ("direction", "=", "in")],
            order="sent_at, id",
        )

    def answer(self):
        if self.replies.exists():
            return
        message = self.messages()[:1]
        ticket = message.ticket_id.with_user(self.user)
        reply = ticket.social_reply(
            "We are looking into it",
            message.audience,
            to=message,
            attachments=self.files(),
            key="once",
        )
        self.replies = reply.sudo()
        common.commit(self.env)  # commit: the agent's click

    def files(self):
        raw = getattr(self.harness, "file", b"")
        files = self.env["ir.attachment"].with_user(self.user)
        return files.create({"name": "lamp.png", "raw": raw}) if raw else ()

    # --- after the restart ----------------------------------------------------
    def settle(self):
        """Lanes start again; leases run out, waits pass."""
        for _round in range(8):
            past = fields.Datetime.subtract(fields.Datetime.now(), minutes=10)
            self.account.sudo().write(
                {"lease_until": False, "next_pull_at": past, "paused_until": False}
            )
            rows = self.env["helpdesk.social.message"].search(
                [("account_id", "=", self.account.id), ("direction", "=", "out")]
            )
            rows.filtered("sending_until").write({"sending_until": past})
            rows.filtered("next_try_at").write({"next_try_at": past})
            self.env.cr.commit()
            self.hear()
            self.env["helpdesk.social.intake"]._process_all(self.account)
            self.answer()
            self.env["helpdesk.social.outbox"]._cron_deliver()

    def judge(self, die):
        case, where = self.case, f"died at {die.number}: {die.name or 'nowhere'}"
        found = self.messages()
        case.assertEqual(len(found), len(case.SAID), where)
        case.assertEqual(len(set(found.mapped("key"))), len(case.SAID), where)
        for text in case.SAID:
            case.assertEqual(sum(text in one.text for one in found), 1, where)
        tickets = found.ticket_id
        wanted = 1 if found[0].audience == "private" else len(case.SAID)
        case.assertEqual(len(tickets), wanted, where)
        everything = self.env["helpdesk.ticket"].search(
            [("team_id", "=", self.team.id)]
        )
        case.assertEqual(everything, tickets, where)
        self.judge_reply(die, where)

    def judge_reply(self, die, where):
        case, row = self.case, self.replies
        shown = len(self.harness.published(self.sim))
        rows = self.env["helpdesk.social.message"].search_count(
            [("account_id", "=", self.account.id), ("direction", "=", "out")]
        )
        # some networks list our own posts, which stand above the comments
        case.assertEqual(rows, 1 + getattr(self.harness, "own_posts", 0), where)
        adapter = self.account._adapter()
        tried_at = common.to_network(row.sending_at)
        guarded = adapter.protection(row._draft(), tried_at).kind != "none"
        if guarded or row.delivery_state == "sent":
            case.assertEqual((row.delivery_state, shown), ("sent", 1), where)
            self.judge_file(where)
        else:
            # nothing protects a repeat: a person is asked, and nothing is doubled
            case.assertEqual(row.delivery_state, "uncertain", where)
            case.assertLessEqual(shown, 1, where)
            in_window = die.name.startswith("outbox:") or "commit" in die.name
            case.assertTrue(in_window, where)

    def judge_file(self, where):
        """The whole file is what the post carries."""
        raw = getattr(self.harness, "file", b"")
        if raw:
            carried = [post.media for post in self.sim.world.posts.values()]
            [[key]] = [keys for keys in carried if keys]
            found = {one.key: one.data for one in self.sim.world.media.values()}
            self.case.assertEqual(found[key], raw, where)
