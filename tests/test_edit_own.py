"""Other words in place of ours: who may, what is asked of them, what stays known."""

from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo.exceptions import AccessError, LockError, UserError
from odoo.tests import new_test_user, tagged

from ..networks import base, errors
from .common import USER_ALL, FakeAdapter
from .test_approval import TRAINEES
from .test_guard import PHONE, GuardCase

FIRST, SECOND, THIRD = "We look into ti", "We look into it", "We looked into it"


class EditOwnCase(GuardCase):
    def setUp(self):
        super().setUp()
        able = FakeAdapter.capabilities | {base.EDIT}
        self.startPatcher(patch.object(FakeAdapter, "capabilities", able))
        self.env.registry.clear_cache()
        self.addCleanup(self.env.registry.clear_cache)
        self.row = self.reply(FIRST, to=self.message)
        self.deliver()
        self.assertEqual(self.row.delivery_state, "sent")

    def edit(self, text=SECOND, user=None, row=None, **kwargs):
        row = row or self.row
        answer = row.with_user(user or self.agent_all).social_edit(text, **kwargs)
        self.env.flush_all()
        self.env.invalidate_all()
        return answer

    def refused_edit(self, *args, **kwargs):
        """The sentence; nothing has changed, and the network heard nothing."""
        before, told = self.row.text, list(self.world.moderated)
        answer = self.edit(*args, **kwargs)
        self.assertFalse(answer["ok"])
        self.assertTrue(answer["error"])
        self.assertEqual((self.row.text, self.world.moderated), (before, told))
        self.assertFalse(self.row.revisions)
        self.assertFalse(self.row.edited_at)
        return answer["error"]

    def told(self):
        return [(verb, one.key, one.text) for verb, one in self.world.moderated]

    def shown(self, row=None, user=None):
        row = row or self.row
        page = row.ticket_id.with_user(user or self.agent_all).social_timeline()
        return next(one for one in page["messages"] if one["id"] == row.id)

    def versions(self):
        return [(one["text"], one["by"]) for one in self.shown()["revisions"]]

    def comes_back(self, text, revision=1, seconds=0, **values):
        """The network shows our post with these words."""
        edited = datetime.now(timezone.utc) + timedelta(seconds=seconds)
        self.world.post(
            text,
            author="us",
            key=self.row.key,
            revision=revision,
            edited_at=edited,
            parent=self.message.key,
            **values,
        )
        self.account.action_pull()
        self.env.flush_all()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestEditOwn(EditOwnCase):
    # --- done -----------------------------------------------------------------------
    def test_other_words_there_and_here_and_the_old_ones_kept(self):
        sent_at = self.row.sent_at
        self.assertEqual(self.edit(f"  {SECOND}\n", seen=FIRST), {"ok": True})
        self.assertEqual(self.told(), [("edit", self.row.key, SECOND)])
        self.assertEqual(self.row.text, SECOND)
        self.assertEqual(self.row.sent_at, sent_at)
        self.assertEqual(self.row.user_id, self.agent_all, "who wrote it first stays")
        self.edit(THIRD, user=self.manager)
        shown = self.shown()
        who = self.agent_all.name
        self.assertEqual(self.versions(), [(FIRST, who), (SECOND, who)])
        self.assertEqual(shown["edited_by"], self.manager.name)
        self.assertTrue(shown["edited_at"])
        self.assertFalse(shown["answered_before_edit"])

    def test_files_stay(self):
        files = self.env["ir.attachment"].with_user(self.agent_all)
        file = files.create({"name": "a.txt", "raw": b"nougat"})
        row = self.reply(FIRST, to=self.message, attachments=file)
        self.deliver()
        self.assertTrue(self.edit(row=row)["ok"])
        self.assertEqual(row.attachment_ids.mapped("name"), ["a.txt"])
        self.assertEqual([one["name"] for one in self.shown(row)["media"]], ["a.txt"])

    def test_what_a_colleague_wrote_in_the_app_is_ours_too(self):
        post = self.world.post("Hi", author="us", parent=self.message.key)
        self.account.action_pull()
        native = self.row.search([("key", "=", post.key)])
        self.assertEqual(native.origin, "native")
        self.assertTrue(self.edit(row=native)["ok"])
        self.assertEqual(native.text, SECOND)
        [old] = self.shown(native)["revisions"]
        self.assertEqual((old["text"], old["by"]), ("Hi", ""))

    def test_a_second_click_changes_nothing(self):
        for _time in range(2):
            self.assertTrue(self.edit(seen=FIRST)["ok"])
        self.assertEqual(len(self.told()), 1)
        self.assertEqual(len(self.row.revisions), 1)

    def test_only_so_many_versions_are_kept_the_first_among_them(self):
        for number in range(60):
            self.assertTrue(self.edit(f"{SECOND} {number}")["ok"])
        self.assertEqual(len(self.row.revisions), 50)
        self.assertEqual(self.row.revisions[0]["text"], FIRST)
        self.assertEqual(self.row.revisions[-1]["text"], f"{SECOND} 58")

    # --- who --------------------------------------------------------------------------
    def test_only_who_may_speak_as_the_account(self):
        self.account.speaker_user_ids = self.manager
        self.refused_edit(user=self.agent_all)
        self.assertTrue(self.edit(user=self.manager)["ok"])

    def test_nobody_from_elsewhere(self):
        for user in (
            self.internal,
            self.sales,
            self.other_company_agent,
            self.portal_customer,
            self.public,
        ):
            with self.subTest(user.login):
                self.refused_edit(user=user)
                with self.assertRaises(UserError):
                    self.row.with_user(user).social_edit_measure(SECOND)

    def test_an_agent_who_may_not_change_the_ticket(self):
        self.ticket.write({"user_id": self.manager.id, "team_id": self.other_team.id})
        self.refused_edit(user=self.agent_own)

    # --- what -------------------------------------------------------------------------
    def test_only_our_own(self):
        theirs = self.message
        self.assertFalse(self.edit(row=theirs)["ok"])
        self.assertFalse(self.told())
        self.assertEqual(theirs.text, "broken")

    def test_only_what_is_on_the_network(self):
        for state in ("held", "queued", "sending", "failed", "uncertain", "cancelled"):
            with self.subTest(state):
                self.row.delivery_state = state
                self.refused_edit()
                kinds = {
                    one["kind"]: one["allowed"]
                    for one in self.row.with_user(self.agent_all).social_affordances()
                }
                self.assertFalse(kinds["edit"])
        self.row.delivery_state = "read"
        self.assertTrue(self.edit()["ok"])

    def test_a_network_that_cannot(self):
        unable = FakeAdapter.capabilities - {base.EDIT}
        with patch.object(FakeAdapter, "capabilities", unable):
            self.refused_edit()

    def test_a_paused_account(self):
        self.account.state = "paused"
        self.refused_edit()

    def test_too_long_and_nothing(self):
        self.assertIn("too long", self.refused_edit("x" * 501))
        for text in ("", " \n\t ", None, 7):
            self.assertIn("Delete it", self.refused_edit(text))
        measure = self.row.with_user(self.agent_all).social_edit_measure("x" * 501)
        self.assertEqual((measure["length"], measure["limit"]), (501, 500))
        self.assertTrue(self.edit("x" * 500)["ok"])

    def test_the_network_says_no(self):
        for error in (
            errors.RejectedError("forbidden"),
            errors.AuthError("revoked"),
            errors.MalformedResponse("malformed", "x"),
        ):
            with self.subTest(error.code):
                self.world.failures.append(error)
                self.refused_edit()
                self.assertFalse(self.row.edit_tried)

    def test_deleted_meanwhile(self):
        self.world.failures.append(errors.NotFoundError("not_found"))
        answer = self.edit()
        self.assertEqual((answer["ok"], answer["gone"]), (False, True))
        self.assertIn("gone", answer["error"])
        self.assertTrue(self.row.deleted_at)
        self.assertFalse(self.row.revisions)
        self.assertFalse(self.edit(THIRD)["ok"])
        self.assertEqual(self.told(), [])

    def test_changed_meanwhile(self):
        self.edit(user=self.manager)
        answer = self.edit(THIRD, seen=FIRST)
        self.assertIn("meanwhile", answer["error"])
        self.assertEqual(self.row.text, SECOND)
        self.assertTrue(self.edit(THIRD, seen=SECOND)["ok"])

    def test_a_colleague_is_at_it_at_this_moment(self):
        busy = LockError("locked")
        with patch.object(type(self.row), "lock_for_update", side_effect=busy):
            self.assertIn("just changing", self.refused_edit())

    def test_a_part_while_others_are_on_their_way(self):
        row = self.reply("a" * 500 + "b" * 100, to=self.message)
        self.deliver()
        rows = row._whole_reply()
        self.assertEqual(rows.mapped("delivery_state"), ["sent", "sent"])
        rows[1].delivery_state = "queued"
        self.assertIn("on their way", self.edit("a", row=rows[0])["error"])
        rows[1].delivery_state = "sent"
        self.assertTrue(self.edit("a", row=rows[0])["ok"])
        self.assertEqual(rows.mapped("text"), ["a", "b" * 100])

    # --- the guard --------------------------------------------------------------------
    def test_the_guard_looks_at_the_new_words(self):
        text = f"We call {PHONE}"
        agent = self.row.with_user(self.agent_all)
        [concern] = agent.social_edit_measure(text)["concerns"]
        self.assertEqual((concern["code"], concern["effect"]), ("guard", "block"))
        answer = self.edit(text)
        self.assertEqual([one["code"] for one in answer["concerns"]], ["guard"])
        self.assertEqual(self.row.text, FIRST)
        for forged in ({"guard": {"override": ""}}, {"guard": True}, [], "yes", 1):
            self.assertFalse(self.edit(text, consent=forged)["ok"])
        self.assertFalse(self.told())
        consent = self.consent(text)
        other = f"{text} or jo@example.org"
        self.assertFalse(self.edit(other, consent=consent)["ok"])
        self.assertTrue(self.edit(text, consent=consent)["ok"])
        written = self.row.guard_override
        self.assertEqual(written["user_id"], self.agent_all.id)
        self.assertEqual(written["kinds"], ["phone"])
        # taken out again: no override any more, but what there was is kept
        self.assertTrue(self.edit(SECOND)["ok"])
        self.assertFalse(self.row.guard_override)
        self.assertEqual(self.row.guard_overrides_past, [written])
        with self.assertRaises(AccessError):
            self.row.with_user(self.agent_all).read(["guard_overrides_past"])

    def test_a_private_message_may_hold_private_data(self):
        private = self.received("it is me", audience="private", author="ann")
        row = self.reply("Hi", "private", to=private)
        self.deliver()
        self.assertTrue(self.edit(f"We call {PHONE}", row=row)["ok"])

    # --- a second person --------------------------------------------------------------
    def test_words_that_need_approval_cannot_wait(self):
        trainee = new_test_user(
            self.env, "trainee_edits", f"base.group_user,{USER_ALL},{TRAINEES}"
        )
        self.assertIn("cannot wait", self.refused_edit(user=trainee))
        self.assertTrue(self.edit(user=self.agent_all)["ok"])

    def test_an_approver_who_needs_none(self):
        self.env["helpdesk.social.approval.rule"].create(
            {
                "name": "Money",
                "words": "refund",
                "approver_user_ids": self.manager.ids,
                "exempt_approvers": True,
            }
        )
        self.assertIn("Money", self.refused_edit("We refund it"))
        self.assertTrue(self.edit("We refund it", user=self.manager)["ok"])

    def test_an_override_that_needs_a_second_person(self):
        self.company.social_guard_second = True
        consent = self.consent(f"We call {PHONE}")
        error = self.refused_edit(f"We call {PHONE}", consent=consent)
        self.assertIn("cannot wait", error)

    def test_what_was_approved_is_told_of_the_words_before(self):
        trainee = new_test_user(
            self.env, "trainee_asks", f"base.group_user,{USER_ALL},{TRAINEES}"
        )
        ticket = self.ticket.with_user(trainee)
        row = ticket.social_reply(FIRST, "public", to=self.message).sudo()
        row.approval_id.with_user(self.manager).action_approve()
        self.deliver()
        self.assertEqual(row.delivery_state, "sent")
        self.assertTrue(self.edit(row=row)["ok"])
        shown = self.shown(row)
        [old] = shown["revisions"]
        self.assertEqual(
            (old["by"], old["approved_by"]), (trainee.name, self.manager.name)
        )
        self.assertIn("before it was edited", str(shown["notes"]))

    # --- the echo ---------------------------------------------------------------------
    def test_our_own_edit_comes_back(self):
        self.edit()
        at = self.row.edited_at
        self.comes_back(f"@ann {SECOND}")
        self.assertEqual(self.row.revision, 1)
        self.assertEqual((self.row.text, self.row.edited_at), (SECOND, at))
        self.assertEqual(self.versions(), [(FIRST, self.agent_all.name)])
        self.assertEqual(self.row.edited_by_id, self.agent_all)
        self.assertFalse(self.row.waiting)
        self.assertFalse(self.shown()["parent_edited"])
        self.assertFalse(self.shown(self.message)["answered_before_edit"])

    def test_an_echo_of_the_edit_before_the_last_comes_late(self):
        self.edit(SECOND)
        self.edit(THIRD)
        self.comes_back(SECOND, revision=1, seconds=-60)
        self.assertEqual(self.row.text, THIRD)
        self.comes_back(THIRD, revision=2)
        self.assertEqual(self.row.text, THIRD)
        self.assertEqual([text for text, _who in self.versions()], [FIRST, SECOND])

    def test_a_colleague_edits_it_in_the_app_afterwards(self):
        self.edit()
        self.comes_back("Native words", revision=2, seconds=60)
        self.assertEqual(self.row.text, "Native words")
        who = self.agent_all.name
        self.assertEqual(self.versions(), [(FIRST, who), (SECOND, who)])
        self.assertEqual(self.shown()["edited_by"], "")
        self.assertTrue(self.edit(THIRD)["ok"])
        self.assertEqual(self.versions()[-1], ("Native words", ""))

    def test_a_lost_answer_and_the_echo_that_tells(self):
        for error in (errors.TransientError("timeout"), errors.UncertainError("cut")):
            self.world.failures.append(error)
            self.assertIn("save them again", self.refused_edit())
        # a repeat would do; but it comes back by itself
        self.comes_back(SECOND)
        self.assertEqual(self.row.text, SECOND)
        self.assertEqual(self.row.edited_by_id, self.agent_all)
        self.assertFalse(self.row.edit_tried)
        self.assertTrue(self.edit()["ok"])
        self.assertEqual(len(self.row.revisions), 1)

    def test_a_lost_answer_is_tried_again(self):
        self.world.failures.append(errors.TransientError("timeout"))
        self.refused_edit()
        self.assertTrue(self.edit(seen=FIRST)["ok"])
        self.assertFalse(self.row.edit_tried)
        self.assertEqual(len(self.row.revisions), 1)

    def test_other_words_after_a_lost_answer_are_nobody_s_here(self):
        self.world.failures.append(errors.TransientError("timeout"))
        self.refused_edit()
        self.comes_back("Native words")
        self.assertEqual(self.row.text, "Native words")
        self.assertFalse(self.row.edited_by_id)

    def test_asked_to_slow_down(self):
        self.world.failures.append(errors.RateLimited("rate_limited"))
        self.assertIn("slow down", self.refused_edit())
