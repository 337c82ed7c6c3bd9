"""Fixtures shared by the Odoo tests: people of every kind, builders, a fake network.

The fake network comes from outside, as another addon's would: by overriding
``_adapter_class``. It holds its world in memory and must never open a socket.
"""

from dataclasses import asdict, replace
from datetime import datetime, timedelta, timezone
from itertools import count
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, new_test_user

from ..networks import base, errors, items

FAKE = "fake"
USER_OWN = "helpdesk_mgmt.group_helpdesk_user_own"
USER_TEAM = "helpdesk_mgmt.group_helpdesk_user_team"
USER_ALL = "helpdesk_mgmt.group_helpdesk_user"
MANAGER = "helpdesk_mgmt.group_helpdesk_manager"
PRIVATE_HISTORY = "helpdesk_social.group_private_history"

_numbers = count(1)


class FakeWorld:
    """What the fake network holds: a test fills it, then looks at it."""

    def __init__(self):
        self.inbox = []  # RawItem, oldest first; ``fetch`` gives them all at once
        self.published = []  # (Draft, key), one per effect
        self.moderated = []  # (verb, Target)
        self.calls = []  # names of the methods that would have been traffic
        self.failures = []  # NetworkError; each traffic call raises the next one

    def post(self, text="Hello", audience=items.PUBLIC, author="ann", **values):
        """Somebody says something; returns the ``Incoming`` it will become."""
        number = next(_numbers)
        if isinstance(author, str):
            author = items.Author(id=author, handle=author, name=author.title())
        incoming = items.Incoming(
            **{
                "key": f"post{number}",
                "author": author,
                "text": text,
                "sent_at": datetime.now(timezone.utc) + timedelta(microseconds=number),
                "audience": audience,
                "thread": "" if audience == items.PUBLIC else f"thread-{author.id}",
                **values,
            }
        )
        self._deliver(incoming, number)
        return incoming

    def _deliver(self, incoming, number):
        data = asdict(incoming)
        for name in ("sent_at", "edited_at"):
            data[name] = data[name] and data[name].isoformat()
        self.inbox.append(
            items.RawItem(
                key=f"delivery{number}",
                data=data,
                revision=str(incoming.revision),
                sent_at=incoming.edited_at or incoming.sent_at,
            )
        )

    def edit(self, incoming, text, **changes):
        """The author changes what was said; returns the next ``Incoming``."""
        changes.setdefault("edited_at", datetime.now(timezone.utc))
        changes.setdefault("revision", incoming.revision + 1)
        edited = replace(incoming, text=text, **changes)
        self._deliver(edited, next(_numbers))
        return edited

    def remove(self, incoming, by="author"):
        """Somebody deletes it on the network."""
        now = datetime.now(timezone.utc)
        data = {"removed": incoming.key, "at": now.isoformat(), "by": by}
        self.inbox.append(items.RawItem(f"delivery{next(_numbers)}", data, sent_at=now))


