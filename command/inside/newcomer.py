"""What a newcomer does on a bare system: up, front page, log-in, stop."""

import http.cookiejar
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request


def clinic(*words):
    """Run the command; the trial ends when it fails."""
    print("$ ./clinic", *words, flush=True)
    subprocess.run(["./clinic", *words], check=True)


def visit(opener, url, **form):
    """Open a page, with a form when one is given; what it says."""
    data = urllib.parse.urlencode(form).encode() if form else None
    with opener.open(url, data, timeout=120) as answer:
        print(answer.status, answer.url, flush=True)
        if answer.status != 200:
            sys.exit(f"{url} answers {answer.status}")
        return answer.url, answer.read().decode()


def main():
    """Up, look at the pages, log in, stop."""
    clinic("up", "--detach")
    site = f"http://127.0.0.1:{os.environ['CLINIC_PORT']}"
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(cookies)
    visit(opener, f"{site}/")
    _url, page = visit(opener, f"{site}/web/login")
    token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page)[1]
    form = {"login": "receptionist", "password": "receptionist", "csrf_token": token}
    url, page = visit(opener, f"{site}/web/login", **form)
    if "/web/login" in url or "odoo.__session_info__" not in page:
        sys.exit(f"the receptionist could not log in: {url}")
    clinic("stop")
    try:
        opener.open(site, timeout=5)
    except OSError:
        return
    sys.exit("the site answers although it was stopped")


if __name__ == "__main__":
    main()
