"""Tokens, secrets and verify tokens of Facebook, Instagram and WhatsApp: nowhere but in
the one hidden place and in the calls themselves.

Tried by whoever may open an account, through reading, exporting, the form, the chatter,
errors, the log and the journal, in good times and when Meta refuses.
"""

import json
import logging

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..models import common
from .simulators.facebook import FacebookHarness
from .simulators.instagram import InstagramHarness
from .simulators.whatsapp import WhatsAppHarness
from .test_facebook import FacebookFixtures
from .test_instagram import InstagramFixtures
from .test_whatsapp import WhatsAppFixtures

VERIFY = "typed-by-hand-8472"


class MetaSecrets:
    """The same for each network's fixtures."""

    allow_inherited_tests_method = True

    def given(self):
        """Settings as somebody typed them in."""
        raise NotImplementedError

    def setUp(self):
        super().setUp()
        given = self.given()
        if "verify_token" in self.keys():
            given = {**given, "verify_token": VERIFY}
            self.account.set_settings({"verify_token": VERIFY})
        secret = {one.key for one in self.specification() if one.secret}
        # sudo: helpdesk.social.app - what must be found nowhere
        app = self.account.app_id.sudo()
        self.secrets = {given[key] for key in secret if given.get(key)}
        self.secrets |= {app.webhook_secret, app.webhook_token}
        self.assertGreaterEqual(len(self.secrets), 4)

    def specification(self):
        return self.account._adapter().settings_spec

    def keys(self):
        return {one.key for one in self.specification()}

    def assertClean(self, found, place, allowed=()):
        text = found if isinstance(found, str) else json.dumps(found, default=str)
        for one in self.secrets - set(allowed):
            self.assertFalse(one in text, f"{place} tells a secret")

    def as_user(self, user):
        self.env.invalidate_all()
        return self.env(user=user.id, su=False)

    # --- reading ------------------------------------------------------------------
    def test_nobody_reads_them_back(self):
        records = {
            "helpdesk.social.account": self.account.id,
            "helpdesk.social.app": self.account.app_id.id,
        }
        # whoever sets up the webhook by hand may see its address
        address = {self.account.app_id.sudo().webhook_token}
        for user in (self.agent_own, self.agent_all, self.manager, self.admin):
            allowed = address if user in (self.manager, self.admin) else ()
            for model, one_id in records.items():
                found = []
                env = self.as_user(user)
                record = env[model].browse(one_id)
                for name in env[model].fields_get():
                    try:
                        found.append(record.read([name]))
                        found.append(record.export_data([name, f"{name}/.id"]))
                    except (AccessError, UserError, ValueError, KeyError):
                        continue
                self.assertClean(found, f"{model} to {user.login}", allowed)

    def test_the_portal_and_other_companies_get_nothing(self):
        for user in (self.portal_customer, self.other_company_agent):
            env = self.as_user(user)
            for model in ("helpdesk.social.account", "helpdesk.social.app"):
                record = env[model].browse(
                    self.account.id
                    if model.endswith("account")
                    else self.account.app_id.id
                )
                try:
                    found = record.read([])
                except AccessError:
                    continue
                self.assertFalse(found, f"{user.login} reads {model}")

    # --- in good times and bad ----------------------------------------------------
    def test_nothing_is_told_when_all_goes_well(self):
        with self.assertLogs("odoo.addons.helpdesk_social", logging.DEBUG) as logs:
            logging.getLogger("odoo.addons.helpdesk_social").debug("begins")
            self.hear()
            self.account.action_connect()
        self.assertClean("\n".join(logs.output), "the log")
        self.told()

    def test_nothing_is_told_when_meta_refuses(self):
        """Meta's own words may repeat what it was given."""
        words = " ".join(sorted(self.secrets))
        for code, subcode in ((190, 460), (100, None), (200, None), (368, None)):
            self.sim.refuse(code, subcode, times=20, message=f"wrong: {words}")
            with self.assertLogs("odoo.addons.helpdesk_social", logging.DEBUG) as logs:
                logging.getLogger("odoo.addons.helpdesk_social").debug("begins")
                try:
                    with self.env.cr.savepoint():
                        self.account.action_connect()
                except UserError as error:
                    self.assertClean(str(error), "an error")
                self.account.next_pull_at = False
                self.env["helpdesk.social.intake"]._cron_pull()
            self.assertClean("\n".join(logs.output), "the log")
            self.told()
            self.sim.faults.clear()

    def told(self):
        """What was written down meanwhile."""
        common.commit(self.env)
        self.env.invalidate_all()
        # sudo: helpdesk.social.account - also what only administrators see
        account = self.account.sudo()
        shown = account.read(["error_detail", "error_code", "facts", "options"])
        self.assertClean(shown, "the account")
        self.assertClean(account.message_ids.mapped("body"), "the chatter")
        self.assertClean(account.activity_ids.mapped("note"), "an activity")
        events = self.env["helpdesk.social.event"].search(
            [("app_id", "=", account.app_id.id)]
        )
        self.assertClean(events.sudo().read(), "the journal")
        messages = self.env["helpdesk.social.message"].search(
            [("account_id", "=", account.id)]
        )
        self.assertClean(messages.sudo().read(), "a message")
        for ticket in messages.ticket_id:
            self.assertClean(ticket.social_timeline(), "the page of a ticket")


@tagged("post_install", "-at_install")
class TestFacebookSecrets(MetaSecrets, FacebookFixtures, TransactionCase):
    def given(self):
        return FacebookHarness.settings(self.sim)


@tagged("post_install", "-at_install")
class TestInstagramSecrets(MetaSecrets, InstagramFixtures, TransactionCase):
    def given(self):
        return InstagramHarness().settings(self.sim)


@tagged("post_install", "-at_install")
class TestWhatsAppSecrets(MetaSecrets, WhatsAppFixtures, TransactionCase):
    def given(self):
        return WhatsAppHarness.settings(self.sim)
