"""The only caller of ``requests``: one HTTP call, with limits, or a clear error.

Wall-clock deadline, no redirects, capped bodies, allow-listed hosts, the *connected*
address checked, secrets kept out of every error text, status turned into an error by
one table. It never retries, never sleeps and never looks at the meaning of a body.
"""

import json as jsonlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

import requests
from urllib3.exceptions import LocationParseError

from .connection import ForbiddenAddress, Guard, GuardedAdapter
from .errors import (
    AuthError,
    ConfigError,
    MalformedResponse,
    NetworkError,
    NotFoundError,
    RateLimited,
    RejectedError,
    TransientError,
    UncertainError,
)

_logger = logging.getLogger(__name__)

#: seconds a whole call may take, unless the caller says less; below the 120 s after
#: which Odoo kills a worker, with room for a second call in the same batch
DEADLINE = 20.0
#: bytes of an ordinary answer; media name their own cap
MAX_BODY = 8 * 1024 * 1024
_CHUNK = 64 * 1024
_MIN_SECRET = 6


@dataclass(frozen=True)
class Rate:
    """What the last answer said about our allowance."""

    limit: int | None
    remaining: int | None
    reset_at: datetime | None


@dataclass(frozen=True)
class Response:
    """An answer whose body has been read completely.

    ``redact`` takes our secrets out of what the body says, where its words get into
    an error: a server may well repeat what it was sent.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    redact: Callable[[str], str] = field(default=str, compare=False, repr=False)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self):
        """The decoded body.

        :raises MalformedResponse: it is not JSON (an HTML page, half a body …)
        """
        try:
            return jsonlib.loads(self.content)
        except (ValueError, RecursionError) as error:
            # cut after redacting: half a secret would not be known as one
            raise MalformedResponse("not_json", self.redact(self.text)[:120]) from error


# --- the transport ----------------------------------------------------------------
class Transport:
    """HTTP for one account.

    :param base_url: scheme, host and optional path prefix of the network
    :param hosts: further hosts that may be called (``*.example.org`` allowed)
    :param secrets: values that must never appear in an error or a log line
    :param allow_private: loopback and private addresses may be called (only the
        server's configuration file decides that)
    :param now: callable giving aware UTC, for relative rate headers
    :param classify: adapter's hook ``(response, effect) -> NetworkError | None``,
        asked before the common table
    """

    def __init__(
        self,
        base_url: str,
        *,
        hosts: Iterable[str] = (),
        secrets: Iterable[str] = (),
        allow_private: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        user_agent: str = "helpdesk_social",
        deadline: float = DEADLINE,
        rate_headers: tuple[str, str, str] | None = None,
    ):
        self.base_url = base_url.rstrip("/")
        self.hosts = tuple(hosts)
        self.secrets = tuple(sorted((s for s in secrets if s), key=len, reverse=True))
        self.allow_private = allow_private
        self.now = now
        self.user_agent = user_agent
        self.deadline = deadline
        self.rate_headers = rate_headers
        self.rate: Rate | None = None
        self.classify: Callable[[Response, bool], NetworkError | None] | None = None

    # --- public ---------------------------------------------------------------
    def request(
        self,
        method: str,
        url: str,
        *,
        query=None,
        json=None,
        form=None,
        files=None,
        headers: Mapping[str, str] | None = None,
        effect: bool = False,
        max_body: int = MAX_BODY,
        deadline: float | None = None,
        ok: tuple[int, ...] = (),
        hosts: Iterable[str] = (),
    ) -> Response:
        """Send one request and read the whole answer.

        :param url: a path under the base URL, or a full URL on an allowed host
        :param effect: the request changes something others can see, so that a
            lost answer is ``UncertainError`` instead of ``TransientError``
        :param ok: statuses besides 2xx that are answers, not errors
        :param hosts: hosts allowed for this call only: a file that the network
            itself keeps elsewhere; never to be given credentials
        """
        target = self._target(url, hosts)
        guard = Guard(self.allow_private)
        limit = deadline or self.deadline
        timer = threading.Timer(limit, guard.cut)
        timer.daemon = True
        session = requests.Session()
        session.trust_env = False  # no proxies, no .netrc: the guard sees the peer
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        adapter = GuardedAdapter(guard)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        started = time.monotonic()
        timer.start()
        try:
            with session.request(
                method,
                target,
                params=query,
                json=json,
                data=form,
                files=files,
                headers={"User-Agent": self.user_agent, **(headers or {})},
                timeout=limit,
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = self._read(answer, max_body)
                response = Response(
                    answer.status_code,
                    {key.lower(): value for key, value in answer.headers.items()},
                    content,
                    self.redact,
                )
        except NetworkError as error:
            if effect:
                # the head of an answer arrived: it took place
                raise UncertainError(error.code, error.detail) from error
            raise
        except (requests.RequestException, LocationParseError, OSError) as error:
            raise self._failure(error, guard, effect) from None
        finally:
            timer.cancel()
            session.close()
            guard.release()
        _logger.debug(
            "%s %s -> %s, %d bytes, %.3f s",
            method,
            self.redact(urlsplit(target).path),
            response.status,
            len(content),
            time.monotonic() - started,
        )
        self._note_rate(response)
        if not (200 <= response.status < 300 or response.status in ok):
            raise self._refusal(response, effect)
        return response

    def redact(self, text: str) -> str:
        """``text`` without any of our secrets, also in their URL-quoted form."""
        for secret in self.secrets:
            if len(secret) >= _MIN_SECRET:
                text = text.replace(secret, "***").replace(quote(secret, ""), "***")
        return text

    # --- parts ----------------------------------------------------------------
    def _target(self, url: str, hosts: Iterable[str] = ()) -> str:
        """The full URL, if we may call it."""
        full = url if "://" in url else f"{self.base_url}/{url.lstrip('/')}"
        parts, base = urlsplit(full), urlsplit(self.base_url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host:
            raise ConfigError("bad_url", self.redact(full))
        if parts.username or parts.password:
            raise ConfigError("bad_url", "credentials in a URL")
        same = (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
        if not same and not any(
            _host_matches(host, one) for one in (*self.hosts, *hosts)
        ):
            raise ConfigError("host_not_allowed", host)
        if parts.scheme == "http" and not self.allow_private:
            raise ConfigError("https_required", host)
        return full

    @staticmethod
    def _read(answer: requests.Response, max_body: int) -> bytes:
        announced = answer.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > max_body:
            raise MalformedResponse("too_large", announced)
        chunks, size = [], 0
        for chunk in answer.iter_content(_CHUNK):
            size += len(chunk)
            if size > max_body:
                raise MalformedResponse("too_large", f"more than {max_body}")
            chunks.append(chunk)
        content = b"".join(chunks)
        if announced.isdigit() and not answer.headers.get("content-encoding"):
            if len(content) < int(announced) and answer.request.method != "HEAD":
                raise requests.ConnectionError("body cut short")
        return content

    def _failure(self, error, guard: Guard, effect: bool) -> NetworkError:
        """An exception from below, as one of ours.

        Whether the request had left is what decides between "try again" and "ask".
        """
        detail = self.redact(str(error))
        if _caused_by(error, ForbiddenAddress):
            return ConfigError("address_not_allowed", "")
        if isinstance(error, requests.exceptions.SSLError) and not guard.sent:
            return ConfigError("tls", detail)
        if isinstance(error, requests.exceptions.InvalidURL | LocationParseError):
            return ConfigError("bad_url", detail)
        timed_out = guard.expired or isinstance(error, requests.Timeout)
        if guard.sent and effect:
            return UncertainError("timeout" if timed_out else "cut", detail)
        if guard.sent:
            return TransientError("timeout" if timed_out else "cut", detail)
        return TransientError("unreachable", detail)

    def _refusal(self, response: Response, effect: bool) -> NetworkError:
        if self.classify is not None:
            error = self.classify(response, effect)
            if error is not None:
                error.detail = self.redact(error.detail)
                return error
        return error_for_status(
            response.status,
            self.redact(response.text)[:500],
            effect=effect,
            retry_after=self.retry_after(response),
        )

    def retry_after(self, response: Response) -> float | None:
        """Seconds to wait, from ``Retry-After`` or the rate limit's reset."""
        value = response.headers.get("retry-after", "")
        seconds = _seconds(value)
        if seconds is not None:
            return seconds
        if value:
            try:
                until = parsedate_to_datetime(value)
                return max(0.0, (until - self.now()).total_seconds())
            except (ValueError, TypeError):
                _logger.debug("unreadable Retry-After")
        if response.status == 429 and self.rate and self.rate.reset_at:
            return max(0.0, (self.rate.reset_at - self.now()).total_seconds())
        return None

    def _note_rate(self, response: Response):
        if not self.rate_headers:
            return
        limit, remaining, reset = (
            response.headers.get(name.lower(), "") for name in self.rate_headers
        )
        if limit or remaining or reset:
            self.rate = Rate(_number(limit), _number(remaining), self._moment(reset))

    def _moment(self, value: str) -> datetime | None:
        """ISO 8601, epoch seconds or seconds from now: networks do all three."""
        try:
            number = float(value)
        except ValueError:
            try:
                moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError:
                return None
            return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        try:
            if number > 1e9:
                return datetime.fromtimestamp(number, timezone.utc)
            return self.now() + timedelta(seconds=number)
        except (OverflowError, ValueError, OSError):
            return None


def error_for_status(
    status: int, detail: str = "", *, effect: bool = False, retry_after=None
) -> NetworkError:
    """The one table from HTTP status to error.

    A 5xx after an effect says nothing about whether it took place.
    """
    if status == 401:
        return AuthError("auth", detail)
    if status in (404, 410):
        return NotFoundError("not_found", detail)
    if status == 429:
        return RateLimited("rate_limited", detail, retry_after=retry_after)
    if 300 <= status < 400:
        return MalformedResponse("redirect", detail)
    if status >= 500 or status == 408:
        if effect:
            return UncertainError(f"http_{status}", detail)
        return TransientError(f"http_{status}", detail, retry_after=retry_after)
    if status == 425:
        return TransientError("too_early", detail, retry_after=retry_after)
    if status == 403:
        return RejectedError("forbidden", detail)
    return RejectedError(f"http_{status}", detail)


def _host_matches(host: str, pattern: str) -> bool:
    pattern = pattern.lower()
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern


def _caused_by(error: BaseException, kind: type) -> bool:
    """Libraries wrap causes in ``__cause__``, ``reason`` or ``args``: look in all."""
    todo, seen = [error], set()
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            if isinstance(one, kind):
                return True
            seen.add(id(one))
            todo += [one.__cause__, one.__context__, getattr(one, "reason", None)]
            todo += one.args
    return False


def _seconds(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _number(value: str) -> int | None:
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return None
