"""The private page: for people whose network has no private messages.

Its address is posted in public and worth nothing. It stays closed until the invited
identity says, on its own network, the code that this very browser shows; then this
browser, and no other, sees one private conversation: no ticket, no number, no title, no
other message. What is written here is journalled like a network's delivery. Nothing of
Odoo's session counts here: being logged in opens nothing.
"""

import json
import secrets

from werkzeug.exceptions import RequestEntityTooLarge

from odoo import http
from odoo.http import request
from odoo.tools import consteq
from odoo.tools.misc import hmac

from ..models.helpdesk_social_handoff import digest
from ..models.helpdesk_social_handoff_files import MAX_FILES, MAX_SIZE
from ..models.helpdesk_ticket_handoff_ways import PAGE_ADDRESS

ADDRESS = f"{PAGE_ADDRESS}/<string:token>"
COOKIE = "helpdesk_social_private"
#: what a browser keeps between visits: as long as the longest invitation
COOKIE_LIFE = 90 * 24 * 3600
#: bytes of a form: the longest message in the widest script, escaped, and the rest
MAX_FORM = 64 * 1024
SCOPE = "helpdesk_social.private_page.form"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
    "script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
OPTIONS = {"type": "http", "auth": "public", "save_session": False}
#: a form with files: no more is read from the line
MAX_SAY = MAX_FORM + MAX_FILES * MAX_SIZE
POSTS = {**OPTIONS, "methods": ["POST"], "csrf": False, "max_content_length": MAX_FORM}


