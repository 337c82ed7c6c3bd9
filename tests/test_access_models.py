"""Who may do what to which model, and who is told which field.

Two tables. A model of ours that appears without a row makes this red, and so does a
field that keeps a secret or a public method nobody has thought about.
"""

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_access import USERS, AccessCase

OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}

DIALOGS = {
    "helpdesk.social.connect",
    "helpdesk.social.connect.line",
    "helpdesk.social.link",
    "helpdesk.social.merge",
    "helpdesk.social.same",
    "helpdesk.social.rule.try",
    "helpdesk.social.rule.try.line",
    "helpdesk.social.sandbox.play",
}
#: about one record of our company; of drafts and dialogs: a colleague's (the draft is
#: one of ``team``, the first dialogs are of ``mgr``, the last of ``sales``)
MODELS = """
                                own  team all  mgr  intern sales hist follow admin other cust coll public
helpdesk.social.network         r    r    r    rw   r      r     r    r      rw    rw    -    -    -
helpdesk.social.app             r    r    r    rwcd -      -     -    -      rwcd  -     -    -    -
helpdesk.social.price           r    r    r    rw   -      -     -    -      rw    -     -    -    -
helpdesk.social.template        r    r    r    rw   -      -     -    -      rw    -     -    -    -
helpdesk.social.spending        -    -    -    r    -      -     -    -      r     -     -    -    -
helpdesk.social.account         r    r    r    rwcd r      r     r    r      rwcd  -     -    -    -
helpdesk.social.token           -    -    -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.identity        r    r    r    r    r      r     r    r      r     -     -    -    -
helpdesk.social.block           r    r    r    r    -      -     -    -      r     -     -    -    -
helpdesk.social.conversation    r    r    r    r    r      r     r    r      r     -     -    -    -
helpdesk.social.message         r    r    r    r    r      r     r    r      r     -     -    -    -
helpdesk.social.clock           r    r    r    r    -      -     -    -      r     -     -    -    -
helpdesk.social.event           -    -    -    -    -      -     -    -      rwd   -     -    -    -
helpdesk.social.handoff         -    -    -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.handoff.browser -    -    -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.proof           -    -    -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.approval        r    r    r    r    -      -     -    -      r     -     -    -    -
helpdesk.social.approval.rule   r    r    r    rwcd -      -     -    -      rwcd  -     -    -    -
helpdesk.social.draft           -    rwcd -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.connect         -    -    -    rwcd -      -     -    -      -     -     -    -    -
helpdesk.social.connect.line    -    -    -    rwcd -      -     -    -      -     -     -    -    -
helpdesk.social.link            -    -    -    -    -      rwcd  -    -      -     -     -    -    -
helpdesk.social.merge           -    -    rwcd -    -      -     -    -      -     -     -    -    -
helpdesk.social.same            -    -    -    -    -      rwcd  -    -      -     -     -    -    -
helpdesk.social.rule            r    r    r    rwcd -      -     -    -      rwcd  -     -    -    -
helpdesk.social.rule.try        -    -    -    rwcd -      -     -    -      -     -     -    -    -
helpdesk.social.rule.try.line   -    -    -    rwcd -      -     -    -      -     -     -    -    -
helpdesk.social.incident        -    -    -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.move            -    -    -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.undo            -    -    -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.sandbox.play    -    -    -    rwcd -      -     -    -      -     -     -    -    -
helpdesk.social.sandbox.person  r    r    r    r    -      -     -    -      r     -     -    -    -
helpdesk.social.sandbox.group   r    r    r    r    -      -     -    -      r     -     -    -    -
helpdesk.social.sandbox.post    -    -    -    r    -      -     -    -      r     -     -    -    -
helpdesk.social.suggestion      -    -    -    rwd  -      -     -    -      rwd   -     -    -    -
helpdesk.social.suggestion.example - - -  -    -      -     -    -      -     -     -    -    -
helpdesk.social.suggestion.term -    -    -    -    -      -     -    -      -     -     -    -    -
helpdesk.social.suggestion.feedback - - - -    -      -     -    -      -     -     -    -    -
"""  # noqa: E501 - a table is read as one

