"""The soak test's director: customers write, agents answer, and Odoo is killed.

Everybody but Odoo survives: PostgreSQL, the simulators, and the agents, who ask again
with the same key when nobody answered, as a browser does. What is printed at the end
was counted by the simulators (what customers saw) and in the database.
"""

import contextlib
import os
import random
import signal
import time
import urllib.request

from bench import soak_judge
from bench.lab import Control
from bench.soak_agent import Agent
from devkit import console, odoo, paths, ports, processes

#: seconds that a network takes for a post: a window wide enough to be hit
SLOW = 0.5
#: messages of customers, and answers of agents, per network and life of Odoo
SAID, ANSWERED = 2, 3
#: seconds that a life lasts at most once Odoo is up; when it aims at a reply that is
#: leaving, at most four times as long: Odoo's scheduled actions run at a low priority,
#: and on a busy machine they start late
LIFE = 4.0
#: share of kills that wait for a reply to be on its way
AIMED = 0.5
#: seconds to settle what was left behind
SETTLE = 420


class Soak:
    def __init__(self, server, database, simulators, accounts, seed):
        self.server, self.database = server, database
        self.simulators: dict[str, Control] = simulators
        self.accounts = accounts
        self.random = random.Random(seed)
        self.port = ports.free()
        self.child = None
        self.log = paths.work_dir("logs") / "soak-odoo.log"
        self.log.unlink(missing_ok=True)
        self.said = {name: [] for name in simulators}
        self.agents = [
            Agent(self, name, number) for number, name in enumerate(simulators)
        ]
        #: (message id, attempt) that was being sent when Odoo was killed, per network
        self.caught = {name: set() for name in simulators}
        self.kills = self.inside = 0

    # --- a life of Odoo -------------------------------------------------------
    def start(self):
        words = ["-d", self.database, "--db-filter", f"^{self.database}$"]
        words += [f"--http-port={self.port}", f"--gevent-port={ports.free()}"]
        words += ["--workers=2", "--max-cron-threads=2", *odoo.PATIENCE]
        # recorded, so that `make stop` finds it should this process be killed, too
        self.child = processes.Process(
            "soak-odoo", self.server.command(*words), env=self.server.environment
        )

    def is_up(self):
        with contextlib.suppress(OSError):
            url = f"http://127.0.0.1:{self.port}/web/health"
            with urllib.request.urlopen(url, timeout=2):
                return True
        return False

    def wait_until_up(self, seconds=120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.child.running:
                raise console.Failure(f"Odoo did not start (log: {self.log})")
            if self.is_up():
                return
            time.sleep(0.1)
        raise console.Failure(f"Odoo did not answer in {seconds} s (log: {self.log})")

    def kill(self):
        """SIGKILL to the whole process group, and what it was doing then."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.popen.pid, signal.SIGKILL)
        self.child.popen.wait()
        self.child.record.unlink(missing_ok=True)
        self._until_disconnected()
        self.kills += 1
        names = {number: name for name, number in self.accounts.items()}
        hit = False
        for line in self.sql(
            "SELECT account_id, id, attempts FROM helpdesk_social_message "
            "WHERE delivery_state = 'sending'"
        ).splitlines():
            account, row, attempt = map(int, line.split("|"))
            fresh = (row, attempt) not in self.caught[names[account]]
            self.caught[names[account]].add((row, attempt))
            hit = hit or fresh
        self.inside += hit

    def _until_disconnected(self):
        """A commit that the server had already been sent may still take place."""
        for _turn in range(200):
            if self.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                f"'{self.database}' AND pid <> pg_backend_pid()"
            ) in ("", "0"):
                return
            time.sleep(0.05)

    def time_passes(self):
        """Nobody is alive: leases and waits are over, as if an hour had gone by."""
        self.sql(
            "UPDATE helpdesk_social_message SET sending_until = "
            "now() AT TIME ZONE 'utc' - interval '1 second' "
            "WHERE delivery_state = 'sending'; "
            "UPDATE helpdesk_social_account SET lease_until = NULL"
        )

    def hurry(self):
        """The scheduled actions look now instead of in a minute."""
        self.sql(
            "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'utc' "
            "WHERE active AND cron_name LIKE 'Social%'; "
            "UPDATE helpdesk_social_account SET next_pull_at = "
            "now() AT TIME ZONE 'utc' WHERE lease_until IS NULL; "
            "UPDATE helpdesk_social_message SET next_try_at = "
            "now() AT TIME ZONE 'utc' WHERE delivery_state = 'queued' "
            "AND next_try_at > now() AT TIME ZONE 'utc'; "
        )
        # a NOTIFY names the database it is for, and goes to the one called postgres
        self.server.cluster.sql(f"NOTIFY cron_trigger, '{self.database}'")

    def sql(self, statement):
        return self.server.cluster.sql(statement, self.database)

    # --- customers ------------------------------------------------------------
    def customers_write(self):
        for name, simulator in self.simulators.items():
            for _turn in range(SAID):
                text = f"question-{name}-{len(self.said[name]):04d}"
                who = f"customer{self.random.randrange(40)}"
                simulator("say", who=who, text=text)
                self.said[name].append(text)

    # --- the run --------------------------------------------------------------
    def run(self, kills, inside):
        """Kill until there were enough kills, and enough of them in the window."""
        for simulator in self.simulators.values():
            simulator("slow", seconds=SLOW)
        self._begin()
        started = time.monotonic()
        while self.kills < kills or self.inside < inside:
            if self.kills >= 2 * kills:
                break  # the window cannot be hit: the judge will say so
            self.customers_write()
            self.start()
            self._live()
            self.kill()
            # now and then the next life finds leases that still run
            if self.random.random() < 0.8:
                self.time_passes()
            if self.kills % 10 == 0:
                console.say(
                    f"  {self.kills} kills, {self.inside} while a reply was leaving, "
                    f"{time.monotonic() - started:.0f} s"
                )
        self._settle()
        for agent in self.agents:
            agent.stop()
        return soak_judge.judge(self)

    def _begin(self):
        """A first life that nobody cuts short: tickets that can be answered."""
        self.customers_write()
        self.start()
        deadline = time.monotonic() + SETTLE
        while soak_judge.unsettled(self):
            if not self.child.running or time.monotonic() > deadline:
                raise console.Failure(f"no ticket came of it (log: {self.log})")
            self.hurry()
            time.sleep(1)
        for agent in self.agents:
            agent.start()
        self.kill()
        self.time_passes()

    def _live(self):
        """Until the moment of the kill: any, or one at which a reply is leaving."""
        if self.random.random() < 0.05:
            time.sleep(self.random.uniform(0, 2))
            return  # while it is still starting
        for agent in self.agents:
            agent.may_answer(ANSWERED)
        aimed = self.random.random() < AIMED
        # it sends as soon as it has started, long before it answers
        deadline, hurried = None, 0.0
        patience = time.monotonic() + 120
        while deadline is None or time.monotonic() < deadline:
            if aimed and self._sending():
                time.sleep(self.random.uniform(0, SLOW))
                return
            if time.monotonic() - hurried > 1.5:
                self.hurry()
                hurried = time.monotonic()
            if deadline is None and self.is_up():
                deadline = time.monotonic() + (4 * LIFE if aimed else self._moment())
            if not self.child.running or time.monotonic() > patience:
                raise console.Failure(f"Odoo did not start (log: {self.log})")
            time.sleep(0.02)

    def _moment(self):
        return self.random.uniform(0.2, LIFE)

    def _sending(self):
        return any(one("inside")["value"] for one in self.simulators.values())

    def _settle(self):
        """A last life in which nothing is killed, until nothing moves any more."""
        for simulator in self.simulators.values():
            simulator("slow", seconds=0)
        self.time_passes()
        self.start()
        self.wait_until_up()
        deadline = time.monotonic() + SETTLE
        calm = 0
        while time.monotonic() < deadline and calm < 3:
            self.hurry()
            time.sleep(2)
            busy = any(agent.busy for agent in self.agents)
            calm = 0 if busy or soak_judge.unsettled(self) else calm + 1
        self.kill()
