"""The ways to what was said, tried for every user and message by ``test_access``.

Those of a client are called as by RPC, those of code run as the user. A way returns
the truth when it leads to the message, and None when it cannot apply to this user.
"""

from odoo.exceptions import AccessError

MESSAGE = "helpdesk.social.message"
CONVERSATION = "helpdesk.social.conversation"
IDENTITY = "helpdesk.social.identity"

WAYS = {}


def way(function):
    WAYS[function.__name__.strip("_")] = function
    return function


# === WAYS: straight ===
@way
def _search(case, user, row):
    return case.rpc(user, MESSAGE, "search", [("id", "=", row["id"])])


@way
def _search_text(case, user, row):
    return case.rpc(user, MESSAGE, "search", [("text", "ilike", row["word"])])


@way
def _search_count(case, user, row):
    return case.rpc(user, MESSAGE, "search_count", [("id", "in", [row["id"]])])


@way
def _search_read(case, user, row):
    return row["word"] in str(case.rpc(user, MESSAGE, "search_read", [], ["text"]))


@way
def _web_search_read(case, user, row):
    found = case.rpc(user, MESSAGE, "web_search_read", [], {"text": {}}, limit=9999)
    return row["word"] in str(found)


@way
def _read(case, user, row):
    return row["word"] in str(case.rpc(user, MESSAGE, "read", [row["id"]], ["text"]))


@way
def _web_read(case, user, row):
    specification = {"conversation_id": {"fields": {"key": {}}}}
    found = case.rpc(user, MESSAGE, "web_read", [row["id"]], specification)
    return row["word"] in str(found)


@way
def _display_name(case, user, row):
    found = case.rpc(user, MESSAGE, "read", [row["id"]], ["display_name"])
    return row["word"] in str(found)


@way
def _name_search(case, user, row):
    return case.rpc(user, MESSAGE, "name_search", row["word"])


@way
def _export(case, user, row):
    paths = ["text", "conversation_id/key"]
    return row["word"] in str(case.export(user, MESSAGE, row["id"], paths))


@way
def _group_count(case, user, row):
    domain = [("text", "ilike", row["word"])]
    groups = case.rpc(
        user, MESSAGE, "formatted_read_group", domain, ["account_id"], ["__count"]
    )
    return sum(group["__count"] for group in groups)


@way
def _group_value(case, user, row):
    groups = case.rpc(user, MESSAGE, "formatted_read_group", [], ["permalink"])
    return row["word"] in str(groups)


@way
def _group_array(case, user, row):
    groups = case.rpc(
        user, MESSAGE, "formatted_read_group", [], [], ["id:array_agg", "permalink:max"]
    )
    return row["id"] in (groups[0]["id:array_agg"] or [])


@way
def _web_group(case, user, row):
    groups = case.rpc(
        user,
        MESSAGE,
        "web_read_group",
        [("id", "=", row["id"])],
        ["conversation_id"],
        [],
    )
    return groups["length"]


@way
def _field(case, user, row):
    return row["word"] in case.as_user(user)[MESSAGE].browse(row["id"]).text


@way
def _has_access(case, user, row):
    return case.as_user(user)[MESSAGE].browse(row["id"]).has_access("read")


# === WAYS: through the conversation ===
@way
def _conversation(case, user, row):
    domain = [("key", "=", f"key-{row['word']}")]
    return case.rpc(user, CONVERSATION, "search_count", domain)


@way
def _conversation_read(case, user, row):
    found = case.rpc(user, CONVERSATION, "read", [row["conversation"]], ["key"])
    return row["word"] in str(found)


@way
def _conversation_by_text(case, user, row):
    domain = [("message_ids.text", "ilike", row["word"])]
    return case.rpc(user, CONVERSATION, "search", domain)


@way
def _conversation_messages(case, user, row):
    fields = ["message_ids"]
    found = case.rpc(user, CONVERSATION, "read", [row["conversation"]], fields)
    return row["id"] in found[0]["message_ids"]


