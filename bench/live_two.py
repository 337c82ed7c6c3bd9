"""Browsers on a real server: what one may see appears, the other is told nothing.

An agent has the inbox, the list and the ticket open; a colleague of another team and a
manager of another company have theirs. A customer writes in private. The agent's three
pages show it without being loaded again; to the others goes not one byte of it, neither
through the socket nor in a page.

A salesman has the contact open, and edits it. Of what is private he is told nothing,
not even that there was something. Then the customer writes in public: banner, counter
and history change on his screen, what he types stays, and his socket brought numbers
only. A salesman of another company with the same contact open hears nothing at all.
Part of ``make test``; nothing is measured here.
"""

import contextlib
import json
import re
import time

from bench import chrome, front, soak_agent
from bench.lab import post_json_raw

#: seconds until it must stand on a screen: two lanes and a list that waits a second
PATIENCE = 30
#: seconds in which what must not arrive would have arrived
AFTER = 5
TEXT = re.compile(rb"live-secret-\d+")
#: a notice as it may be: numbers, and nothing else
NOTICE = re.compile(
    rb'\{"ticket_ids":\s*\[[\d,\s]*\],\s*"message_ids":\s*(?:\[[\d,\s]*\]|false)\}'
)
#: the same for colleagues
PUBLIC_NOTICE = re.compile(
    rb'\{"message_ids":\s*(?:\[[\d,\s]*\]|false)'
    rb',\s*"partner_ids":\s*(?:\[[\d,\s]*\]|false)'
    rb',\s*"ticket_ids":\s*(?:\[[\d,\s]*\]|false)\}'
)
TICKETS = "/odoo/action-helpdesk_mgmt.helpdesk_ticket_action"
HEARD = b'"helpdesk_social/changed"'
PUBLIC_HEARD = b'"helpdesk_social/public"'
ANY_HEARD = b'"helpdesk_social/'


class Checks:
    """What was looked at, and what was wrong."""

    def __init__(self):
        self.done, self.wrong = [], []

    def __call__(self, name, holds, detail=""):
        self.done.append(name)
        if not holds:
            self.wrong.append(f"{name}: {detail}" if detail else name)


def run(lab, database):
    """Checks on this database, which is changed."""
    checks = Checks()
    told = lab.inside(database, "live_two_inside", "prepare")
    options = ("--workers=3", "--max-cron-threads=2", "--log-level=warn")
    with (
        lab.web(database, *options) as (_web, http, gevent),
        contextlib.ExitStack() as stack,
    ):
        people = {
            name: Desk(stack, name, http, gevent, database, told)
            for name in ("agent", "colleague", "stranger")
        }
        agent = people.pop("agent")
        sales = {
            name: Desk(stack, name, http, gevent, database, told)
            for name in ("seller", "outsider")
        }
        contact = f"/odoo/res.partner/{told['customer']}"
        for desk in sales.values():
            desk.open("contact", contact, ".o_form_view")
        seller = sales["seller"]
        seller.open("history", contact, ".o_form_view")
        seller.click("history", "[name=action_view_social_history]")
        seller.waits("history", "live-heard-before")
        for desk in (agent, *people.values()):
            desk.open("list", TICKETS, ".o_list_view")
        agent.open("inbox", "/odoo/helpdesk-social-inbox", "live-first")
        agent.open("form", f"/odoo/helpdesk.ticket/{told['ticket']}", "live-first")
        for desk in people.values():
            desk.open("inbox", "/odoo/helpdesk-social-inbox", ".o_inbox")
        for desk in (agent, *people.values(), *sales.values()):
            desk.settle()
        # what was public before may still be told to a browser that begins to listen
        quiet = {name: len(desk.sockets) for name, desk in sales.items()}
        _send(agent, told, 0)
        for name, script in (
            ("form", "document.body.innerText.includes('live-secret-0')"),
            ("inbox", "document.body.innerText.includes('live-secret-0')"),
            ("list", _waiting(2)),
        ):
            checks(f"the agent's {name} shows it", *agent.shows(name, script))
        # what is selected and where one stands stay through the next one
        agent.select()
        _send(agent, told, 1)
        checks("the list counts on", *agent.shows("list", _waiting(3)))
        checks("what was selected still is", agent.is_selected())
        checks("no page was loaded again", agent.never_left())
        time.sleep(AFTER)
        for name, desk in people.items():
            checks(f"the {name}'s pages were told something", HEARD in desk.sockets)
            for way, heard in (("socket", desk.sockets), ("pages", desk.pages)):
                found = TEXT.search(heard)
                checks(f"no text in the {name}'s {way}", not found, found and found[0])
            checks(f"nothing on the {name}'s screen", not desk.sees("live-secret"))
        for desk in (agent, *people.values()):
            notices = desk.sockets.count(HEARD)
            checks(
                f"the {desk.name}'s notices hold ids only",
                notices and len(NOTICE.findall(desk.sockets)) >= notices,
                f"{notices} notices, {len(NOTICE.findall(desk.sockets))} of ids",
            )
            checks(
                f"no text in the {desk.name}'s socket", not TEXT.search(desk.sockets)
            )
        for name, desk in sales.items():
            heard = desk.sockets[quiet[name] :].count(ANY_HEARD)
            checks(
                f"of what is private the {name} is told nothing", not heard, str(heard)
            )
        _in_public(lab, database, told, checks, **sales)
    return checks


