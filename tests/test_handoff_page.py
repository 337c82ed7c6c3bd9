"""The private page: worth nothing to anybody but the identity that was invited."""

import re
from datetime import timedelta, timezone
from unittest.mock import Mock, patch

import requests

from odoo import fields
from odoo.tests import HttpCase, common, tagged

from ..controllers import private_page
from ..controllers.private_page import PrivatePage
from ..models import helpdesk_social_handoff_browser as limits
from ..models.helpdesk_social_handoff import digest
from ..networks import items
from ..texts import proof_code
from .handoff_common import HandoffFixtures

COOKIE = "helpdesk_social_private"
CODE = re.compile(r'id="code"[^>]*>([^<]*)<')


class Visitor:
    """A browser: keeps its cookies, reads forms, runs no script."""

    def __init__(self, case, address, **headers):
        self.case, self.address = case, address
        self.session = requests.Session()
        self.session.headers.update(headers)

    def _send(self, method, path, **options):
        """As the opener of the test case does, with cookies of its own."""
        self.case.cr.flush()
        self.case.cr.clear()
        with self.case.allow_requests():
            name = common.TEST_CURSOR_COOKIE_NAME
            self.session.cookies.set(name, self.case.http_request_key)
            url = f"{self.case.base_url()}{self.address}{path}"
            return self.session.request(method, url, timeout=30, **options)

    def get(self, path=""):
        return self._send("GET", path)

    def field(self, name, page=None):
        page = page if page is not None else self.get().text
        found = re.search(f'name="{name}" value="([^"]*)"', page)
        return found and found.group(1)

    def post(self, path, **form):
        return self._send("POST", path, data=form)

    def ask(self):
        """Ask for a code; what the page says should be posted."""
        page = self.post("/ask", form=self.field("form")).text
        found = CODE.search(page)
        return found.group(1) if found else ""

    def say(self, text):
        page = self.get().text
        return self.post(
            "/say",
            form=self.field("form", page),
            once=self.field("once", page),
            text=text,
        )

    @property
    def cookie(self):
        [kept] = [one.value for one in self.session.cookies if one.name == COOKIE]
        return kept

    @property
    def is_in(self):
        return self.get("/state").json()["open"]


