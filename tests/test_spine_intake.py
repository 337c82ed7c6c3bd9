"""The intake under stress: strangers apart, poison alone, nothing lost."""

from datetime import datetime, timedelta, timezone
from unittest.mock import patch

import psycopg2.errors

from odoo import fields
from odoo.fields import Domain
from odoo.tests import tagged

from ..models.helpdesk_social_intake import HelpdeskSocialIntake
from ..networks import base, errors, items
from .common import FAKE, FakeAdapter, SocialCase

LOGGER = "odoo.addons.helpdesk_social"


class SpineCase(SocialCase):
    def pull(self, account=None):
        return (account or self.account).action_pull()

    def find(self, incoming, **more):
        domain = [("key", "=", incoming.key)]
        domain += [(name, "=", value) for name, value in more.items()]
        return self.env["helpdesk.social.message"].search(domain)

    def events(self, state):
        return self.env["helpdesk.social.event"].search([("state", "=", state)])

    def journal(self, parsed, **values):
        """Put an item into the journal that ``parse`` turns into ``parsed``."""
        key = f"special{len(self.special)}"
        self.special[key] = parsed
        self.env["helpdesk.social.event"]._journal(
            self.account.app_id, [items.RawItem(key, {}, **values)], self.account
        )
        return self.env["helpdesk.social.event"].search([("key", "=", key)])

    def setUp(self):
        super().setUp()
        self.special = {}
        original = FakeAdapter.parse

        def parse(adapter, item):
            return self.special.get(item.key) or original(adapter, item)

        self.startPatcher(patch.object(FakeAdapter, "parse", parse))

    def process(self):
        return self.env["helpdesk.social.intake"]._process_all(self.account)


