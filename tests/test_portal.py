"""Customers with a login: nothing social reaches them, nothing they do is published.

Through the real web server: the portal's pages, the mail routes, files, RPC.
"""

from odoo import http
from odoo.tests import HttpCase, JsonRpcException, tagged

from .common import SocialFixtures

MESSAGE = "helpdesk.social.message"
SECRET = "zqsecretx"


@tagged("post_install", "-at_install")
class TestPortal(SocialFixtures, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.portal_customer, cls.portal_colleague, cls.internal):
            user.password = user.login
        cls.agent_all.password = cls.agent_all.login
        cls.ticket = cls.make_ticket(partner_id=cls.partner.id)
        cls.private = cls.make_conversation("private", cls.ticket)
        cls.message = cls.make_message(cls.private, f"{SECRET} text")
        cls.file = cls._file(MESSAGE, cls.message.id, f"{SECRET}.txt")
        cls.message.attachment_ids = cls.file
        cls.done = cls.env["helpdesk.ticket.stage"].create(
            {"name": "Solved", "closed": True, "close_from_portal": True}
        )
        cls.not_offered = cls.env["helpdesk.ticket.stage"].create(
            {"name": "Internal end", "closed": True}
        )

    @classmethod
    def _file(cls, model, record_id, name, user=None, **values):
        files = cls.env["ir.attachment"].with_user(user or cls.env.user).sudo()
        return files.create(
            {
                "name": name,
                "raw": f"content of {name}".encode(),
                "res_model": model,
                "res_id": record_id,
                **values,
            }
        )

    def login(self, user):
        self.authenticate(user.login, user.login)

    def page(self, ticket=None):
        return self.url_open(f"/my/ticket/{(ticket or self.ticket).id}").text

    def rpc(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def close(self, ticket, stage, **options):
        data = {
            "csrf_token": http.Request.csrf_token(self),
            "ticket_id": ticket.id,
            "stage_id": stage.id,
        }
        return self.url_open("/ticket/close", data=data, **options)

    # === CLOSING === #
    def test_a_customer_closes_his_own_ticket(self):
        self.login(self.portal_customer)
        response = self.close(self.ticket, self.done, allow_redirects=False)
        self.assertTrue(response.headers["Location"].endswith(f"/{self.ticket.id}"))
        self.assertEqual(self.ticket.stage_id, self.done)

    def test_the_buttons_post_with_a_token(self):
        template = self.env.ref("helpdesk_mgmt.portal_helpdesk_ticket_page")
        forms = template._get_combined_arch().xpath("//form[@t-attf-action]")
        self.assertTrue(forms)
        for form in forms:
            self.assertEqual(form.get("method"), "POST")
            self.assertTrue(form.xpath("input[@name='csrf_token']"))

    def test_nobody_closes_a_ticket_that_he_may_not_read(self):
        strange = self.make_ticket()
        foreign = self.make_ticket(
            company_id=self.other_company.id, team_id=False, partner_id=self.partner.id
        )
        for user, ticket in (
            (self.portal_customer, strange),
            (self.internal, strange),
            (self.internal, self.ticket),
            (self.agent_all, foreign),
        ):
            with self.subTest(user=user.login):
                before = ticket.stage_id
                self.login(user)
                response = self.close(ticket, self.done, allow_redirects=False)
                self.assertTrue(response.headers["Location"].endswith("/my"))
                self.assertEqual(ticket.stage_id, before)

    def test_an_internal_reader_does_not_close(self):
        self.ticket.message_subscribe(self.internal.partner_id.ids)
        before = self.ticket.stage_id
        self.login(self.internal)
        self.close(self.ticket, self.done)
        self.assertEqual(self.ticket.stage_id, before)

    def test_only_stages_that_the_page_offers(self):
        before = self.ticket.stage_id
        elsewhere = self.done.copy({"team_ids": [(6, 0, self.other_team.ids)]})
        self.login(self.portal_customer)
        for stage in (self.not_offered, elsewhere):
            self.close(self.ticket, stage)
            self.assertEqual(self.ticket.stage_id, before)

    def test_a_link_or_a_forged_form_closes_nothing(self):
        before = self.ticket.stage_id
        self.login(self.portal_customer)
        path = f"/ticket/close?ticket_id={self.ticket.id}&stage_id={self.done.id}"
        self.assertEqual(self.url_open(path).status_code, 200)
        data = {"ticket_id": self.ticket.id, "stage_id": self.done.id}
        self.url_open("/ticket/close", data=data)
        self.assertEqual(self.ticket.stage_id, before)

    def test_nonsense_is_answered_with_the_portal(self):
        self.login(self.portal_customer)
        for query in ("", "?ticket_id=x", "?ticket_id=-1", "?ticket_id=99999999&a=1"):
            response = self.url_open(f"/ticket/close{query}", allow_redirects=False)
            self.assertTrue(response.headers["Location"].endswith("/my"), query)

    # === FILES === #
    def test_the_page_shows_only_files_the_customer_gave_or_got(self):
        internal_note = self._file("helpdesk.ticket", self.ticket.id, "note.txt")
        self.ticket.message_post(
            body="see file",
            attachment_ids=internal_note.ids,
            subtype_xmlid="mail.mt_note",
        )
        answer = self._file("helpdesk.ticket", self.ticket.id, "answer.txt")
        self.ticket.message_post(
            body="see file",
            attachment_ids=answer.ids,
            subtype_xmlid="mail.mt_comment",
        )
        self._file("helpdesk.ticket", self.ticket.id, "loose.txt")
        self._file(
            "helpdesk.ticket", self.ticket.id, "given.txt", user=self.portal_customer
        )
        # an id shared by chance with one of our records
        self._file(MESSAGE, self.ticket.id, "samenumber.txt")
        self.login(self.portal_colleague)
        page = self.page()
        self.assertIn("answer.txt", page)
        self.assertIn("given.txt", page)
        for name in ("note.txt", "loose.txt", "samenumber.txt", SECRET):
            self.assertNotIn(name, page)

    def test_other_tickets_keep_what_helpdesk_mgmt_shows(self):
        plain = self.make_ticket(partner_id=self.partner.id)
        self._file("helpdesk.ticket", plain.id, "loose.txt")
        self.login(self.portal_customer)
        self.assertIn("loose.txt", self.page(plain))

    def test_files_of_messages_are_not_served(self):
        token = self._file(MESSAGE, self.message.id, "signed.txt")
        paths = [
            f"/web/content/{self.file.id}",
            f"/web/image/{self.file.id}",
            f"/web/content/{MESSAGE}/{self.message.id}/text",
            f"/web/content/{self.file.id}?access_token=nonsense",
            f"/web/content/{token.id}?access_token=",
        ]
        for user in (self.portal_customer, self.internal, None):
            if user:
                self.login(user)
            else:
                self.logout()
            for path in paths:
                with self.subTest(user=user and user.login, path=path):
                    response = self.url_open(path)
                    self.assertNotIn("content of", response.text)
                    self.assertNotIn(SECRET, response.text)
        self.login(self.agent_all)
        self.assertIn("content of", self.url_open(paths[0]).text)

    # === NOTHING IS TOLD === #
    def test_the_pages_and_the_thread_hold_nothing_social(self):
        for user in (self.portal_customer, self.portal_colleague):
            self.login(user)
            thread = self.make_jsonrpc_request(
                "/mail/thread/messages",
                {"thread_model": "helpdesk.ticket", "thread_id": self.ticket.id},
            )
            for found in (
                self.page(),
                self.url_open(f"/my/tickets?search={SECRET}").text.replace(
                    f"search={SECRET}", ""
                ),
                str(thread),
            ):
                handle = self.message.identity_id.handle
                self.assertNotIn(f"{SECRET} text", found)
                self.assertNotIn(handle, found)

    def test_rpc_is_refused(self):
        self.login(self.portal_customer)
        ticket = [self.ticket.id]
        calls = [
            (MESSAGE, "search_read", [[]], {}),
            (MESSAGE, "read", [[self.message.id]], {}),
            ("helpdesk.ticket", "read", [ticket, ["social_message_ids"]], {}),
            ("helpdesk.ticket", "read", [ticket, ["social_conversation_ids"]], {}),
            (
                "helpdesk.ticket",
                "search_count",
                [[("social_message_ids.text", "ilike", SECRET)]],
                {},
            ),
            ("res.partner", "read", [self.partner.ids, ["social_identity_ids"]], {}),
            ("helpdesk.ticket", "write", [ticket, {"social_message_ids": []}], {}),
        ]
        for model, method, args, kwargs in calls:
            with self.subTest(model=model, method=method, args=args):
                with self.assertRaisesRegex(JsonRpcException, "AccessError|Access"):
                    self.rpc(model, method, *args, **kwargs)
        definitions = self.rpc("helpdesk.ticket", "fields_get", [], ["string"])
        self.assertFalse([one for one in definitions if one.startswith("social_")])

    # === NOTHING IS PUBLISHED === #
    def test_what_a_customer_writes_goes_nowhere(self):
        self.login(self.portal_customer)
        before = self.env[MESSAGE].search_count([])
        for message_type in ("comment", "email", "notification"):
            self.make_jsonrpc_request(
                "/mail/message/post",
                {
                    "thread_model": "helpdesk.ticket",
                    "thread_id": self.ticket.id,
                    "post_data": {
                        "body": "publish this",
                        "message_type": message_type,
                        "subtype_xmlid": "helpdesk_social.mt_social_message",
                    },
                },
            )
        self.close(self.ticket, self.done)
        self.assertEqual(self.env[MESSAGE].search_count([]), before)
        self.assertEqual(self.world.calls, [])
