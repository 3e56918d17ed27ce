from odoo import http
from odoo.http import request


class NoopController(http.Controller):
    """Routes of the three kinds the product has, without any work in them."""

    @http.route(
        "/bench/noop", type="http", auth="public", website=True, methods=["POST"]
    )
    def noop(self, **_values):
        """As a form of the website."""
        return request.make_json_response({})

    @http.route(
        "/bench/noop/public", type="jsonrpc", auth="public", website=True, readonly=True
    )
    def noop_public(self, **_values):
        """As a question of the website."""
        return {}

    @http.route("/bench/noop/user", type="jsonrpc", auth="user", readonly=True)
    def noop_user(self, **_values):
        """As a call of the web client."""
        return {}
