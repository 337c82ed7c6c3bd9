"""What we know of a customer, and what the brand publishes, for the guard.

Read anew for every check and kept nowhere. It is read with all rights, because an agent
who may not see orders must not publish their numbers either: callers tell what kind of
thing was found, never which record it is from.
"""

from odoo.fields import Domain

from ..texts.guard import Ours, Own
from ..texts.guard_mail import MAILBOXES, host_of
from . import social_evidence

#: newest records of a customer; older numbers mean nothing to anybody
MAX_PAPERS = 100
#: addresses of a customer (delivery, invoice, former)
MAX_ADDRESSES = 20
#: (model, domain, fields with numbers, kind); only where the app is installed
PAPERS = (
    ("sale.order", [], ("name", "client_order_ref"), "order"),
    (
        "account.move",
        [("move_type", "in", ("out_invoice", "out_refund", "out_receipt"))],
        ("name", "payment_reference"),
        "invoice",
    ),
)
#: names of documents before they have a number
UNNAMED = {"/", "New", "Draft"}


def contacts(ticket, person):
    """The contacts a public answer on this ticket could be about (sudo)."""
    # sudo: helpdesk.ticket, helpdesk.social.identity, res.partner - to be compared
    # with what is written; nothing of it is shown
    return ticket.sudo().partner_id | person.sudo().partner_id


def regions(account, partners):
    """Countries in which a number without country code may ring."""
    countries = partners.country_id | account.sudo().company_id.country_id
    return tuple(countries.mapped("code"))


def of_customer(ticket, person, account, user):
    """(``Own``, regions) of those whom a public answer could be about."""
    partners = contacts(ticket, person)
    firms = partners.commercial_partner_id
    where = regions(account, partners)
    everybody = partners | firms
    places = everybody
    if partners:
        places |= everybody.search(
            Domain("parent_id", "in", everybody.ids)
            & Domain("type", "in", ("delivery", "invoice", "other")),
            limit=MAX_ADDRESSES,
        )
    handles = person.sudo()
    return (
        Own(
            names=tuple(
                one.name for one in partners if one.name and not one.is_company
            ),
            shown=(handles.handle or "", handles.name or "", user.sudo().name or ""),
            firms=tuple(one.name for one in firms if one.is_company and one.name),
            addresses=_addresses(places),
            numbers=(
                *_vats(everybody),
                *_tickets(ticket, partners),
                *_papers(ticket, firms),
            ),
            emails=_mails(everybody, ticket),
            phones=_phones(everybody, where),
        ),
        where,
    )


def _addresses(places):
    found = [
        (street, one.zip or "", one.city or "")
        for one in places
        for street in (one.street, one.street2)
        if street or one.zip
    ]
    return tuple(dict.fromkeys(found))


def _vats(partners):
    return tuple(("vat", one.vat) for one in partners if one.vat and len(one.vat) > 4)


def _mails(partners, ticket):
    written = [*partners.mapped("email"), ticket.sudo().partner_email]
    forms = [social_evidence.email_forms(one) for one in written if one]
    return frozenset(form.lower() for one in forms for form in one)


def _phones(partners, where):
    forms = [social_evidence.phone_forms(one.phone, where) for one in partners]
    return frozenset(form for one in forms for form in one)


def _tickets(ticket, partners):
    """Numbers of this ticket and of the customer's others."""
    tickets = ticket.sudo()
    if partners:
        tickets |= tickets.with_context(active_test=False).search(
            Domain("partner_id", "in", partners.ids), order="id desc", limit=MAX_PAPERS
        )
    numbers = [one.number for one in tickets if one.number not in UNNAMED]
    return tuple(("ticket", one) for one in numbers if one)


def _papers(ticket, firms):
    """Numbers of orders and invoices; () where these apps are not installed."""
    found = []
    if not firms:
        return ()
    company = ticket.sudo().company_id
    for name, domain, names, kind in PAPERS:
        if name not in ticket.env:
            continue
        # sudo: sale.order, account.move - compared with a public text, never shown
        records = ticket.env[name].sudo()
        wanted = Domain(domain) & Domain("partner_id", "child_of", firms.ids)
        if company:
            wanted &= Domain("company_id", "=", company.id)
        for record in records.search(wanted, order="id desc", limit=MAX_PAPERS):
            found += [(kind, record[one]) for one in names if record[one]]
    return tuple(one for one in dict.fromkeys(found) if one[1] not in UNNAMED)


# === WHAT THE BRAND PUBLISHES === #
def published(account):
    """``Ours``: contact data of the brand, which is no find."""
    # sudo: helpdesk.social.account, res.company - the brand's own public data
    company = account.sudo().company_id
    where = (company.country_id.code,)
    us = company.partner_id
    phones, mails, lines = set(), set(), []
    for phone in (company.phone, us.phone):
        phones |= social_evidence.phone_forms(phone, where)
    for mail in (company.email, us.email):
        mails |= _public_mail(mail)
    mails |= {host_of(one) for one in (company.website, account.sudo().base_url) if one}
    if company.alias_domain_id:
        mails.add(company.alias_domain_id.name.lower())
    lines.append(" ".join(filter(None, (us.street, us.street2, us.zip, us.city))))
    for line in (company.social_published or "").splitlines():
        line = line.strip()
        forms = social_evidence.phone_forms(line, where)
        if forms:
            phones |= forms
        elif "@" in line.strip("@"):
            mails |= social_evidence.email_forms(line)
        elif host_of(line):
            mails.add(host_of(line))
        else:
            lines.append(line)
    return Ours(frozenset(phones), frozenset(mails) - {""}, tuple(filter(None, lines)))


def _public_mail(mail):
    """The address, and its host where that is the brand's own."""
    forms = social_evidence.email_forms(mail)
    hosts = {one.rpartition("@")[2].lower() for one in forms}
    own = {one for one in hosts if not MAILBOXES.fullmatch(one)}
    return {one.lower() for one in forms} | own
