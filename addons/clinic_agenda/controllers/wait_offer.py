from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from . import common


class WaitOfferController(http.Controller):
    """The link in the offer of a free time: seeing by GET, answering by POST only,
    because mail scanners follow links."""

    def _offer_of(self, token):
        """The offer of a link in sudo, and who answers.

        :raises NotFound: for anything odd, always the same
        """
        offer, person = request.env["clinic.wait.offer"]._by_token(token)
        if not offer:
            raise request.not_found()
        return offer, person

    def _offer_page(self, token, offer, status=200, error=None):
        visit = offer.wait_id.booked_id if offer.state == "accepted" else None
        values = {
            "offer": offer,
            "url": f"/clinic/wait/{token}",
            "is_open": offer._is_open(),
            "error": error,
            "until": offer.location_id._speak_hour(offer.expires_at),
            "visit": visit,
        }
        return common.page("clinic_agenda.wait_offer_page", values, status)

    @http.route("/clinic/wait/<string:token>", **common.SHOWN)
    def wait_offer(self, token, **_unknown):
        """The offered time and two buttons."""
        offer, _person = self._offer_of(token)
        return self._offer_page(token, offer)

    @http.route("/clinic/wait/<string:token>/accept", **common.SENT)
    def wait_offer_accept(self, token, **_unknown):
        """Book the time, or say that it is gone."""
        common.limit("form")
        offer, person = self._offer_of(token)
        try:
            with request.env.cr.savepoint():
                offer._accept(person, "website")
        except UserError as refusal:
            return self._offer_page(token, offer, 409, str(refusal))
        return common.redirect(f"/clinic/wait/{token}")

    @http.route("/clinic/wait/<string:token>/decline", **common.SENT)
    def wait_offer_decline(self, token, **_unknown):
        """Say no; the next one is asked."""
        common.limit("form")
        offer, _person = self._offer_of(token)
        try:
            offer._decline()
        except UserError as refusal:
            return self._offer_page(token, offer, 409, str(refusal))
        return common.redirect(f"/clinic/wait/{token}")
