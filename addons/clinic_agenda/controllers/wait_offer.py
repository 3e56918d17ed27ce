from odoo import http

from . import common
from .signed_link import SignedLinkPages


class WaitOfferController(SignedLinkPages, http.Controller):
    """The link in the offer of a free time."""

    link_model = "clinic.wait.offer"
    link_template = "clinic_agenda.wait_offer_page"

    def _link_values(self, record):
        return {
            "offer": record,
            "is_open": record._is_open(),
            "until": record.location_id._speak_hour(record.expires_at),
            "visit": record.wait_id.booked_id if record.state == "accepted" else None,
        }

    @http.route("/clinic/wait/<string:token>", **common.SHOWN)
    def wait_offer(self, token, **_unknown):
        """The offered time and two buttons."""
        return self._signed_page(token, self._signed(token)[0])

    @http.route("/clinic/wait/<string:token>/accept", **common.SENT)
    def wait_offer_accept(self, token, **_unknown):
        """Book the time, or say that it is gone."""
        return self._signed_answer(
            token, lambda offer, person: offer._accept(person, "website")
        )

    @http.route("/clinic/wait/<string:token>/decline", **common.SENT)
    def wait_offer_decline(self, token, **_unknown):
        """Say no; the next one is asked."""
        return self._signed_answer(token, lambda offer, _person: offer._decline())
