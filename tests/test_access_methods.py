"""Who may call what by RPC, and a sweep over everything a user can read.

A public method of ours that is in no row makes this red: anything without an
underscore can be called by anybody with a login, so somebody must have thought of it.
"""

import inspect

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .access_ways import MESSAGE
from .test_access import TABLE, USERS, AccessCase

ACCOUNT, APP = "helpdesk.social.account", "helpdesk.social.app"
IDENTITY, EVENT = "helpdesk.social.identity", "helpdesk.social.event"
BLOCK = "helpdesk.social.block"
TICKET, WALL = "helpdesk.ticket", "helpdesk.social.sandbox.wall"
INBOX, RULE = "helpdesk.social.inbox", "helpdesk.social.rule"
APPROVAL = "helpdesk.social.approval"

#: rights -> the fixtures' users who lack them, tried on our company's records
LACKING = {
    # whoever may read the record; it does nothing, or checks by itself what it opens
    "reader": ["portal_customer", "public", "other_company_agent"],
    "helpdesk": ["internal", "follower", "history", "portal_customer", "public"],
    # may change contacts, or is a helpdesk user
    "linker": ["internal", "follower", "history", "portal_customer", "public"],
    "manager": ["agent_all", "internal", "sales", "portal_customer", "public"],
    "window": [],
    "system": ["manager", "agent_all", "internal", "portal_customer", "public"],
}

