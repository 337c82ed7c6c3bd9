"""People who try: paths, groupings, commands and contexts that no screen sends.

The hostile user is the follower of the ticket: he opens it, and may read nothing that
was said in private there. Where rights to write matter it is an agent of another kind.
"""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .access_ways import CONVERSATION, IDENTITY, MESSAGE
from .test_access import AccessCase

TICKET = "helpdesk.ticket"


@tagged("post_install", "-at_install")
class TestHostile(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open = cls.rows["public"]
        cls.hidden = cls.rows["private unassigned"]
        # a public answer to a private message is possible on some networks
        cls.message = cls.env[MESSAGE].browse(cls.hidden["id"])
        cls.public_child = cls.env[MESSAGE].browse(cls.open["id"])
        cls.public_child.parent_id = cls.message
        cls.public_conversation = cls.env[CONVERSATION].browse(cls.open["conversation"])
        cls.public_conversation.same_as_id = cls.hidden["conversation"]

    def tells(self, user, model, method, *args, **kwargs):
        """Whether the hidden word, or the hidden thread's key, comes back."""
        try:
            with self.env.cr.savepoint(flush=False):
                found = self.rpc(user, model, method, *args, **kwargs)
        except (AccessError, UserError, ValueError, TypeError) as error:
            found = error
        return self.hidden["word"] in str(found)

    # === MENTIONED BY OTHERS === #
    def test_a_public_answer_does_not_tell_what_it_answers(self):
        child = [self.public_child.id]
        record = {"fields": {"display_name": {}, "text": {}}}
        for method, *args in (
            ("read", child, ["parent_id"]),
            ("web_read", child, {"parent_id": {"fields": {"display_name": {}}}}),
            ("web_read", child, {"parent_id": record}),
            ("export_data", child, ["parent_id", "parent_id/text", "parent_id/.id"]),
            ("search_read", [("id", "in", child)], ["parent_id"]),
            ("formatted_read_group", [], ["parent_id"], ["__count"]),
            ("formatted_read_group", [], ["parent_id.permalink"], ["__count"]),
            ("formatted_read_group", [], ["parent_id.conversation_id"], ["__count"]),
            ("web_read_group", [], ["parent_id"], []),
        ):
            with self.subTest(method=method, args=args):
                self.assertFalse(self.tells(self.follower, MESSAGE, method, *args))
        self.assertTrue(
            self.tells(self.agent_all, MESSAGE, "read", child, ["parent_id"])
        )

    def test_names_of_hidden_threads_are_not_told(self):
        identity = self.env[IDENTITY].browse(self.hidden["identity"])
        thread = [self.public_conversation.id]
        for user, seen in ((self.follower, False), (self.agent_all, True)):
            found = self.rpc(user, CONVERSATION, "read", thread, ["same_as_id"])
            self.assertEqual(identity.name in str(found[0]["same_as_id"]), seen)

    def test_titles_of_tickets_one_may_not_open_are_not_told(self):
        ticket = self.env[TICKET].browse(self.open["ticket"])
        ticket.name = "Jo is ill and cannot pay"
        ticket.message_unsubscribe(ticket.message_partner_ids.ids)
        name = {"ticket_id": {"fields": {"display_name": {}}}}
        for model, record in (
            (MESSAGE, self.open["id"]),
            (CONVERSATION, self.open["conversation"]),
        ):
            domain = [("id", "=", record)]
            for method, *args in (
                ("read", [record], ["ticket_id"]),
                ("search_read", domain, ["ticket_id"]),
                ("web_read", [record], name),
                ("web_search_read", domain, name),
                ("formatted_read_group", domain, ["ticket_id"], ["__count"]),
                ("web_read_group", domain, ["ticket_id"], []),
            ):
                with self.subTest(model=model, method=method):
                    for user in (self.sales, self.internal):
                        found = str(self.rpc(user, model, method, *args))
                        self.assertNotIn("Jo is ill", found)
                        self.assertIn(ticket.number, found)
                    found = str(self.rpc(self.agent_all, model, method, *args))
                    self.assertIn("Jo is ill", found)
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.export(self.sales, model, record, ["ticket_id"])

    def test_names_of_other_tickets_stay(self):
        """Nothing changes for links to tickets that have no social messages."""
        ticket = self.make_ticket(name="By e-mail")
        for user in (self.internal, self.portal_customer):
            found = self.env(user=user.id, su=True)[TICKET].browse(ticket.id)
            self.assertIn("By e-mail", found.display_name)
        linked = self.env[TICKET].browse(self.open["ticket"])
        found = self.env(user=self.portal_customer.id, su=True)[TICKET]
        self.assertIn(linked.name, found.browse(linked.id).display_name)

    def test_refusals_name_nobody(self):
        """In debug mode Odoo's refusals list the records by name."""
        self.follower.group_ids |= self.env.ref("base.group_no_one")
        identity = self.env[IDENTITY].browse(self.hidden["identity"])
        for model, record in (
            (MESSAGE, self.hidden["id"]),
            (CONVERSATION, self.hidden["conversation"]),
        ):
            for method in ("read", "copy", "unlink", "export_data"):
                with self.subTest(model=model, method=method):
                    args = [["display_name"]] if "read" in method else []
                    args = [["display_name"]] if "export" in method else args
                    with self.assertRaises(AccessError) as caught:
                        self.rpc(self.follower, model, method, [record], *args)
                    self.assertNotIn(self.hidden["word"], str(caught.exception))
                    self.assertNotIn(identity.name, str(caught.exception))

    def test_a_dialog_does_not_describe_people_of_other_companies(self):
        stranger = self.env[IDENTITY].browse(self.rows["public foreign"]["identity"])
        stranger.url = "https://example.com/zqprofilex"
        link = "helpdesk.social.link"
        names = ["identity_id", "profile", "company_id", "candidate_ids"]
        values = {"identity_id": stranger.id}
        for method, *args in (
            ("web_save", [], values, dict.fromkeys(names, {})),
            ("onchange", [], values, ["identity_id"], dict.fromkeys(names, {})),
        ):
            with self.subTest(method=method):
                try:
                    found = str(self.rpc(self.sales, link, method, *args))
                except AccessError:
                    found = ""
                self.assertNotIn("zqprofilex", found)
                self.assertNotIn(stranger.name, found)

    # === GUESSING === #
    def test_nothing_can_be_guessed_by_searching(self):
        """Each domain finds the hidden message when the condition is ignored."""
        like = ("ilike", self.hidden["word"])
        child = ("id", "=", self.public_child.id)
        thread = ("id", "=", self.public_conversation.id)
        text = [("text", *like)]
        for model, domain in (
            (MESSAGE, [child, ("parent_id.text", *like)]),
            (MESSAGE, [child, ("parent_id", "any", text)]),
            (MESSAGE, [child, ("parent_id", *like)]),
            (MESSAGE, [child, ("conversation_id.same_as_id.message_ids.text", *like)]),
            (CONVERSATION, [thread, ("same_as_id.key", *like)]),
            (CONVERSATION, [thread, ("same_as_id.message_ids", "any", text)]),
            (CONVERSATION, [thread, ("same_as_id.message_ids", *like)]),
            (IDENTITY, [("message_ids", *like)]),
            (IDENTITY, [("message_ids.attachment_ids.name", *like)]),
            (TICKET, [("social_conversation_ids.message_ids", "any", text)]),
            (TICKET, [("social_message_ids.parent_id", "any", text)]),
            (TICKET, [("social_message_ids", *like)]),
            ("res.partner", [("social_identity_ids.message_ids", "any", text)]),
            ("ir.attachment", [("index_content", *like), ("res_model", "=", MESSAGE)]),
        ):
            with self.subTest(model=model, domain=domain):
                found = self.rpc(self.follower, model, "search", domain)
                self.assertFalse(found)
                if model != "ir.attachment":
                    found = self.rpc(self.agent_all, model, "search", domain)
                    self.assertTrue(found, "the domain is no attempt at all")

    def test_the_operator_that_skips_rights_is_not_for_clients(self):
        text = [("text", "ilike", self.hidden["word"])]
        for model, path in (
            (MESSAGE, "parent_id"),
            (IDENTITY, "message_ids"),
            (TICKET, "social_message_ids"),
        ):
            with self.subTest(path=path):
                try:
                    found = self.rpc(
                        self.follower, model, "search", [(path, "any!", text)]
                    )
                except (ValueError, UserError, TypeError):
                    found = []
                self.assertFalse(found)

    def test_hidden_messages_do_not_order_what_is_seen(self):
        for order in ("parent_id.text", "parent_id.permalink", "conversation_id.key"):
            with self.subTest(order=order), self.assertRaises(ValueError):
                self.rpc(self.follower, MESSAGE, "search", [], order=order)

    # === STEALING === #
    def test_commands_move_nothing(self):
        """An agent of another team wants the thread on a ticket of his own."""
        mine = self.make_ticket(user_id=self.agent_own.id)
        wanted = self.rows["private other team"]
        thread, message = wanted["conversation"], wanted["id"]
        attempts = [
            (TICKET, mine.id, {"social_conversation_ids": [(4, thread)]}),
            (TICKET, mine.id, {"social_conversation_ids": [(6, 0, [thread])]}),
            (TICKET, mine.id, {"social_conversation_ids": [(1, thread, {"key": "x"})]}),
            (TICKET, mine.id, {"social_conversation_ids": [(2, thread)]}),
            (TICKET, mine.id, {"social_message_ids": [(4, message)]}),
            (TICKET, mine.id, {"social_message_ids": [(1, message, {"text": "x"})]}),
            (TICKET, mine.id, {"social_message_ids": [(2, message)]}),
            (TICKET, mine.id, {"social_message_ids": [(0, 0, {"text": "forged"})]}),
            (IDENTITY, wanted["identity"], {"message_ids": [(4, message)]}),
            (IDENTITY, wanted["identity"], {"partner_id": self.partner.id}),
            (
                "res.partner",
                self.agent_own.partner_id.id,
                {"social_identity_ids": [(4, wanted["identity"])]},
            ),
            (MESSAGE, message, {"ticket_id": mine.id}),
            (MESSAGE, message, {"audience": "public"}),
            (CONVERSATION, thread, {"ticket_id": mine.id}),
            (CONVERSATION, thread, {"audience": "public"}),
        ]
        for model, record, values in attempts:
            for method in ("write", "web_save"):
                with self.subTest(model=model, values=values, method=method):
                    extra = [{}] if method == "web_save" else []
                    with self.assertRaises(AccessError):
                        self.rpc(
                            self.agent_own, model, method, [record], values, *extra
                        )
        stolen = self.env[CONVERSATION].browse(thread)
        self.assertEqual(stolen.ticket_id.id, wanted["ticket"])
        self.assertEqual(stolen.audience, "private")
        self.assertFalse(mine.social_message_ids)

    def test_default_keys_of_the_context_move_nothing(self):
        wanted = self.rows["private other team"]
        context = {
            "default_social_conversation_ids": [(4, wanted["conversation"])],
            "default_social_message_ids": [(4, wanted["id"])],
        }
        values = {"name": "Mine", "description": "x", "user_id": self.agent_own.id}
        with self.assertRaises(AccessError):
            self.rpc(self.agent_own, TICKET, "create", [values], context=context)
        thread = self.env[CONVERSATION].browse(wanted["conversation"])
        self.assertEqual(thread.ticket_id.id, wanted["ticket"])

    def test_a_form_that_was_never_saved_shows_nothing(self):
        """onchange() builds a record of what the client sends, and reads it."""
        text = {"fields": {"text": {}, "display_name": {}}}
        for model, values, specification in (
            (MESSAGE, {"parent_id": self.hidden["id"]}, {"parent_id": text}),
            (
                TICKET,
                {"social_message_ids": [[4, self.hidden["id"]]]},
                {"social_message_ids": text},
            ),
            (
                MESSAGE,
                {"conversation_id": self.hidden["conversation"]},
                {"conversation_id": {"fields": {"key": {}, "message_ids": text}}},
            ),
        ):
            with self.subTest(values=values):
                names = [*values]
                self.assertFalse(
                    self.tells(
                        self.follower,
                        model,
                        "onchange",
                        [],
                        values,
                        names,
                        specification,
                    )
                )

    def test_import_writes_nothing(self):
        for user in (self.agent_all, self.manager):
            result = self.rpc(
                user,
                MESSAGE,
                "load",
                [".id", "text"],
                [[str(self.hidden["id"]), "forged"]],
            )
            self.assertFalse(result["ids"])
        self.assertIn(self.hidden["word"], self.message.text)

    def test_what_the_machine_has_just_read_is_not_served_from_memory(self):
        env = self.as_user(self.follower)
        child = env[MESSAGE].browse(self.public_child.id)
        hidden = child.sudo().parent_id
        self.assertIn(self.hidden["word"], hidden.text)
        self.assertTrue(hidden.conversation_id.message_ids)
        with self.assertRaises(AccessError):
            hidden.sudo(False).read(["text"])
        with self.assertRaises(AccessError):
            hidden.sudo(False).web_read({"text": {}})
        self.assertNotIn(self.hidden["word"], str(child.read(["parent_id"])))

    # === FILES === #
    def test_files_cannot_be_put_on_messages_or_signed(self):
        files = "ir.attachment"
        for user in (self.follower, self.agent_all, self.portal_customer, self.manager):
            for model, record in (
                (MESSAGE, self.hidden["id"]),
                (CONVERSATION, self.hidden["conversation"]),
            ):
                values = {"name": "x", "res_model": model, "res_id": record}
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.rpc(user, files, "create", [values])
            attachment = [self.hidden["attachment"]]
            for method, *args in (
                ("generate_access_token",),
                ("write", {"public": True}),
                ("write", {"res_model": TICKET, "res_id": self.hidden["ticket"]}),
                ("copy", {"res_model": TICKET, "res_id": self.hidden["ticket"]}),
                ("unlink",),
            ):
                if user == self.agent_all and method == "copy":
                    continue  # he may read it and may put it where he likes
                if user == self.manager and method == "copy":
                    continue
                with self.subTest(user=user.login, method=method):
                    with self.assertRaises(AccessError):
                        self.rpc(user, files, method, attachment, *args)

    # === THE ACCOUNT'S LOG === #
    def test_the_log_of_an_account_is_for_helpdesk_users(self):
        self.account.message_post(body="zqlogx something failed")
        domain = [
            ("model", "=", self.account._name),
            ("res_id", "=", self.account.id),
            ("body", "ilike", "zqlogx"),
        ]
        for user, seen in (
            (self.follower, False),
            (self.sales, False),
            (self.portal_customer, False),
            (self.other_company_agent, False),
            (self.agent_own, True),
            (self.manager, True),
        ):
            with self.subTest(user=user.login):
                found = self.rpc(user, "mail.message", "search", domain)
                self.assertEqual(bool(found), seen)

    # === RIGHTS THAT CHANGE === #
    def test_rights_end_at_once(self):
        """Leaving the team, or a ticket that goes to somebody else."""
        self.assertTrue(self._sees(self.agent_own))
        self.team.user_ids -= self.agent_own
        self.assertFalse(self._sees(self.agent_own))
        self.team.user_ids |= self.agent_own
        self.assertTrue(self._sees(self.agent_own))
        self.env[TICKET].browse(self.hidden["ticket"]).user_id = self.agent_team
        self.assertFalse(self._sees(self.agent_own))
        self.assertTrue(self._sees(self.agent_team))

    def test_what_moves_takes_its_rights_along(self):
        """A message is read by those of the ticket it is on, not of the thread's."""
        elsewhere = self.rows["private other team"]["ticket"]
        self.assertTrue(self._sees(self.agent_own))
        self.message.conversation_id.ticket_id = elsewhere
        self.assertTrue(self._sees(self.agent_own))
        self.message.ticket_id = elsewhere
        self.assertFalse(self._sees(self.agent_own))
        self.assertTrue(self._sees(self.agent_all))

    def test_rules_of_the_admin_count(self):
        """A company that narrows the helpdesk's own rules narrows ours with them."""
        self.env["ir.rule"].create(
            {
                "name": "Only urgent tickets",
                "model_id": self.env["ir.model"]._get_id(TICKET),
                "domain_force": "[('priority', '=', '3')]",
            }
        )
        self.assertFalse(self._sees(self.agent_all))
        self.env[TICKET].browse(self.hidden["ticket"]).priority = "3"
        self.assertTrue(self._sees(self.agent_all))

    def test_without_any_helpdesk_rule_nothing_opens(self):
        for name in ("personal_rule", "team_rule", "user_rule"):
            self.env.ref(f"helpdesk_mgmt.helpdesk_ticket_{name}").active = False
        self.assertFalse(self._sees(self.agent_all))
        self.assertFalse(self._sees(self.agent_own))

    def _sees(self, user):
        domain = [("id", "=", self.hidden["id"])]
        found = bool(self.rpc(user, MESSAGE, "search_count", domain))
        record = self.as_user(user)[MESSAGE].browse(self.hidden["id"])
        self.assertEqual(record.has_access("read"), found, "two answers to a question")
        return found
