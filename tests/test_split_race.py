"""An agent splits a ticket while a lane is at the same thread: real transactions.

What is tested is committed; ``race_common`` removes it.
"""

import threading
import time

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import common
from .race_common import RaceCase


@tagged("post_install", "-at_install")
class TestSplitRace(RaceCase):
    def setUp(self):
        super().setUp()
        self.top = self.world.post("The lamp broke", author="ann")
        self.bob = self.world.post("Mine too", author="bob", parent=self.top.key)
        self.take_in()
        with self.transaction() as env:
            self.ticket_id = self.message(env, self.top).ticket_id.id

    def account_values(self):
        return {"handle": "us"}

    def remove_more(self, env, account):
        mine = [("account_id", "=", account.id)]
        env["helpdesk.social.event"].search(mine).unlink()
        threads = env["helpdesk.social.conversation"].search(mine)
        tickets = threads.ticket_id
        tickets |= tickets.social_split_from_id
        env["helpdesk.social.message"].search(mine).unlink()
        threads.unlink()
        env["helpdesk.social.identity"].search(
            [("network_id", "=", account.network_id.id)]
        ).unlink()
        tickets.unlink()

    def message(self, env, incoming):
        return env["helpdesk.social.message"].search([("key", "=", incoming.key)])

    def journal(self):
        with self.transaction() as env:
            self.account(env)._pull()

    def process(self, env):
        return env["helpdesk.social.intake"]._process_batch(self.account(env))

    def take_in(self):
        self.journal()
        with self.transaction() as env:
            self.process(env)

    def split(self, env):
        ticket = env["helpdesk.ticket"].browse(self.ticket_id)
        person = self.message(env, self.bob).identity_id
        return ticket.social_split(person.id)["ticket_id"]

    def test_split_between_the_lanes_look_and_its_write(self):
        more = self.world.post("Red", author="bob", parent=self.bob.key)
        late = self.world.post("Any news?", author="ann", parent=self.top.key)
        self.journal()
        with self.transaction() as lane:
            # the lane has begun: it sees the ticket as it was
            self.assertTrue(self.message(lane, self.bob).ticket_id)
            with self.transaction() as agent:
                other = self.split(agent)
            done, _new = self.process(lane)
            self.assertEqual(done, 2)
        with self.transaction() as env:
            self.assertEqual(self.message(env, more).ticket_id.id, other)
            self.assertEqual(self.message(env, late).ticket_id.id, self.ticket_id)

    @mute_logger("odoo.sql_db")
    def test_the_lane_was_first(self):
        more = self.world.post("Red", author="bob", parent=self.bob.key)
        self.journal()
        found = []

        def agent():
            for _attempt in range(5):
                try:
                    with self.transaction() as env:
                        # begun before the lane commits, as a request may have
                        env["helpdesk.ticket"].browse(self.ticket_id).mapped("name")
                        began.set()
                        found.append(self.split(env))
                    return
                except common.CONCURRENCY as error:
                    found.append(type(error).__name__)

        began = threading.Event()
        worker = threading.Thread(target=agent)
        with self.transaction() as lane:
            self.process(lane)
            lane.flush_all()
            worker.start()
            began.wait(10)
            time.sleep(0.5)
            self.assertFalse(found, "it waits for the lane")
        worker.join(30)
        self.assertEqual(len(found), 2, found)
        with self.transaction() as env:
            self.assertEqual(self.message(env, more).ticket_id.id, found[-1])
