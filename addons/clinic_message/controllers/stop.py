from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request
from odoo.tools.misc import verify_hash_signed


class MessageStop(http.Controller):
    """Where the link in a message leads: no more of these messages.

    Looking changes nothing: scanners of mails follow links. The press of a button, or
    the one-click request of a mail program (RFC 8058), does.
    """

    @http.route(
        "/clinic/stop/<token>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def stop_page(self, token, **_rest):
        """Ask whether to stop.

        :param str token: signed number of the message
        """
        message = self._message_of(token)
        return self._page(message, "ask")

    @http.route(
        "/clinic/stop/<token>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        website=True,
        sitemap=False,
    )
    def stop_done(self, token, **post):
        """Stop, or take it back; again changes nothing. The token is the right to it.

        :param str token: signed number of the message
        :param post: ``again`` to get the messages again
        """
        message = self._message_of(token)
        # sudo: clinic.message.optout - the signed link is the holder's
        listed = request.env["clinic.message.optout"].sudo()
        if post.get("again"):
            listed._start(message.address, message.channel)
            return self._page(message, "again")
        care = message.purpose == "care"
        listed._stop(
            message.address,
            message.channel if care else None,
            "care" if care else "marketing",
            "link",
            message.recipient_id,
        )
        return self._page(message, "done")

    def _message_of(self, token):
        """The message of a token; a wrong one is like a page that is not there."""
        try:
            # sudo: ir.config_parameter - the key of the signature
            number = verify_hash_signed(
                request.env(su=True), "clinic.message.stop", token
            )
        except (ValueError, UnicodeDecodeError):
            number = None
        if not isinstance(number, int):
            raise NotFound()
        # sudo: clinic.message - the signed number names this very message
        message = request.env["clinic.message"].sudo().browse(number).exists()
        if not message or not message.address:
            raise NotFound()
        return message

    def _page(self, message, stage):
        response = request.render(
            "clinic_message.stop_page",
            {
                "stage": stage,
                "company": message.company_id,
                "marketing": message.purpose != "care",
                "channel": dict(
                    message._fields["channel"]._description_selection(request.env)
                )[message.channel],
            },
        )
        # Rendered here, so that an error shows here and not while it is sent.
        response.flatten()
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response