METHODS = {
    ACCOUNT: {
        "helpdesk": "action_pull action_sync_templates",
        "manager": "set_settings action_connect action_pause action_resume "
        "action_accept_backlog action_dismiss_backlog action_sign_in action_check "
        "action_subscribe action_unsubscribe action_renew_webhook action_open_connect",
        "system": "action_confirm_copy",
        "reader": "action_pull_now action_open_events",
        # a window's description; the window then asks as the user
        "window": "action_open_templates action_open_backlog action_open_failed "
        "action_open_queued action_open_uncertain action_open_waiting",
    },
    APP: {
        "manager": "action_renew_webhook action_renew_webhook_token action_push",
        "window": "action_open_spending",
    },
    APPROVAL: {
        "helpdesk": "action_approve action_approve_form action_comment action_return "
        "social_decide",
        "window": "action_open_ticket",
    },
    EVENT: {"system": "action_replay"},
    IDENTITY: {
        "linker": "action_link action_unlink action_accept action_refuse action_match "
        "action_open_link action_create_contact action_undo_decision "
        "action_open_merge action_merge action_unmerge",
        "manager": "action_forget",
        "helpdesk": "action_block action_block_there action_unblock",
        "reader": "action_open_profile action_view_history",
    },
    BLOCK: {"helpdesk": "action_again"},
    MESSAGE: {
        "helpdesk": "action_retry action_cancel action_mark_sent action_like "
        "action_hide action_unhide action_delete action_handled action_holding "
        "action_fetch_media action_send_now social_take_back social_edit "
        "social_edit_measure",
        "reader": "social_affordances action_open_ticket action_create_lead",
    },
    TICKET: {
        "helpdesk": "social_handoff_ways social_handoff_measure social_same_person "
        "social_other_person social_close_in_public social_leave_open "
        "social_reply social_pull_permalink social_suggest social_canned "
        "social_templates "
        "social_suggest_feedback social_presence social_card "
        "social_split social_merge social_take_back_move "
        "social_incident_hold social_incident_gather social_incident_answer "
        "social_incident_stop",
        "reader": "social_handoff social_ask_proof "
        "social_people social_composer social_measure social_send social_save_draft "
        "social_notes social_timeline social_changes social_check_files",
    },
    "res.partner": {
        "manager": "action_social_forget",
        "linker": "action_link_social_identity",
        "reader": "social_complaint",
        "window": "action_view_social_history",
    },
    "helpdesk.social.network": {
        "manager": "action_open_connect",
        "window": "action_open_accounts",
    },
    INBOX: {"helpdesk": "get_list get_message find_tickets act take_back"},
    RULE: {
        "manager": "action_switch_on action_switch_off action_try",
        # lists what the user may read of it
        "reader": "action_open_matched",
    },
    WALL: {"manager": "start get_wall say act set_fault pull play"},
}
#: dialogs: their records are their owner's (``test_access_models``)
DIALOGS = (
    "helpdesk.social.connect",
    "helpdesk.social.link",
    "helpdesk.social.merge",
    "helpdesk.social.same",
    "helpdesk.social.rule.try",
    "helpdesk.social.sandbox.play",
)
ARGUMENTS = {
    "set_settings": [{"nickname": "x"}],
    "social_reply": ["x", "public"],
    "social_pull_permalink": ["https://fake.example.com/1"],
    "social_measure": ["x", "public:1:1"],
    "social_suggest": ["public:1:1"],
    "social_canned": ["public:1:1"],
    "social_templates": ["private:1:1"],
    "social_suggest_feedback": ["public:1:1", 1, "accepted"],
    "social_check_files": ["public:1:1", [{"name": "x"}]],
    "social_send": ["public:1:1", "x"],
    "social_save_draft": ["public:1:1", "x"],
    "social_changes": [[]],
    "social_handoff_ways": [1],
    "social_handoff_measure": [1, "direct:1", "x"],
    "social_handoff": [1, "direct:1", "x"],
    "social_ask_proof": ["private:1:1"],
    "social_incident_hold": ["x"],
    "social_incident_answer": [["x"]],
    "social_split": [1],
    "social_merge": [1],
    "social_take_back_move": [1],
    "social_card": [1],
    "action_merge": [1],
    "social_same_person": [1],
    "social_other_person": [1],
    "get_message": [1],
    "take_back": [1],
    "social_presence": ["looking"],
    "action_comment": ["x"],
    "action_return": ["x"],
    "social_decide": ["approve"],
    "social_edit": ["x"],
    "social_edit_measure": ["x"],
    "say": [1, "jo", "x"],
    "act": [1, 1, "like"],
    "set_fault": [1, "down"],
    "pull": [1],
    "play": [1, "storm"],
}
#: answered instead of refused, and what such an answer must look like
POLITE = {
    "social_send": lambda result: not result["ok"],
    "social_handoff": lambda result: not result["ok"],
    "social_ask_proof": lambda result: not result["ok"],
    "social_composer": lambda result: not any(result.values()),
    "social_notes": lambda result: not result,
    "social_complaint": lambda result: result is False,
    "social_decide": lambda result: not result["ok"],
    "social_edit": lambda result: not result["ok"],
    "social_presence": lambda result: result is False,
}


def ours(cls):
    """Public functions of a model that this addon brings in."""
    for name, _value in inspect.getmembers(cls, callable):
        if name.startswith("_") or getattr(getattr(cls, name), "_api_private", False):
            continue
        owner = next(base for base in cls.__mro__ if name in vars(base))
        if owner.__module__.startswith("odoo.addons.helpdesk_social."):
            if inspect.isfunction(vars(owner)[name]) and not hasattr(
                models.BaseModel, name
            ):
                yield name


