"""One post, comment, direct message or reply, in either direction, with revisions.

The text of social messages lives in this table and nowhere else: never copied into
the chatter, which would mail it to followers. Sending is in
``helpdesk_social_message_delivery``; who may read is in ``helpdesk_social_access``.
"""

from odoo import api, fields, models

from ..networks import items
from . import common
from .helpdesk_social_conversation import AUDIENCE

#: states of a reply, in the order of DESIGN §7
DELIVERY = [
    ("draft", "Draft"),
    ("held", "Held"),
    ("queued", "Queued"),
    ("sending", "Sending"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("read", "Read"),
    ("undelivered", "Not delivered"),
    ("failed", "Failed"),
    ("uncertain", "Uncertain"),
    ("cancelled", "Cancelled"),
]


class HelpdeskSocialMessage(models.Model):
    _name = "helpdesk.social.message"
    _description = "Social Message"
    _order = "sent_at desc, id desc"
    _check_company_auto = True
    _rec_name = "preview"

    # where it belongs. No index of their own where a longer one below begins with the
    # column, nor on what is the same for all: PostgreSQL took those for a small table
    account_id = fields.Many2one(
        "helpdesk.social.account", required=True, ondelete="restrict", index=True
    )
    also_account_ids = fields.Many2many(
        "helpdesk.social.account",
        "helpdesk_social_message_reach_rel",
        string="Also Reached",
        help="Other accounts of ours that the same message reached.",
    )
    network_id = fields.Many2one(
        "helpdesk.social.network", required=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    conversation_id = fields.Many2one(
        "helpdesk.social.conversation", ondelete="restrict"
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        ondelete="set null",
        help="The ticket its conversation belonged to when it came. It stays there "
        "when the conversation goes on in a later ticket.",
    )
    # which one it is
    key = fields.Char(help="Unique on the network, survives edits.", copy=False)
    refs = fields.Json(help="{account id: what its API calls this message}")
    parent_key = fields.Char()
    album = fields.Char(help="Set of messages of this account posted as one.")
    parent_id = fields.Many2one(
        "helpdesk.social.message", index="btree_not_null", ondelete="set null"
    )
    # who and what
    identity_id = fields.Many2one("helpdesk.social.identity", ondelete="set null")
    direction = fields.Selection([("in", "Received"), ("out", "Sent")], required=True)
    origin = fields.Selection(
        [
            ("customer", "Customer"),
            ("agent", "Agent"),
            ("native", "Written in the network's app"),
            ("bot", "Automatic"),
        ],
        required=True,
    )
    audience = fields.Selection(AUDIENCE, required=True)
    context = fields.Boolean(help="Said above the message addressed to us; not ours.")
    text = fields.Text()
    warning = fields.Char(help="The author's content warning.")
    language = fields.Char()
    permalink = fields.Char()
    mentions = fields.Json()
    extra = fields.Json(help="What the adapter wants back when this is answered.")
    payload = fields.Char(help="A hand-off token that came with it.")
    media = fields.Json(
        help="List of {ref, kind, mime, name, url, alt, size, attachment_id, error}."
    )
    attachment_ids = fields.Many2many("ir.attachment", copy=False)
    # when: the network's clock decides the order
    sent_at = fields.Datetime(required=True)
    received_at = fields.Datetime(required=True, default=fields.Datetime.now)
    late = fields.Boolean(help="Arrived after newer messages were shown already.")
    # revisions
    revision = fields.Integer(default=0)
    edited_at = fields.Datetime()
    revised_at = fields.Datetime(
        help="When its present words came in, by our clock; an edit may be older."
    )
    revisions = fields.Json(help="Older versions: list of {revision, at, text}.")
    deleted_at = fields.Datetime()
    deleted_by = fields.Char()
    # what became of it
    why = fields.Char(help="Why a ticket, or why not, as a code.")
    waiting = fields.Boolean(help="Received, and neither answered nor handled.")
    handled_at = fields.Datetime()
    handled_by_id = fields.Many2one("res.users")
    handled_how = fields.Selection(
        [
            ("answered", "Answered"),
            ("no_answer", "No answer needed"),
            ("native", "Answered in the network's app"),
            ("auto", "By itself"),
        ]
    )
    liked = fields.Boolean()
    hidden = fields.Boolean()
    reactions = fields.Json(help="{symbol: number}")
    preview = fields.Char(compute="_compute_preview")

    # per company: a post that names two companies is read and answered by both, and
    # neither sees what the other makes of it
    _key_unique = models.UniqueIndex(
        "(network_id, key, company_id) WHERE key IS NOT NULL",
        "This message is known already.",
    )
    _timeline = models.Index("(ticket_id, sent_at, id) WHERE ticket_id IS NOT NULL")
    _recent = models.Index("(sent_at DESC, id DESC)")
    _thread = models.Index("(conversation_id, sent_at)")
    _waiting = models.Index("(account_id, sent_at) WHERE waiting")
    _by_identity = models.Index("(identity_id, sent_at)")
    _album = models.Index("(account_id, album) WHERE album IS NOT NULL")
    _context_of = models.Index("(network_id, parent_key) WHERE parent_key IS NOT NULL")

    @api.depends("text")
    def _compute_preview(self):
        for message in self:
            text = " ".join((message.text or "").split())
            message.preview = text[:77] + "…" if len(text) > 78 else text

    @api.model_create_multi
    def create(self, vals_list):
        threads = self.env["helpdesk.social.conversation"]
        for vals in vals_list:
            if "ticket_id" not in vals and vals.get("conversation_id"):
                thread = threads.browse(vals["conversation_id"])
                vals["ticket_id"] = thread.ticket_id.id
        return super().create(vals_list)

    # === FOR THE ADAPTER === #
    def _author(self):
        """The identity as an adapter's ``Author``."""
        return self.identity_id._as_author()

    def _ref(self, account=None):
        """What ``account``'s API calls this message."""
        account = account or self.account_id
        return (self.refs or {}).get(str(account.id)) or self.key or ""

    def _target(self, account=None):
        """This message as an adapter's ``Target``."""
        self.ensure_one()
        mentions = [
            items.Author(
                **{k: v for k, v in one.items() if k in ("id", "handle", "name")}
            )
            for one in self.mentions or []
        ]
        return items.Target(
            key=self.key or "",
            ref=self._ref(account),
            author=self._author(),
            audience=self.audience,
            thread=""
            if self.audience == items.PUBLIC
            else self.conversation_id.key or "",
            text=self.text or "",
            language=self.language or "",
            warning=self.warning or "",
            sent_at=common.to_network(self.sent_at),
            mentions=tuple(mentions),
            extra=self.extra or {},
        )