@tagged("post_install", "-at_install")
class TestSpineIntake(SpineCase):
    # --- strangers ------------------------------------------------------------
    def test_two_people_who_opened_a_chat_without_a_word(self):
        for who in ("ann", "bob"):
            self.world.post("", items.PRIVATE, author=who, kind=items.START)
        self.pull()
        first = self.world.post("my card is 1", items.PRIVATE, author="ann")
        second = self.world.post("my card is 2", items.PRIVATE, author="bob")
        self.pull()
        self.assertTrue(self.find(first).ticket_id)
        self.assertTrue(self.find(second).ticket_id)
        self.assertNotEqual(self.find(first).ticket_id, self.find(second).ticket_id)

    def nameless(self, audience=items.PRIVATE, **author):
        posts = []
        for thread in ("t1", "t2"):
            posts.append(self.world.post("help", audience, thread=thread))
            self.world.inbox[-1].data["author"] |= {"id": "", **author}
        return posts

    def test_people_without_a_name_stay_apart(self):
        first, second = self.nameless()
        self.pull()
        self.assertNotEqual(self.find(first).ticket_id, self.find(second).ticket_id)

    def test_people_under_a_shared_name_stay_apart(self):
        first, second = self.nameless(id="anonymous", shared=True)
        self.pull()
        third = self.world.post("me too", items.PRIVATE, thread="t3")
        self.world.inbox[-1].data["author"] |= {"id": "anonymous", "shared": True}
        self.pull()
        tickets = [self.find(one).ticket_id for one in (first, second, third)]
        self.assertEqual(len(set(tickets)), 3)

    def test_backlog_of_people_without_a_name(self):
        self.account.connected_at = fields.Datetime.now()
        posts = self.nameless()
        for item in self.world.inbox:
            old = datetime.now(timezone.utc) - timedelta(days=2)
            item.data["sent_at"] = old.isoformat()
        self.pull()
        self.account.action_accept_backlog()
        first, second = (self.find(one).ticket_id for one in posts)
        self.assertTrue(first and second)
        self.assertNotEqual(first, second)

    def test_backlog_that_was_deleted_opens_nothing(self):
        self.account.connected_at = fields.Datetime.now()
        old = datetime.now(timezone.utc) - timedelta(days=2)
        post = self.world.post("old", sent_at=old)
        self.pull()
        self.find(post).deleted_at = fields.Datetime.now()
        self.account.action_accept_backlog()
        self.assertFalse(self.find(post).ticket_id)
        self.assertFalse(self.find(post).waiting)

    # --- two accounts of ours -------------------------------------------------
    def other_account(self, **values):
        return self.make_account(
            handle="us2", external_id="us2", state="active", **values
        )

    def test_a_post_that_names_two_companies_reaches_both(self):
        other = self.other_account(company_id=self.other_company.id)
        post = self.world.post("@us @us2 broken")
        self.pull()
        self.assertEqual(self.pull(other), 1)
        ours = self.find(post, company_id=self.company.id)
        theirs = self.find(post, company_id=self.other_company.id)
        self.assertTrue(ours.ticket_id and theirs.ticket_id)
        self.assertEqual(theirs.ticket_id.company_id, self.other_company)
        self.assertEqual(theirs.identity_id.company_id, self.other_company)
        seen = ours.with_user(self.other_company_agent).search([("key", "=", post.key)])
        self.assertEqual(seen, theirs)

    def test_people_who_go_on_naming_two_accounts_have_one_ticket(self):
        other = self.other_account()
        first = self.world.post("@us @us2 broken")
        self.pull()
        self.pull(other)
        second = self.world.post("@us @us2 still", parent=first.key)
        self.pull(other)  # this time the other one is quicker
        self.pull()
        self.assertEqual(self.find(second).ticket_id, self.find(first).ticket_id)
        self.assertEqual(
            self.env["helpdesk.ticket"].search_count(
                [("channel_id", "=", self.network.channel_id.id)]
            ),
            1,
        )

    # --- what comes in the wrong order ----------------------------------------
    def test_a_deletion_before_the_post(self):
        post = self.world.post("oops")
        gone = items.Removal(post.key, datetime.now(timezone.utc))
        event = self.journal(
            gone, sent_at=datetime.now(timezone.utc) - timedelta(hours=1)
        )
        self.process()
        self.assertEqual(event.state, "new")
        self.pull()
        event.retry_at = False
        self.process()
        self.assertEqual(event.outcome, "deleted")
        self.assertTrue(self.find(post).deleted_at)
        self.assertFalse(self.find(post).waiting)

    def test_a_deletion_of_something_unknown_ends(self):
        event = self.journal(items.Removal("never", datetime.now(timezone.utc)))
        for _turn in range(10):
            event.retry_at = False
            self.process()
        self.assertEqual((event.state, event.outcome), ("done", "unknown_target"))

    def test_a_post_that_is_gone_before_we_looked_opens_nothing(self):
        post = self.world.post("oops")
        self.account._pull()
        self.journal(items.Removal(post.key, datetime.now(timezone.utc)))
        self.process()
        self.assertFalse(self.find(post).ticket_id)
        self.assertTrue(self.find(post).deleted_at)

    # --- poison ---------------------------------------------------------------
    def test_nul_and_surrogates_in_every_field(self):
        odd = "a\x00b\ud800c"
        post = self.world.post(
            odd,
            author=odd,
            mentions=(items.Author(id=odd, handle=odd, name=odd),),
            permalink=odd,
            language=odd,
            warning=odd,
            payload=odd,
            album=odd,
            ref=odd,
            extra={odd: [odd, {"deep": odd}]},
            media=(items.Media(odd, kind=odd, name=odd, url=odd, alt=odd),),
        )
        self.assertEqual(self.pull(), 1)
        message = self.find(post)
        self.assertEqual(message.mentions[0]["handle"], "a\ufffdb\ufffdc")
        self.world.post("again", author=odd)
        self.assertEqual(self.pull(), 1)
        self.assertEqual(
            len(message.identity_id.search([("external_id", "=like", "a%c")])), 1
        )

    def test_an_error_that_quotes_what_cannot_be_stored(self):
        self.world.post("good", author="bob")
        self.world.post("bad")
        self.world.inbox[-1].data["author"] = {"x\x00\ud800": 1}
        with self.assertLogs(LOGGER, "ERROR"):
            self.assertEqual(self.pull(), 1)
        self.assertEqual(len(self.events("dead")), 1)

    def test_an_item_without_a_key_does_not_stop_the_account(self):
        self.world.post("one", key="")
        with self.assertLogs(LOGGER, "ERROR"):
            self.pull()
        self.world.post("two", key="", author="bob")
        good = self.world.post("good", author="cyd")
        self.account._pull()
        with self.assertLogs(LOGGER, "ERROR"):
            self.env["helpdesk.social.intake"]._cron_process()
        self.assertTrue(self.find(good).ticket_id)
        self.assertFalse(self.events("new"))

    def test_an_account_that_gives_way_does_not_stop_the_lane(self):
        other = self.other_account()
        self.world.post("one")
        self.account._pull()
        post = self.world.post("two", author="bob")
        other._pull()
        original = HelpdeskSocialIntake._process

        def clash(intake, account, *args):
            if account == self.account:
                raise psycopg2.errors.SerializationFailure
            return original(intake, account, *args)

        with patch.object(HelpdeskSocialIntake, "_process", clash):
            self.env["helpdesk.social.intake"]._cron_process()
        self.assertTrue(self.find(post).ticket_id)
        self.assertTrue(self.events("new"))

    def test_notices_that_fail_cost_no_message(self):
        post = self.world.post("broken")
        notice = self.registry["helpdesk.social.notice"]
        with (
            patch.object(notice, "_tell", lambda *args: 1 / 0),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            self.pull()
        self.assertTrue(self.find(post).ticket_id)
        self.assertFalse(self.events("dead"))

    def test_events_wait_for_an_adapter_that_is_gone(self):
        self.world.post("broken")
        self.account._pull()
        networks = self.registry["helpdesk.social.network"]
        original = networks._adapter_class
        with patch.object(
            networks,
            "_adapter_class",
            lambda model, code: None if code == FAKE else original(model, code),
        ):
            self.env["helpdesk.social.intake"]._cron_process()
            self.process()
        self.assertEqual(len(self.events("new")), 1)
        self.assertEqual(self.process(), 1)

    def test_revisions_do_not_grow_without_end(self):
        post = self.world.post("first")
        self.pull()
        for number in range(1, 80):
            data = self.world.inbox[0].data | {"text": f"t{number}", "revision": number}
            self.world.inbox.append(
                items.RawItem(
                    f"edit{number}", data, str(number), "", datetime.now(timezone.utc)
                )
            )
        self.pull()
        message = self.find(post)
        self.assertEqual(message.text, "t79")
        self.assertEqual(len(message.revisions), 50)
        self.assertEqual(message.revisions[0]["text"], "first")
        self.assertEqual(message.revisions[-1]["text"], "t78")


@tagged("post_install", "-at_install")
class TestSpinePull(SpineCase):
    def with_context(self, fetch_context):
        able = FakeAdapter.capabilities | {base.CONTEXT}
        self.startPatcher(patch.object(FakeAdapter, "capabilities", able))
        self.startPatcher(patch.object(FakeAdapter, "fetch_context", fetch_context))

    def test_a_context_that_cannot_be_had_holds_nothing_back(self):
        for error in (
            errors.TransientError("http_500"),
            errors.RejectedError("forbidden"),
            errors.RateLimited(),
        ):

            def fail(adapter, ref, error=error):
                raise error

            self.with_context(fail)
            post = self.world.post("@us?", parent=f"above-{error.code}")
            self.assertEqual(self.pull(), 1)
            self.assertTrue(self.find(post).ticket_id)

    def test_poison_does_not_stop_the_pull_of_a_network_with_contexts(self):
        self.with_context(lambda adapter, ref: items.Page())
        self.world.post("bad")
        self.world.inbox[-1].data["author"] = {"nonsense": True}
        good = self.world.post("good", author="bob")
        with self.assertLogs(LOGGER, "ERROR"):
            self.assertEqual(self.pull(), 1)
        self.assertTrue(self.find(good).ticket_id)

    def test_a_gap_is_one_of_its_stream_and_closing_it_wakes_the_lane(self):
        """Newest-first pages: the first has the news, the second closes the gap and
        has nothing new. It must wake the lane all the same (it took a minute), and
        a stream that has no gap must not release what another one holds."""
        for text in ("one", "two"):
            self.world.post(text=text)
        first, second = self.world.inbox
        pages = [
            ("posts", items.Page((first,), "a", more=True, closed=False)),
            ("posts", errors.TransientError("unreachable")),
            ("chat", items.Page((second,), "b")),
            ("posts", items.Page((), "c")),
        ]

        def fetch(_adapter, stream, _cursor, _since):
            expected, page = pages.pop(0)
            self.assertEqual(stream, expected)
            if isinstance(page, Exception):
                raise page
            return page

        def pull(stream):
            with patch.object(FakeAdapter, "streams", (stream,)):
                self.account._pull()

        waking = Domain("cron_id", "=", self.env.ref("helpdesk_social.cron_process").id)
        triggers = self.env["ir.cron.trigger"]
        self.startPatcher(patch.object(FakeAdapter, "fetch", fetch))
        pull("posts")
        pull("chat")
        held = self.events("held")
        self.assertEqual(held.mapped("key"), [first.key])
        triggers.search(waking).unlink()
        pull("posts")
        self.assertFalse(pages)
        self.assertEqual(held.state, "new")
        self.assertTrue(triggers.search(waking))

    def test_looking_again_takes_turns_even_if_it_fails(self):
        able = FakeAdapter.capabilities | {base.REREAD}
        self.startPatcher(patch.object(FakeAdapter, "capabilities", able))
        self.startPatcher(patch.object(FakeAdapter, "reread_batch", 1))
        asked = []

        def reread(adapter, refs):
            asked.extend(refs)
            raise errors.RejectedError("forbidden")

        self.startPatcher(patch.object(FakeAdapter, "reread", reread))
        for who in ("ann", "bob"):
            self.world.post(author=who)
        self.pull()
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", self.account.id)]
        )
        for _turn in range(2):
            for message in messages:  # an hour goes by
                message.reread_at -= timedelta(hours=1)
            self.pull()
        self.assertEqual(len(set(asked)), 2)
        self.assertFalse(self.account.error_code)

    def test_a_lost_lease_is_not_given_away(self):
        self.world.post()
        original = FakeAdapter.fetch

        def fetch(adapter, *args):
            self.account.flush_recordset()
            self.env.cr.execute(
                "UPDATE helpdesk_social_account SET lease_by = 'other' WHERE id = %s",
                [self.account.id],
            )
            return original(adapter, *args)

        with patch.object(FakeAdapter, "fetch", fetch):
            self.account._pull()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.lease_by, "other")
        self.assertTrue(self.account.lease_until)

    def test_a_clash_is_no_failure_of_the_account(self):
        self.account.next_pull_at = False

        def clash(adapter, *args):
            raise psycopg2.errors.SerializationFailure

        with patch.object(FakeAdapter, "fetch", clash):
            # the due moment does not move: this cron's turn would take it again
            with patch.object(
                type(self.env["helpdesk.social.account"]),
                "_free",
                lambda account, lease: account.write(
                    {"next_pull_at": fields.Datetime.now() + timedelta(hours=1)}
                ),
            ):
                self.env["helpdesk.social.intake"]._cron_pull()
        self.assertFalse(self.account.error_code)
        self.assertFalse(self.account.failures)

    def test_an_account_that_pushes_keeps_nobody_from_being_woken(self):
        past = fields.Datetime.now() - timedelta(days=1)
        pushed = self.make_account(
            handle="p", external_id="p", state="active", push=True, next_pull_at=past
        )
        self.assertTrue(pushed.push)
        soon = fields.Datetime.now() + timedelta(seconds=20)
        self.env["helpdesk.social.account"].search(
            [("state", "=", "active"), ("push", "=", False)]
        ).write({"next_pull_at": soon, "pull_wait": 300})
        self.env["ir.cron.trigger"].search([]).unlink()
        self.env["helpdesk.social.intake"]._wake_next_pull()
        cron = self.env.ref("helpdesk_social.cron_pull")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(triggers.call_at, soon.replace(microsecond=0))