# === WAYS: through the person ===
@way
def _identity_by_text(case, user, row):
    domain = [("message_ids.text", "ilike", row["word"])]
    return case.rpc(user, IDENTITY, "search", domain)


@way
def _identity_by_any(case, user, row):
    domain = [("message_ids", "any", [("permalink", "ilike", row["word"])])]
    return case.rpc(user, IDENTITY, "search", domain)


@way
def _identity_by_nobody_else(case, user, row):
    """Told by its absence: those who never wrote the word."""
    visible = [("id", "=", row["identity"])]
    without = [("message_ids", "not any", [("text", "ilike", row["word"])])]
    if not case.rpc(user, IDENTITY, "search", visible):
        return False
    return not case.rpc(user, IDENTITY, "search", visible + without)


@way
def _identity_messages(case, user, row):
    found = case.rpc(user, IDENTITY, "read", [row["identity"]], ["message_ids"])
    return row["id"] in found[0]["message_ids"]


@way
def _identity_export(case, user, row):
    paths = ["message_ids/text", "message_ids/id"]
    return row["word"] in str(case.export(user, IDENTITY, row["identity"], paths))


@way
def _identity_filtered(case, user, row):
    identity = case.as_user(user)[IDENTITY].browse(row["identity"])
    return identity.filtered_domain([("message_ids.text", "ilike", row["word"])])


@way
def _identity_mapped(case, user, row):
    identity = case.as_user(user)[IDENTITY].browse(row["identity"])
    return row["word"] in str(identity.mapped("message_ids.text"))


@way
def _partner_by_text(case, user, row):
    domain = [("social_identity_ids.message_ids.text", "ilike", row["word"])]
    return case.rpc(user, "res.partner", "search", domain)


# === WAYS: through the ticket ===
def ticket_of(case, user, row):
    """The ticket's id when the user may open it, in whatever role."""
    domain = [("id", "=", row["ticket"])]
    try:
        return row["ticket"] and case.rpc(user, "helpdesk.ticket", "search", domain)
    except AccessError:
        return False


@way
def _ticket_by_text(case, user, row):
    if not ticket_of(case, user, row):
        return None
    domain = [("social_message_ids.text", "ilike", row["word"])]
    return case.rpc(user, "helpdesk.ticket", "search", domain)


@way
def _ticket_by_key(case, user, row):
    if not ticket_of(case, user, row):
        return None
    domain = [("social_conversation_ids.key", "ilike", row["word"])]
    return case.rpc(user, "helpdesk.ticket", "search", domain)


@way
def _ticket_messages(case, user, row):
    if not ticket_of(case, user, row):
        return None
    fields = ["social_message_ids"]
    found = case.rpc(user, "helpdesk.ticket", "read", [row["ticket"]], fields)
    return row["id"] in found[0]["social_message_ids"]


# === WAYS: through the files ===
@way
def _file_of_message(case, user, row):
    fields = ["attachment_ids"]
    found = case.rpc(user, MESSAGE, "read", [row["id"]], fields)
    return row["attachment"] in found[0]["attachment_ids"]


@way
def _file_by_record(case, user, row):
    domain = [("res_model", "=", MESSAGE), ("res_id", "=", row["id"])]
    return case.rpc(user, "ir.attachment", "search", domain)


@way
def _file_by_name(case, user, row):
    domain = [("name", "ilike", row["word"])]
    return case.rpc(user, "ir.attachment", "search_count", domain)


@way
def _file_read(case, user, row):
    found = case.rpc(user, "ir.attachment", "read", [row["attachment"]], ["name"])
    return row["word"] in str(found)


@way
def _file_content(case, user, row):
    attachment = case.as_user(user)["ir.attachment"].browse(row["attachment"])
    return row["word"] in attachment.raw.decode()
