"""Reads WhatsApp's JSON field by field: ids, people, phones.

A value of the wrong kind counts as missing, so nothing here raises, whatever the JSON
holds. Fact sheet whatsapp §3, §4, §7.
"""

import re
from collections.abc import Mapping

from . import items
from .values import listing, mapping, number, words

#: digits of an international number without its plus (§7); E.164 has up to 15
WA_ID = re.compile(r"[0-9]{5,20}", re.ASCII)
#: a business-scoped user id: a country, a dot, letters and digits (§3)
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}", re.ASCII)
#: a message id: "wamid." and base64
MESSAGE_ID = re.compile(r"[\w.+/=:-]{1,300}", re.ASCII)
USERNAME = re.compile(r"[\w.]{1,64}", re.ASCII)


def wa_id(value) -> str:
    if number(value) is not None:
        value = str(value) if 0 < value < 10**20 else ""
    value = words(value).removeprefix("+")
    return value if WA_ID.fullmatch(value) else ""


def user_id(value) -> str:
    value = words(value)
    return value if USER_ID.fullmatch(value) else ""


def message_id(value) -> str:
    value = words(value)
    return value if MESSAGE_ID.fullmatch(value) else ""


def ident(value) -> str:
    """The id of a number, an account, a file: digits, as a string."""
    if number(value) is not None:
        return str(value) if 0 < value < 2**63 else ""
    value = words(value)
    return value if re.fullmatch(r"[0-9]{1,30}", value, re.ASCII) else ""


def own_number(value: Mapping) -> str:
    """Our phone number's id: which of our accounts a change is for."""
    return ident(mapping(value.get("metadata")).get("phone_number_id"))


# --- people -----------------------------------------------------------------------
def contact_of(value: Mapping, one_user: str, one_phone: str) -> dict:
    """Which of ``contacts`` a message or status is from.

    Several people may come in one change, and the lists need not run in step: who
    takes the first contact for all of them gives one person's words to another.
    """
    contacts = [mapping(one) for one in listing(value.get("contacts"))]
    for contact in contacts:
        if one_user and user_id(contact.get("user_id")) == one_user:
            return contact
    for contact in contacts:
        there = user_id(contact.get("user_id"))
        same = one_phone and wa_id(contact.get("wa_id")) == one_phone
        if same and not (one_user and there):
            return contact
    return {}


def who(value: Mapping, message: Mapping, prefix: str = "from") -> tuple[str, str]:
    """(user id, phone) of whoever wrote a message, or was written to.

    :param prefix: ``from``; ``to`` of an echo; ``recipient`` of a status
    """
    one_phone = wa_id(message.get("recipient_id" if prefix == "recipient" else prefix))
    one_user = user_id(message.get(f"{prefix}_user_id"))
    # some deliveries have it where the phone is
    one_user = one_user or user_id(message.get(prefix))
    contact = contact_of(value, one_user, one_phone)
    one_user = one_user or user_id(contact.get("user_id"))
    return one_user, one_phone or wa_id(contact.get("wa_id"))


def person(value: Mapping, message: Mapping, prefix: str = "from") -> items.Author:
    """Keyed on the business-scoped id; the phone is only a label (§3).

    Who hides the phone behind a username has none here, and who changes it stays the
    same person.
    """
    one_user, one_phone = who(value, message, prefix)
    if not one_user and not one_phone:
        return items.Author()
    profile = mapping(contact_of(value, one_user, one_phone).get("profile"))
    handle = words(profile.get("username"))
    handle = handle if USERNAME.fullmatch(handle) else ""
    phone = f"+{one_phone}" if one_phone else ""
    return items.Author(
        id=one_user or one_phone,
        handle=handle or phone,
        name=words(profile.get("name"))[:200] or phone,
        url=f"https://wa.me/{one_phone}" if one_phone else "",
    )


def phone_evidence(value: Mapping, message: Mapping) -> tuple[items.Evidence, ...]:
    """The phone that WhatsApp vouches for, where it is shown."""
    _user, one_phone = who(value, message)
    if not one_phone:
        return ()
    return (items.Evidence("phone", f"+{one_phone}", "wa_id"),)
