"""Words for what the guard finds. Nothing is decided here."""

from odoo.tools import format_list
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: kind: (it looks like one, it is this customer's)
KINDS = {
    "phone": (_lt("a phone number"), _lt("this customer's phone number")),
    "email": (_lt("an e-mail address"), _lt("this customer's e-mail address")),
    "card": (_lt("a card number"), _lt("a card number")),
    "iban": (_lt("a bank account"), _lt("a bank account")),
    "vat": (_lt("a VAT number"), _lt("this customer's VAT number")),
    "order": (_lt("an order number"), _lt("an order number of this customer")),
    "invoice": (_lt("an invoice number"), _lt("an invoice number of this customer")),
    "ticket": (_lt("a ticket number"), _lt("a ticket number of this customer")),
    "address": (_lt("an address"), _lt("this customer's address")),
    "name": (_lt("a name"), _lt("this customer's real name")),
    "unread": (
        _lt("more than can be checked"),
        _lt("more than can be checked"),
    ),
}


def kind_words(env, found):
    """A find in the reader's language."""
    return env._(KINDS[found.kind][found.own])  # pylint: disable=translation-not-lazy


def enumerated(env, finds):
    """Finds as a list in a sentence, each kind once."""
    return format_list(env, list(dict.fromkeys(kind_words(env, one) for one in finds)))


def shown_words(env, kinds):
    """Kinds that somebody showed of their own, as a list in a sentence."""
    known = [KINDS[one][0] for one in kinds if one in KINDS]
    return format_list(env, [env._(one) for one in known])  # pylint: disable=translation-not-lazy
