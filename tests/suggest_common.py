"""A desk that learns: tickets with a question and an answer, closed, and the cron."""

from odoo import fields
from odoo.tools import SQL

from .common import SocialCase

TABLES = ("", "_example", "_term", "_feedback")


class SuggestCase(SocialCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account._remember_home()
        cls.closed = cls.env["helpdesk.ticket.stage"].search(
            [
                ("closed", "=", True),
                (
                    "id",
                    "!=",
                    cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_rejected").id,
                ),
            ],
            limit=1,
        )
        cls.suggestions = cls.env["helpdesk.social.suggestion"]
        # demo data may have closed tickets of its own
        cls.env["helpdesk.ticket"].search([]).social_to_learn = False
        cls.suggestions._cron_learn()
        cls.suggestions.search([]).unlink()
        cls.env["mail.canned.response"].search([]).unlink()

    @classmethod
    def asked(cls, question, *, audience="public", person=None, ticket=None, **values):
        """A ticket with a question; returns the message."""
        account = values.pop("account", cls.account)
        person = person or cls.make_identity(account=account)
        ticket = ticket or cls.make_ticket(
            company_id=account.company_id.id, team_id=values.pop("team", cls.team).id
        )
        thread = cls.make_conversation(
            audience, ticket, account=account, identity_id=person.id
        )
        return cls.make_message(
            thread,
            question,
            identity_id=person.id,
            ticket_id=ticket.id,
            language=values.pop("language", "en"),
            **values,
        )

    @classmethod
    def answered(cls, question, answer, close=True, reply=None, **values):
        """The same with an answer, and closed; returns the answer."""
        message = cls.asked(question, **values)
        said = cls.make_message(
            message.conversation_id,
            answer,
            **{
                "direction": "out",
                "parent_id": message.id,
                "ticket_id": message.ticket_id.id,
                "user_id": cls.agent_all.id,
                "delivery_state": "sent",
                "sent_at": fields.Datetime.now(),
                **(reply or {}),
            },
        )
        if close:
            message.ticket_id.stage_id = cls.closed
        return said

    def learn(self):
        self.env.flush_all()
        self.suggestions._cron_learn()

    def offered(self, message, user=None, audience=None, text=""):
        """What is suggested for a message."""
        option = f"{audience or message.audience}:{message.account_id.id}:{message.id}"
        ticket = message.ticket_id.with_user(user or self.agent_all)
        return ticket.social_suggest(option, text)

    def texts(self, message, **values):
        return [one["text"] for one in self.offered(message, **values)]

    def everything(self):
        """All that the tables of what was learned hold, as text."""
        self.env.flush_all()
        rows = []
        for table in TABLES:
            name = SQL.identifier(f"helpdesk_social_suggestion{table}")
            self.env.cr.execute(SQL("SELECT to_jsonb(t)::text FROM %s t", name))
            rows += [row for [row] in self.env.cr.fetchall()]
        return "\n".join(rows)
