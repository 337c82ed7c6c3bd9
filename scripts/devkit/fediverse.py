"""A real fediverse server (snac2) on the loopback interface, with a few people on it.

Debian's package runs through the loader and libraries it was built for; nothing is
installed. The people's passwords are their names, which is only acceptable because
nobody else can reach it: it must never listen on anything but 127.0.0.1.
"""

import hashlib
import json
import re
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from . import downloads, paths, ports
from .console import Failure, step
from .processes import Process

PEOPLE = {
    "brand": "Brand support",
    "jo": "Jo Miller",
    "sam": "Sam Rivera",
    "kim": "Kim Okafor",
    "robo": "Weather robot",
}
#: who says of itself that it is a machine
BOTS = ("robo",)
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


def program():
    """The command that runs snac; fetched first if need be."""
    base = paths.cache("snac")
    with paths.cache_lock("snac"):
        known = sorted(base.glob("[0-9]*"), key=lambda path: path.stat().st_mtime)
        if not known:
            known = [_fetch(base)]
    root = known[-1] / "root"
    loader, libraries = downloads.loader(root)
    return [str(loader), "--library-path", str(libraries), str(root / "usr/bin/snac")]


def _fetch(base):
    with step("downloading the fediverse server (12 MB, once per user)"):
        sid, stable = downloads.Suite("sid"), downloads.Suite("trixie")
        target = base / sid.version("snac2")
        with paths.appearing(target) as draft:
            libraries = stable.closure("libc6", "libcurl4t64", "libssl3t64")
            downloads.unpack_root(stable, libraries, draft / "root")
            sid.unpack(["snac2"], draft / "root")
    return target


class Server:
    """One server with its data in a folder; the port is decided at its creation."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None
        self.program = program()

    @property
    def settings(self):
        return json.loads((self.folder / "server.json").read_text())

    @property
    def url(self):
        return f"http://{self.settings['host']}"

    def create(self, port=None):
        """Make the data folder anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        port = port or ports.free()
        self._snac(
            "init",
            self.folder,
            answers=["127.0.0.1", port, f"localhost:{port}", "", ""],
        )
        settings = self.settings
        settings.update(
            {
                "protocol": "http",
                "queue_retry_minutes": 1,
                "cssurls": [],
                "title": "A small fediverse server for trying things out",
            }
        )
        for name, display in PEOPLE.items():
            self._snac("adduser", self.folder, name, answers=[display])
            file = self.folder / "user" / name / "user.json"
            person = json.loads(file.read_text())
            person.update(name=display, passwd=_password(name, name))
            person["bot"] = name in BOTS
            file.write_text(json.dumps(person))
        # Written last: a folder without it was never finished.
        draft = self.folder / "server.json.draft"
        draft.write_text(json.dumps({**settings, "complete": True}))
        draft.rename(self.folder / "server.json")

    @property
    def complete(self):
        return (self.folder / "server.json").exists() and self.settings.get(
            "complete", False
        )

    def start(self):
        port = self.settings["port"]
        if ports.taken(port):
            raise Failure(
                f"port {port} of the fediverse server is in use; free it (`make stop` "
                "ends leftovers of this checkout) or start anew with `make clean`"
            )
        self.process = Process("fediverse", [*self.program, "httpd", self.folder])
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and self.process.running:
            if ports.taken(port):
                return
            time.sleep(0.1)
        raise Failure(
            f"the fediverse server did not start: {self.process.last_words()}"
        )

    def stop(self):
        if self.process:
            self.process.stop()

    def token(self, name):
        """An access token for a person, through OAuth as a real client would."""
        client = self._post(
            "/api/v1/apps",
            client_name="helpdesk_social",
            redirect_uris=OUT_OF_BAND,
            scopes="read write",
        )
        asked = urllib.parse.urlencode(
            {
                "client_id": client["client_id"],
                "redirect_uri": OUT_OF_BAND,
                "response_type": "code",
                "scope": "read write",
            }
        )
        with urllib.request.urlopen(
            f"{self.url}/oauth/authorize?{asked}", timeout=10
        ) as page:
            form = page.read().decode()
        fields = dict(
            re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        )
        fields.update(login=name, passwd=name)
        code = self._post("/oauth/x-snac-login", as_text=True, **fields).strip()
        granted = self._post(
            "/oauth/token",
            grant_type="authorization_code",
            code=code,
            client_id=client["client_id"],
            client_secret=client["client_secret"],
            redirect_uri=OUT_OF_BAND,
        )
        return granted["access_token"]

    def post(self, name, text, visibility="public", below=""):
        return self._post(
            "/api/v1/statuses",
            token=self.token(name),
            status=text,
            visibility=visibility,
            **({"in_reply_to_id": below} if below else {}),
        )

    def environment(self):
        """What the real-server tests need to know."""
        tokens = {
            f"HELPDESK_SOCIAL_SNAC_TOKEN_{n.upper()}": self.token(n) for n in PEOPLE
        }
        return {"HELPDESK_SOCIAL_SNAC_URL": self.url, **tokens}

    def _post(self, path, *, token=None, as_text=False, **fields):
        request = urllib.request.Request(
            self.url + path,
            urllib.parse.urlencode(fields).encode(),
            {"Authorization": f"Bearer {token}"} if token else {},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                body = answer.read().decode()
        except urllib.error.URLError as error:
            raise Failure(f"the fediverse server refused {path}: {error}") from error
        return body if as_text else json.loads(body)

    def _snac(self, *arguments, answers):
        done = subprocess.run(
            [*self.program, *map(str, arguments)],
            input="".join(f"{answer}\n" for answer in answers),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Failure(f"snac {arguments[0]} failed: {done.stderr.strip()}")


def _password(name, password):
    salt = secrets.token_hex(4)
    return f"{salt}:{hashlib.sha1(f'{salt}:{name}:{password}'.encode()).hexdigest()}"