class FakeAdapter(base.Adapter):
    """A network without quirks: everything allowed, ids counted, keys honoured."""

    code = FAKE
    name = "Fake"
    settings_spec = (
        items.Setting("access_token", "Access token", secret=True, required=True),
        items.Setting("nickname", "Nickname"),
    )
    capabilities = frozenset(
        {
            base.PULL,
            base.REPLY_PUBLIC,
            base.ANSWER_OWN,
            base.REPLY_GROUP,
            base.REPLY_PRIVATE,
            base.PRIVATE_FIRST,
            base.LIKE,
            base.HIDE,
            base.DELETE,
            base.LOOKUP,
            base.MEDIA_OUT,
            base.ALT_TEXT,
        }
    )
    streams = ("inbox",)
    base_url = "https://fake.example.com"
    #: replaced by a fresh one before each test
    world = FakeWorld()

    def _traffic(self, name):
        self.world.calls.append(name)
        if self.world.failures:
            raise self.world.failures.pop(0)

    def check(self):
        self._traffic("check")
        if not self.settings.get("access_token"):
            raise errors.AuthError()
        return items.Profile(id="us", handle="us", name="Us", facts={"id": "us"})

    def fetch(self, stream, cursor, since):
        self._traffic("fetch")
        seen = int(cursor or 0)
        return items.Page(
            items=tuple(self.world.inbox[seen:]), cursor=str(len(self.world.inbox))
        )

    def parse(self, item):
        data = dict(item.data)
        data.pop("around", None)  # networks tell more than anybody asks for
        if "removed" in data:
            at = datetime.fromisoformat(data["at"])
            return items.Removal(data["removed"], at, data["by"])
        if "author" not in data:
            return items.Unknown("malformed")
        data["sent_at"] = datetime.fromisoformat(data["sent_at"])
        if data.get("edited_at"):
            data["edited_at"] = datetime.fromisoformat(data["edited_at"])
        data["author"] = items.Author(**data["author"])
        data["mentions"] = tuple(items.Author(**one) for one in data["mentions"])
        data["media"] = tuple(items.Media(**one) for one in data["media"])
        data["evidence"] = tuple(items.Evidence(**one) for one in data["evidence"])
        return items.Incoming(**data)

    def measure(self, draft):
        limit = 500
        parts = [draft.text[at : at + limit] for at in range(0, len(draft.text), limit)]
        return items.Measure(len(draft.text), limit, tuple(parts))

    def idempotency(self, verb, audience=""):
        return items.Idempotency("key", timedelta(hours=1))

    def publish(self, draft, key):
        self._traffic("publish")
        known = {one for _draft, one in self.world.published}
        if key not in known:
            self.world.published.append((draft, key))
        return items.Published(f"reply-{key}", url=f"{self.base_url}/{key}")

    def lookup(self, draft, key, since):
        self._traffic("lookup")
        if any(key == one for _draft, one in self.world.published):
            return items.Published(f"reply-{key}")
        return None

    def moderate(self, verb, target):
        self._traffic("moderate")
        self.world.moderated.append((verb, target))


