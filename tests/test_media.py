"""Inbound files: sniffed, capped, on our own model; a failure harms no message."""

from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models.helpdesk_social_media import DOWNLOAD, sniff
from ..networks import base, errors, items
from .common import FakeAdapter, SocialCase

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06"
    b"\x00\x00\x00\x1f\x15\xc4\x89"
)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><html><script>alert(1)</script></html>"


class MediaCase(SocialCase):
    """A network with files: a test says what each ref brings, ``asked`` what was."""

    def setUp(self):
        super().setUp()
        self.files = {}
        able = FakeAdapter.capabilities | {base.MEDIA_IN}
        self.patch(FakeAdapter, "capabilities", able)
        self.startPatcher(
            patch.object(
                FakeAdapter,
                "fetch_media",
                lambda adapter, ref: self.fetch(ref),
                create=True,
            )
        )
        self.asked, self.posts = [], {}

    def fetch(self, ref):
        self.asked.append(ref)
        found = self.files[ref]
        if isinstance(found, Exception):
            raise found
        return found, "image/png"

    def message_with(self, *media, **values):
        post = self.world.post("look", media=media, **values)
        self.posts[post.key] = post
        self.account.action_pull()
        return self.env["helpdesk.social.message"].search([("key", "=", post.key)])

    def run_lane(self):
        self.env["helpdesk.social.message"]._cron_fetch_media()


@tagged("post_install", "-at_install")
class TestMedia(MediaCase):
    def test_a_picture_is_kept_on_the_message(self):
        self.files["p1"] = PNG
        message = self.message_with(items.Media("p1", "image", alt="A broken lamp"))
        self.assertFalse(self.asked, "processing must not wait for a file")
        self.run_lane()
        [one] = message.media
        file = self.env["ir.attachment"].browse(one["attachment_id"])
        self.assertEqual(file.raw, PNG)
        self.assertEqual(file.mimetype, "image/png")
        self.assertEqual(file.description, "A broken lamp")
        self.assertEqual((file.res_model, file.res_id), (message._name, message.id))
        self.assertFalse(message.ticket_id.attachment_ids)
        self.run_lane()
        self.assertEqual(self.asked, ["p1"])

    def test_what_could_run_is_only_a_download(self):
        self.files |= {"svg": SVG, "html": HTML, "exe": b"MZ\x90\x00" + b"\x00" * 64}
        message = self.message_with(
            *(items.Media(ref, "image", mime="image/png") for ref in self.files)
        )
        self.run_lane()
        for one in message.media:
            file = self.env["ir.attachment"].browse(one["attachment_id"])
            self.assertEqual(file.mimetype, DOWNLOAD, one["ref"])
            self.assertEqual(one["kind"], "file")

    def test_a_failed_file_harms_nothing(self):
        self.files |= {"gone": errors.NotFoundError(), "there": PNG}
        message = self.message_with(items.Media("gone"), items.Media("there"))
        self.run_lane()
        gone, there = message.media
        self.assertEqual(gone["error"], "not_found")
        self.assertTrue(there["attachment_id"])
        self.assertFalse(message.media_try_at)

    def test_a_hiccup_is_tried_again_and_then_given_up(self):
        self.files["slow"] = errors.TransientError("timeout")
        message = self.message_with(items.Media("slow"))
        for _attempt in range(9):
            self.run_lane()
            if message.media_try_at:
                self.assertFalse(message.media[0].get("error"))
                message.media_try_at = fields.Datetime.now()
        self.assertEqual(len(self.asked), 5)
        self.assertEqual(message.media[0]["error"], "timeout")

    def test_too_large_is_not_kept(self):
        self.files["big"] = PNG + b"x" * (25 * 1024 * 1024)
        message = self.message_with(items.Media("big"))
        self.run_lane()
        self.assertEqual(message.media[0]["error"], "too_large")

    def test_a_name_leads_nowhere(self):
        self.files["n"] = PNG
        message = self.message_with(items.Media("n", name="../../etc/<pass>\x00wd.png"))
        self.run_lane()
        file = self.env["ir.attachment"].browse(message.media[0]["attachment_id"])
        self.assertNotIn("/", file.name)
        self.assertNotIn("<", file.name)

    def test_sniffing(self):
        self.assertEqual(sniff(b"\x00\x00\x00\x18ftypmp42"), "video/mp4")
        self.assertEqual(sniff(b"RIFF\x00\x00\x00\x00WEBPVP8 "), "image/webp")
        self.assertEqual(sniff(b"OggS\x00"), "audio/ogg")
        self.assertEqual(sniff(b"hello"), DOWNLOAD)
