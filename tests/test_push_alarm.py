"""The alarm for push that died: told once, asked for again, gone when it is heard."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models.helpdesk_social_account_alarm import LOST, PARAM_HOURS
from ..networks import base, errors, items
from .common import FakeAdapter, SocialCase


class TellingAdapter(FakeAdapter):
    """It pushes, may be asked besides, and may say what it pushes to."""

    capabilities = FakeAdapter.capabilities | {base.WEBHOOK}
    pull_beside_push = True
    #: what a test wants it to say
    there = None

    def subscribe(self, url, secret):
        self._traffic("subscribe")

    def is_subscribed(self, url):
        self._traffic("is_subscribed")
        return type(self).there


class DeafAdapter(TellingAdapter):
    """One that cannot be asked for anything."""

    capabilities = TellingAdapter.capabilities - {base.PULL}


@tagged("post_install", "-at_install")
class TestPushAlarm(SocialCase):
    def setUp(self):
        super().setUp()
        self.become(TellingAdapter)
        TellingAdapter.there = None
        self.account.push = True
        self.longer_ago(days=2)

    def become(self, adapter_class):
        networks = self.env.registry["helpdesk.social.network"]
        self.startPatcher(
            patch.object(networks, "_adapter_class", lambda _self, _code: adapter_class)
        )

    def longer_ago(self, **kwargs):
        """Push was switched on long ago."""
        self.account.push_since = fields.Datetime.now() - timedelta(**kwargs)
        self.account.connected_at = self.account.push_since

    def wrote(self, hours=7, **kwargs):
        """Somebody wrote some hours ago; the pull finds it."""
        now = fields.Datetime.now() - timedelta(hours=hours)
        incoming = self.world.post("Is anybody there?", **kwargs)
        aware = items.Incoming  # the journal's time is the network's
        self.assertIsInstance(incoming, aware)
        self.account.action_pull()
        event = self.env["helpdesk.social.event"].search(
            [("account_id", "=", self.account.id)], order="id desc", limit=1
        )
        event.sent_at = now
        return event

    def pushed(self, hours=0):
        raw = items.RawItem(
            f"pushed{hours}", {"nothing": "we know"}, "", self.account.external_id
        )
        journal = self.env["helpdesk.social.event"]
        journal._journal(self.account.app_id, [raw], self.account, source="push")
        event = journal.search([], order="id desc", limit=1)
        event.received_at = fields.Datetime.now() - timedelta(hours=hours)

    def watch(self):
        self.account._watch_push()
        self.env.invalidate_all()

    def alarms(self):
        return self.account.activity_search([LOST])

    def test_lost_although_the_pull_found_something(self):
        self.pushed(hours=20)
        self.wrote()
        self.watch()
        self.assertTrue(self.account.push_lost_at)
        self.assertEqual(self.world.calls.count("subscribe"), 1, "asked for again")
        activity = self.alarms()
        self.assertEqual(len(activity), 1)
        self.assertIn("Last heard", activity.note)
        self.assertIn("nothing is lost", activity.note)
        self.assertEqual(self.account.health, "attention")
        line = next(one for one in self.account.checklist if one["key"] == "delivery")
        self.assertEqual(line["mark"], "warn")
        # told once, however long it lasts
        self.watch()
        self.assertEqual(len(self.alarms()), 1)
        self.assertEqual(self.world.calls.count("subscribe"), 1)

    def test_the_pull_fills_at_its_own_pace_meanwhile(self):
        self.assertEqual(self.account._wait_after(0), 1800)
        self.account.push_lost_at = fields.Datetime.now()
        self.assertLessEqual(self.account._wait_after(1), 30)
        self.assertLess(self.account._wait_after(0), 300)

    def test_gone_when_something_is_heard_again(self):
        self.wrote()
        self.watch()
        self.assertTrue(self.alarms())
        self.account.push_lost_at -= timedelta(minutes=1)
        self.pushed()
        self.watch()
        self.assertFalse(self.account.push_lost_at)
        self.assertFalse(self.alarms())
        self.assertEqual(self.account.health, "good", self.account.health_text)

    def test_silence_alone_is_no_alarm(self):
        self.watch()
        self.assertFalse(self.account.push_lost_at)

    def test_what_may_still_be_on_its_way_is_no_alarm(self):
        self.wrote(hours=0)
        self.watch()
        self.assertFalse(self.account.push_lost_at)

    def test_what_was_heard_lately_is_no_alarm(self):
        self.pushed(hours=3)
        self.wrote(hours=2)
        self.watch()
        self.assertFalse(self.account.push_lost_at)
        self.env["ir.config_parameter"].sudo().set_param(PARAM_HOURS, "2")
        self.watch()
        self.assertTrue(self.account.push_lost_at)

    def test_nonsense_in_the_parameter_is_the_default(self):
        for text in ("", "many", "-3", "0"):
            self.env["ir.config_parameter"].sudo().set_param(PARAM_HOURS, text)
            hours = self.account._silence().total_seconds() / 3600
            self.assertIn(hours, (1, 6), text)

    def test_what_was_there_before_push_is_no_alarm(self):
        self.longer_ago(hours=8)
        self.wrote(hours=9)
        self.watch()
        self.assertFalse(self.account.push_lost_at)

    def test_switched_off_and_on_again_begins_anew(self):
        self.wrote()
        self.watch()
        self.account.push = False
        self.assertFalse(self.account.push_lost_at or self.account.push_since)
        self.account.push = True
        self.watch()
        self.assertFalse(self.account.push_lost_at)

    def test_the_network_says_so_itself(self):
        TellingAdapter.there = False
        self.account.push_asked_at = False
        self.watch()
        self.assertTrue(self.account.push_lost_at)
        self.assertEqual(self.world.calls, ["is_subscribed", "subscribe"])
        # not asked again within the hour
        self.watch()
        self.assertEqual(len(self.world.calls), 2)

    def test_subscribed_again_needs_no_word_from_anybody(self):
        """The network said that it was lost, so it may say that it is not."""
        TellingAdapter.there = False
        self.account.push_asked_at = False
        self.watch()
        self.assertIn("does not push", self.account.health_text)
        TellingAdapter.there = True
        self.account.push_asked_at -= timedelta(hours=2)
        self.watch()
        self.assertFalse(self.account.push_lost_at or self.alarms())
        # silence is something else: being subscribed proves nothing then
        self.wrote()
        self.watch()
        self.account.push_asked_at -= timedelta(hours=2)
        self.watch()
        self.assertTrue(self.account.push_lost_at)
        self.assertIn("told nothing for hours", self.account.health_text)

    def test_where_nothing_can_be_pulled_the_subscription_is_the_alarm(self):
        self.become(DeafAdapter)
        DeafAdapter.there = False
        self.account.push_asked_at = False
        self.watch()
        self.assertTrue(self.account.push_lost_at)
        self.assertIn("cannot be asked", self.alarms().note)
        self.assertEqual(self.account.health, "attention")
        DeafAdapter.there = True
        self.account.push_asked_at -= timedelta(hours=2)
        self.watch()
        self.assertFalse(self.account.push_lost_at)
        self.assertEqual(self.account.health, "good")
        self.assertTrue(self.alarms(), "somebody must still look what was missed")

    def test_a_network_that_does_not_answer_is_no_alarm(self):
        self.account.push_asked_at = False
        self.world.failures.append(errors.TransientError("unreachable"))
        self.watch()
        self.assertFalse(self.account.push_lost_at)
        self.world.failures.append(ValueError("a defect"))
        self.account.push_asked_at = False
        with self.assertLogs(level="ERROR"):
            self.watch()

    def test_the_scheduled_action_watches_only_what_is_pushed(self):
        TellingAdapter.there = True
        other = self.make_account(handle="b", external_id="b", state="active")
        (self.account | other).push_asked_at = False
        self.account.last_check_at = other.last_check_at = fields.Datetime.now()
        self.account.templates_at = fields.Datetime.now()
        self.env["helpdesk.social.account"]._cron_keep_alive()
        self.assertTrue(self.account.push_asked_at)
        self.assertFalse(other.push_asked_at)
