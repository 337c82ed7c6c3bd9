"""Where networks deliver: prove it, journal it, wake a lane, answer.

No ticket, no traffic and no reading beyond ``split`` happens here. Any doubt about who
is knocking is answered without detail, and nothing of a delivery that was proved
genuine is ever lost: what cannot be read is recorded as a failed event.
"""

import base64
import hashlib
import logging

from psycopg2 import DatabaseError

from odoo import http
from odoo.http import request

from ..networks.errors import MalformedResponse
from ..networks.items import Ack, RawItem

_logger = logging.getLogger(__name__)

#: bytes of one delivery. Meta puts up to 1,000 changes into one, and up to 3 MB for
#: WhatsApp (fact sheet whatsapp §4); LINE and Telegram send far less. More would only
#: cost us memory, as anybody may send it before we can tell who it is
MAX_DELIVERY = 4 * 1024 * 1024
ADDRESS = "/helpdesk_social/webhook/<string:code>/<string:token>"


class Webhook(http.Controller):
    @http.route(
        ADDRESS,
        type="http",
        auth="public",
        methods=["GET"],
        csrf=False,
        save_session=False,
    )
    def handshake(self, code, token, **_query):
        """The network asks whether the address is ours."""
        _app, adapter, _account = self._door(code, token)
        try:
            answer = adapter and adapter.handshake(request.httprequest.args.to_dict())
        except Exception:
            # the border: a strange question must not end in a page of ours
            _logger.exception("webhook of %s: handshake failed", code)
            answer = None
        return self._answer(answer) if answer else self._refuse(404)

    @http.route(
        ADDRESS,
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_DELIVERY,
    )
    def deliver(self, code, token, **_form):
        """A delivery: answered with 200 only once it is stored."""
        app, adapter, account = self._door(code, token)
        if not adapter:
            return self._refuse(404)
        received = request.httprequest
        raw = received.get_data()
        if not self._is_genuine(app, adapter, received, raw):
            return self._refuse(403)
        # sudo: helpdesk.social.event - the journal is written for the network, which
        # has just proved itself
        events = request.env["helpdesk.social.event"].sudo()
        items, error = self._split(app, adapter, raw)
        try:
            mine = account if self._are_for(adapter, items) else None
            new = not error and events._journal(app, items, mine, "push")
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # an adapter gave what is no item; nothing reached the database yet
            _logger.exception("webhook of app %s: cannot journal", app.id)
            new, error = 0, "crash: not an item"
        if error:
            events._journal_unreadable(app, self._whole(raw), error)
        elif new:
            request.env["helpdesk.social.lanes"]._wake("process")
        return self._answer(self._acknowledgement(app, adapter, raw))

    # --- parts ----------------------------------------------------------------
    @staticmethod
    def _door(code, token):
        """(app, adapter, account) behind the address; nothing at all in doubt."""
        try:
            door = request.env["helpdesk.social.app"]._door(code, token)
        except DatabaseError:
            raise
        except Exception:
            # the border: an adapter that cannot be built lets nobody in
            _logger.exception("webhook of %s: no adapter", code)
            door = None
        return door or (None, None, None)

    @staticmethod
    def _is_genuine(app, adapter, received, raw):
        headers = {name.lower(): value for name, value in received.headers}
        try:
            return adapter.verify(headers, received.args.to_dict(), raw) is True
        except Exception:
            # the border: what a stranger sends may break a check, never pass it
            _logger.exception("webhook of app %s: check failed", app.id)
            return False

    @staticmethod
    def _split(app, adapter, raw):
        """(items, ""), or (nothing, what was wrong)."""
        try:
            return adapter.split(raw), ""
        except MalformedResponse as malformed:
            return [], str(malformed)
        except Exception as crash:
            # the border: a bug of an adapter must not lose what was delivered
            _logger.exception("webhook of app %s: cannot split a delivery", app.id)
            return [], f"crash: {type(crash).__name__}"

    @staticmethod
    def _are_for(adapter, items):
        """May all of it be for the one account of the app that we have? An app may be
        pushed what is said to accounts that nobody connected here."""
        own = adapter.facts.get("id")
        return not own or all(one.account in ("", own) for one in items)

    @staticmethod
    def _whole(raw):
        """The delivery as one item that holds every byte of it."""
        try:
            body = {"body": raw.decode()}
        except UnicodeDecodeError:
            body = {"body_base64": base64.b64encode(raw).decode()}
        return RawItem(key=f"unreadable:{hashlib.sha256(raw).hexdigest()}", data=body)

    @staticmethod
    def _acknowledgement(app, adapter, raw):
        try:
            return adapter.acknowledge(raw)
        except Exception:
            # the border: it is stored; asking for it again would be wrong
            _logger.exception("webhook of app %s: cannot acknowledge", app.id)
            return Ack()

    @staticmethod
    def _answer(ack):
        return request.make_response(ack.body, [("Content-Type", ack.mime)])

    @staticmethod
    def _refuse(status):
        """Nothing but a number: no page, no hint, and cheap to give."""
        return request.make_response(
            b"", [("Content-Type", "text/plain")], status=status
        )
