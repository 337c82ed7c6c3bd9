"""One registration for the accounts of several companies, and who may do what to it."""

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, TransactionCase, tagged

from .common import USER_ALL, new_test_user
from .simulators import x_events
from .simulators.x import XHarness, XSimulator
from .test_x import XFixtures

SECRET = "client_secret"


class SharedFixtures(XFixtures):
    def setUp(self):
        super().setUp()
        self.app = self.account.app_id
        self.app.with_user(self.admin).company_id = False
        self.other = self.sim.add_user("acme_uk", "Acme UK")
        self.theirs = self.of_other_company()
        self.stranger = self.other_company_agent  # a manager of the other company only
        self.env.flush_all()

    def of_other_company(self, **values):
        token = self.sim.tokens_of(self.other)["access_token"]
        account = self.make_account(
            code="x", company_id=self.other_company.id, **values
        )
        account.set_settings(XHarness.settings(self.sim) | {"access_token": token})
        account.action_connect()
        account.connected_at = "2020-01-01 00:00:00"
        return account

    def as_stranger(self, record):
        """The record for a manager of the other company, with an empty cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        return record.with_user(self.stranger).with_company(self.other_company)

    def book(self):
        """What a commit does to what connecting has cost."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def spend(self, amount, account):
        self.env["helpdesk.social.spending"].create(
            {
                "app_id": self.app.id,
                "account_id": account.id,
                "day": self.app._today(),
                "kind": "post_read",
                "label": "Posts read",
                "number": 1,
                "amount": amount,
            }
        )