class SocialFixtures:
    """Mixin with people and builders; for ``TransactionCase`` and ``HttpCase``.

    People (attribute = login): ``agent_own`` (personal tickets), ``agent_team``,
    ``agent_all``, ``manager``, ``internal`` (no helpdesk rights), ``sales``
    (internal, the contact's salesperson), ``history`` (internal, may read all
    private history), ``follower`` (internal; subscribe them yourself),
    ``portal_customer`` and ``portal_colleague`` (one firm), ``public``,
    ``other_company_agent`` (manager of another company only), ``admin``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # nobody becomes a follower by accident: following is what tests are about
        cls.env = cls.env(context={**cls.env.context, "mail_create_nosubscribe": True})
        cls.company = cls.env.company
        networks = cls.registry["helpdesk.social.network"]
        original = networks._adapter_class

        def _adapter_class(model, code):
            return FakeAdapter if code == FAKE else original(model, code)

        cls.startClassPatcher(patch.object(networks, "_adapter_class", _adapter_class))
        channel = cls.env["helpdesk.ticket.channel"].create(
            {"name": "Fake", "company_id": False}
        )
        cls.network = cls.env["helpdesk.social.network"].create(
            {"name": "Fake", "code": FAKE, "channel_id": channel.id}
        )
        cls._make_people()
        cls.account = cls.make_account(handle="us", external_id="us", state="active")

    def setUp(self):
        super().setUp()
        FakeAdapter.world = self.world = FakeWorld()

    # === PEOPLE === #
    @classmethod
    def _make_people(cls):
        def user(login, groups, **values):
            return new_test_user(
                cls.env,
                login=f"social_{login}",
                name=login.replace("_", " ").title(),
                groups=groups,
                **values,
            )

        cls.agent_own = user("agent_own", USER_OWN)
        cls.agent_team = user("agent_team", USER_TEAM)
        cls.agent_all = user("agent_all", USER_ALL)
        cls.manager = user("manager", MANAGER)
        cls.internal = user("internal", "base.group_user")
        cls.sales = user("sales", "base.group_user,base.group_partner_manager")
        cls.history = user("history", f"base.group_user,{PRIVATE_HISTORY}")
        cls.follower = user("follower", "base.group_user")
        cls.portal_customer = user("portal_customer", "base.group_portal")
        cls.portal_colleague = user("portal_colleague", "base.group_portal")
        cls.public = cls.env.ref("base.public_user")
        cls.admin = cls.env.ref("base.user_admin")
        cls.other_company = cls.env["res.company"].create({"name": "Other Inc."})
        cls.other_company_agent = user(
            "other_company_agent",
            MANAGER,
            company_id=cls.other_company.id,
            company_ids=[(6, 0, cls.other_company.ids)],
        )
        firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        portals = cls.portal_customer | cls.portal_colleague
        portals.partner_id.parent_id = firm
        cls.partner = cls.portal_customer.partner_id
        cls.partner.user_id = cls.sales
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Social team",
                "company_id": cls.company.id,
                "user_ids": [(6, 0, (cls.agent_own | cls.agent_team).ids)],
            }
        )
        cls.other_team = cls.env["helpdesk.ticket.team"].create(
            {"name": "Another team", "company_id": cls.company.id}
        )

    # === BUILDERS === #
    @classmethod
    def make_account(cls, code=FAKE, **values):
        """An account of ours; not connected unless ``state`` says so."""
        network = cls.env["helpdesk.social.network"].search([("code", "=", code)])
        number = next(_numbers)
        company = values.get("company_id") or cls.company.id
        account = cls.env["helpdesk.social.account"].create(
            {
                "name": f"Account {number}",
                "network_id": network.id,
                "company_id": company,
                "team_id": cls.team.id if company == cls.company.id else False,
                **values,
            }
        )
        if account.state == "active" and code == FAKE:
            account.sudo().secrets = {"access_token": "the-secret-token"}
            account._remember_home()
        return account

    @classmethod
    def make_identity(cls, handle=None, account=None, **values):
        handle = handle or f"person{next(_numbers)}"
        account = account or cls.account
        return cls.env["helpdesk.social.identity"].create(
            {
                "network_id": account.network_id.id,
                "company_id": account.company_id.id,
                "external_id": handle,
                "handle": handle,
                "name": handle.title(),
                **values,
            }
        )

    @classmethod
    def make_ticket(cls, **values):
        """A ticket of ``team`` that nobody is assigned to."""
        return cls.env["helpdesk.ticket"].create(
            {
                "name": f"Ticket {next(_numbers)}",
                "description": "",
                "team_id": cls.team.id,
                "company_id": cls.company.id,
                "user_id": False,
                **values,
            }
        )

    @classmethod
    def make_conversation(cls, audience="public", ticket=None, account=None, **values):
        account = account or cls.account
        return cls.env["helpdesk.social.conversation"].create(
            {
                "account_id": account.id,
                "key": f"thread{next(_numbers)}",
                "audience": audience,
                "ticket_id": ticket.id if ticket else False,
                **values,
            }
        )

    @classmethod
    def make_message(cls, conversation=None, text="Hello", **values):
        """A received message; by a person of its own unless ``identity_id`` says."""
        conversation = conversation or cls.make_conversation(
            values.get("audience", "public")
        )
        account = conversation.account_id
        outgoing = values.get("direction") == "out"
        if "identity_id" not in values and not outgoing:
            identity = conversation.identity_id or cls.make_identity(account=account)
            values["identity_id"] = identity.id
        number = next(_numbers)
        return cls.env["helpdesk.social.message"].create(
            {
                "account_id": account.id,
                "network_id": account.network_id.id,
                "conversation_id": conversation.id,
                "key": f"message{number}",
                "direction": "in",
                "origin": "agent" if outgoing else "customer",
                "audience": conversation.audience,
                "text": text,
                "sent_at": fields.Datetime.now(),
                **values,
            }
        )


class SocialCase(SocialFixtures, TransactionCase):
    """Base of the Odoo tests that need no browser and no server."""