def _in_public(lab, database, told, checks, seller, outsider):
    """What the salesman's screen shows of it, and what he was told."""
    seller.type_into("contact", "[name=street] input", "Somewhere 1")
    before = len(seller.pages)
    lab.inside(
        database,
        "live_two_inside",
        "say_publicly",
        account=told["mastodon"],
        turn=1,
        text="live-public-1",
    )
    count = (
        "document.querySelector('[name=social_message_count]')?.innerText.includes('2')"
    )
    shown = "document.querySelector('.alert [name=social_complaint_count]')?.innerText"
    for what, tab, script in (
        ("counter", "contact", count),
        ("banner", "contact", f"{shown} === '2'"),
        ("history", "history", "document.body.innerText.includes('live-public-1')"),
    ):
        checks(f"the salesman's {what} follows", *seller.shows(tab, script))
    typed = seller.tabs["contact"].evaluate(
        "document.querySelector('[name=street] input').value"
    )
    checks("what he types stays", typed == "Somewhere 1", typed)
    checks("it is not saved by itself", b"web_save" not in seller.pages[before:])
    checks("no page of his was loaded again", seller.never_left())
    time.sleep(AFTER)
    notices = seller.sockets.count(PUBLIC_HEARD)
    found = PUBLIC_NOTICE.findall(seller.sockets)
    checks(
        "the salesman's notices hold ids only",
        notices and len(found) >= notices == seller.sockets.count(ANY_HEARD),
        f"{notices} notices, {len(found)} of ids",
    )
    for desk in (seller, outsider):
        checks(
            f"no text in the {desk.name}'s socket",
            b"live-" not in desk.sockets.replace(b"live-seller", b""),
        )
        for way, heard in (("socket", desk.sockets), ("pages", desk.pages)):
            found = TEXT.search(heard)
            checks(f"nothing private in the {desk.name}'s {way}", not found)
    checks(
        "another company's salesman hears nothing",
        ANY_HEARD not in outsider.sockets,
    )
    checks("nothing of it on his pages", b"live-public" not in outsider.pages)
    checks("nothing on his screen", not outsider.sees("live-public"))


def _waiting(count):
    """Does the list's mark say how many wait?"""
    return (
        "[...document.querySelectorAll('.o_social_marks_waiting')]"
        f".some((mark) => mark.textContent.trim().startsWith('{count} ·'))"
    )


def _send(desk, told, number):
    post_json_raw(
        desk.base + told["path"],
        told["updates"][number],
        {"X-Telegram-Bot-Api-Secret-Token": told["secret"]},
    )


class Desk:
    """A person at a browser of their own; everything that goes to it is kept."""

    def __init__(self, stack, name, http, gevent, database, told):
        self.name = name
        self.gate = stack.enter_context(front.Front(http, gevent, record=True))
        self.base = f"http://127.0.0.1:{self.gate.port}"
        login = told["people"][name]
        cookie = soak_agent.sign_in(self.base, database, login, told["password"])
        self.cookie = cookie.partition("=")
        self.new = stack.enter_context(chrome.pages(f"chrome-live-{name}"))
        self.tabs = {}

    @property
    def sockets(self):
        return bytes(self.gate.sockets)

    @property
    def pages(self):
        return bytes(self.gate.pages)

    def open(self, tab, path, sign):
        """Open a page and wait for what it shows, a text or a selector."""
        page = self.tabs[tab] = self.new()
        name, _equals, value = self.cookie
        page("Network.enable")
        page("Network.setCookie", name=name, value=value, url=self.base)
        page("Page.navigate", url=self.base + path)
        there = f"!!document.querySelector({json.dumps(sign)})"
        if not sign.startswith("."):
            there = f"document.body.innerText.includes({json.dumps(sign)})"
        page.wait_for(f"document.body && {there}", 120)
        page.evaluate("window.stillHere = true")

    def settle(self):
        for page in self.tabs.values():
            page.listen(1)  # the socket is being opened

    def shows(self, tab, script, patience=PATIENCE):
        """(does the page come to it in time?, what it shows instead)"""
        try:
            self.tabs[tab].wait_for(script, patience)
        except OSError as error:
            return False, str(error)
        return True, ""

    def select(self):
        self.tabs["list"].evaluate(
            "document.querySelector("
            "'.o_data_row .o_list_record_selector input').click()"
        )

    def click(self, tab, selector):
        self.tabs[tab].wait_for(f"!!document.querySelector({json.dumps(selector)})", 60)
        self.tabs[tab].evaluate(
            f"document.querySelector({json.dumps(selector)}).click()"
        )

    def waits(self, tab, text):
        self.tabs[tab].wait_for(
            f"document.body.innerText.includes({json.dumps(text)})", 120
        )

    def type_into(self, tab, selector, text):
        page, found = self.tabs[tab], f"document.querySelector({json.dumps(selector)})"
        page.wait_for(f"!!{found}", 60)
        page.evaluate(f"{found}.focus()")
        page("Input.insertText", text=text)

    def is_selected(self):
        return self.tabs["list"].evaluate(
            "document.querySelectorAll("
            "'.o_data_row .o_list_record_selector input:checked').length === 1"
        )

    def never_left(self):
        return all(page.evaluate("window.stillHere") for page in self.tabs.values())

    def sees(self, text):
        return any(
            page.evaluate(f"document.body.innerText.includes({json.dumps(text)})")
            for page in self.tabs.values()
        )
