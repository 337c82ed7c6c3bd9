"""What tests with real transactions share: an account of their own, committed, used by
several workers, and removed at the end whatever became of it."""

import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import TransactionCase

from ..models import common
from .common import FakeAdapter, FakeWorld


class RaceCase(TransactionCase):
    #: how the account speaks to its network, which holds its world in memory
    adapter = FakeAdapter

    def setUp(self):
        super().setUp()
        FakeAdapter.world = self.world = FakeWorld()
        self.prepare_world()
        # a run that was killed may have left its own behind
        self.code = f"race{time.time_ns()}"
        networks = self.registry["helpdesk.social.network"]
        original = networks._adapter_class

        def _adapter_class(model, code):
            return self.adapter if code == self.code else original(model, code)

        self.startPatcher(patch.object(networks, "_adapter_class", _adapter_class))
        # the runner of the tests holds it, and each worker asks for its registry
        self.startPatcher(patch.object(Registry, "_lock", DummyRLock()))
        # every transaction here is one that may be committed
        self.startPatcher(patch.object(common, "holds_transaction", lambda env: False))
        with self.transaction() as env:
            self.account_id = self._make(env).id
        self.addCleanup(self._remove)

    # === WHAT A TEST SAYS ITSELF === #
    def prepare_world(self):
        """Before there is an account."""

    def account_values(self):
        return {}

    def connect(self, account):
        """Give the new account what it signs in with."""
        account.secrets = {"access_token": "x"}

    def remove_more(self, env, account):
        """What this test's account left in the database."""

    # === SHARED === #
    @contextmanager
    def transaction(self):
        """A transaction of its own, as another worker has; committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def account(self, env):
        return env["helpdesk.social.account"].browse(self.account_id)

    def _make(self, env):
        channel = env["helpdesk.ticket.channel"].create({"name": self.code})
        network = env["helpdesk.social.network"].create(
            {"name": self.code, "code": self.code, "channel_id": channel.id}
        )
        account = env["helpdesk.social.account"].create(
            {
                "name": self.code,
                "network_id": network.id,
                "state": "active",
                "external_id": "us",
                "last_check_at": fields.Datetime.now(),
                **self.account_values(),
            }
        )
        account._remember_home()
        self.connect(account)
        return account

    def _remove(self):
        with self.transaction() as env:
            account = self.account(env)
            network, app = account.network_id, account.app_id
            self.remove_more(env, account)
            account.activity_ids.unlink()
            account.unlink()
            app.unlink()
            channel = network.channel_id
            network.unlink()
            channel.unlink()
