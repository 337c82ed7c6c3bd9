"""What the tests on the real Bluesky network share: accounts, customers, patience.

The stage ``real`` starts the network (Bluesky's own directory, data server and AppView)
and says where it is. atproto plays the customers. Private messages have no published
server: the simulator of it stands behind the real data server, and the directory of
the network names its address.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from datetime import datetime, timedelta, timezone
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo.tests import TransactionCase

from ..models import common
from .simulators.bluesky_chat import BlueskyChat

DAY = timedelta(days=1)


class RealBluesky(TransactionCase):
    """@brand.test is ours and connected; @joan.test and @sami.test are customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = json.loads(os.environ["HELPDESK_SOCIAL_BLUESKY_NETWORK"])
        cls.people = cls.known["people"]
        cls.chat = BlueskyChat(cls.known["chatDid"], cls.known["appview"])
        cls.chat.start(port=urlsplit(cls.known["chatUrl"]).port)
        cls.addClassCleanup(cls.chat.stop)
        cls.clients = {}
        cls.agent = cls.env.ref("base.user_admin")
        cls.messages = cls.env["helpdesk.social.message"]
        cls.outbox = cls.env["helpdesk.social.outbox"]
        cls.account = cls.connected("brand")

    # --- our side -------------------------------------------------------------
    @classmethod
    def prepared(cls, name, kind="privileged", env=None):
        """An account with its settings, not connected yet."""
        env = env or cls.env
        account = env["helpdesk.social.account"].create(
            {
                "name": f"Brand {name}",
                "network_id": env.ref("helpdesk_social.network_bluesky").id,
            }
        )
        account.set_settings(
            {
                "base_url": cls.known["url"],
                "identifier": f"{name}.test",
                "app_password": cls.people[f"{name}.test"][kind],
                "chat_did": f"{cls.known['chatDid']}#bsky_chat",
                "directory": cls.known["plc"],
            }
        )
        return account

    @classmethod
    def connected(cls, name, kind="privileged", env=None):
        account = cls.prepared(name, kind, env)
        account.action_connect()
        # what customers claim to have said before is no backlog here
        account.connected_at = "2020-01-01 00:00:00"
        return account

    def hear(self, words, account=None):
        """Pull until the message with these words is there."""
        account = account or self.account

        def look():
            account.action_pull()
            return self.heard(words)

        return self.until(look, f"“{words}”")

    def heard(self, words):
        return self.messages.search(
            [("text", "ilike", words), ("direction", "=", "in")]
        )

    def deliver(self, row):
        """Send what is queued; nothing may be wrong with it."""
        row = row.sudo()
        for _attempt in range(3):
            self.outbox._cron_deliver()
            if set(row.mapped("delivery_state")) == {"sent"}:
                return
            row.filtered("next_try_at").next_try_at = "2020-01-01 00:00:00"
        self.assertEqual(set(row.mapped("delivery_state")), {"sent"}, row.error_text)

    def token(self, did, minutes=-5, kind="appPassPrivileged"):
        """An access token as the server makes it, that ended five minutes ago."""
        end = int((datetime.now(timezone.utc) + timedelta(minutes=minutes)).timestamp())
        body = {
            "scope": f"com.atproto.{kind}",
            "aud": "did:web:localhost",
            "sub": did,
            "iat": end - 7200,
            "exp": end,
        }
        parts = [{"typ": "at+jwt", "alg": "HS256"}, body]
        signed = ".".join(_part(json.dumps(one).encode()) for one in parts)
        secret = self.known["jwtSecret"].encode()
        mark = hmac.digest(secret, signed.encode(), hashlib.sha256)
        return f"{signed}.{_part(mark)}"

    @staticmethod
    def later(time_passed):
        """Our own clock goes ahead; the network's does not."""
        then = lambda: datetime.now(timezone.utc) + time_passed  # noqa: E731
        return patch.object(common, "utcnow", then)

    # --- the customers' side --------------------------------------------------
    @classmethod
    def customer(cls, name):
        """Logged in once: the network counts log-ins."""
        from atproto import Client

        if name not in cls.clients:
            api = Client(cls.known["url"] + "/xrpc")
            api.login(f"{name}.test", cls.people[f"{name}.test"]["password"])
            cls.clients[name] = api
        return cls.clients[name]

    @classmethod
    def did(cls, name):
        return cls.people[f"{name}.test"]["did"]

    @classmethod
    def naming(cls, *names, text):
        """A text with mentions, as the app composes it."""
        from atproto import client_utils

        words = client_utils.TextBuilder()
        for name in names:
            words.mention(f"@{name}.test", cls.did(name)).text(" ")
        return words.text(text)

    @staticmethod
    def below(post, root=None):
        """What a reply to ``post`` says about its place."""
        from atproto import models

        parent = models.create_strong_ref(post)
        top = models.create_strong_ref(root) if root else parent
        return models.AppBskyFeedPost.ReplyRef(parent=parent, root=top)

    def thread(self, name, uri):
        return self.customer(name).get_post_thread(uri).thread

    def replies(self, name, uri, words=""):
        """Views of the answers below a post that hold these words."""
        thread = self.thread(name, uri)
        found = [one.post for one in thread.replies or () if hasattr(one, "post")]
        return [one for one in found if words in one.record.text]

    def private(self, name):
        """The customer's line to the chat service, through the real data server."""
        api = self.customer(name).with_proxy("bsky_chat", self.known["chatDid"])
        return api.chat.bsky.convo

    # --- waiting: the AppView reads what the data server has written -----------
    def until(self, found, what="it", seconds=60):
        """What ``found`` gives in the end; what the AppView does not know yet is no
        answer."""
        from atproto_client.exceptions import BadRequestError

        deadline, told = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            try:
                result = found()
            except BadRequestError as error:
                result, told = None, f": {error}"
            if result:
                return result
            time.sleep(0.2)
        self.fail(f"the network did not deliver {what} in time{told}")


def _part(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
