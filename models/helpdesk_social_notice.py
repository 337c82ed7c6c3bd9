"""Tells people about new messages, in batch: followers, inbox, mail.

A notice never contains the words of a message: those live in the message table and
each reader's rights decide there. The customer is never told anything here.
"""

from collections import defaultdict

from markupsafe import Markup

from odoo import api, models

from odoo.addons.mail.tools.discuss import Store

#: notices pushed to one open screen per batch
MAX_PUSHED = 10


class HelpdeskSocialNotice(models.AbstractModel):
    _name = "helpdesk.social.notice"
    _description = "Notices about Social Messages"

    @api.model
    def _tell(self, messages, opened, reopened):
        """Notices for new inbound messages that wait for us; one per ticket.

        :param opened: tickets made in this batch: their followers come from the team
        """
        self._follow(opened)
        waiting = messages.filtered(lambda one: one.waiting and one.ticket_id)
        newest = {}
        for message in waiting.sorted("sent_at"):
            newest[message.ticket_id] = message
        if not newest:
            return
        recipients = self._recipients(list(newest))
        subtype = self.env.ref("helpdesk_social.mt_social_message")
        created = self.env.ref("helpdesk_mgmt.hlp_tck_created")
        author = self.env.ref("base.partner_root")
        told = []
        values = []
        for ticket, message in newest.items():
            is_new = ticket in opened
            values.append(
                {
                    "model": "helpdesk.ticket",
                    "res_id": ticket.id,
                    "record_name": ticket.name,
                    "message_type": "notification",
                    "subtype_id": (created if is_new else subtype).id,
                    "author_id": author.id,
                    "email_from": author.email_formatted,
                    "is_internal": True,
                    "body": self._body(message, ticket in reopened),
                    "reply_to": False,
                }
            )
            told.append(recipients.get(ticket, self.env["res.users"]))
        notes = self.env["mail.message"].create(values)
        self._deliver(list(zip(newest, notes, told, strict=True)))

    @api.model
    def _body(self, message, reopened):
        words = {
            "public": self.env._("New public message from %(who)s on %(network)s"),
            "group": self.env._("New group message from %(who)s on %(network)s"),
            "private": self.env._("New private message from %(who)s on %(network)s"),
        }[message.audience]
        if message.edited_at and message.handled_at:
            words = self.env._(
                "%(who)s edited a message on %(network)s that was handled already"
            )
        text = words % {
            "who": message.identity_id._social_label(),
            "network": message.network_id.name,
        }
        if reopened:
            text = f"{text}. {self.env._('The ticket was opened again.')}"
        return Markup("<p>%s</p>") % text

    # === WHO === #
    @api.model
    def _follow(self, tickets):
        """The team's followers follow its new tickets, as for any ticket.

        Override in batch of what `mail` does one by one when a ticket is created.
        """
        subtypes = self.env["mail.message.subtype"]
        _children, _default, _internal, parents, _relation = (
            subtypes._get_auto_subscription_subtypes("helpdesk.ticket")
        )
        for team, of_team in tickets.grouped("team_id").items():
            if not team:
                continue
            people = {}
            for follower in team.message_follower_ids:
                if not follower.partner_id.active:
                    continue
                wanted = {
                    parents[one] for one in follower.subtype_ids.ids if parents.get(one)
                }
                if wanted:
                    people[follower.partner_id.id] = wanted
            if people:
                self.env["mail.followers"]._insert_followers(
                    "helpdesk.ticket",
                    of_team.ids,
                    list(people),
                    subtypes=people,
                    check_existing=False,
                )

    @api.model
    def _recipients(self, tickets):
        """Users to tell per ticket: the assigned agent, else internal followers."""
        result = {}
        open_ones = self.env["helpdesk.ticket"]
        for ticket in tickets:
            if ticket.user_id:
                result[ticket] = ticket.user_id
            else:
                open_ones |= ticket
        if not open_ones:
            return result
        wanted = self.env.ref("helpdesk_social.mt_social_message")
        wanted |= self.env.ref("helpdesk_mgmt.hlp_tck_created")
        followers = self.env["mail.followers"].search(
            [
                ("res_model", "=", "helpdesk.ticket"),
                ("res_id", "in", open_ones.ids),
                ("subtype_ids", "in", wanted.ids),
            ]
        )
        by_ticket = defaultdict(self.env["res.users"].browse)
        for follower in followers:
            users = follower.partner_id.user_ids.filtered(
                lambda user: user.active and not user.share
            )
            by_ticket[follower.res_id] |= users[:1]
        for ticket in open_ones:
            result[ticket] = by_ticket[ticket.id]
        return result

    # === HOW === #
    @api.model
    def _deliver(self, notices):
        """Inbox for those who use it, mail for the others; one write for all."""
        rows, mails = [], []
        for _ticket, note, users in notices:
            for user in users:
                in_inbox = user.notification_type == "inbox"
                rows.append(
                    {
                        "author_id": note.author_id.id,
                        "mail_message_id": note.id,
                        "res_partner_id": user.partner_id.id,
                        "notification_type": "inbox" if in_inbox else "email",
                        "notification_status": "sent" if in_inbox else "ready",
                    }
                )
        notifications = self.env["mail.notification"].create(rows)
        by_note = notifications.grouped("mail_message_id")
        inbox = defaultdict(self.env["mail.message"].browse)
        for ticket, note, users in notices:
            by_mail = by_note.get(note, notifications.browse()).filtered(
                lambda one: one.notification_type == "email"
            )
            if by_mail:
                mails.append(self._mail(ticket, note, by_mail))
            for user in users.filtered(lambda one: one.notification_type == "inbox"):
                inbox[user] |= note
        if mails:
            self._queue_mails(mails)
        self._push_inbox(inbox)

    @api.model
    def _mail(self, ticket, note, notifications):
        link = f"{ticket.get_base_url()}/odoo/helpdesk.ticket/{ticket.id}"
        # a title that quotes a public post is fine in a colleague's mail; for what
        # is not public the title is neutral already
        body = Markup('%s<p><a href="%s">%s %s</a></p>') % (
            note.body,
            link,
            ticket.number,
            ticket.name,
        )
        return {
            "mail_message_id": note.id,
            "subject": f"[{ticket.number}] {ticket.name}",
            "body_html": body,
            "auto_delete": True,
            "is_notification": True,
            "recipient_ids": [(6, 0, notifications.res_partner_id.ids)],
            "_notifications": notifications,
        }

    @api.model
    def _queue_mails(self, values):
        links = [one.pop("_notifications") for one in values]
        mails = self.env["mail.mail"].create(values)
        for mail, notifications in zip(mails, links, strict=True):
            notifications.mail_mail_id = mail
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    @api.model
    def _push_inbox(self, inbox):
        """The notice appears in the inbox of people who are online, as Odoo's own do.

        It holds the notice only, whose words are neutral; never a social message.
        """
        for user, notes in inbox.items():
            # a storm would send each of them a page of records: the newest will do,
            # the others are there when the inbox is opened
            for note in notes[-MAX_PUSHED:]:
                store = Store(bus_channel=user).add(
                    note.with_user(user).with_context(allowed_company_ids=[]),
                    add_followers=True,
                    followers=self.env["mail.followers"],
                )
                user._bus_send(
                    "mail.message/inbox",
                    {"message_id": note.id, "store_data": store.get_result()},
                )