#: r: told · -: never, in no way
FIELDS = """
                                        own team all mgr intern sales hist follow admin other cust coll public
helpdesk.social.app.name                r   r    r   r   -      -     -    -      r     -     -    -    -
helpdesk.social.app.options             -   -    -   r   -      -     -    -      r     -     -    -    -
helpdesk.social.app.webhook_url         -   -    -   r   -      -     -    -      r     -     -    -    -
helpdesk.social.app.secrets             -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.app.webhook_token       -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.app.webhook_secret      -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.account.handle          r   r    r   r   r      r     r    r      r     -     -    -    -
helpdesk.social.account.state           r   r    r   r   -      -     -    -      r     -     -    -    -
helpdesk.social.account.base_url        r   r    r   r   -      -     -    -      r     -     -    -    -
helpdesk.social.account.error_text      r   r    r   r   -      -     -    -      r     -     -    -    -
helpdesk.social.account.error_detail    -   -    -   r   -      -     -    -      r     -     -    -    -
helpdesk.social.account.options         -   -    -   r   -      -     -    -      r     -     -    -    -
helpdesk.social.account.facts           -   -    -   r   -      -     -    -      r     -     -    -    -
helpdesk.social.account.secrets         -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.account.cursors         -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.account.lease_by        -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.account.home_uuid       -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.account.checklist       r   r    r   r   -      -     -    -      r     -     -    -    -
helpdesk.social.token.secrets           -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.suggestion.text         -   -    -   r   -      -     -    -      r     -     -    -    -
helpdesk.social.suggestion.risks        -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.identity.handle         r   r    r   r   r      r     r    r      r     -     -    -    -
helpdesk.social.identity.evidence       r   r    r   r   -      -     -    -      r     -     -    -    -
helpdesk.social.clock.deadline          r   r    r   r   -      -     -    -      r     -     -    -    -
helpdesk.social.clock.user_id           -   -    -   r   -      -     -    -      r     -     -    -    -
helpdesk.social.clock.minutes           -   -    -   r   -      -     -    -      r     -     -    -    -
helpdesk.social.event.raw               -   -    -   -   -      -     -    -      r     -     -    -    -
helpdesk.social.handoff.token_hash      -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.handoff.browser.code_hash - -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.handoff.browser.secret_hash - -  -   -   -      -     -    -      -     -     -    -    -
helpdesk.social.proof.code_hash         -   -    -   -   -      -     -    -      -     -     -    -    -
helpdesk.ticket.social_message_ids      r   r    r   r   -      r     -    r      r     -     -    -    -
res.partner.social_identity_ids         r   r    r   r   r      r     r    r      r     r     -    -    -
"""  # noqa: E501 - a table is read as one


def table(text):
    """{row: {column: cell}} of a table written as text."""
    header, *lines = text.strip("\n").splitlines()
    if header.split() != list(USERS):
        raise ValueError("a table has other columns than USERS")
    return {
        name: dict(zip(USERS, cells, strict=True))
        for name, *cells in (line.split() for line in lines)
    }