@tagged("post_install", "-at_install")
class TestSharedApp(SharedFixtures, TransactionCase):
    def test_the_accounts_of_both_companies_use_it(self):
        self.assertEqual(self.theirs.app_id, self.app)
        self.assertEqual(self.theirs.company_id, self.other_company)
        self.assertEqual(self.theirs.state, "active")
        post = self.sim.post(self.jo, "@acme @acme_uk my lamp broke")
        self.account.action_pull()
        self.theirs.action_pull()
        first, second = self.message(post.id), self.message(post.id, self.theirs)
        self.assertEqual(first.company_id, self.company)
        self.assertEqual(second.company_id, self.other_company)
        self.assertNotEqual(first.ticket_id, second.ticket_id)
        # each sees the journal of its own company
        events = self.env["helpdesk.social.event"]
        for account in (self.account, self.theirs):
            of_it = events.search([("account_id", "=", account.id)])
            self.assertTrue(of_it)
            self.assertEqual(of_it.company_id, account.company_id)

    def test_a_company_prefers_a_registration_of_its_own(self):
        own = self.app.copy({"name": "Own", "company_id": self.other_company.id})
        account = self.make_account(code="x", company_id=self.other_company.id)
        self.assertEqual(account.app_id, own)
        account = self.make_account(code="x")
        self.assertEqual(account.app_id, self.app)

    def test_an_account_made_from_the_app_is_of_the_users_company(self):
        accounts = self.as_stranger(self.env["helpdesk.social.account"])
        account = accounts.create({"name": "New", "app_id": self.app.id})
        self.assertEqual(account.company_id, self.other_company)

    # --- who may change it --------------------------------------------------------
    def test_a_manager_of_one_company_changes_nothing(self):
        app = self.as_stranger(self.app)
        self.assertTrue(app.name)
        changes = (
            {"name": "Mine"},
            {"company_id": self.other_company.id},
            {"options": {"tier": "enterprise"}},
            {"budget": 1},
            {"budget_limited": True},
            {"spent_month": 0},
            {"follow_days": 1},
            {"quota": 1},
        )
        for values in changes:
            with self.assertRaises(AccessError, msg=values):
                app.write(values)
                self.env.flush_all()
        for act in (
            app.unlink,
            app.action_renew_webhook,
            app.action_renew_webhook_token,
            lambda: app.price_ids[:1].write({"own_price": "0"}),
        ):
            with self.assertRaises(AccessError):
                act()
        self.assertFalse(app.may_share)
        self.assertFalse(app.has_access("write"))
        self.assertTrue(app.price_ids)
        self.assertFalse(app.price_ids[:1].has_access("write"))
        # and of ours, as many managers there are with one company
        self.assertFalse(self.app.with_user(self.manager).has_access("write"))

    def test_who_answers_for_all_companies_may(self):
        everywhere = new_test_user(
            self.env,
            login="social_everywhere",
            groups="helpdesk_mgmt.group_helpdesk_manager",
            company_ids=[(6, 0, self.env["res.company"].search([]).ids)],
        )
        for user in (everywhere, self.admin):
            app = self.app.with_user(user)
            app.write({"name": f"Of {user.login}", "budget": 5})
            self.assertTrue(app.may_share)
            app.price_ids[:1].own_price = "0.5"
        # the same rights as an agent of all companies are not enough
        agent = new_test_user(
            self.env,
            login="social_everywhere_agent",
            groups=USER_ALL,
            company_ids=[(6, 0, self.env["res.company"].search([]).ids)],
        )
        with self.assertRaises(AccessError):
            self.app.with_user(agent).name = "x"

    def test_nobody_else_shares(self):
        own = self.app.copy({"name": "Own", "company_id": self.other_company.id})
        with self.assertRaises(AccessError):
            self.as_stranger(own).company_id = False
        values = {"name": "x", "network_id": self.app.network_id.id}
        apps = self.as_stranger(self.env["helpdesk.social.app"])
        with self.assertRaises(AccessError):
            apps.create({**values, "company_id": False})
        with self.assertRaises(AccessError):
            apps.with_context(default_company_id=False).create(values)
            self.env.flush_all()

    def test_it_stays_shared_while_others_use_it(self):
        with self.assertRaisesRegex(ValidationError, "other companies"):
            self.app.with_user(self.admin).company_id = self.company
        self.theirs.app_id = self.app.copy({"company_id": self.other_company.id})
        self.app.with_user(self.admin).company_id = self.company
        with self.assertRaises(UserError):
            self.theirs.app_id = self.app

    # --- keys and hosts -----------------------------------------------------------
    def test_the_keys_are_used_and_never_told_nor_replaced(self):
        # sudo: helpdesk.social.app - what is stored
        kept = dict(self.app.sudo().secrets)
        account = self.as_stranger(self.theirs)
        for settings in (
            {SECRET: "mine"},
            {"consumer_key": "mine"},
            {"tier": "enterprise"},
            {"base_url": "https://evil.example.com", SECRET: "mine"},
        ):
            with (
                self.assertRaisesRegex(AccessError, "shared by all companies"),
                self.env.cr.savepoint(),
            ):
                account.set_settings(settings)
        self.env.invalidate_all()
        self.assertEqual(self.app.sudo().secrets, kept)
        self.assertEqual(self.app.sudo().secrets_host, self.sim.url)
        # the dialog sends everything it shows, unchanged
        account.set_settings({"tier": "self-serve", SECRET: "", "direct": "off"})
        self.assertEqual(self.theirs.options["direct"], "off")
        for name in ("secrets", "webhook_token", "webhook_secret", "secrets_host"):
            with self.assertRaises(AccessError):
                self.as_stranger(self.app).read([name])

    def test_a_server_of_ones_own_gets_no_key_and_no_address(self):
        stranger = self.enterContext(XSimulator())
        account = self.as_stranger(self.theirs)
        account.set_settings({"base_url": stranger.url})
        account.set_settings({"access_token": "of-the-stranger"})
        settings = self.theirs._bare_adapter().settings
        # sudo: helpdesk.social.app - what must not be there
        for key, secret in self.app.sudo().secrets.items():
            self.assertNotEqual(settings.get(key), secret)
        self.assertFalse(settings["webhook_secret"])
        self.env["ir.config_parameter"].set_param(
            "web.base.url", "https://desk.example.com"
        )
        with self.assertRaisesRegex(UserError, "another server"):
            account.action_subscribe()
        # sudo: helpdesk.social.account - the machine's field
        self.theirs.sudo().push = True
        self.theirs._prove_push()
        self.assertFalse(stranger.calls)
        # a new account that begins there fares no better
        account = self.make_account(
            code="x", company_id=self.other_company.id, base_url=stranger.url
        )
        self.assertEqual(account.app_id, self.app)
        self.assertFalse(account._bare_adapter().settings[SECRET])

    def test_secrets_that_were_of_no_server_belong_to_the_one_in_use(self):
        own = self.app.copy({"name": "Own", "company_id": self.company.id})
        # sudo: helpdesk.social.app - as an older version stored it
        own.sudo().secrets = {SECRET: "x"}
        own.with_user(self.admin).company_id = False
        self.assertEqual(own.sudo().secrets_host, own._adapter_class().base_url)

    # --- money and who sees it ----------------------------------------------------
    def test_each_company_sees_its_own_part_of_the_bill_and_the_total(self):
        self.book()
        self.env["helpdesk.social.spending"].search([]).unlink()
        self.spend(3, self.account)
        self.spend(2, self.theirs)
        archived = self.theirs.copy({"active": False, "app_id": self.app.id})
        self.spend(1, archived)
        ledger = self.as_stranger(self.env["helpdesk.social.spending"])
        rows = ledger.search([("app_id", "=", self.app.id)])
        self.assertEqual(rows.account_id, self.theirs | archived)
        self.assertEqual(rows.company_id, self.other_company)
        found = ledger._read_group([("app_id", "=", self.app.id)], [], ["amount:sum"])
        self.assertEqual(found, [(3.0,)])
        self.assertAlmostEqual(self.as_stranger(self.app).spent_month, 6)
        mine = self.env["helpdesk.social.spending"].with_user(self.manager)
        rows = mine.search([("app_id", "=", self.app.id)])
        self.assertEqual(rows.account_id, self.account)

    def test_the_form_shows_ones_own_accounts(self):
        # sudo: helpdesk.social.account - the machine's field
        self.account.sudo().name = "Hidden marzipan"
        view = self.env.ref("helpdesk_social.helpdesk_social_app_view_form")
        app = self.as_stranger(self.app)
        names = app.get_views([(view.id, "form")])["models"][app._name]["fields"]
        fields_of = {
            name: {"fields": {"display_name": {}, "name": {}}}
            if name in ("account_ids", "price_ids")
            else {}
            for name in names
            if name in app._fields and not name.startswith("message_")
        }
        fields_of.get("price_ids", {}).get("fields", {}).pop("name", None)
        self.assertIn("account_ids", fields_of)
        [row] = app.web_read(fields_of)
        self.assertEqual([one["id"] for one in row["account_ids"]], [self.theirs.id])
        self.assertNotIn("marzipan", str(row))
        # whatever was computed before, as superuser
        self.app.sudo().account_ids.mapped("name")
        self.assertNotIn("marzipan", str(app.push_advice))
        self.assertEqual(app._unpushed() - self.theirs, self.theirs.browse())

    def test_what_one_company_cannot_see_of_the_other(self):
        account = self.as_stranger(self.account)
        with self.assertRaises(AccessError):
            account.read(["name"])
        with self.assertRaises(AccessError):
            account.set_settings({"direct": "off"})
        with self.assertRaises(AccessError):
            account.action_subscribe()
        found = account.search([("app_id", "=", self.app.id)])
        self.assertEqual(found, self.theirs)

    def test_forgetting_a_person_is_of_ones_own_company(self):
        self.sim.post(self.jo, "@acme @acme_uk my marzipan lamp broke")
        self.account.action_pull()
        self.theirs.action_pull()
        identity = self.env["helpdesk.social.identity"].search(
            [("external_id", "=", self.jo.id), ("company_id", "=", self.company.id)]
        )
        identity.with_user(self.manager).action_forget()
        events = self.env["helpdesk.social.event"]
        left = events.search([("raw", "like", "marzipan")])
        self.assertEqual(left.account_id, self.theirs)

    def test_the_dialog_offers_it_and_keeps_its_keys(self):
        dialogs = self.as_stranger(self.env["helpdesk.social.connect"])
        dialog = dialogs.create(
            [
                {
                    "network_id": self.app.network_id.id,
                    "company_id": self.other_company.id,
                }
            ]
        )
        self.assertEqual(dialog.app_id, self.app)
        lines = {line.key: line for line in dialog.line_ids}
        self.assertTrue(lines[SECRET].stored)
        self.assertFalse(lines[SECRET].value)
        # sudo: helpdesk.social.app - what is stored
        kept = dict(self.app.sudo().secrets)
        dialog.server = self.sim.url
        account = dialog._save_account()
        self.assertEqual(account.app_id, self.app)
        self.assertEqual(account.company_id, self.other_company)
        self.assertEqual(self.app.sudo().secrets, kept)
        own = self.app.copy({"name": "Own", "company_id": self.other_company.id})
        dialog = dialogs.create(
            [
                {
                    "network_id": self.app.network_id.id,
                    "company_id": self.other_company.id,
                }
            ]
        )
        self.assertEqual(dialog.app_id, own)

    def test_a_dialog_that_is_discarded_leaves_it(self):
        draft = self.make_account(code="x", company_id=self.other_company.id)
        # sudo: helpdesk.social.account, .app - hidden fields
        draft.sudo().made_by_dialog = True
        lonely = self.app.copy({"company_id": False})
        draft.app_id = lonely
        self.as_stranger(draft)._discard()
        self.assertFalse(draft.exists())
        self.assertTrue(lonely.exists())