@tagged("post_install", "-at_install")
class TestMethods(AccessCase):
    def test_every_public_method_has_a_row(self):
        unknown = []
        for model, cls in self.env.registry.items():
            rows = METHODS.get(model, {})
            known = " ".join(rows.values()).split()
            if model not in DIALOGS and model != "res.config.settings":
                unknown += [f"{model}.{one}" for one in ours(cls) if one not in known]
        self.assertEqual(unknown, [], "who may call it? add a row")

    def test_those_who_lack_the_right_are_refused(self):
        row = self.rows["private unassigned"]
        event = self.env[EVENT].create(
            {
                "app_id": self.account.app_id.id,
                "key": "x",
                "raw": "{}",
                "received_at": "2026-01-01 00:00:00",
            }
        )
        identity = self.env[IDENTITY].browse(row["identity"])
        records = {
            ACCOUNT: self.account,
            APP: self.account.app_id,
            APPROVAL: self.env[APPROVAL].create(
                {
                    "message_id": self.rows["public"]["id"],
                    "author_id": self.agent_team.id,
                }
            ),
            EVENT: event,
            IDENTITY: identity,
            BLOCK: self.env[BLOCK].create(
                {
                    "identity_id": identity.id,
                    "account_id": self.account.id,
                    "verb": "block",
                    "user_id": self.agent_all.id,
                }
            ),
            MESSAGE: self.env[MESSAGE].browse(self.rows["public"]["id"]),
            TICKET: self.env[TICKET].browse(row["ticket"]),
            "res.partner": self.partner,
            "helpdesk.social.network": self.network,
            WALL: self.env[WALL],
            INBOX: self.env[INBOX],
            RULE: self.env[RULE].create({"name": "Rule"}),
        }
        records[TICKET].message_post(body="note", subtype_xmlid="mail.mt_note")
        ARGUMENTS["action_link"] = [self.sales.partner_id.id]
        wrong = []
        for model, rights in METHODS.items():
            for right, names in rights.items():
                for name in names.split():
                    for login in LACKING[right]:
                        if not self._refused(login, records[model], name):
                            wrong.append(f"{login} can {model}.{name}")
        self.assertFalse(wrong, "\n".join(["not refused:", *wrong]))
        self.assertEqual(self.world.calls, [])

    def _refused(self, login, record, name):
        arguments = ARGUMENTS.get(name, [])
        ids = [record.ids] if record._name not in (WALL, INBOX) else []
        user = getattr(self, login)
        try:
            with self.env.cr.savepoint(flush=False):
                result = self.rpc(user, record._name, name, *ids, *arguments)
        except (AccessError, UserError):
            return True
        return name in POLITE and POLITE[name](result)


@tagged("post_install", "-at_install")
class TestSweep(AccessCase):
    """Reads every field of every record that a user can find, looking for words."""

    MODELS = (
        "helpdesk.ticket",
        "helpdesk.ticket.team",
        "ir.attachment",
        "mail.activity",
        "mail.followers",
        "mail.message",
        "mail.notification",
        "mail.tracking.value",
        "res.partner",
    )

    def test_no_word_is_found_where_the_table_has_a_dash(self):
        hidden = {column: set() for column in USERS}
        header, *lines = TABLE.strip("\n").splitlines()
        for line in lines:
            word = self.rows[line[:24].strip()]["word"]
            for column, cell in zip(header.split(), line[24:].split(), strict=True):
                if cell == "-":
                    hidden[column].add(word)
        names = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("helpdesk.social.")
            and not (model._abstract or model._transient)
        }
        wrong = []
        for column, words in hidden.items():
            user = getattr(self, USERS[column])
            for model in sorted(names.union(self.MODELS)):
                found = self._everything(user, model)
                wrong += [f"{column} finds {w} in {model}" for w in words if w in found]
        self.assertFalse(wrong, "\n".join(["told:", *wrong]))

    def _everything(self, user, model):
        records = self.as_user(user)[model]
        if not records.has_access("read"):
            return ""
        names = [
            name
            for name, field in records._fields.items()
            if field.type != "binary" and records._has_field_access(field, "read")
        ]
        domain = [("create_date", ">=", self.env.cr.now())]
        if "create_date" not in records._fields or not records._log_access:
            domain = []
        records = records.search(domain, limit=500)
        try:
            return str(records.read(names))
        except AccessError:  # a field of somebody else's needs more: one by one
            return "".join(self._field(records, name) for name in names)

    def _field(self, records, name):
        try:
            return str(records.read([name]))
        except AccessError:
            return ""