class PrivatePage(http.Controller):
    # --- what a browser asks ----------------------------------------------------
    @http.route(ADDRESS, methods=["GET"], **OPTIONS)
    def page(self, token, **_query):
        """The page, open or closed. It makes nothing: link previews come here too."""
        return self._page(token)

    @http.route(f"{ADDRESS}/state", methods=["GET"], **OPTIONS)
    def state(self, token, **_query):
        """Whether there is something new to show; no words."""
        handoff, browser, _secret, _code = self._who(token)
        told = {"open": browser._is_in(), "count": 0}
        if told["open"]:
            told["count"] = len(handoff._page_lines())
        return self._headed(
            request.make_response(
                json.dumps(told), [("Content-Type", "application/json")]
            )
        )

    @http.route(f"{ADDRESS}/logo", methods=["GET"], **OPTIONS)
    def logo(self, token, **_query):
        """The company's logo, which is on every invoice of theirs."""
        handoff = self._handoff(token)
        company = handoff.company_id
        if not company.logo_web:
            return self._gone()
        stream = request.env["ir.binary"]._get_image_stream_from(company, "logo_web")
        return self._headed(stream.get_response())

    @http.route(f"{ADDRESS}/ask", **POSTS)
    def ask(self, token, **form):
        """A code for this browser, and for no other."""
        handoff, browser, secret, _code = self._who(token)
        if not handoff:
            return self._gone()
        if not self._genuine(token, secret, form) or browser._is_in():
            return self._back(token)
        address = request.httprequest.remote_addr
        # a secret that somebody else may have put into this browser ends here
        secret = secrets.token_urlsafe(32)
        code = self._browsers()._ask(handoff, secret, address)
        if not code:
            return self._page(token, refused=True)
        return self._back(token, secret, code)

    @http.route(f"{ADDRESS}/say", **{**POSTS, "max_content_length": MAX_SAY})
    def say(self, token, **form):
        """A message of the person; journalled, and shown as being on its way."""
        if sum(len(str(one)) for one in form.values()) > MAX_FORM:
            # what is larger than a form without files must be files
            raise RequestEntityTooLarge()
        handoff, browser, secret, _code = self._who(token)
        if not handoff:
            return self._gone()
        if not browser._is_in() or not self._genuine(token, secret, form):
            return self._back(token)
        text, files = str(form.get("text") or "").strip(), self._files()
        if not text and not files:
            return self._back(token)
        wrong = handoff._page_refuses(text) or handoff._page_refuses_files(files)
        if not wrong and not browser._may_say():
            wrong = "often"
        if wrong:
            return self._page(token, wrong=wrong, text=text[:MAX_FORM])
        handoff._page_says(text, f"{secret}{form.get('once') or ''}", files)
        return self._back(token)

    @staticmethod
    def _files():
        """[(name, bytes)] of the form; of one too large only so much as tells so."""
        chosen = request.httprequest.files.getlist("files")[: MAX_FILES + 1]
        return [
            (one.filename, one.read(MAX_SIZE + 1)) for one in chosen if one.filename
        ]

    @http.route(f"{ADDRESS}/file/<int:message>/<int:file>", methods=["GET"], **OPTIONS)
    def file(self, token, message, file, **_query):
        """A file of the conversation, for a browser that was let in; as a download."""
        handoff, browser, _secret, _code = self._who(token)
        found = browser._is_in() and handoff._page_file(message, file)
        if not found:
            return self._gone()
        stream = request.env["ir.binary"]._get_stream_from(found)
        return self._headed(stream.get_response(as_attachment=True))

    @http.route(f"{ADDRESS}/leave", **POSTS)
    def leave(self, token, **form):
        """This browser closes the page for itself."""
        _handoff, browser, secret, _code = self._who(token)
        if browser and self._genuine(token, secret, form):
            browser._leave()
            response = self._back(token)
            self._keep(response, token, "", max_age=0)
            return response
        return self._back(token)

    # --- who it is ----------------------------------------------------------------
    @staticmethod
    def _handoff(token):
        # sudo: helpdesk.social.handoff - found by its secret address; what is shown of
        # it is decided here
        return request.env["helpdesk.social.handoff"].sudo()._page_of(token)

    @staticmethod
    def _browsers():
        # sudo: helpdesk.social.handoff.browser - found by the secret of its cookie
        return request.env["helpdesk.social.handoff.browser"].sudo()

    def _who(self, token):
        """(invitation, browser, its secret, the code it shows); each may be empty."""
        handoff = self._handoff(token)
        kept = request.httprequest.cookies.get(self._cookie(token)[0]) or ""
        secret, _dot, code = kept.partition(".")
        secret = secret if len(secret) == 43 else ""
        return handoff, self._browsers()._of(handoff, secret), secret, code

    @staticmethod
    def _form_token(token, secret):
        return hmac(request.env(su=True), SCOPE, (token, secret))

    def _genuine(self, token, secret, form):
        """Was the form on a page that this browser got from us?"""
        given = str(form.get("form") or "")
        return bool(secret) and consteq(
            given.encode("utf-8", "replace"),
            self._form_token(token, secret).encode(),
        )

    # --- what it gets -------------------------------------------------------------
    def _page(self, token, refused=False, wrong="", text=""):
        handoff, browser, secret, code = self._who(token)
        if not handoff:
            return self._gone()
        fresh = not secret
        secret = secret or secrets.token_urlsafe(32)
        request.update_context(lang=self._language())
        is_in = browser._is_in()
        code = "" if is_in else browser._still_shows(code)
        response = request.render(
            "helpdesk_social.private_page",
            {
                **handoff._page_look(),
                "address": self._path(token),
                "form": self._form_token(token, secret),
                "once": secrets.token_urlsafe(12),
                "is_in": is_in,
                "code": code,
                "lines": handoff._page_lines() if is_in else [],
                "refused": refused,
                "wrong": wrong,
                "takes_files": is_in and handoff._page_takes_files(),
                "most_bytes": MAX_SIZE,
                "text": text,
                "language": request.env.lang.replace("_", "-"),
                "right_to_left": request.env["res.lang"]
                ._get_data(code=request.env.lang)
                .direction
                == "rtl",
            },
        )
        if refused:
            response.status_code = 429
        if fresh:
            self._keep(response, token, secret)
        return self._headed(response)

    def _back(self, token, secret="", code=""):
        """To the page by GET, so that reloading sends nothing twice."""
        response = request.redirect(self._path(token), code=303)
        if code:
            self._keep(response, token, f"{secret}.{code}")
        return self._headed(response)

    def _keep(self, response, token, value, max_age=COOKIE_LIFE):
        name, path = self._cookie(token)
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            path=path,
            httponly=True,
            # strict would hide it from whoever follows the link in the network's app
            samesite="Lax",
            secure=name.startswith("__Host-"),
        )

    def _cookie(self, token):
        """(name, path) of the page's cookie.

        Where the line is encrypted, a name that browsers take from this very host only:
        another site below the same domain could otherwise plant a code of its own. Such
        a cookie is for the whole host; the name keeps pages apart.
        """
        if request.httprequest.scheme == "https":
            return f"__Host-{COOKIE}_{digest(token)[:16]}", "/"
        return COOKIE, self._path(token)

    @staticmethod
    def _path(token):
        return f"{PAGE_ADDRESS}/{token}"

    def _gone(self):
        """The same for what never was and for what has ended."""
        request.update_context(lang=self._language())
        response = request.render(
            "helpdesk_social.private_page_gone",
            {"language": request.env.lang.replace("_", "-")},
        )
        response.status_code = 404
        return self._headed(response)

    @staticmethod
    def _headed(response):
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    @staticmethod
    def _language():
        """The installed language that the browser likes best."""
        # sudo: res.lang - which languages there are
        installed = [
            code for code, _name in request.env["res.lang"].sudo().get_installed()
        ]
        for wanted in request.httprequest.accept_languages.values():
            wanted = wanted.replace("-", "_").lower()
            for fits in (
                lambda one, like=wanted: one.lower() == like,
                lambda one, like=wanted: (
                    one.partition("_")[0] == like.partition("_")[0]
                ),
            ):
                found = [one for one in installed if fits(one)]
                if found:
                    return found[0]
        return request.env.lang or installed[0]
