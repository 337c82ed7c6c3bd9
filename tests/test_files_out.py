"""Files that go out: what a network refuses is said before anybody waits for it."""

import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..networks import items
from .common import FakeAdapter
from .test_media import HTML, PNG
from .test_revisions import EditCase

#: the strictest network: four pictures or one film
RULES = items.MediaRules(
    max_files=4,
    types=("image/png", "image/jpeg", "video/mp4"),
    max_bytes={"image": 1000, "video": 2000},
    alone=("video",),
    alt_length=20,
)
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 20


@tagged("post_install", "-at_install")
class TestFilesOut(EditCase):
    def setUp(self):
        super().setUp()
        self.rules = RULES
        self.patch(FakeAdapter, "media_rules", lambda _adapter, _audience: self.rules)
        self.mine = self.ticket.with_user(self.agent_all)
        self.option = f"public:{self.account.id}:{self.message.id}"

    def file(self, raw=PNG, name="a.png", mimetype="image/png", **values):
        files = self.env["ir.attachment"].with_user(self.agent_all)
        return files.create(
            {
                "name": name,
                "raw": raw,
                "mimetype": mimetype,
                "res_model": "helpdesk.social.message",
                "res_id": 0,
                **values,
            }
        )

    def send(self, *files, text="look"):
        ids = [one.id for one in files]
        return self.mine.social_send(self.option, text, ids, None)

    def check(self, *files):
        return self.mine.social_check_files(
            self.option,
            [
                {"name": name, "mimetype": mime, "size": size, "alt": ""}
                for name, mime, size in files
            ],
        )

    # --- before it is uploaded ------------------------------------------------
    def test_what_the_browser_says_is_answered_in_words(self):
        found = self.check(("a.png", "image/png", 10), ("b.heic", "image/heic", 10))
        self.assertEqual(found["files"][0], "")
        self.assertIn("b.heic", found["files"][1])
        self.assertIn("PNG, JPEG, MP4", found["files"][1])
        self.assertIn("Convert it", found["files"][1])
        self.assertEqual(found["together"], "")
        found = self.check(("a.png", "image/png", 3 * 1024 * 1024))
        self.assertIn("a.png has 3 MB, and 1 kB", found["files"][0])
        self.assertIn("Make it smaller", found["files"][0])
        found = self.check(*[("a.png", "image/png", 1)] * 5)
        self.assertIn("4 files", found["together"])
        found = self.check(("a.png", "image/png", 1), ("a.mp4", "video/mp4", 1))
        self.assertIn("Videos cannot share", found["together"])
        self.rules = items.MediaRules()
        self.assertIn("No files", self.check(("a.png", "image/png", 1))["together"])
        self.rules = items.MediaRules(max_files=1)
        found = self.check(*[("a.png", "image/png", 1)] * 2)
        self.assertIn("One file", found["together"])

    def test_nonsense_from_the_browser(self):
        for files in ([], [{}], [{"name": None, "size": "7", "mimetype": 3, "alt": 0}]):
            found = self.mine.social_check_files(self.option, files)
            self.assertEqual(len(found["files"]), len(files))
        huge = [{"name": "x" * 10**5, "size": 10**18}] * 5000
        self.assertEqual(
            len(self.mine.social_check_files(self.option, huge)["files"]), 100
        )
        for option in ("", "everyone:1:1", "public:1:999999999"):
            with self.assertRaises(UserError):
                self.mine.social_check_files(option, [])

    def test_the_composer_knows_what_to_offer(self):
        [option] = [
            one
            for one in self.mine.social_composer(self.message.id)["options"]
            if one["id"] == self.option
        ]
        self.assertEqual(option["accept"], "image/png,image/jpeg,video/mp4")
        self.assertEqual(
            (option["media"], option["alt"], option["alt_length"]), (True, True, 20)
        )

    # --- when it is queued ----------------------------------------------------
    def test_refused_when_it_is_queued(self):
        heavy = self.file(PNG + b"x" * 2000)
        answer = self.send(heavy)
        self.assertFalse(answer["ok"])
        self.assertIn("a.png", answer["error"])
        talkative = self.file(description="x" * 21)
        self.assertIn("20 characters", self.send(talkative)["error"])
        self.assertIn("empty", self.send(self.file(b""))["error"])
        self.assertIn("share", self.send(self.file(), self.film())["error"])
        self.assertFalse(
            self.env["helpdesk.social.message"].search(
                [("direction", "=", "out"), ("account_id", "=", self.account.id)]
            )
        )

    def film(self):
        return self.file(MP4, "a.mp4", "video/mp4")

    def test_a_name_says_nothing_about_a_type(self):
        fake = self.file(HTML, "a.png", "image/png")
        self.assertFalse(self.send(fake)["ok"])
        # a picture under another picture's name goes out as what it is
        jpeg = self.file(base64.b64decode(JPEG), "a.png", "image/png")
        answer = self.send(jpeg)
        self.assertTrue(answer["ok"], answer)
        self.assertEqual(jpeg.mimetype, "image/jpeg")

    def test_rules_that_changed_on_the_way(self):
        answer = self.send(self.film())
        row = self.env["helpdesk.social.message"].browse(answer["message_ids"])
        row.sudo()._release()  # nobody took it back
        self.rules = items.MediaRules(max_files=4, types=("image/png",))
        self.deliver()
        self.assertEqual(
            (row.delivery_state, row.error_code), ("failed", "media_rejected")
        )
        self.assertFalse(self.world.published)

    def test_files_count_when_the_text_is_measured(self):
        seen = []

        def measure(_adapter, draft):
            seen.append(len(draft.media))
            return items.Measure(1, 10, (draft.text,))

        self.patch(FakeAdapter, "measure", measure)
        self.mine.social_measure("x", self.option, 2)
        self.send(self.file())
        self.assertEqual(seen, [2, 1, 1])

    # --- afterwards -----------------------------------------------------------
    def test_colleagues_see_what_went_along(self):
        answer = self.send(self.file(description="A lamp"))
        row = self.env["helpdesk.social.message"].browse(answer["message_ids"])
        colleague = self.ticket.with_user(self.manager)
        [shown] = [
            one
            for one in colleague.social_timeline()["messages"]
            if one["id"] == row.id
        ]
        self.assertEqual(shown["media"][0]["alt"], "A lamp")
        self.assertEqual(row.attachment_ids.res_id, row.id)
        self.assertFalse(self.ticket.attachment_ids)

    def test_decorative_is_said_once(self):
        """An empty description was chosen, a missing one was not."""
        chosen, missing = self.file(), self.file()
        chosen.description = ""
        self.mine.social_save_draft(self.option, "", [chosen.id, missing.id])
        self.env.flush_all()
        self.env.invalidate_all()
        [draft] = self.mine.social_composer()["drafts"]
        marks = {one["id"]: one["decorative"] for one in draft["attachments"]}
        self.assertEqual(marks, {chosen.id: True, missing.id: False})


#: the smallest JPEG that is one
JPEG = (
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////"
    "////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/a"
    "AAgBAQABPxA="
)
