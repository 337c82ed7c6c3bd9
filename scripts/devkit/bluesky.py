"""A real Bluesky network on the loopback interface: directory, data server, AppView.

The programs are Bluesky's own (`@atproto/dev-env`), run by bluesky_network/network.mjs;
what is stored is thrown away at each start. Private messages have no published server:
a simulator takes their place behind the data server, at an address given at the start.
Must never listen on anything but 127.0.0.1, and needs nothing outside this machine.
"""

import contextlib
import json
import os
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from . import node, paths, ports, venv
from .console import Failure
from .processes import Process

FILES = Path(__file__).with_name("bluesky_network")
# Handles have at least three letters before the domain. The password is the name.
PEOPLE = {
    "brand": "Brand support",
    "brandnorth": "Brand support North",
    "joan": "Joan Miller",
    "sami": "Sami Rivera",
    "busy": "Busy Bee",
}
CUSTOMERS = ("joan", "sami")
PATIENCE = 90  # seconds; it takes 3 on an idle machine with two cores
READY = "ready.json"


def of_make_run(cluster=None):
    """The network that `make run REAL=bluesky` starts."""
    return Network(paths.work("bluesky"), cluster, "bluesky")


class Network:
    """One network with its data in a folder and a database.

    :param cluster: the running PostgreSQL cluster
    :param database: made anew at each start, dropped at the end
    """

    def __init__(self, folder, cluster, database):
        self.folder = Path(folder)
        self.cluster = cluster
        self.database = database
        self.process = None
        self.chat = None
        self.known = {}

    @property
    def url(self):
        return self.known["url"]

    def find(self):
        """Learn the addresses of the network that another process has started."""
        try:
            self.known = json.loads((self.folder / READY).read_text())
            self.call("com.atproto.server.describeServer")
        except (OSError, Failure):
            raise Failure(
                "no Bluesky network is running; start it with `make run REAL=bluesky`"
            ) from None

    def start_with_chat(self, port=None):
        """With a place for private messages, which others may leave to a test."""
        chat_port = ports.free()
        self.start(f"http://127.0.0.1:{chat_port}", port)
        program = Path(__file__).with_name("bluesky_chat.py")
        words = [venv.get(), program, chat_port]
        words += [self.known["chatDid"], self.known["appview"]]
        self.chat = Process("bluesky-chat", words)
        deadline = time.monotonic() + 15
        while not ports.taken(chat_port):
            if time.monotonic() > deadline or not self.chat.running:
                told = self.chat.last_words()
                raise Failure(f"the chat service did not start: {told}")
            time.sleep(0.1)

    def start(self, chat_url, port=None):
        """Start and wait until everything answers."""
        packages = node.packages(FILES)
        (program, *_), _npm = node.find()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.cluster.drop(self.database)
        self.cluster.sql(f'CREATE DATABASE "{self.database}"')
        ready = self.folder / READY
        settings = {
            "packages": str(packages),
            "folder": str(self.folder),
            "ready": str(ready),
            "database": self.database,
            "trigrams": self._trigrams(),
            "pdsPort": port or ports.free(),
            "appviewPort": ports.free(),
            "plcPort": ports.free(),
            "chatUrl": chat_url,
            "people": [
                {"handle": f"{key}.test", "name": name, "password": key}
                for key, name in PEOPLE.items()
            ],
        }
        scratch = self.folder / "tmp"
        scratch.mkdir()
        env = {
            **os.environ,
            **self.cluster.environment,
            "HELPDESK_SOCIAL_BLUESKY": json.dumps(settings),
            "TMPDIR": str(scratch),
            "NODE_ENV": "development",
        }
        self.process = Process("bluesky", [program, FILES / "network.mjs"], env=env)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.running:
            if ready.exists():
                self.known = json.loads(ready.read_text())
                return
            time.sleep(0.1)
        told = self._last_error()
        self.stop()
        raise Failure(
            f"the Bluesky network did not start: {told} (log: {self.process.log})"
        )

    def stop(self):
        if self.chat:
            self.chat.stop()
        if self.process:
            self.process.stop()
            self.cluster.drop(self.database)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _trigrams(self):
        """Has this PostgreSQL the extension that the search by name is built on?"""
        asked = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
        return bool(self.cluster.sql(asked))

    def _last_error(self):
        lines = self.process.log.read_text(errors="replace").splitlines()
        errors = [line.strip() for line in lines if "Error: " in line]
        return (errors or [self.process.last_words()])[-1]

    def token(self, name):
        """A session of a person, as their app opens one."""
        asked = {
            "identifier": f"{name}.test",
            "password": self.known["people"][f"{name}.test"]["password"],
        }
        return self.call("com.atproto.server.createSession", asked)["accessJwt"]

    def environment(self):
        """What the real-server tests need to know."""
        return {"HELPDESK_SOCIAL_BLUESKY_NETWORK": json.dumps(self.known)}

    def call(self, nsid, body=None, *, token=None, chat=False, **query):
        """One call of a person's own program, as JSON; raises Failure with the error.

        :param body: for what changes something; without it, it is a question
        :param chat: to the chat service, which the data server passes it on to
        """
        url = f"{self.url}/xrpc/{nsid}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if chat:
            headers["atproto-proxy"] = f"{self.known['chatDid']}#bsky_chat"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            told = error.read().decode(errors="replace")
            with contextlib.suppress(ValueError, KeyError):
                told = json.loads(told)["message"]
            raise Failure(f"the Bluesky network refused {nsid}: {told}") from error
        except OSError as error:
            raise Failure(f"the Bluesky network does not answer: {error}") from error
