"""What pages share: options of their routes, headers, answers."""

from odoo.http import request

#: Options of the routes of pages that somebody sees after a log-in.
PAGE = {"type": "http", "auth": "user", "website": True, "sitemap": False}
SEEN = PAGE | {"methods": ["GET"], "readonly": True}
SENT = PAGE | {"methods": ["POST"]}
#: Reading health data is logged, hence not read-only.
LOOKED_AT = PAGE | {"methods": ["GET"]}

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # Nothing from elsewhere: what somebody reads is nobody else's business. Odoo's
    # templates need inline styles and compiled scripts.
    "Content-Security-Policy": "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'",
}


def secure(response):
    """Add the headers of pages that show or carry personal data."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def page(template, values, status=200):
    """Render a page with those headers.

    Rendered at once: an error shows here and not while the answer is sent.

    :param str template: external id
    :param dict values: what it shows
    :param int status: of HTTP
    """
    response = request.render(template, values)
    response.flatten()
    response.status_code = status
    return secure(response)


def redirect(url):
    """Go on with a page after a form (303), so that reloading repeats nothing."""
    return secure(request.redirect(url, code=303))
