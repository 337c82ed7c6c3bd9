"""Calls of LINE's API with the channel's token; no adapter yet. Fact sheet line §1."""

from . import base, errors
from .line_refusals import refusal
from .values import words


class LineLine(base.Adapter):
    """What asks and what speaks share."""

    def __init__(self, settings, transport, now, facts=None):
        super().__init__(settings, transport, now, facts)
        transport.classify = refusal

    def _setting(self, key: str) -> str:
        return words(self.settings.get(key)).strip()

    def _token(self) -> str:
        token = self._setting("access_token")
        if not token:
            raise errors.AuthError("token_expired", "no token yet")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise errors.AuthError("auth", "the token has the wrong form")
        return token

    def _ask(self, method, path, *, effect=False, headers=None, **kwargs):
        """The answer to a call with our token.

        :raises AuthError: ``token_expired``: a new one is to be had
        """
        try:
            return self.transport.request(
                method,
                path,
                headers={"Authorization": f"Bearer {self._token()}", **(headers or {})},
                effect=effect,
                **kwargs,
            )
        except errors.ScopeError:
            raise
        except errors.AuthError as error:
            raise errors.AuthError("token_expired", error.detail) from error

    def _call(self, method, path, *, effect=False, **kwargs) -> dict:
        """The JSON object of the answer."""
        response = self._ask(method, path, effect=effect, **kwargs)
        try:
            answer = response.json()
        except errors.MalformedResponse as error:
            answer, path = None, error.detail
        if isinstance(answer, dict):
            return answer
        # an answer nobody can read says nothing about what happened
        kind = errors.UncertainError if effect else errors.MalformedResponse
        raise kind("malformed", path)
