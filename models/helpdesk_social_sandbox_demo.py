"""What happened before a new user of the demo data looked for the first time.

A few days of pretended conversations, said on the sandbox network and taken the real
way: pulled, processed, answered, delivered. It runs once, inside the transaction that
loads demo data, and must never be called for a database with real accounts.
"""

from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from . import common
from . import sandbox_script as script


class HelpdeskSocialSandboxDemo(models.AbstractModel):
    _name = "helpdesk.social.sandbox.demo"
    _description = "Sandbox Demo"

    @api.model
    def _play(self):
        """The story; a second call changes nothing."""
        held = common.holding(self.sudo())
        account = held.env.ref("helpdesk_social.account_demo_sandbox")
        if account.state != "draft":
            return
        account.action_connect()
        # connected some days ago, so that the story is not from before our time
        account.connected_at -= timedelta(days=4)
        Story(account).tell()


class Story:
    """Steps of the story, each some hours after the one before."""

    def __init__(self, account):
        # no tracking: the story's dates are in the past, its e-mails would be of today
        self.env = account.with_context(tracking_disable=True).env
        self.account = account.with_env(self.env)
        self.posts = self.env["helpdesk.social.sandbox.post"]
        self.now = self.posts._clock()
        self.agent = self.env.ref("helpdesk_social.user_demo_agent")

    # --- steps ----------------------------------------------------------------
    def says(self, hours_ago, handle, text, audience="public", reply_to=None, **more):
        line = {
            "handle": handle,
            "text": text,
            "audience": audience,
            "reply_to": reply_to,
            "person": script.PEOPLE.get(handle),
            "said_at": self.now - timedelta(hours=hours_ago),
            **more,
        }
        post = self.posts._say_all(self.account, [line])
        self.account.action_pull()
        return post

    def message_of(self, post):
        messages = self.env["helpdesk.social.message"]
        where = [
            ("network_id", "=", self.account.network_id.id),
            ("key", "=", str(post.id)),
        ]
        return messages.search(where)

    def ticket_of(self, post):
        return self.message_of(post).ticket_id

    def replies(self, hours_ago, post, text, audience):
        """The agent answers, the outbox delivers, and it happened some time ago."""
        message = self.message_of(post).with_user(self.agent)
        # a private answer to a public post goes to what was last said in private
        to = message if message.audience == audience else None
        row = message.ticket_id.social_reply(text, audience, to=to).sudo()
        self.env["helpdesk.social.outbox"]._cron_deliver()
        moment = self.now - timedelta(hours=hours_ago)
        ours = self.posts.browse(int(row.key or 0)).exists()
        ours.write({"said_at": moment, "changed_at": moment})
        row.write({"sent_at": moment})
        row.conversation_id.write(
            {"last_message_at": moment, "last_outbound_at": moment}
        )
        self.account.action_pull()
        return ours

    def link(self, handle, partner):
        """A colleague has linked this person to a contact already."""
        identity = self.env["helpdesk.social.identity"].search(
            [
                ("network_id", "=", self.account.network_id.id),
                ("handle", "=", handle),
            ],
            limit=1,
        )
        identity.with_user(self.agent).sudo()._link(
            {identity: (self.env.ref(partner), "manual", False)}
        )

    def needs_no_answer(self, *posts):
        """The agent has seen it: a thanks waits for nobody."""
        keys = [str(post.id) for post in posts]
        found = self.env["helpdesk.social.message"].search(
            [
                ("network_id", "=", self.account.network_id.id),
                ("key", "in", keys),
            ]
        )
        found.with_user(self.agent).action_handled()

    def age_tickets(self):
        """Tickets are as old as what opened them; only the clock was wound."""
        self.env.flush_all()
        # SQL: create_date is not for writing, in no other case
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_ticket t
                SET create_date = m.first, last_stage_update = m.first
                FROM (SELECT ticket_id, min(sent_at) + interval '1 minute' AS first
                      FROM helpdesk_social_message
                      WHERE account_id = %s AND direction = 'in'
                      GROUP BY ticket_id) m
                WHERE t.id = m.ticket_id
                """,
                self.account.id,
            )
        )
        self.env.invalidate_all()

    # --- the story -------------------------------------------------------------
    def tell(self):
        self._kettle()
        self._late_parcels()
        self._double_charge()
        self._neighbours()
        for hours, line in zip((5, 4, 3, 2), script.PUBLIC[1:], strict=False):
            if line[0] != "priya.runs":
                self.says(hours, *line)
        self.says(1.5, *script.PRAISE[0])
        self.says(0.7, *script.PRIVATE[2], audience="private")
        self.says(0.2, *script.PRIVATE[0], audience="private")
        self.age_tickets()

    def _kettle(self):
        """Public, then private, then settled with thanks."""
        asked = self.says(70, *script.PUBLIC[0])
        self.link("tom.baker", "helpdesk_social.partner_demo_tom")
        self.replies(
            69.5,
            asked,
            "Oh no, that is not how it should arrive. We write to you in private, so "
            "that you need not tell your address here.",
            "public",
        )
        ours = self.replies(
            69.4,
            asked,
            "Hello Tom, is the order number 4711 still right? A new lid is on its way "
            "as soon as you say yes.",
            "private",
        )
        self.says(
            69, "tom.baker", "Yes, 4711. Same address as before.", "private", ours
        )
        ours = self.replies(
            68.8, asked, "Done: it leaves today and is yours on Thursday.", "private"
        )
        thanks = self.says(
            20, "tom.baker", "It is here. Perfect, thank you! 🙂", "private", ours
        )
        self.needs_no_answer(thanks)
        ticket = self.ticket_of(asked)
        ticket.with_user(self.agent).write(
            {
                "user_id": self.agent.id,
                "stage_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id,
            }
        )

    def _late_parcels(self):
        """A known contact complains, edits, and waits for an answer."""
        asked = self.says(26, *script.PUBLIC[4])
        self.says(
            25.9,
            "ana.costa",
            "same here, mine is two days late @acme",
            reply_to=asked,
        )
        ours = self.replies(
            25,
            asked,
            "We are sorry, Priya. The parcel waits in Baltimore; we have asked the "
            "carrier and tell you by tonight.",
            "public",
        )
        fine = self.says(24, "priya.runs", "Tonight is fine. Thank you.", reply_to=ours)
        self.needs_no_answer(fine)
        self.says(
            23,
            *script.PRIVATE[3],
            audience="private",
            shared=[{"kind": "phone", "value": script.PHONE}],
        )
        ticket = self.ticket_of(asked)
        ticket.with_user(self.agent).write(
            {
                "user_id": self.agent.id,
                "priority": "2",
                "stage_id": self.env.ref(
                    "helpdesk_mgmt.helpdesk_ticket_stage_in_progress"
                ).id,
            }
        )

    def _double_charge(self):
        """Private from the first word, in French."""
        asked = self.says(9, *script.PRIVATE[1], audience="private")
        self.replies(
            8,
            asked,
            "Bonjour Zoé, vous avez raison : le second paiement est annulé, il sera de "
            "retour sur votre compte sous trois jours. Toutes nos excuses !",
            "private",
        )

    def _neighbours(self):
        """A group that orders together."""
        asked = self.says(7, *script.GROUP[0], audience="group")
        self.says(6.9, *script.GROUP[1], audience="group")
        self.replies(
            6.5,
            asked,
            "From five on there are 10 % off and one invoice for all, if you like.",
            "group",
        )
