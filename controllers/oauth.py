"""Where the browser comes back to after signing in on a network.

Proves nothing by itself and reads no token: the account's model does both. Whatever
comes in the address is shown escaped, and never decides where the browser goes.
"""

from odoo import http
from odoo.http import request


class OAuth(http.Controller):
    @http.route(
        "/helpdesk_social/oauth/callback",
        type="http",
        auth="user",
        methods=["GET"],
        # a GET that stores tokens: the state is what protects it
        readonly=False,
    )
    def callback(self, **params):
        """Finish a sign-in; then the account's page, or a page that says why not."""
        accounts = request.env["helpdesk.social.account"]
        account, sentence = accounts._sign_in_returned(params)
        page = "/odoo/helpdesk-social-accounts"
        if account:
            page = f"{page}/{account.id}"
        if not sentence:
            return request.redirect(page)
        response = request.render(
            "helpdesk_social.sign_in_failed",
            {"sentence": sentence, "page": page, "account": account},
        )
        response.headers["Cache-Control"] = "no-store"
        return response
