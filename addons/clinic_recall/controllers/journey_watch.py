from odoo import http
from odoo.http import request
from odoo.tools.misc import verify_hash_signed

from .patient_language import speak_to

NO_TRACE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class JourneyWatch(http.Controller):
    """The video of a journey, by a signed link; what was watched is counted.

    Reading the page or the file changes nothing: the page itself says how far it got.
    """

    def _journey_watch_target(self, token):
        """The entry and the step of a token, or nothing."""
        try:
            found = verify_hash_signed(
                request.env(su=True), "clinic.journey.watch", token
            )
        except ValueError:
            found = None
        # sudo: clinic.journey.entry - the signature is the right to watch
        entry = request.env["clinic.journey.entry"].sudo()
        node = request.env["clinic.journey.node"].sudo()
        if found:
            entry, node = (
                entry.browse(found[0]).exists(),
                node.browse(found[1]).exists(),
            )
        return (entry, node) if entry and node.video else (None, None)

    @http.route(
        "/clinic/watch/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        website=True,
    )
    def journey_watch(self, token, **_kwargs):
        """The page with the video."""
        entry, node = self._journey_watch_target(token)
        if not entry:
            raise request.not_found()
        speak_to(entry.patient_id)
        return request.render(
            "clinic_recall.journey_watch_page",
            {"token": token, "node": node, "clinic": entry.company_id},
            headers=NO_TRACE,
        )

    @http.route(
        "/clinic/watch/<string:token>/video",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def journey_watch_video(self, token, **_kwargs):
        """The file, in parts as the player asks for them."""
        _entry, node = self._journey_watch_target(token)
        if not node:
            raise request.not_found()
        stream = request.env["ir.binary"]._get_stream_from(
            node, "video", filename=node.video_name
        )
        return stream.get_response(as_attachment=False)

    @http.route(
        "/clinic/watch/<string:token>/seen",
        type="jsonrpc",
        auth="public",
        methods=["POST"],
    )
    def journey_watch_seen(self, token, percent=0):
        """The page says how far the video was watched."""
        entry, node = self._journey_watch_target(token)
        if entry and isinstance(percent, int):
            # sudo: clinic.journey.watch - written by who holds the link
            request.env["clinic.journey.watch"].sudo()._saw(entry, node, percent)
        return True
