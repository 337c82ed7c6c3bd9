"""Files on the private page: sent, shown, refused, and nobody else's."""

from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from ..controllers import private_page
from ..models import helpdesk_social_handoff_files as files
from ..networks import items
from .handoff_common import HandoffFixtures
from .test_handoff_page import Visitor

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xfc\xcf\xc0P\x0f\0\x04\x85\x01\x80\x84\xa9\x8c!\0\0\0\0IEND\xaeB`\x82"
)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@tagged("post_install", "-at_install")
class TestPageFiles(HandoffFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.message = self.complaint(text="@us My lamp broke")
        self.ticket = self.message.ticket_id
        self.handoff, self.token = self.invite(
            self.message, self.account._page_account(), items.PAGE
        )
        self.handoff._open_page()
        self.address = f"/helpdesk_social/private/{self.token}"

    def visitor(self):
        return Visitor(self, self.address)

    def let_in(self):
        visitor = self.visitor()
        said = self.world.post(visitor.ask(), author="ann")
        self.pull()
        self.heard(said)
        self.assertTrue(visitor.is_in)
        return visitor

    def send(self, visitor, *chosen, text="Look", page=None, **form):
        page = page or visitor.get().text
        form = {
            "form": visitor.field("form", page),
            "once": visitor.field("once", page),
            "text": text,
            **form,
        }
        parts = [("files", (name, data, "image/png")) for name, data in chosen]
        return visitor._send("POST", "/say", data=form, files=parts)

    def waiting(self):
        return self.env["ir.attachment"].search(self.handoff._page_waiting())

    def taken_in(self):
        """The messages, their files fetched."""
        self.env["helpdesk.social.intake"]._process_all(self.handoff.account_id)
        self.messages._cron_fetch_media()
        self.env.invalidate_all()
        return self.messages.search(
            [("account_id", "=", self.handoff.account_id.id), ("direction", "=", "in")],
            order="id",
        )

    def links(self, page):
        return [
            one.split('"')[0].removeprefix(self.address)
            for one in page.split('href="')
            if one.startswith(f"{self.address}/file/")
        ]

    # --- theirs -------------------------------------------------------------------
    def test_a_picture_and_a_paper_reach_the_agent(self):
        ann = self.let_in()
        page = self.send(ann, ("lamp.png", PNG), ("../../bill\u202e.pdf", PDF)).text
        self.assertIn("lamp.png", page)
        self.assertIn("on its way", page)
        heard = self.taken_in()
        self.assertEqual(heard.ticket_id, self.ticket)
        self.assertEqual([one["kind"] for one in heard.media], ["image", "file"])
        self.assertNotIn("/", heard.media[1]["name"])
        self.assertNotIn("\u202e", heard.media[1]["name"])
        kept = self.env["ir.attachment"].browse(
            [one["attachment_id"] for one in heard.media]
        )
        self.assertEqual(kept.mapped("raw"), [PNG, PDF])
        self.assertEqual(set(kept.mapped("res_model")), {"helpdesk.social.message"})
        # the agent reads them with his own rights, others do not
        self.assertEqual(kept[0].with_user(self.agent_all).raw, PNG)
        for user in (self.portal_customer, self.internal):
            self.assertFalse(
                self.env["ir.attachment"]
                .with_user(user)
                .search([("id", "in", (kept | self.waiting()).ids)])
            )
        # and the person sees what was sent
        page = ann.get().text
        self.assertIn("lamp.png", page)
        picture = ann.get(self.links(page)[0])
        self.assertEqual(picture.content, PNG)
        self.assertIn("attachment", picture.headers["Content-Disposition"])
        self.assertEqual(picture.headers["X-Content-Type-Options"], "nosniff")

    def test_a_file_without_words(self):
        ann = self.let_in()
        self.send(ann, ("lamp.png", PNG), text="")
        heard = self.taken_in()
        self.assertEqual(len(heard.media), 1)
        self.assertTrue(heard.waiting)
        self.send(ann, text="")  # nothing at all is no message
        self.assertEqual(self.taken_in(), heard)

    def test_the_same_form_twice_keeps_one_file(self):
        ann = self.let_in()
        page = ann.get().text
        for _time in range(2):
            self.send(ann, ("lamp.png", PNG), page=page)
        self.assertEqual(len(self.waiting()), 1)
        self.assertEqual(len(self.taken_in()), 1)

    def test_only_what_browsers_show_whatever_it_is_called(self):
        ann = self.let_in()
        for name, data in (
            ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
            ("a.png", b"<!doctype html><script>alert(1)</script>"),
            ("a.png", b"MZ\x90\0program"),
            ("a.pdf", b"PK\x03\x04zip"),
            ("a.png", b""),
        ):
            page = self.send(ann, (name, data), ("good.png", PNG)).text
            self.assertIn("Only pictures", page, name)
        self.assertFalse(self.waiting())
        self.assertFalse(self.taken_in())
        # what was written is not lost
        self.assertIn(">Look</textarea>", page)

    def test_too_many_and_too_large(self):
        ann = self.let_in()
        page = self.send(ann, *[(f"{one}.png", PNG) for one in range(5)]).text
        self.assertIn("too many files", page)
        with patch.object(files, "MAX_SIZE", len(PNG) - 1):
            page = self.send(ann, ("big.png", PNG)).text
        self.assertIn("too large", page)
        answer = self.send(ann, ("huge.png", PNG + b"x" * private_page.MAX_SAY))
        self.assertEqual(answer.status_code, 413)
        with patch.object(files, "PER_SPAN", 2):
            self.send(ann, ("1.png", PNG), ("2.png", PNG))
            page = self.send(ann, ("3.png", PNG)).text
        self.assertIn("Please wait a few", page.replace("\n", " "))
        self.assertEqual(len(self.waiting()), 2)

    def test_who_is_not_let_in_sends_nothing(self):
        ann, eve = self.let_in(), self.visitor()
        self.send(eve, ("lamp.png", PNG))
        self.send(ann, ("lamp.png", PNG), form="forged")
        self.assertFalse(self.waiting())

    def test_none_where_files_are_only_linked_to(self):
        ann = self.let_in()
        self.handoff.account_id.media_policy = "link"
        self.assertNotIn('type="file"', ann.get().text)
        self.assertIn("too many files", self.send(ann, ("lamp.png", PNG)).text)
        self.assertFalse(self.waiting())

    # --- ours ---------------------------------------------------------------------
    def answer(self):
        """An answer with a file, delivered; (message, its path)."""
        ann = self.let_in()
        ann.say("Where is the manual?")
        heard = self.taken_in()
        agent = self.ticket.with_user(self.agent_all)
        manual = self.env["ir.attachment"].with_user(self.agent_all)
        manual = manual.create({"name": "manual.pdf", "raw": PDF})
        row = agent.social_reply("Here it is", "private", to=heard, attachments=manual)
        self.assertNotIn("manual.pdf", ann.get().text)
        self.deliver()
        self.assertEqual(row.delivery_state, "sent", row.error_text)
        return ann, row

    def test_they_see_the_files_of_an_answer(self):
        ann, row = self.answer()
        page = ann.get().text
        self.assertIn("manual.pdf", page)
        [path] = self.links(page)
        self.assertEqual(path, f"/file/{row.id}/{row.attachment_ids.id}")
        self.assertEqual(ann.get(path).content, PDF)

    def test_nobody_else_gets_them_and_nothing_else(self):
        ann, row = self.answer()
        path = f"/file/{row.id}/{row.attachment_ids.id}"
        self.assertEqual(self.visitor().get(path).status_code, 404)
        other = self.env["ir.attachment"].create({"name": "x", "raw": b"secret"})
        strange = self.make_message(text="of somebody else")
        for wrong in (
            f"/file/{row.id}/{other.id}",
            f"/file/{strange.id}/{row.attachment_ids.id}",
            f"/file/{self.message.id}/{row.attachment_ids.id}",
            f"/file/{row.id}/999999999",
            f"/file/0/{row.attachment_ids.id}",
            "/file/1",
        ):
            answer = ann.get(wrong)
            self.assertEqual(answer.status_code, 404, wrong)
            self.assertNotIn(b"secret", answer.content)
        row.sudo().deleted_at = "2026-01-01 00:00:00"
        self.assertEqual(ann.get(path).status_code, 404)
        row.sudo().deleted_at = False
        ann.post("/leave", form=ann.field("form"))
        self.assertEqual(ann.get(path).status_code, 404)

    # --- what is left -------------------------------------------------------------
    def test_what_waits_goes_with_the_person_and_by_itself(self):
        ann = self.let_in()
        self.send(ann, ("lamp.png", PNG))
        self.assertEqual(len(self.waiting()), 1)
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = create_date - interval '4 days' "
            "WHERE id = %s",
            [self.waiting().id],
        )
        self.env.invalidate_all()
        self.handoff._gc_page_files()
        self.assertFalse(self.waiting())
        self.send(ann, ("lamp.png", PNG))
        self.handoff.identity_id.with_user(self.manager).action_forget()
        self.assertFalse(self.waiting())

    def test_only_a_file_that_waits_there_is_given_to_the_lane(self):
        ann = self.let_in()
        self.send(ann, ("lamp.png", PNG))
        account, mine = self.handoff.account_id, str(self.waiting().id)
        fetch = self.env["helpdesk.social.handoff"]._page_fetch
        self.assertEqual(fetch(account, mine)["data"], PNG)
        other = self.env["ir.attachment"].create({"name": "x", "raw": b"secret"})
        for ref in (str(other.id), "0", "-1", "x", "", "9" * 30):
            self.assertEqual(fetch(account, ref), {})
        self.assertEqual(fetch(self.account, mine), {})
