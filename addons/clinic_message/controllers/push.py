from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import file_open

from odoo.addons.portal.controllers.portal import CustomerPortal

#: Registrations of one person in an hour.
MOST_AN_HOUR = 20


class PushPortal(CustomerPortal):
    """Pushes in the patient's browser: a worker of its own below /my/push."""

    @http.route(
        "/my/push/worker.js",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        multilang=False,
        sitemap=False,
        readonly=True,
    )
    def push_worker(self, **_unknown):
        """The worker that shows what is pushed; it keeps nothing."""
        with file_open("clinic_message/static/src/push/worker.js") as script:
            text = script.read()
        return request.make_response(
            text,
            headers=[
                ("Content-Type", "text/javascript"),
                ("Service-Worker-Allowed", "/my/push"),
                ("Cache-Control", "no-cache"),
            ],
        )

    @http.route("/my/push/key", type="jsonrpc", auth="user", website=True)
    def push_key(self, **_unknown):
        """The clinic's public key, and whether pushes are offered at all."""
        # sudo: clinic.message.provider - whether there is one
        provider = (
            request.env["clinic.message.provider"]
            .sudo()
            .search([("channel", "=", "push")], limit=1)
        )
        if not provider:
            return {}
        return {"key": request.env["clinic.push.device"]._public_key()}

    @http.route("/my/push", type="jsonrpc", auth="user", website=True)
    def push_register(self, endpoint="", p256dh="", auth="", **_unknown):
        """Switch pushes on in this browser, for who is logged in."""
        partner = request.env.user.partner_id
        # sudo: clinic.rate.limit - counts for everybody
        limits = request.env["clinic.rate.limit"].sudo()
        if not limits._hit(f"push:{partner.id}", MOST_AN_HOUR, 3600):
            return {"error": request.env._("Too many tries: wait an hour.")}
        if not all(isinstance(word, str) for word in (endpoint, p256dh, auth)):
            return {"error": request.env._("Your browser sent no keys: try again.")}
        # sudo: clinic.push.device - a person's own browser
        devices = request.env["clinic.push.device"].sudo()
        try:
            with request.env.cr.savepoint():
                devices._add_device(partner, endpoint, p256dh, auth)
        except UserError as refusal:
            return {"error": str(refusal)}
        return {"done": True}

    @http.route("/my/push/off", type="jsonrpc", auth="user", website=True)
    def push_off(self, endpoint="", **_unknown):
        """Switch pushes off in this browser."""
        # sudo: clinic.push.device - of the own ones only
        devices = request.env["clinic.push.device"].sudo()
        devices.search(
            [
                ("endpoint", "=", str(endpoint)),
                ("partner_id", "=", request.env.user.partner_id.id),
            ]
        ).unlink()
        return {"done": True}