@tagged("post_install", "-at_install")
class TestSharedWebhook(SharedFixtures, HttpCase):
    """One address fans out over the companies."""

    def push(self, body):
        # sudo: helpdesk.social.app - its address, as X was told
        token = self.app.sudo().webhook_token
        headers, _query, raw = self.sim.request(body)
        return self.url_open(
            f"/helpdesk_social/webhook/x/{token}",
            data=raw,
            headers=headers,
            method="POST",
        )

    def mention(self, user, text):
        post = self.sim.post(self.jo, text)
        payload, includes = x_events.post_payload(self.sim.world, self.sim.url, post)
        body = x_events.activity("post.mention.create", user.id, payload, includes)
        self.assertEqual(self.push(body).status_code, 200)
        return post

    def test_each_delivery_goes_to_the_company_it_is_for(self):
        ours = self.mention(self.sim.brand, "@acme hello")
        theirs = self.mention(self.other, "@acme_uk hello")
        for account in (self.account, self.theirs):
            self.env["helpdesk.social.intake"]._process_all(account)
        self.assertEqual(self.message(ours.id).company_id, self.company)
        self.assertFalse(self.message(ours.id, self.theirs))
        found = self.message(theirs.id, self.theirs)
        self.assertEqual(found.company_id, self.other_company)
        self.assertEqual(found.ticket_id.company_id, self.other_company)
        events = self.env["helpdesk.social.event"]
        admin = new_test_user(
            self.env,
            login="social_admin_of_other",
            groups="base.group_system",
            company_id=self.other_company.id,
            company_ids=[(6, 0, self.other_company.ids)],
        )
        seen = events.with_user(admin).search([("app_id", "=", self.app.id)])
        self.assertEqual(seen.account_id, self.theirs)

    def both_on_one(self):
        """Both companies have connected @acme_uk."""
        account = self.of_other_company_too = self.make_account(code="x")
        # sudo: helpdesk.social.account - as if it had been connected
        account.sudo().write({"external_id": self.other.id, "state": "active"})
        return account

    def test_an_account_that_two_companies_connected(self):
        twin = self.both_on_one()
        self.mention(self.other, "@acme_uk hello")
        self.mention(self.other, "@acme_uk once more")
        events = self.env["helpdesk.social.event"]
        for account in (twin, self.theirs):
            found = events.search_count([("account_id", "=", account.id)])
            self.assertEqual(found, 2)

    def test_two_companies_claim_what_came_before_them(self):
        # sudo: helpdesk.social.account - nobody is connected as them yet
        self.theirs.sudo().external_id = False
        self.mention(self.other, "@acme_uk hello")
        events = self.env["helpdesk.social.event"]
        waiting = events.search([("account_id", "=", False)])
        self.assertEqual(waiting.account_ref, self.other.id)
        self.theirs.sudo().external_id = self.other.id
        twin = self.both_on_one()
        self.assertEqual(events._settle_unclaimed(), 1)
        self.env.invalidate_all()
        found = events.search([("key", "=", waiting.key)])
        self.assertEqual(found.account_id, self.theirs | twin)
        self.assertEqual(set(found.mapped("state")), {"new"})
        self.assertEqual(events._settle_unclaimed(), 0)
        self.assertLess(
            found[:1].received_at, fields.Datetime.add(fields.Datetime.now(), seconds=1)
        )
