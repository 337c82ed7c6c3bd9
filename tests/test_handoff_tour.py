"""The hand-off in a real browser, from the agent's button to the customer's page."""

import re

from odoo.tests import HttpCase, common, tagged

from ..networks import items
from .handoff_common import HandoffFixtures


class Phone:
    """A browser with a narrow, dark screen, in which nobody is logged in."""

    def __init__(self, case, address):
        self.case, self.address = case, f"{case.base_url()}{address}"
        self.browser = common.ChromeBrowser(case)
        self._tell(
            "Emulation.setDeviceMetricsOverride",
            width=390,
            height=844,
            deviceScaleFactor=1,
            mobile=True,
        )
        dark = [{"name": "prefers-color-scheme", "value": "dark"}]
        self._tell("Emulation.setEmulatedMedia", features=dark)

    def _tell(self, method, **params):
        return self.browser._websocket_request(method, params=params)

    def _served(self, act, there):
        """Do it, and wait until the page holds what ``there`` selects."""
        self.case.cr.flush()
        self.case.cr.clear()
        with self.case.allow_requests(browser=self.browser):
            act()
            ready = f"!!document.querySelector({there!r})"
            self.case.assertTrue(self.browser._wait_ready(ready, timeout=30), there)
            self.case._wait_remaining_requests()

    def opens(self, there):
        self._served(lambda: self.browser.navigate_to(self.address), there)

    def does(self, code, there):
        self._served(lambda: self.reads(code), there)

    def sees(self, there):
        self._served(lambda: None, there)

    def reads(self, code):
        answer = self._tell("Runtime.evaluate", expression=code, returnByValue=True)
        return answer["result"].get("value")

    def shows(self, name):
        self.browser.take_screenshot(prefix=f"private_page_{name}_").result(timeout=20)

    def scripts(self, on):
        self._tell("Emulation.setScriptExecutionDisabled", value=not on)


@tagged("post_install", "-at_install")
class TestHandoffTour(HandoffFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.sandbox = self.make_account("sandbox", name="Practice", undo_seconds=0)
        self.sandbox.set_settings({"handle": "practice"})
        self.sandbox.action_connect()
        self.posts = self.env["helpdesk.social.sandbox.post"]
        self.say("ann", "My lamp broke")
        self.message = self.messages.search([("account_id", "=", self.sandbox.id)])
        self.ticket = self.message.ticket_id

    def say(self, *args, **values):
        post = self.posts._say(self.sandbox, *args, **values)
        self.pull(self.sandbox)
        return self.messages.search([("key", "=", str(post.id))])

    def tour(self, name, ticket=None):
        self.start_tour(
            f"/odoo/helpdesk.ticket/{(ticket or self.ticket).id}",
            name,
            login=self.agent_all.login,
        )
        self.env.invalidate_all()
        self.deliver()

    def sent(self):
        rows = self.ticket.social_message_ids.filtered(
            lambda one: one.direction == "out"
        )
        self.assertEqual(set(rows.mapped("delivery_state")), {"sent"})
        return rows.sorted("id")

    def test_to_private_and_back_to_the_public(self):
        self.tour("helpdesk_social_handoff")
        private, note = self.sent()
        self.assertEqual((private.audience, note.audience), ("private", "public"))
        self.assertNotIn("live", note.text)
        back = self.say("ann", "12 Long Road", "private")
        self.assertEqual(back.ticket_id, self.ticket)
        self.ticket.with_user(self.agent_all).social_reply(
            "A new lamp is on its way.", "private", to=back
        )
        self.deliver()
        self.ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.assertTrue(self.ticket.social_public_open)
        self.tour("helpdesk_social_handoff_close")
        self.assertFalse(self.ticket.social_public_open)
        last = self.sent()[-1]
        self.assertEqual((last.audience, last.parent_id), ("public", self.message))

    def test_a_network_without_private_messages(self):
        self.sandbox.set_settings({"private": "none"})
        self.tour("helpdesk_social_handoff_page")
        _private, note = self.sent()
        self.assertNotIn("4711", note.text)
        address = re.search(r"/helpdesk_social/private/[\w-]{32}", note.text).group()
        self.on_a_phone(address)

    def on_a_phone(self, address):
        """The customer's browser, small and dark: asks, posts, is let in, writes."""
        phone = Phone(self, address)
        self.addCleanup(phone.browser.stop)
        phone.opens("main form button")
        phone.shows("closed")
        phone.does("document.querySelector('main form button').click()", "#code")
        phone.shows("code")
        words = phone.reads("document.getElementById('code').textContent")
        self.assertRegex(words, r"^@practice [0-9A-Z]{4}(-[0-9A-Z]{4}){2}$")
        proof = self.say("ann", words)
        self.assertEqual((proof.why, proof.waiting), ("proof", False))
        # by itself: the page looks now and then
        phone.sees(".talk .ours")
        self.assertIn("4711", phone.reads("document.querySelector('.ours').innerText"))
        phone.does(
            "document.getElementById('text').value = 'Thank you! 12 Long Road';"
            "document.querySelector('.say button').click()",
            ".talk .yours",
        )
        self.env.invalidate_all()
        page = self.sandbox._page_account()
        self.env["helpdesk.social.intake"]._process_all(page)
        [back] = self.messages.search(
            [("account_id", "=", page.id), ("direction", "=", "in")]
        )
        self.assertEqual((back.ticket_id, back.waiting), (self.ticket, True))
        phone.shows("open")
        # nothing is wider than the screen
        wide = "document.documentElement.scrollWidth <= window.innerWidth"
        self.assertTrue(phone.reads(wide))
        phone.scripts(False)
        phone.opens("textarea")
        phone.shows("without_scripts")

    def test_somebody_else_s_invitation(self):
        _handoff, token = self.invite(self.message, self.sandbox)
        private = self.say("ann_elsewhere", "It is me", "private", payload=token)
        self.assertNotEqual(private.ticket_id, self.ticket)
        self.assertEqual(private.audience, items.PRIVATE)
        self.tour("helpdesk_social_handoff_same", private.ticket_id)
        self.assertEqual(private.ticket_id, self.ticket)