@tagged("post_install", "-at_install")
class TestPrivatePage(HandoffFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.message = self.complaint(text="@us My lamp broke, says secretword")
        self.ticket = self.message.ticket_id
        self.ticket.name = "titleword"
        self.handoff, self.token = self.invite(
            self.message, self.account._page_account(), items.PAGE
        )
        self.handoff._open_page()
        self.address = f"/helpdesk_social/private/{self.token}"

    def visitor(self, address=None, **headers):
        return Visitor(self, address or self.address, **headers)

    def post_code(self, words, author="ann", **values):
        said = self.world.post(words, author=author, **values)
        self.pull()
        return self.heard(said)

    def let_in(self, **values):
        visitor = self.visitor(**values)
        self.post_code(visitor.ask())
        self.assertTrue(visitor.is_in)
        return visitor

    def process(self):
        self.env["helpdesk.social.intake"]._process_all(self.handoff.account_id)

    # --- the way it is meant ----------------------------------------------------
    def test_the_invited_identity_opens_the_browser_that_asked(self):
        ann = self.visitor()
        page = ann.get().text
        self.assertNotIn("textarea", page)
        self.assertFalse(ann.is_in)
        words = ann.ask()
        self.assertTrue(words.startswith("@us "))
        self.assertFalse(ann.is_in)
        proof = self.post_code(words)
        self.assertTrue(ann.is_in)
        self.assertIn("textarea", ann.get().text)
        # the code asks for nothing
        self.assertEqual(proof.why, "proof")
        self.assertFalse(proof.waiting)
        self.assertEqual(proof.ticket_id, self.ticket)
        self.assertEqual(self.ticket.social_conversation_ids.mapped("backlog"), [0] * 3)

    def test_what_is_written_there_enters_the_ticket_and_is_answered(self):
        ann = self.let_in()
        answer = ann.say("12 Long Road <b>bold</b>\nTown 灯")
        self.assertIn("on its way", answer.text)
        self.assertIn("&lt;b&gt;bold", answer.text)
        self.process()
        heard = self.messages.search([("account_id", "=", self.handoff.account_id.id)])
        self.assertEqual(heard.text, "12 Long Road <b>bold</b>\nTown 灯")
        self.assertEqual((heard.audience, heard.origin), ("private", "customer"))
        self.assertEqual(heard.ticket_id, self.ticket)
        self.assertTrue(heard.waiting)
        self.assertEqual(heard.identity_id.handle, "ann")
        agent = self.ticket.with_user(self.agent_all)
        [option] = [
            one
            for one in agent.social_composer()["options"]
            if one["message_id"] == heard.id
        ]
        self.assertEqual(option["audience"], "private")
        self.assertTrue(option["allowed"], option)
        sent = agent.social_send(option["id"], "Thank you, answerword")
        self.assertTrue(sent["ok"], sent)
        self.messages.browse(sent["message_ids"]).with_user(
            self.agent_all
        ).action_send_now()
        self.assertNotIn("answerword", ann.get().text)
        self.deliver()
        page = ann.get().text
        self.assertIn("answerword", page)
        self.assertFalse(heard.waiting)
        # nothing else of the ticket, nor of us
        for word in (
            self.ticket.number,
            "titleword",
            "secretword",
            self.agent_all.name,
            "lamp",
        ):
            self.assertNotIn(word, page)
        self.assertEqual(ann.get("/state").json(), {"open": True, "count": 2})

    def test_a_code_may_be_said_in_private_where_that_is_possible(self):
        ann = self.visitor()
        proof = self.post_code(ann.ask(), audience=items.PRIVATE)
        self.assertTrue(ann.is_in)
        self.assertFalse(proof.waiting)

    def test_a_complaint_beside_the_code_still_waits(self):
        ann = self.visitor()
        proof = self.post_code(
            f"{ann.ask()} and hurry up please, the lamp smells of burning by now!"
        )
        self.assertTrue(ann.is_in)
        self.assertTrue(proof.waiting)

    def test_the_same_form_twice_is_one_message(self):
        ann = self.let_in()
        page = ann.get().text
        form = {name: ann.field(name, page) for name in ("form", "once")}
        for _one in range(3):
            ann.post("/say", text="Hello", **form)
        self.process()
        self.assertEqual(
            self.messages.search_count(
                [("account_id", "=", self.handoff.account_id.id)]
            ),
            1,
        )

    # --- other browsers ---------------------------------------------------------
    def test_another_browser_gets_another_code_and_stays_out(self):
        ann, eve = self.visitor(), self.visitor()
        words, others = ann.ask(), eve.ask()
        self.assertNotEqual(words, others)
        self.post_code(words)
        self.assertTrue(ann.is_in)
        self.assertFalse(eve.is_in)
        self.assertNotIn("textarea", eve.get().text)
        eve.say("I am Ann")
        eve.post("/say", form=eve.field("form"), once="x", text="I am Ann")
        self.process()
        self.assertFalse(
            self.messages.search([("account_id", "=", self.handoff.account_id.id)])
        )

    def test_cookies_of_one_page_open_no_other(self):
        ann = self.let_in()
        message = self.complaint("bob", "@us Mine too")
        other, token = self.invite(message, self.handoff.account_id, items.PAGE)
        other._open_page()
        elsewhere = self.visitor(f"/helpdesk_social/private/{token}")
        elsewhere.session.cookies.set(COOKIE, ann.cookie)
        self.assertFalse(elsewhere.is_in)

    def test_nobody_s_login_opens_it(self):
        for user in (self.portal_customer, self.agent_all, self.admin):
            self.authenticate(user.login, user.login)
            page = self.url_open(self.address)
            self.assertNotIn("textarea", page.text)
            self.assertFalse(self.url_open(f"{self.address}/state").json()["open"])

    def test_a_planted_cookie_opens_nothing(self):
        """Eve's secret in Ann's browser: what Ann proves is not Eve's."""
        eve = self.visitor()
        eve.get()
        ann = self.visitor()
        place = {"domain": common.HOST, "path": self.address}
        ann.session.cookies.set(COOKIE, eve.cookie, **place)
        self.assertEqual(ann.cookie, eve.cookie)
        words = ann.ask()
        self.assertNotEqual(ann.cookie, eve.cookie)
        self.post_code(words)
        self.assertTrue(ann.is_in)
        self.assertFalse(eve.is_in)

    def test_on_an_encrypted_line_only_this_host_sets_the_cookie(self):
        page, told = PrivatePage(), Mock()
        for scheme, name, path in (
            ("https", f"__Host-{COOKIE}_{digest('t')[:16]}", "/"),
            ("http", COOKIE, "/helpdesk_social/private/t"),
        ):
            told.httprequest.scheme = scheme
            response = Mock()
            with patch.object(private_page, "request", told):
                page._keep(response, "t", "value")
            args, options = response.set_cookie.call_args
            self.assertEqual((args[0], options["path"]), (name, path))
            self.assertEqual(options["secure"], scheme == "https")
            self.assertTrue(options["httponly"])

    # --- codes ------------------------------------------------------------------
    def test_a_code_said_by_another_identity_opens_nothing(self):
        eve = self.visitor()
        words = eve.ask()
        with self.assertLogs("odoo.addons.helpdesk_social", "WARNING"):
            said = self.post_code(words, author="eve")
        self.assertFalse(eve.is_in)
        # it is an ordinary message of somebody else
        self.assertTrue(said.waiting)
        self.assertNotEqual(said.ticket_id, self.ticket)

    def test_the_same_handle_on_another_scope_or_id_opens_nothing(self):
        eve = self.visitor()
        words = eve.ask()
        for who in (
            items.Author(id="ann2", handle="ann", name="Ann"),
            items.Author(id="ann", handle="ann", name="Ann", scope="elsewhere"),
        ):
            self.world.post(words)
            raw = self.world.inbox[-1]
            raw.data["author"] = {**raw.data["author"], **vars(who)}
            self.pull()
            self.assertFalse(eve.is_in)

    def test_a_code_that_was_passed_on_is_no_proof(self):
        """Forwarded words, words in a thread that is read as context, edits."""
        eve = self.visitor()
        words = eve.ask()
        self.post_code(words, kind=items.FORWARD)
        self.assertFalse(eve.is_in)
        said = self.world.post("@us hello", author="ann")
        self.pull()
        self.world.edit(said, f"@us {words}")
        self.pull()
        self.assertFalse(eve.is_in)

    def test_a_code_works_once(self):
        ann = self.visitor()
        words = ann.ask()
        self.post_code(words)
        ann.post("/leave", form=ann.field("form"))
        self.assertFalse(ann.is_in)
        self.post_code(words)
        self.assertFalse(ann.is_in)
        # nor for whoever has stolen the cookie that showed it
        eve = self.visitor()
        eve.get()
        self.post_code(words)
        self.assertFalse(eve.is_in)

    def test_a_code_ends(self):
        ann = self.visitor()
        words = ann.ask()
        self.assertIn('id="code"', ann.get().text)
        browser = self.handoff.browser_ids
        browser.code_at -= timedelta(minutes=25)
        browser.code_until -= timedelta(minutes=25)
        self.assertNotIn('id="code"', ann.get().text)
        self.post_code(words)
        self.assertFalse(ann.is_in)

    def test_a_post_from_before_the_code_was_shown_is_no_proof(self):
        ann = self.visitor()
        words = ann.ask()
        early = fields.Datetime.now() - timedelta(hours=1)
        self.post_code(words, sent_at=early.replace(tzinfo=timezone.utc))
        self.assertFalse(ann.is_in)

    def test_another_code_replaces_the_first(self):
        ann = self.visitor()
        first, second = ann.ask(), ann.ask()
        self.assertNotEqual(first, second)
        self.post_code(first)
        self.assertFalse(ann.is_in)
        self.post_code(second)
        self.assertTrue(ann.is_in)

    def test_codes_are_stored_so_that_nobody_can_use_them(self):
        ann = self.visitor()
        code = ann.ask().split()[-1].replace("-", "")
        self.env.flush_all()
        self.env.cr.execute("SELECT b::text FROM helpdesk_social_handoff_browser b")
        stored = str(self.env.cr.fetchall())
        self.assertNotIn(code, stored)
        self.assertNotIn(ann.cookie.partition(".")[0], stored)

    def test_guessing_meets_nothing(self):
        ann = self.visitor()
        ann.ask()
        for _one in range(20):
            self.world.post(proof_code.shown(proof_code.new_code()), author="ann")
        self.pull()
        self.assertFalse(ann.is_in)

    def test_too_many_codes_are_refused(self):
        visitor = self.visitor()
        codes = [visitor.ask() for _one in range(limits.PER_ADDRESS + 2)]
        self.assertTrue(all(codes[: limits.PER_ADDRESS]))
        answer = visitor.post("/ask", form=visitor.field("form"))
        self.assertEqual(answer.status_code, 429)
        self.assertIn("Too many codes", answer.text)
        # cookies thrown away do not help
        self.assertFalse(self.visitor().ask())

    def test_too_many_messages_are_refused(self):
        ann = self.let_in()
        for number in range(limits.MESSAGES):
            self.handoff._page_says("x", str(number))
        self.assertIn("Please wait", ann.say("One more").text)
        self.assertIn("One more", ann.say("One more").text, "the words are kept")
        self.assertIn("too long", self.handoff._page_refuses("x" * 5001) and "too long")
        self.assertIn("too long", ann.say("x" * 5001).text)

    # --- forms ------------------------------------------------------------------
    def test_forms_of_other_sites_do_nothing(self):
        ann = self.let_in()
        eve = self.visitor()
        stolen = eve.field("form")
        for form in ({}, {"form": ""}, {"form": stolen}, {"form": "灯"}):
            ann.post("/say", text="forged", once="1", **form)
            ann.post("/leave", **form)
            ann.post("/ask", **form)
        self.process()
        self.assertFalse(self.messages.search([("text", "=", "forged")]))
        self.assertTrue(ann.is_in)
        self.assertEqual(len(self.handoff.browser_ids), 1, "no code was asked for")

    def test_a_look_makes_nothing(self):
        """Networks and mail programs fetch every link that is posted."""
        for _one in range(5):
            self.visitor().get()
        self.assertFalse(self.handoff.browser_ids)

    def test_headers_and_cookie(self):
        answer = self.visitor().get()
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertIn("noindex", answer.headers["X-Robots-Tag"])
        policy = answer.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertIn("frame-ancestors 'none'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        cookie = answer.headers["Set-Cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Lax", cookie)
        self.assertIn(f"Path={self.address}", cookie)
        self.assertNotIn("session_id", cookie)
        for page in (answer.text, self.let_in().get().text):
            self.assertNotIn(" style=", page)
            self.assertNotRegex(page, r"<script(?![^>]* src=)")
            self.assertNotIn("onclick", page)

    # --- ending -----------------------------------------------------------------
    def test_leaving_closes_it_for_this_browser(self):
        ann = self.let_in()
        ann.post("/leave", form=ann.field("form"))
        self.assertFalse(ann.is_in)
        self.assertNotIn("textarea", ann.get().text)

    def test_it_closes_by_itself(self):
        ann = self.let_in()
        self.handoff.browser_ids.session_until = fields.Datetime.now()
        self.assertFalse(ann.is_in)
        # and opens again with a new proof
        self.post_code(ann.ask())
        self.assertTrue(ann.is_in)

    def test_what_never_was_and_what_has_ended_look_the_same(self):
        self.let_in()
        never = self.visitor("/helpdesk_social/private/" + "x" * 32)
        ended = self.visitor()
        self.handoff.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        link, token = self.invite(self.message, way=items.LINK)
        unlike = self.visitor(f"/helpdesk_social/private/{token}")
        hashed = self.visitor(f"/helpdesk_social/private/{self.handoff.token_hash}")
        number = self.visitor(f"/helpdesk_social/private/{self.handoff.id}")
        pages = [one.get() for one in (never, ended, unlike, hashed, number)]
        self.assertEqual({one.status_code for one in pages}, {404})
        self.assertEqual(len({one.text for one in pages}), 1)
        for one in (never, ended):
            for path in ("/ask", "/say"):
                self.assertEqual(one.post(path, form="x").status_code, 404)
            self.assertFalse(one.get("/state").json()["open"])
            self.assertEqual(one.get("/logo").status_code, 404)
        self.assertTrue(link)

    def test_strange_addresses_and_bodies(self):
        for address in ("%00", "..%2f..", "a'b", "灯", "x" * 3000):
            answer = self.visitor(f"/helpdesk_social/private/{address}").get()
            self.assertIn(answer.status_code, (404, 414))
        ann = self.let_in()
        ann.session.cookies.set(COOKIE, "x" * 3000)
        self.assertEqual(ann.get().status_code, 200)
        big = ann.post("/say", text="x" * 200_000)
        self.assertIn(big.status_code, (413, 400))

    # --- languages --------------------------------------------------------------
    def test_in_the_browser_s_language(self):
        self.env["res.lang"]._activate_lang("ar_001")
        page = self.visitor(**{"Accept-Language": "ar;q=0.9, en;q=0.1"}).get().text
        self.assertIn('lang="ar-001"', page)
        self.assertIn('dir="rtl"', page)
        page = self.visitor(**{"Accept-Language": "xx, *;q=0.5, ;;"}).get().text
        self.assertIn('lang="en-US"', page)
