"""Deliveries per second: our webhook, the barest route there can be, and OCA's.

One Odoo with two workers serves all three; eight senders in another process take
turns between them. The database is durable and every answer comes after its commit.
"""

import json
import statistics
import subprocess
import sys

from bench.lab import BENCH
from bench.table import Row, at_least, broken, ms
from devkit import console, paths, venv

DELIVERIES, ROUNDS = 400, 3
BARE = "bench_bare"
#: OCA's addons and what the Telegram one asks for, as of November 2026
GATEWAY = """\
odoo-addon-mail-gateway==19.0.1.1.0
odoo-addon-mail-gateway-telegram==19.0.1.0.0.3
python-telegram-bot==22.5
httpx==0.28.1
httpcore==1.0.9
h11==0.16.0
anyio==4.11.0
sniffio==1.3.1
lottie==0.7.2
cairosvg==2.8.2
"""
#: a throw-away addon; it is written into the work folder and never part of ours
BARE_FILES = {
    "__manifest__.py": "{'name': 'Bench', 'depends': ['web'], 'license': 'AGPL-3',"
    " 'author': 'Bench', 'version': '19.0.1.0.0'}\n",
    "__init__.py": """\
from odoo import fields, http, models
from odoo.http import request


class Bare(models.Model):
    _name = "bench.bare"
    _description = "Bench"
    _log_access = False

    body = fields.Text()


class Route(http.Controller):
    @http.route("/bench_bare", type="http", auth="public", methods=["POST"],
                csrf=False, save_session=False)
    def bare(self, **_form):
        raw = request.httprequest.get_data()
        request.env["bench.bare"].sudo().create({"body": raw.decode()})
        return request.make_response(b"")
""",
}


def run(lab):
    folder = _bare_addon()
    libraries, why_not = _gateway_addons()
    addons = [folder, *([libraries / "odoo" / "addons"] if libraries else [])]
    with lab.database("webhook") as database:
        lab.server.addons += addons
        lab.server.libraries = (libraries,) if libraries else ()
        try:
            why_not = why_not or _install(lab, database)
            return _measure(lab, database, why_not)
        finally:
            del lab.server.addons[-len(addons) :]
            lab.server.libraries = ()


def _measure(lab, database, why_not):
    routes = {"bare": {"path": "/bench_bare", "secret": "none"}}
    routes["ours"] = lab.inside(database, "webhook_inside", "prepare")
    if not why_not:
        routes["gateway"] = lab.inside(database, "webhook_inside", "prepare_gateway")
    rates = {name: [] for name in routes}
    seconds = {name: [] for name in routes}
    before = lab.inside(database, "webhook_inside", "stored")
    crowds = [
        lab.inside(
            database, "webhook_inside", "updates", prefix=f"w{turn}", count=DELIVERIES
        )
        for turn in range(ROUNDS)
    ]
    options = ("--workers=2", "--max-cron-threads=0", "--log-level=warn")
    with lab.web(database, *options) as (_web, port, _gevent):
        for route in routes.values():
            _send(port, route, [{"update_id": 1}] * 16)  # both workers load
        warm = lab.inside(database, "webhook_inside", "stored")
        for crowd in crowds:
            for name, route in routes.items():
                told = _send(port, route, crowd)
                if told["statuses"] != {"200": DELIVERIES}:
                    raise AssertionError(f"{name}: {told['statuses']}")
                rates[name].append(DELIVERIES / told["spent"])
                seconds[name] += told["seconds"]
    after = lab.inside(database, "webhook_inside", "stored")
    for name in routes:
        found = after[name] - warm[name]
        if found != DELIVERIES * ROUNDS:
            raise AssertionError(f"{name}: {found} stored (before: {before[name]})")
    rows = [
        Row(
            "webhook, journalled and committed",
            _told(rates["ours"], seconds["ours"]),
            f"bare route, one row: {_told(rates['bare'], seconds['bare'])}",
            **at_least(max(rates["ours"]) / max(rates["bare"]), 0.7),
        )
    ]
    label = "webhook beside OCA's mail_gateway_telegram"
    if why_not:
        rows.append(broken(label, why_not))
    else:
        ratio = max(rates["ours"]) / max(rates["gateway"])
        rows.append(
            Row(
                label,
                _told(rates["ours"], seconds["ours"]),
                f"OCA, which works in the request: "
                f"{_told(rates['gateway'], seconds['gateway'])}",
                f"{ratio:.2f} ×",
            )
        )
    return rows


def _told(rates, seconds):
    return f"{max(rates):.0f}/s (median {statistics.median(rates):.0f}), {ms(seconds)}"


def _send(port, route, bodies):
    job = {
        "url": f"http://127.0.0.1:{port}{route['path']}",
        "headers": {"X-Telegram-Bot-Api-Secret-Token": route["secret"]},
        "bodies": bodies,
    }
    done = subprocess.run(
        [sys.executable, BENCH / "senders.py"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        raise console.Failure(f"senders: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


# --- addons for the measurement only ----------------------------------------------
def _bare_addon():
    folder = paths.work_dir("bench-addons", BARE)
    for name, text in BARE_FILES.items():
        (folder / name).write_text(text)
    return folder.parent


def _gateway_addons():
    """(folder with OCA's addons and what they import, why there is none)."""
    target = paths.cache("bench", paths.digest(GATEWAY))
    with paths.cache_lock("bench"):
        if not target.exists():
            pins = paths.work_dir("run") / "bench-gateway.txt"
            pins.write_text(GATEWAY)
            try:
                with (
                    console.step("downloading OCA's Telegram gateway"),
                    paths.appearing(target) as draft,
                ):
                    venv.install(draft, pins)
            except console.Failure as error:
                return None, f"it could not be downloaded: {error}"
    return target, ""


def _install(lab, database):
    """Install the addons; why OCA's could not be, if so."""
    log = paths.work_dir("logs") / "bench-webhook-install.log"
    lab.server.install(database, [BARE], log=log)
    if not lab.server.libraries:
        return ""
    try:
        lab.server.install(database, ["mail_gateway_telegram"], log=log)
    except console.Failure as error:
        return f"it does not install: {error}"
    return ""
