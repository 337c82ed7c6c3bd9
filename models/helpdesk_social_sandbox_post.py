"""What happens on the sandbox network: posts, likes, receipts, in one table.

Each row carries ``seq``, drawn anew with every change while the wall is locked, so
that numbers become visible in their order and a reader with a cursor misses nothing.
It must never know tickets, messages or the intake: it stands for the outside.
"""

import re
from datetime import datetime, timezone

from odoo import api, fields, models
from odoo.tools import SQL

from . import common
from .helpdesk_social_conversation import AUDIENCE
from .sandbox_line import SandboxLine

HANDLE = re.compile(r"@([\w.-]*\w)")
SEQUENCE = SQL.identifier("helpdesk_social_sandbox_seq")
#: first key of the advisory lock, the second is the company
LOCK_SPACE = 0x5A4DB0
#: posts answer to this path (see the action of the same path)
PATH = "/odoo/helpdesk-social-sandbox"


class HelpdeskSocialSandboxPost(models.Model):
    _name = "helpdesk.social.sandbox.post"
    _description = "Sandbox Post"
    _order = "seq desc"
    _rec_name = "text"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("post", "Post"),
            ("like", "Like"),
            ("read", "Read"),
            ("blocked", "Blocked us"),
            ("unblocked", "Lets us in again"),
            ("joined", "Joined"),
        ],
        required=True,
        default="post",
    )
    seq = fields.Integer(readonly=True)
    author_id = fields.Many2one(
        "helpdesk.social.sandbox.person", required=True, ondelete="cascade"
    )
    audience = fields.Selection(AUDIENCE, required=True, default="public")
    thread = fields.Char(index="btree_not_null")
    parent_id = fields.Many2one(
        "helpdesk.social.sandbox.post",
        string="Answers",
        index="btree_not_null",
        ondelete="set null",
    )
    root_id = fields.Many2one(
        "helpdesk.social.sandbox.post", index="btree_not_null", ondelete="set null"
    )
    text = fields.Text()
    warning = fields.Char(string="Content Warning")
    language = fields.Char()
    payload = fields.Char(help="What an invitation's link brought along.")
    shared = fields.Json(help="Contact data the person gave: list of {kind, value}.")
    media = fields.Json(help="List of {attachment_id, alt}.")
    mention_ids = fields.Many2many(
        "helpdesk.social.sandbox.person", "helpdesk_social_sandbox_mention_rel"
    )
    reach_ids = fields.Many2many(
        "helpdesk.social.sandbox.person",
        "helpdesk_social_sandbox_reach_rel",
        help="The accounts of ours that are told about it.",
    )
    said_at = fields.Datetime(required=True)
    edits = fields.Integer()
    edited_at = fields.Datetime()
    deleted_at = fields.Datetime()
    changed_at = fields.Datetime(required=True)
    hidden = fields.Boolean(help="Hidden by us below our thread.")
    send_key = fields.Char(help="Repeated sends with one key are one post.")

    _send_key = models.UniqueIndex("(author_id, send_key) WHERE send_key IS NOT NULL")
    _stream = models.Index("(company_id, seq)")
    _same_root = models.Index("(root_id, said_at)")

    def init(self):
        # SQL: numbers must never come again, also not after a rollback; the sequence
        # belongs to the column and goes with the table
        self.env.cr.execute(
            SQL(
                "CREATE SEQUENCE IF NOT EXISTS %s OWNED BY %s.seq",
                SEQUENCE,
                SQL.identifier(self._table),
            )
        )

    # === THE LINE === #
    @api.model
    def _transport(self, account):
        """What the adapter speaks through instead of HTTP."""
        return SandboxLine(self.browse(), account)

    @api.model
    def _us(self, account):
        """Our own person of a connected account."""
        # sudo: helpdesk.social.account - who we are on the pretended network
        number = account.sudo().external_id or "0"
        return self.env["helpdesk.social.sandbox.person"].browse(int(number)).exists()

    # === NUMBERS === #
    @api.model
    def _draw(self, company_id, count):
        """The next ``count`` numbers; the wall is ours until the transaction ends."""
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock(%s, %s)", LOCK_SPACE, company_id)
        )
        self.env.cr.execute(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                "helpdesk_social_sandbox_seq",
                count,
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _head(self):
        """The highest number ever drawn."""
        self.env.cr.execute(
            SQL(
                "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s",
                SEQUENCE,
            )
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _clock(self):
        # with microseconds: the order within a second is told by the clock as well
        return datetime.now(timezone.utc).replace(tzinfo=None)

    # === CREATE AND CHANGE === #
    @api.model_create_multi
    def create(self, vals_list):
        """Number the rows and find out whom of us they concern."""
        now = self._clock()
        parents = self.browse(
            {vals["parent_id"] for vals in vals_list if vals.get("parent_id")}
        )
        above = {parent.id: parent for parent in parents}
        named = self._mentioned(vals_list)
        numbers = {}
        for vals in vals_list:
            numbers.setdefault(vals["company_id"], []).append(vals)
        for company_id, rows in numbers.items():
            drawn = self._draw(company_id, len(rows))
            for vals, seq in zip(rows, drawn, strict=True):
                vals["seq"] = seq
        for vals in vals_list:
            parent = above.get(vals.get("parent_id"), self.browse())
            people = self._mentions(vals, named)
            vals["text"] = common.storable(vals.get("text"))
            vals["said_at"] = vals.get("said_at") or now
            vals["changed_at"] = vals["said_at"]
            vals["root_id"] = (parent.root_id or parent).id
            vals["mention_ids"] = [(6, 0, people.ids)]
            vals["reach_ids"] = [(6, 0, self._reached(vals, people, parent).ids)]
        posts = super().create(vals_list)
        self._tell(posts.company_id)
        return posts

    @api.model
    def _mentioned(self, vals_list):
        """{(company id, handle): person} for all names in these texts."""
        handles = {
            handle.lower()
            for vals in vals_list
            for handle in HANDLE.findall(vals.get("text") or "")
        }
        people = self.env["helpdesk.social.sandbox.person"]
        found = people.search([("handle", "in", list(handles))]) if handles else people
        return {(person.company_id.id, person.handle): person for person in found}

    @api.model
    def _mentions(self, vals, named):
        people = self.env["helpdesk.social.sandbox.person"]
        if vals.get("kind", "post") != "post":
            return people
        for handle in HANDLE.findall(vals.get("text") or ""):
            people |= named.get((vals["company_id"], handle.lower()), people)
        return people

    @api.model
    def _reached(self, vals, mentioned, parent):
        """Which of our accounts are told: named, members, or already in above."""
        people = self.env["helpdesk.social.sandbox.person"]
        thread = vals.get("thread") or ""
        if thread.startswith("dm:"):
            people = people.browse(int(one) for one in thread.split(":")[1:])
        elif thread.startswith("group:"):
            groups = self.env["helpdesk.social.sandbox.group"]
            people = groups.browse(int(thread.split(":")[1])).member_ids
        else:
            people = mentioned | parent.reach_ids | people.browse(vals["author_id"])
        if vals.get("kind", "post") != "post":
            people -= people.browse(vals["author_id"])  # nobody is told of his own like
        author = people.browse(vals["author_id"])
        return people.filtered(lambda one: one.own and author not in one.blocked_ids)

    def _change(self, vals):
        """Write with a new number, so that every reader learns of it."""
        for post in self:
            (seq,) = post._draw(post.company_id.id, 1)
            post.write({**vals, "seq": seq, "changed_at": self._clock()})
        self._tell(self.company_id)

    def _edit(self, text):
        """The author changes the words."""
        for post in self:
            text = common.storable(text)
            post._change(
                {"text": text, "edits": post.edits + 1, "edited_at": self._clock()}
            )

    def _delete(self):
        """The author takes it back; a tombstone stays."""
        self._change({"deleted_at": self._clock(), "text": "", "media": False})

    def _like(self, person, symbol="👍", on=True):
        """``person`` likes this post, or no longer does; once each."""
        self.ensure_one()
        known = self.search(
            [
                ("parent_id", "=", self.id),
                ("kind", "=", "like"),
                ("author_id", "=", person.id),
            ],
            limit=1,
        )
        if known:
            if bool(known.deleted_at) == on:
                known._change({"deleted_at": False if on else self._clock()})
            return known
        if not on:
            return known
        return self._beside("like", person, text=symbol)

    def _read_by(self, person):
        """``person`` has read this private message."""
        return self._beside("read", person)

    def _beside(self, kind, person, **vals):
        """A row of another kind about this post."""
        return self.create(
            {
                "company_id": self.company_id.id,
                "kind": kind,
                "author_id": person.id,
                "audience": self.audience,
                "thread": self.thread,
                "parent_id": self.id,
                **vals,
            }
        )

    @api.model
    def _dm(self, one, other):
        """The thread of two people."""
        low, high = sorted((one.id, other.id))
        return f"dm:{low}:{high}"

    @api.model
    def _tell(self, companies):
        """Open walls look again; nothing but the company's id is sent."""
        managers = self.env.ref("helpdesk_mgmt.group_helpdesk_manager")
        for company in companies:
            managers._bus_send("helpdesk_social_sandbox", {"company_id": company.id})