@tagged("post_install", "-at_install")
class TestModels(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        row = cls.rows["public"]
        # sudo: helpdesk.social.account, .app - something to be found out
        cls.account.sudo().write(
            {
                "secrets": {"access_token": "hush1"},
                "cursors": {"inbox": "hush2"},
                "lease_by": "hush3",
                "home_uuid": "hush4",
                "options": {"nickname": "hush5"},
                "facts": {"id": "hush6"},
                "error_code": "rejected",
                "error_detail": "hush7",
            }
        )
        cls.account.app_id.sudo().write(
            {
                "secrets": {"client_secret": "hush8"},
                "webhook_token": "hush9",
                "webhook_secret": "hush10",
                "options": {"client": "hush11"},
            }
        )
        identity = cls.env["helpdesk.social.identity"].browse(row["identity"])
        identity.sudo().evidence = [{"kind": "phone", "value": "hush12"}]
        cls.event = cls.env["helpdesk.social.event"].create(
            {
                "app_id": cls.account.app_id.id,
                "account_id": cls.account.id,
                "key": "one",
                "raw": '{"text": "hush13"}',
                "received_at": "2026-01-01 00:00:00",
            }
        )
        cls.handoff, _token = (
            cls.env["helpdesk.social.handoff"]
            .sudo()
            ._mint(
                cls.env["helpdesk.ticket"].browse(row["ticket"]),
                cls.env["helpdesk.social.message"].browse(row["id"]),
                cls.account,
                "page",
            )
        )
        cls.browser = cls.handoff.browser_ids.create(
            {
                "handoff_id": cls.handoff.id,
                "secret_hash": "hush15",
                "code_hash": "hush16",
            }
        )
        token = cls.account._touch_tokens()
        token.secrets = {"access_token": "hush14"}
        new = {
            "name": "New",
            "network_id": cls.network.id,
            "company_id": cls.company.id,
        }
        draft = {
            "ticket_id": row["ticket"],
            "conversation_id": row["conversation"],
            "user_id": cls.agent_team.id,
            "audience": "public",
        }
        proof = {
            "company_id": cls.company.id,
            "identity_id": row["identity"],
            "partner_id": cls.partner.id,
            "conversation_id": row["conversation"],
            "code_hash": "hush18",
            "asked_at": "2026-01-01 00:00:00",
            "expires_at": "2026-01-01 00:15:00",
        }
        block = {
            "identity_id": row["identity"],
            "account_id": cls.account.id,
            "verb": "block",
            "user_id": cls.agent_team.id,
        }
        #: what a create needs to fail for lack of rights and nothing else
        cls.values = {
            "helpdesk.social.proof": {**proof, "code_hash": "another"},
            "helpdesk.social.block": block,
            "helpdesk.social.app": new,
            "helpdesk.social.account": new,
            "helpdesk.social.draft": {**draft, "audience": "group"},
            "helpdesk.social.approval.rule": {
                "name": "Look at it",
                "company_id": cls.company.id,
            },
            "helpdesk.social.approval": {
                "message_id": row["id"],
                "author_id": cls.agent_team.id,
            },
        }
        cls.records = {
            "helpdesk.social.network": cls.network.id,
            "helpdesk.social.app": cls.account.app_id.id,
            "helpdesk.social.account": cls.account.id,
            "helpdesk.social.template": cls._make(
                "template",
                cls.env.user,
                {"account_id": cls.account.id, "key": "t/en", "name": "t"},
            ).id,
            "helpdesk.social.price": cls._make(
                "price", cls.env.user, {"app_id": cls.account.app_id.id, "kind": "read"}
            ).id,
            "helpdesk.social.spending": cls._make(
                "spending",
                cls.env.user,
                {
                    "app_id": cls.account.app_id.id,
                    "day": "2026-01-01",
                    "kind": "read",
                    "amount": 1,
                },
            ).id,
            "helpdesk.social.token": token.id,
            "helpdesk.social.identity": row["identity"],
            "helpdesk.social.block": cls._make("block", cls.env.user, block).id,
            "helpdesk.social.conversation": row["conversation"],
            "helpdesk.social.message": row["id"],
            "helpdesk.social.event": cls.event.id,
            "helpdesk.social.handoff": cls.handoff.id,
            "helpdesk.social.handoff.browser": cls.browser.id,
            "helpdesk.social.proof": cls._make("proof", cls.env.user, proof).id,
            "helpdesk.ticket": row["ticket"],
            "res.partner": cls.partner.id,
            "helpdesk.social.draft": cls._make("draft", cls.agent_team, draft).id,
            "helpdesk.social.approval": cls._make(
                "approval", cls.env.user, cls.values["helpdesk.social.approval"]
            ).id,
            "helpdesk.social.approval.rule": cls._make(
                "approval.rule",
                cls.manager,
                cls.values["helpdesk.social.approval.rule"],
            ).id,
            "helpdesk.social.clock": cls._make_clock(row).id,
            **cls._make_dialogs(row["ticket"]),
            **cls._make_moves(row),
            **cls._make_triage(),
            **cls._make_sandbox(),
            **cls._make_suggestion(row),
        }

    @classmethod
    def _make(cls, model, user, values):
        return cls.env[f"helpdesk.social.{model}"].with_user(user).create(values)

    @classmethod
    def _make_clock(cls, row):
        values = {
            "kind": "next",
            "account_id": cls.account.id,
            "conversation_id": row["conversation"],
            "identity_id": row["identity"],
            "message_id": row["id"],
            "audience": "public",
            "started_at": "2026-01-01 00:00:00",
        }
        cls.values["helpdesk.social.clock"] = {**values, "kind": "resolution"}
        return cls._make(
            "clock",
            cls.env.user,
            {
                **values,
                "deadline": "2026-01-01 01:00:00",
                "user_id": cls.agent_team.id,
                "minutes": 61,
            },
        )

    @classmethod
    def _make_dialogs(cls, row_ticket):
        dialog = cls._make("connect", cls.manager, {"network_id": cls.network.id})
        return {
            "helpdesk.social.connect": dialog.id,
            "helpdesk.social.connect.line": dialog.line_ids[0].id,
            "helpdesk.social.link": cls._make("link", cls.sales, {}).id,
            "helpdesk.social.same": cls._make("same", cls.sales, {}).id,
            "helpdesk.social.merge": cls._make(
                "merge", cls.agent_all, {"ticket_ids": [(6, 0, [row_ticket])]}
            ).id,
            "helpdesk.social.sandbox.play": cls._make(
                "sandbox.play", cls.manager, {"account_id": cls.account.id}
            ).id,
        }

    @classmethod
    def _make_moves(cls, row):
        other = cls.env["helpdesk.ticket"].browse(row["ticket"]).copy()
        values = {
            "kind": "split",
            "from_ticket_id": row["ticket"],
            "to_ticket_id": other.id,
        }
        cls.values["helpdesk.social.move"] = values
        incident = {"account_id": cls.account.id, "ticket_id": row["ticket"]}
        cls.values["helpdesk.social.incident"] = {**incident, "root_key": "other"}
        return {
            "helpdesk.social.move": cls._make("move", cls.env.user, values).id,
            "helpdesk.social.incident": cls._make(
                "incident", cls.env.user, {**incident, "root_key": "root"}
            ).id,
        }

    @classmethod
    def _make_suggestion(cls, row):
        """A wording that was learned, a question, a word of it and an opinion."""
        learned = {
            "company_id": cls.company.id,
            "network_id": cls.network.id,
            "language": "en",
            "audience": "public",
            "scope": "§x",
            "fingerprint": "x",
        }
        cls.values["helpdesk.social.suggestion"] = {**learned, "fingerprint": "y"}
        nobody = cls.env.user
        suggestion = cls._make(
            "suggestion", nobody, {**learned, "text": "hush15", "risks": ["hush16"]}
        )
        which = {"suggestion_id": suggestion.id}
        example = {"scope": "§x", "question_id": row["id"], "answer_id": row["id"]}
        made = {
            "suggestion.example": {**which, **example},
            "suggestion.term": {"scope": "§x", "term": "hush17", "number": 1},
            "suggestion.feedback": {
                **which,
                "message_id": row["id"],
                "user_id": cls.agent_team.id,
                "how": "accepted",
            },
        }
        return {
            "helpdesk.social.suggestion": suggestion.id,
            **{
                f"helpdesk.social.{name}": cls._make(name, nobody, values).id
                for name, values in made.items()
            },
        }

    @classmethod
    def _make_triage(cls):
        rule = cls._make("rule", cls.env.user, {"name": "Rule"})
        dialog = cls._make("rule.try", cls.manager, {"rule_id": rule.id})
        undo = cls._make(
            "undo", cls.env.user, {"act": "open", "user_id": cls.agent_own.id}
        )
        cls.values["helpdesk.social.rule"] = {
            "name": "New",
            "company_id": cls.company.id,
        }
        cls.values["helpdesk.social.rule.try"] = {"rule_id": rule.id}
        cls.values["helpdesk.social.undo"] = {
            "act": "open",
            "user_id": cls.agent_own.id,
        }
        return {
            "helpdesk.social.rule": rule.id,
            "helpdesk.social.rule.try": dialog.id,
            "helpdesk.social.rule.try.line": cls._make(
                "rule.try.line", cls.manager, {"try_id": dialog.id}
            ).id,
            "helpdesk.social.undo": undo.id,
        }

    @classmethod
    def _make_sandbox(cls):
        ours = {"company_id": cls.company.id, "name": "Jo"}
        person = cls._make("sandbox.person", cls.env.user, {**ours, "handle": "jo"})
        post = {
            "company_id": cls.company.id,
            "author_id": person.id,
            "audience": "private",
            "said_at": "2026-01-01 00:00:00",
            "changed_at": "2026-01-01 00:00:00",
        }
        cls.values["helpdesk.social.sandbox.post"] = post
        return {
            "helpdesk.social.sandbox.person": person.id,
            "helpdesk.social.sandbox.group": cls._make(
                "sandbox.group", cls.env.user, ours
            ).id,
            "helpdesk.social.sandbox.post": cls._make(
                "sandbox.post", cls.env.user, post
            ).id,
        }

    def refused(self, user, model, method, *args, **kwargs):
        """Whether the call ends in a refusal; anything else must not happen."""
        try:
            with self.env.cr.savepoint(flush=False):
                self.rpc(user, model, method, *args, **kwargs)
        except (AccessError, UserError):
            return True
        return False

    # === OPERATIONS === #
    def test_every_model_has_a_row(self):
        ours = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("helpdesk.social.") and not model._abstract
        }
        self.assertEqual(ours - set(table(MODELS)), set(), "decide and add a row")
        self.assertEqual(set(table(MODELS)) - ours, set(), "rows without a model")

    def test_operations(self):
        wrong = []
        for model, cells in table(MODELS).items():
            for column, cell in cells.items():
                user = getattr(self, USERS[column])
                for letter, operation in OPERATIONS.items():
                    record = self.as_user(user)[model].browse(self.records[model])
                    may = record.has_access(operation)
                    if may != (letter in cell):
                        verb = "may" if may else "may not"
                        wrong.append(f"{column!r} {verb} {operation} {model}")
                    elif not may and not self._refuses(user, model, operation):
                        wrong.append(f"{column!r} can {operation} {model} by RPC")
        self.assertFalse(wrong, "\n".join(["wrong cells:", *wrong]))

    def _refuses(self, user, model, operation):
        record = self.records[model]
        calls = {
            "read": [("read", [record]), ("web_read", [record], {"display_name": {}})],
            "create": [
                ("create", [{**self.values.get(model, {})}]),
                ("web_save", [], {**self.values.get(model, {})}, {}),
                ("copy", [record]),
            ],
            "write": [("write", [record], {}), ("web_save", [record], {}, {})],
            "unlink": [("unlink", [record])],
        }
        if operation == "create" and model in DIALOGS:
            calls["create"].pop(0)  # many may open a dialog of their own
            calls["create"].pop(0)
        return all(self.refused(user, model, *call) for call in calls[operation])

    # === FIELDS === #
    def test_fields(self):
        wrong = []
        for path, cells in table(FIELDS).items():
            model, _dot, field = path.rpartition(".")
            for column, cell in cells.items():
                user = getattr(self, USERS[column])
                told = [
                    title
                    for title, attempt in self._ways_to_field(user, model, field)
                    if self._tells(attempt)
                ]
                if cell == "r" and "read" not in told:
                    wrong.append(f"{column!r} is not told {path}")
                elif cell == "-" and told:
                    wrong.append(f"{column!r} is told {path} through {told}")
        self.assertFalse(wrong, "\n".join(["wrong cells:", *wrong]))

    def _tells(self, attempt):
        try:
            with self.env.cr.savepoint(flush=False):
                found = attempt()
        except (AccessError, UserError, ValueError, TypeError):
            return False  # the latter two: nobody can search or sort by such a field
        if isinstance(found, list) and found and isinstance(found[0], dict):
            return any(
                value
                for one in found
                for name, value in one.items()
                if name != "__extra_domain"
            )
        return bool(found)

    def _ways_to_field(self, user, model, field):
        """Attempts to learn the field of our record; what they return is told."""
        record = self.records[model]
        value = self.env[model].sudo().browse(record)[field]
        value = value.ids if isinstance(value, models.BaseModel) else [value]
        this, like = ("id", "=", record), [(field, "in", value)]

        def call(method, *args, **kwargs):
            return lambda: self.rpc(user, model, method, *args, **kwargs)

        def code():
            return self.as_user(user)[model].browse(record)[field]

        yield "read", call("read", [record], [field], load="")
        yield "web_read", call("web_read", [record], {field: {}})
        yield "search_read", call("search_read", [this], [field])
        yield "search", call("search", [this, *like])
        yield "count", call("search_count", [this, *like])
        yield "order", call("search", [this], order=f"{field} desc")
        yield "group", call("formatted_read_group", [this], [field], ["__count"])
        yield "array", call("formatted_read_group", [this], [], [f"{field}:array_agg"])
        if not user.share:
            yield (
                "export",
                lambda: self.rpc(user, model, "export_data", [record], [field])[
                    "datas"
                ],
            )
        yield (
            "filtered",
            lambda: self.as_user(user)[model].browse(record).filtered_domain(like),
        )
        yield "mapped", lambda: self.as_user(user)[model].browse(record).mapped(field)
        yield "code", code

    def test_definitions(self):
        """What a user is not told does not appear among the fields either."""
        for path, cells in table(FIELDS).items():
            model, _dot, field = path.rpartition(".")
            for column, cell in cells.items():
                user = getattr(self, USERS[column])
                record = self.as_user(user)[model].browse(self.records[model])
                if record.has_access("read"):
                    with self.subTest(field=path, user=column):
                        known = self.rpc(user, model, "fields_get", [], ["string"])
                        self.assertEqual(field in known, cell == "r")

    def test_secrets_cannot_be_written_past_the_settings(self):
        for model, field in (
            ("helpdesk.social.account", "secrets"),
            ("helpdesk.social.account", "home_uuid"),
            ("helpdesk.social.app", "secrets"),
            ("helpdesk.social.app", "webhook_token"),
        ):
            for user in (self.manager, self.admin):
                with self.subTest(field=field, user=user.login):
                    values = {field: "mine"}
                    record = [self.records[model]]
                    self.assertTrue(self.refused(user, model, "write", record, values))
                    self.rpc(user, model, "create", [{**self.values[model]}])
                    values = {**self.values[model], field: "mine"}
                    self.assertTrue(self.refused(user, model, "create", [values]))

    def test_no_secret_is_tracked_or_copied(self):
        for model in ("helpdesk.social.account", "helpdesk.social.app"):
            for name, field in self.env[model]._fields.items():
                if field.groups == "." and field.store:
                    with self.subTest(field=f"{model}.{name}"):
                        self.assertFalse(getattr(field, "tracking", None))
                        self.assertFalse(field.copy)
