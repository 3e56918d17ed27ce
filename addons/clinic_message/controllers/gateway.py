import logging
import re

from psycopg2 import errors
from werkzeug.exceptions import HTTPException

from odoo import SUPERUSER_ID, http
from odoo.http import request

from odoo.addons.clinic_base.lib.visitor_network import network

from ..lib.http_sms import NotUnderstood
from ..lib.webhook import Forged, Request

_logger = logging.getLogger(__name__)

#: The largest report that is read.
LARGEST = 10 * 1024 * 1024
SECRET = re.compile(r"[\w-]{20,64}", re.ASCII)
#: Wrong addresses, signatures and texts of one visitor within ten minutes.
WRONG = 60


class GatewayController(http.Controller):
    """Where providers report what became of messages, and what people answered.

    The address holds a secret of 192 bits that leads to one provider of one company:
    what comes there changes messages of this provider only. The request keeps what it
    hears and waits for no sender; a scheduled action takes it in.
    """

    @http.route(
        "/clinic/gateway/<string:secret>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
        max_content_length=LARGEST,
    )
    def hear(self, secret, **_parameters):
        """Answer quickly: 2xx taken, 400 not understood, 403 forged, 404 unknown."""
        httprequest = request.httprequest
        provider = self._gateway_provider(secret)
        if not provider:
            return self._gateway_refuse(404)
        if not provider._may_report():
            return self._gateway_answer(429, {"Retry-After": "30"})
        # A body that is too large ends here with 413, by werkzeug.
        heard = Request(
            httprequest.method,
            dict(httprequest.headers),
            dict(httprequest.args),
            httprequest.get_data(),
            httprequest.content_type or "",
        )
        try:
            _count, words = provider._hear_webhook(heard)
        except Forged:
            return self._gateway_refuse(403)
        except NotUnderstood:
            return self._gateway_refuse(400)
        except (HTTPException, errors.OperationalError):
            # A race of two workers: Odoo tries the request once more.
            raise
        except Exception as error:  # pylint: disable=broad-except
            # Of the error only its kind: its text may hold what somebody wrote.
            _logger.warning(
                "Report for provider %s not taken in: %s",
                provider.id,
                type(error).__name__,
            )
            request.env.cr.rollback()
            return self._gateway_answer(400)
        return self._gateway_answer(200, words=words)

    def _gateway_provider(self, secret):
        """The provider an address leads to, in the name of its own company."""
        if not SECRET.fullmatch(secret):
            return None
        env = request.env(user=SUPERUSER_ID)
        # What was sent before a provider was switched off is still reported.
        providers = env["clinic.message.provider"].with_context(active_test=False)
        provider = providers.search([("secret_path", "=", secret)], limit=1)
        company = provider.company_id or env["res.company"].search([], limit=1)
        return provider.with_company(company).with_context(
            allowed_company_ids=company.ids, active_test=True
        )

    def _gateway_refuse(self, status):
        """Say no; who tries often is told to wait, whatever the address."""
        visitor = network(request.httprequest.remote_addr)
        # sudo: clinic.rate.limit - counts for everybody
        limits = request.env["clinic.rate.limit"].sudo()
        if not limits._hit(f"gateway:{visitor}", WRONG, 600):
            return self._gateway_answer(429, {"Retry-After": "600"})
        return self._gateway_answer(status)

    def _gateway_answer(self, status, headers=None, words=""):
        headers = {"Content-Type": "text/plain; charset=utf-8", **(headers or {})}
        return request.make_response(words or "", list(headers.items()), status=status)
