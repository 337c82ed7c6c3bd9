"""Who finds and reads what was said: every kind of user × message × way to it.

The table says it all; a cell that is wrong is named in the failure.
"""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .access_ways import MESSAGE, WAYS
from .common import SocialCase

#: columns of the table below; attributes of ``SocialFixtures``
USERS = {
    "own": "agent_own",
    "team": "agent_team",
    "all": "agent_all",
    "mgr": "manager",
    "intern": "internal",
    "sales": "sales",
    "hist": "history",
    "follow": "follower",
    "admin": "admin",
    "other": "other_company_agent",
    "cust": "portal_customer",
    "coll": "portal_colleague",
    "public": "public",
}
#: r: finds and reads it in every way · -: in none. ``private of mine`` is the agent's
#: own; every ticket is followed by ``follow`` and by ``own``, who has a login of the
#: customer's firm as colleague (``coll``) and the contact's salesperson (``sales``).
TABLE = """
                        own team all mgr intern sales hist follow admin other cust coll public
public                  r   r    r   r   r      r     r    r      r     -     -    -    -
public without ticket   r   r    r   r   r      r     r    r      r     -     -    -    -
private unassigned      r   r    r   r   -      -     r    -      r     -     -    -    -
group unassigned        r   r    r   r   -      -     r    -      r     -     -    -    -
private assigned        -   r    r   r   -      -     r    -      r     -     -    -    -
private of own          r   -    r   r   -      -     r    -      r     -     -    -    -
private other team      -   -    r   r   -      -     r    -      r     -     -    -    -
private no team         -   r    r   r   -      -     r    -      r     -     -    -    -
private archived        r   r    r   r   -      -     r    -      r     -     -    -    -
private new             r   r    r   r   -      -     r    -      r     -     -    -    -
group new               r   r    r   r   -      -     r    -      r     -     -    -    -
private new other team  -   -    r   r   -      -     r    -      r     -     -    -    -
private new no team     -   r    r   r   -      -     r    -      r     -     -    -    -
public foreign          -   -    -   -   -      -     -    -      -     r     -    -    -
private foreign         -   -    -   -   -      -     -    -      -     r     -    -    -
"""  # noqa: E501 - a table is read as one


class AccessCase(SocialCase):
    """One message per row of the table, each with a word that nothing else has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = {}
        cls.env.ref("base.group_allow_export").implied_by_ids |= cls.env.ref(
            "base.group_user"
        )
        team, other = cls.team.id, cls.other_team.id
        nobody = {"team_id": False}
        cls._row("public", "public", {})
        cls._row("public without ticket", "public")
        cls._row("private unassigned", "private", {})
        cls._row("group unassigned", "group", {})
        cls._row("private assigned", "private", {"user_id": cls.agent_team.id})
        mine = {"user_id": cls.agent_own.id, "team_id": other}
        cls._row("private of own", "private", mine)
        cls._row("private other team", "private", {"team_id": other})
        customer = {"partner_id": cls.internal.partner_id.id}
        cls._row("private no team", "private", nobody | customer)
        cls._row("private archived", "private", {"active": False})
        cls._row("private new", "private", account={"team_id": team})
        cls._row("group new", "group", account={"team_id": team})
        cls._row("private new other team", "private", account={"team_id": other})
        cls._row("private new no team", "private", account={"team_id": False})
        foreign = {"company_id": cls.other_company.id}
        cls._row("public foreign", "public", account=foreign)
        ticket = foreign | nobody | {"partner_id": False}
        cls._row("private foreign", "private", ticket, account=foreign)

    @classmethod
    def _row(cls, name, audience, ticket=None, account=None):
        word = f"zqword{len(cls.rows)}x"
        if account is not None:
            account = cls.make_account(state="active", **account)
        if ticket is not None:
            ticket = cls.make_ticket(**{"partner_id": cls.partner.id, **ticket})
            followers = cls.follower | cls.agent_own | cls.sales
            ticket.message_subscribe(followers.partner_id.ids)
        identity = cls.make_identity(account=account, partner_id=cls.partner.id)
        conversation = cls.make_conversation(
            audience, ticket, account, identity_id=identity.id, key=f"key-{word}"
        )
        message = cls.make_message(
            conversation, f"says {word}", permalink=f"https://example.com/{word}"
        )
        message.attachment_ids = cls.env["ir.attachment"].create(
            {
                "name": f"{word}.txt",
                "raw": word.encode(),
                "res_model": MESSAGE,
                "res_id": message.id,
            }
        )
        cls.rows[name] = {
            "word": word,
            "id": message.id,
            "conversation": conversation.id,
            "identity": identity.id,
            "attachment": message.attachment_ids.id,
            "ticket": ticket.id if ticket else False,
        }

    def as_user(self, user):
        """A fresh environment of the user, as a new request would have."""
        self.env.invalidate_all()
        return self.env(user=user.id, su=False, context={"active_test": False})

    def rpc(self, user, model, method, *args, **kwargs):
        """The method as a client calls it."""
        return call_kw(self.as_user(user)[model], method, list(args), kwargs)

    def export(self, user, model, record_id, paths):
        if user.share:  # Odoo exports nothing at all for them
            return None
        return self.rpc(user, model, "export_data", [record_id], paths)


@tagged("post_install", "-at_install")
class TestReaders(AccessCase):
    def test_every_user_reads_exactly_what_the_table_says(self):
        lines = TABLE.strip("\n").splitlines()
        columns = lines[0].split()
        self.assertEqual(columns, list(USERS))
        expected = {}
        for line in lines[1:]:
            cells = line[24:].split()
            expected[line[:24].strip()] = dict(zip(columns, cells, strict=True))
        self.assertEqual(set(expected), set(self.rows))
        wrong = []
        for name, cells in expected.items():
            for column, cell in cells.items():
                user = getattr(self, USERS[column])
                for title, function in WAYS.items():
                    try:
                        seen = function(self, user, self.rows[name])
                    except AccessError:
                        seen = False
                    if seen is not None and bool(seen) != (cell == "r"):
                        verb = "is seen by" if seen else "is hidden from"
                        wrong.append(f"{name!r} {verb} {column!r} through {title}")
        self.assertFalse(wrong, "\n".join(["wrong cells:", *wrong]))

    def test_each_way_would_lead_there_but_for_the_condition(self):
        """Otherwise a dash in the table might only mean that a way is broken."""
        row = self.rows["private unassigned"]
        with patch.object(
            self.registry["helpdesk.social.access"], "_readable_sql", return_value=None
        ):
            blind = [
                title
                for title, function in WAYS.items()
                if not function(self, self.follower, row)
            ]
        self.assertEqual(blind, [])
