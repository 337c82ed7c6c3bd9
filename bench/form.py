"""Opening a ticket with 2,000 social messages, beside one with 2,000 plain ones.

A browser opens both, and everything that its form asks the server for is noted; the
same requests are then made again, in turns, and the server's log tells queries and
time of each.
"""

import json
import re
import statistics
import time
import urllib.request

from bench import chrome, soak_agent
from bench.names import LOGIN, PASSWORD
from bench.table import Row

MESSAGES, ROUNDS, WARM_UP = 2000, 12, 3
ASKED = ("/web/dataset/", "/mail/")
#: the end of werkzeug's line: queries, seconds in them, seconds besides
TOLD = re.compile(r'"POST ([^ "]+) HTTP[^"]*" 200 - (\d+) ([\d.]+) ([\d.]+)')


def run(lab):
    with lab.database("form") as database:
        tickets = lab.inside(database, "form_inside", "prepare", messages=MESSAGES)
        options = ("--workers=0", "--max-cron-threads=0", "--log-level=info")
        with lab.web(database, *options) as (web, port, _gevent):
            base = f"http://127.0.0.1:{port}"
            cookie = soak_agent.sign_in(base, database, LOGIN, PASSWORD)
            with chrome.page() as page:
                social, plain = (_requests(page, base, cookie, one) for one in tickets)
            alone = [one for one in social if not one[0].startswith("/mail/")]
            opened = {"all": social, "alone": alone, "plain": plain}
            spent = {name: [] for name in opened}
            queries = {}
            for turn in range(WARM_UP + ROUNDS):
                for name, requests in opened.items():
                    queries[name], seconds = _replay(web, base, cookie, requests)
                    if turn >= WARM_UP:
                        spent[name].append(seconds)
    rows = []
    for name, label in (
        ("alone", "a ticket with 2,000 social messages, its Social page"),
        ("all", "the same with the chatter beside it"),
    ):
        rows += [
            Row(
                f"{label}: queries",
                f"{queries[name]} in {len(opened[name])} requests",
                f"2,000 chatter messages: {queries['plain']} in {len(plain)}",
                f"{queries[name] / queries['plain']:.2f} ×",
                "≤ 1 ×",
                queries[name] <= queries["plain"],
            ),
            Row(
                f"{label}: time",
                _told(spent[name]),
                f"2,000 chatter messages: {_told(spent['plain'])}",
                f"{_median(spent[name]) / _median(spent['plain']):.2f} ×",
                "≤ 1 ×",
                _median(spent[name]) <= _median(spent["plain"]),
            ),
        ]
    return rows


def _median(seconds):
    return statistics.median(seconds)


def _told(seconds):
    best, middle = min(seconds) * 1000, _median(seconds) * 1000
    return f"{best:.0f} ms (median {middle:.0f})"


def _requests(page, base, cookie, ticket):
    """The requests of the form: [(path, body)]."""
    name, _equals, value = cookie.partition("=")
    page("Network.enable", maxPostDataSize=10**6)
    page("Network.setCookie", name=name, value=value, url=base)
    found = []
    # the first visit loads the web client; what counts is the form alone
    for _visit in range(2):
        page("Page.navigate", url=f"{base}/odoo/helpdesk.ticket/{ticket}")
        page.wait_for("!!document.querySelector('.o_form_view .o-mail-Chatter')")
        page.wait_for("document.readyState === 'complete'")
        page.listen(3)
        found = [
            (event["params"]["request"]["url"], event["params"]["request"])
            for event in page.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        page.events.clear()
    asked = []
    for url, request in found:
        path = url.removeprefix(base)
        body = request.get("postData")
        if request["method"] == "POST" and path.startswith(ASKED) and body:
            if _is_of_the_form(path, body):
                asked.append((path, body))
    if not any("web_read" in path for path, _body in asked):
        raise AssertionError(f"the form was not read: {[path for path, _b in asked]}")
    return asked


def _is_of_the_form(path, body):
    """The ticket's own data: not menus, views, filters and the like."""
    if path.startswith("/mail/"):
        return "helpdesk.ticket" in body
    return bool(re.search(r"/call_kw/(helpdesk|mail)\.[\w.]+/(?!get_views)", path))


def _replay(web, base, cookie, requests):
    """(queries, seconds) of the requests, by the server's own account."""
    start = web.log.stat().st_size
    for path, body in requests:
        request = urllib.request.Request(
            base + path,
            body.encode(),
            {"Content-Type": "application/json", "Cookie": cookie},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = json.loads(answer.read())
        if "error" in told:
            raise AssertionError(f"{path}: {told['error']['data']['message']}")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with open(web.log, "rb") as log:
            log.seek(start)
            lines = TOLD.findall(log.read().decode(errors="replace"))
        if len(lines) >= len(requests):
            break
        time.sleep(0.05)
    if len(lines) != len(requests):
        raise AssertionError(f"{len(lines)} of {len(requests)} requests in the log")
    return (
        sum(int(number) for _path, number, _sql, _rest in lines),
        sum(float(sql) + float(rest) for _path, _number, sql, rest in lines),
    )
