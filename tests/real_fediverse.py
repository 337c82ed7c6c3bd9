"""What the tests on the real fediverse server (snac2) share: people, patience, a look
at what the world sees.

The stage ``real`` starts the server and says where it is; Mastodon.py plays the
customers. A post takes some seconds to those it names, so a class lets its customers
write all at once in ``write``, and what they add later in ``write_more``: that lies on
the server and is heard when a test pulls. Nothing here may look into our database to
know what stands on the server.
"""

import os
import time

import requests

from odoo.tests import TransactionCase, new_test_user

#: groups of somebody who works at the helpdesk
HELPDESK = "base.group_user,helpdesk_mgmt.group_helpdesk_user"
#: posts on one page; more than all tests of a run write
PAGE = 200


class OneLineEach(requests.Session):
    """A line of its own for each call, as our transport has.

    snac2 closes a line after its answer without saying so: a client that uses the
    line again at that very moment gets "connection reset" and cannot know whether
    its post was taken (15 of 414 quick calls, tried out).
    """

    def request(self, *args, **kwargs):
        answer = super().request(*args, **kwargs)
        self.close()
        return answer


class RealFediverse(TransactionCase):
    """@brand is ours and connected; @jo, @sam and @kim are customers, @robo a bot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.url = os.environ["HELPDESK_SOCIAL_SNAC_URL"]
        cls.clients = {}
        cls.messages = cls.env["helpdesk.social.message"]
        cls.outbox = cls.env["helpdesk.social.outbox"]
        cls.account = cls.env["helpdesk.social.account"].create(
            {
                "name": "Brand",
                "network_id": cls.env.ref("helpdesk_social.network_mastodon").id,
                "base_url": cls.url,
            }
        )
        cls.account.set_settings({"access_token": cls.token("brand")})
        cls.account.action_connect()
        cls.agent = cls.env.ref("base.user_admin")
        # the server reads no port in a mention (fact sheet)
        cls.brand = "@brand"

    @staticmethod
    def token(name):
        return os.environ[f"HELPDESK_SOCIAL_SNAC_TOKEN_{name.upper()}"]

    @classmethod
    def customer(cls, name):
        from mastodon import Mastodon

        if name not in cls.clients:
            cls.clients[name] = Mastodon(
                session=OneLineEach(),
                access_token=cls.token(name),
                api_base_url=cls.url,
                version_check_mode="none",
            )
        return cls.clients[name]

    # --- waiting: the server delivers after some seconds ----------------------
    @classmethod
    def until(cls, found, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            result = found()
            if result:
                return result
            time.sleep(0.5)
        raise AssertionError("the server did not deliver in time")

    def hear(self, words):
        """Pull until the message with these words is there."""

        def look():
            self.account.action_pull()
            return self.env["helpdesk.social.message"].search(
                [("text", "ilike", words), ("account_id", "=", self.account.id)]
            )

        return self.until(look)

    def deliver(self, row):
        for _attempt in range(3):
            self.env["helpdesk.social.outbox"]._cron_deliver()
            if row.delivery_state == "sent":
                return
            row.sudo().next_try_at = "2020-01-01 00:00:00"
        self.assertEqual(row.delivery_state, "sent", row.error_text)

    def said_to(self, name, words):
        """What the customer finds in the notifications, as plain pairs."""
        found = self.customer(name).notifications(limit=40)
        return [
            one["status"]
            for one in found
            if one["type"] == "mention" and words in one["status"]["content"]
        ]

    # --- what customers say ---------------------------------------------------
    @classmethod
    def say(cls, name, text, below=None, visibility="public"):
        """Somebody writes to the brand; the post as the server has it."""
        return cls.customer(name).status_post(
            f"{cls.brand} {text}",
            in_reply_to_id=below and below["id"],
            visibility=visibility,
        )

    @classmethod
    def arrive(cls, *posts):
        """Wait until the server has told the brand of these; we pull nothing."""
        wanted = {one["id"] for one in posts}

        def told():
            found = cls.customer("brand").notifications(limit=80)
            return wanted <= {one["status"]["id"] for one in found if one["status"]}

        cls.until(told)

    def heard(self, post):
        """The message that a post became, if any."""
        return self.messages.search([("key", "=", post["uri"])])

    # --- what the world sees --------------------------------------------------
    def world(self, words="", who="brand", by="sam"):
        """Public posts of an account with these words, as somebody else sees them."""
        account = self.customer(who).account_verify_credentials()
        found = self.customer(by).account_statuses(account["id"], limit=PAGE)
        return [one for one in found if words in one["content"]]

    def below(self, post, words=""):
        """Public answers of ours to a post."""
        found = self.world(words)
        return [one for one in found if one["in_reply_to_id"] == post["id"]]

    def posted(self, row, by="sam"):
        """What stands on the server for a reply of ours, public or not. The server
        leaves those who ask out of a post's mentions: ask as somebody else."""
        local_id = row.sudo().refs[str(row.account_id.id)].partition(" ")[0]
        return self.customer(by).status(local_id)

    def assert_nowhere(self, words):
        """Not a word of it on the server: neither for the world nor for one."""
        self.assertFalse(self.world(words))
        self.assertNotIn(words, requests.get(f"{self.url}/brand", timeout=10).text)
        own = self.account.sudo()._adapter()
        path, query = own._own_posts()
        kept = own._get_list(path, {**query, "limit": PAGE})
        self.assertFalse([one for one in kept if words in one["content"]])

    # --- our side -------------------------------------------------------------
    @classmethod
    def colleague(cls, login, *groups):
        return new_test_user(cls.env, login, ",".join((HELPDESK, *groups)))

    def at_desk(self, message, user=None):
        """The ticket of a message, in the hands of an agent."""
        return message.ticket_id.with_user(user or self.agent)

    @staticmethod
    def option(message, audience="public"):
        return f"{audience}:{message.account_id.id}:{message.id}"

    def send(self, message, text, audience="public", user=None, **values):
        """The answer of the form's button."""
        ticket = self.at_desk(message, user)
        # all that is there is on this person's screen
        values.setdefault("seen", max(ticket.sudo().social_message_ids.ids))
        return ticket.social_send(self.option(message, audience), text, **values)

    def rows(self, answer):
        self.assertTrue(answer["ok"], answer)
        return self.messages.browse(answer["message_ids"]).sudo()

    def close(self, ticket):
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")


class RealDesk(RealFediverse):
    """A desk with a day's work: what customers wrote is heard, and more lies ready."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.undo_seconds = 0
        cls.prepare()
        cls.arrive(*cls.write())
        cls.account.action_pull()
        more = cls.write_more()
        if more:
            cls.arrive(*more)

    @classmethod
    def prepare(cls):
        """Settings of the desk before anything is heard."""

    @classmethod
    def write(cls):
        """Posts that are heard before the tests; must return those to wait for."""
        raise NotImplementedError

    @classmethod
    def write_more(cls):
        """Posts that lie on the server, heard when a test pulls."""
        return []
