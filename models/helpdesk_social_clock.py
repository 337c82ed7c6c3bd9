"""How long somebody has been waiting for us, and by when we want to have answered.

One row per person, conversation and stretch of waiting: from the first words that wait
to the human answer. Rows are kept by ``helpdesk_social_clock_follow`` only, from what
messages say; nobody writes them by hand. Who may read one is decided as for messages
(``helpdesk_social_access``); figures about colleagues are for managers.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..networks.items import PUBLIC
from .helpdesk_social_access import hide_names
from .helpdesk_social_account import MANAGER
from .helpdesk_social_conversation import AUDIENCE

FIRST_PUBLIC, FIRST_PRIVATE, NEXT, RESOLUTION = (
    "first_public",
    "first_private",
    "next",
    "resolution",
)
KINDS = [
    (FIRST_PUBLIC, "First public answer"),
    (FIRST_PRIVATE, "First private answer"),
    (NEXT, "Next answer"),
    (RESOLUTION, "Resolution"),
]


def first_kind(audience):
    """The clock of the first answer; a group is not the world, so it is private."""
    return FIRST_PUBLIC if audience == PUBLIC else FIRST_PRIVATE


class HelpdeskSocialClock(models.Model):
    _name = "helpdesk.social.clock"
    _inherit = ["helpdesk.social.access"]
    _description = "Social Clock"
    _order = "deadline, id"
    _rec_name = "kind"
    # who made and changed a row says nothing here, and costs what a batch has not
    _log_access = False

    kind = fields.Selection(KINDS, required=True, readonly=True)
    # where it belongs
    account_id = fields.Many2one(
        "helpdesk.social.account", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id")
    conversation_id = fields.Many2one(
        "helpdesk.social.conversation",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    audience = fields.Selection(AUDIENCE, required=True, readonly=True)
    identity_id = fields.Many2one(
        "helpdesk.social.identity",
        string="Person",
        readonly=True,
        ondelete="set null",
    )
    message_id = fields.Many2one(
        "helpdesk.social.message",
        string="Began With",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        readonly=True,
        ondelete="set null",
        help="The ticket of the message it began with.",
    )
    # how it runs
    started_at = fields.Datetime(
        string="Waiting Since",
        required=True,
        readonly=True,
        help="The earlier of the network's clock and ours, within bounds.",
    )
    started_hour = fields.Integer(
        string="Hour of the Day",
        readonly=True,
        aggregator=None,
        help="In the time zone of the working hours.",
    )
    running_since = fields.Datetime(
        readonly=True, help="Empty while it is paused, and when it has stopped."
    )
    paused_at = fields.Datetime(readonly=True)
    spent = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Seconds of working time before it was paused.",
    )
    target = fields.Integer(string="Target (minutes)", readonly=True, aggregator="avg")
    deadline = fields.Datetime(readonly=True, help="Empty while it does not run.")
    warn_at = fields.Datetime(readonly=True)
    warned_at = fields.Datetime(readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )
    # how it ended
    stopped_at = fields.Datetime(readonly=True)
    outcome = fields.Selection(
        [
            ("answered", "Answered"),
            ("handled", "Handled without answer"),
            ("deleted", "Deleted by its author"),
            ("closed", "Ticket closed"),
        ],
        readonly=True,
    )
    answer_id = fields.Many2one(
        "helpdesk.social.message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        readonly=True,
        groups=MANAGER,
        help="Who answered, as far as it was somebody here.",
    )
    minutes = fields.Float(
        string="Average (minutes)",
        readonly=True,
        aggregator="avg",
        groups=MANAGER,
        help="Minutes of working time until the answer, or until the ticket was "
        "closed; empty for what needed no answer.",
    )
    median_minutes = fields.Float(
        string="Median (minutes)",
        compute="_compute_median_minutes",
        aggregator="avg",
        groups=MANAGER,
        help="Half of them were quicker.",
    )
    in_time = fields.Float(
        readonly=True,
        aggregator="avg",
        groups=MANAGER,
        help="Share of those that ended before their deadline.",
    )
    state = fields.Selection(
        [
            ("running", "Running"),
            ("late", "Late"),
            ("paused", "Paused"),
            ("stopped", "Stopped"),
        ],
        compute="_compute_state",
        search="_search_state",
    )
    due = fields.Json(
        compute="_compute_due", help="For the countdown: {kind, due, warn, paused}."
    )

    #: one open clock for answers per person and conversation; the rest of the index
    #: finds them
    _open_unique = models.UniqueIndex(
        "(conversation_id, (COALESCE(identity_id, 0))) "
        "WHERE stopped_at IS NULL AND kind != 'resolution'",
        "There is a clock for this person already.",
    )
    _of_conversation = models.Index("(conversation_id, identity_id)")
    _of_ticket = models.Index("(ticket_id, deadline)")
    _to_warn = models.Index(
        "(warn_at) WHERE running_since IS NOT NULL AND warned_at IS NULL"
    )
    _report = models.Index("USING brin (started_at)")

    # === COMPUTE METHODS === #
    def _compute_state(self):
        now = fields.Datetime.now()
        for clock in self:
            if clock.stopped_at:
                clock.state = "stopped"
            elif not clock.running_since:
                clock.state = "paused"
            else:
                late = clock.deadline and clock.deadline < now
                clock.state = "late" if late else "running"

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        running = Domain("running_since", "!=", False)
        parts = {
            "stopped": Domain("stopped_at", "!=", False),
            "paused": Domain("stopped_at", "=", False)
            & Domain("running_since", "=", False),
            "late": running & Domain("deadline", "<", now),
            "running": running & Domain("deadline", ">=", now),
        }
        return Domain.OR(parts[one] for one in value if one in parts)

    @api.depends("minutes")
    def _compute_median_minutes(self):
        """Of a single one it is its own; see ``_read_group_select`` for many."""
        for clock in self:
            clock.median_minutes = clock.minutes

    @api.depends("kind", "deadline", "warn_at", "running_since", "stopped_at")
    def _compute_due(self):
        for clock in self:
            clock.due = clock._told() if not clock.stopped_at else False

    def _told(self):
        """This clock for the browser: times and a kind, never a word or a name."""
        self.ensure_one()
        text = fields.Datetime.to_string
        return {
            "id": self.id,
            "kind": self.kind,
            "audience": self.audience,
            "label": self._kind_words()[self.kind],
            "due": text(self.deadline) or False,
            "warn": text(self.warn_at) or False,
            "since": text(self.started_at),
            "paused": not self.running_since,
            "person_id": self.identity_id.id,
            "conversation_id": self.conversation_id.id,
        }

    @api.model
    def _kind_words(self):
        return dict(self._fields["kind"]._description_selection(self.env))

    # === FIGURES === #
    def _read_group_select(self, aggregate_spec, query):
        """Override of the ORM: a median, which it has no word for.

        The average of a few slow answers says little about what people get to feel.
        """
        if aggregate_spec == "median_minutes:avg":
            # checks that the person may read the column
            column = self._field_to_sql(self._table, "minutes", query)
            return SQL("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", column)
        return super()._read_group_select(aggregate_spec, query)

    # === WHO MAY READ === #
    @api.depends("kind", "identity_id")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        words = self._kind_words()
        for clock in self:
            who = clock.identity_id.display_name
            label = words.get(clock.kind, "")
            clock.display_name = f"{label} · {who}" if who else label
        hide_names(self)
