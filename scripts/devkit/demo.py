"""The database of `make run`: made once, updated when the addon's code changed.

What state it is in is noted as a comment on the database itself, so a half-made one
is noticed and made anew. Must never touch any other database.
"""

import json
import os
from pathlib import Path

from . import bluesky_people, fediverse, paths
from .console import say, step

DATABASE = "helpdesk_social"
CONNECT = Path(__file__).with_name("connect_demo.py")
CONNECT_BLUESKY = Path(__file__).with_name("connect_bluesky.py")
CODE = (
    "controllers",
    "data",
    "demo",
    "i18n",
    "migrations",
    "models",
    "networks",
    "texts",
)
CODE += ("security", "static", "views", "wizards", "__init__.py", "__manifest__.py")
# What customers say once the account is connected: the first tickets.
POSTS = (
    ("jo", "@brand my order 4711 arrived with a broken lid. What now?", "public"),
    ("sam", "@brand do you also ship to Norway?", "public"),
    ("jo", "@brand here is my address, not for everybody: 12 High Street", "direct"),
)
POSTS_BLUESKY = (
    ("joan", "@brand the lamp I bought last week does not light any more. Help!"),
    ("sami", "@brand is there a shop of yours in Ghent?"),
)


def code_hash():
    """Changes when the addon does; tests and tooling do not count."""
    files = []
    for name in CODE:
        path = paths.ROOT / name
        files += [path] if path.is_file() else sorted(path.rglob("*"))
    known = [f for f in files if f.is_file() and "__pycache__" not in f.parts]
    return paths.digest(*[part for f in known for part in (f.name, f.read_bytes())])


def prepare(server):
    """Bring the database up to date with the code."""
    state, code = _state(server.cluster), code_hash()
    log = paths.work_dir("logs") / "install.log"
    if not state.get("code"):
        with step("creating the database with demo data (once, about a minute)"):
            server.drop(DATABASE)
            modules = (paths.ADDON, "crm")
            server.install(DATABASE, modules, "--with-demo", log=log)
        broken = server.cluster.sql("SELECT count(*) FROM ir_demo_failure", DATABASE)
        if broken != "0":
            say(f"  some demo data could not be loaded (log: {log})")
    elif state["code"] != code:
        with step("updating the addon in the database"):
            server.install(DATABASE, (), log=log, update=(paths.ADDON,))
    else:
        return
    _note(server.cluster, {**state, "code": code})


def live_at(server, url):
    """Tell the database its address, which is another one with every PORT.

    Odoo would note it when an admin logs in, and accounts that were connected under
    another address fall silent: that is what a copy of a database looks like.
    """
    sql = server.cluster.sql
    sql(
        f"UPDATE ir_config_parameter SET value = '{url}' WHERE key = 'web.base.url'",
        DATABASE,
    )
    sql(
        f"UPDATE helpdesk_social_account SET home_url = '{url}' "
        "WHERE home_url LIKE 'http://localhost:%'",
        DATABASE,
    )


def connect(server, network):
    """Make people to log in as and connect the brand's account; once per server."""
    state = _state(server.cluster)
    if state.get("fediverse") == network.url:
        return
    with step("connecting the brand's account"):
        env = {
            "HELPDESK_SOCIAL_SNAC_URL": network.url,
            "HELPDESK_SOCIAL_SNAC_TOKEN_BRAND": network.token("brand"),
        }
        code, output = server.script(DATABASE, CONNECT, env=env)
    if not _connected(code, output, CONNECT):
        return
    _note(server.cluster, {**state, "fediverse": network.url})
    for name, text, visibility in POSTS:
        network.post(name, text, visibility)


def connect_bluesky(server, network):
    """Connect the brand's account there; at each start, as all people there are new."""
    with step("connecting the brand's account on Bluesky"):
        code, output = server.script(
            DATABASE, CONNECT_BLUESKY, env=network.environment()
        )
    if _connected(code, output, CONNECT_BLUESKY):
        for name, text in POSTS_BLUESKY:
            bluesky_people.Person(network, name).post(text)


def _connected(code, output, script):
    if not code and "Traceback" not in output:
        return True
    told = output.strip().splitlines()[-1:]
    log = paths.work("logs", f"{script.stem}.log")
    say(f"  the brand's account is not connected: {' '.join(told)} (log: {log})")
    return False


def people(server):
    """People to log in to Odoo as; `connect` makes them, too."""
    state = _state(server.cluster)
    if not (state.get("fediverse") or state.get("people")):
        env = {"HELPDESK_SOCIAL_SNAC_URL": ""}
        if _connected(*server.script(DATABASE, CONNECT, env=env), CONNECT):
            _note(server.cluster, {**state, "people": True})


def network():
    """The demo's fediverse server, not started yet."""
    server = fediverse.Server(paths.work("fediverse"))
    if not server.complete:
        with step("creating a fediverse server"):
            server.create(int(os.environ.get("FEDIVERSE_PORT") or 0) or None)
    return server


def _state(cluster):
    if DATABASE not in cluster.databases():
        return {}
    comment = cluster.sql(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
        f"WHERE datname = '{DATABASE}'"
    )
    return json.loads(comment) if comment else {}


def _note(cluster, state):
    cluster.sql(f"COMMENT ON DATABASE \"{DATABASE}\" IS '{json.dumps(state)}'")
