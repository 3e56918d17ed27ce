"""nginx's part of what the addons list in `secret_routes.txt`.

deploy/nginx.conf holds it between two marks; `./clinic lint --fix` writes it anew.
"""

import re
import sys

from . import place

BEGIN = "# -- made from the addons' secret_routes.txt --"
END = "# -- end of what is made --"
CONF = place.ROOT / "deploy" / "nginx.conf"


def routes():
    """Every route that an addon lists, in a fixed order."""
    listed = set()
    for path in place.ADDONS.glob("*/secret_routes.txt"):
        listed |= {x.strip() for x in path.read_text().splitlines() if x[:1] == "/"}
    return sorted(listed)


def pattern(route):
    """(what stands before a route's secret, what the secret is), as nginx looks for it.

    An address may begin with the word for a language: `/zh_CN/clinic/…`.
    """
    head, secret, _rest = re.split(r"(<secrets?>)", route, maxsplit=1)
    before = "(?:/[^/]+)?" + re.sub(r"<\w+>", "[^/]+", head)
    return before, ".+" if secret == "<secrets>" else "[^/]+"


def block():
    """The lines between the marks: what the log says of an address, and whose it is."""
    lines = [BEGIN, "map $uri $clinic_path {", "    default $uri;"]
    # Escaped twice: no page of ours, and nobody knows what it says.
    lines.append('    "~%[0-9A-Fa-f]{2}" ***;')
    for number, route in enumerate(routes()):
        before, secret = pattern(route)
        lines.append(
            f'    "~^(?<a{number}>{before}){secret}(?<z{number}>/.*)?$"'
            f' "$a{number}***$z{number}";'
        )
    lines += [
        '    "~^(?<along>(?:/[^/]+)?/(?:clinic|my)/(?:[\\w-]+/)+)[\\w=-]{20,}"'
        ' "$along***";',
        "}",
        END,
    ]
    return "\n".join(lines)


def anywhere():
    """One regular expression for all routes, for nginx's `location`."""
    return "|".join("(?:" + "".join(pattern(route)) + ")" for route in routes())


def written(text):
    """The configuration with its part made anew."""
    start, end = text.index(BEGIN), text.index(END) + len(END)
    text = text[:start] + block() + text[end:]
    # The same addresses once more, for what else nginx does with them.
    line = re.compile(r'(?m)^( *location ~ )".*" \{$')
    return line.sub(lambda found: f'{found[1]}"^(?:{anywhere()})" {{', text)


def main(fix=False):
    """Check deploy/nginx.conf, or write it; the exit code."""
    text = CONF.read_text()
    if fix:
        CONF.write_text(written(text))
    elif written(text) != text:
        print(f"{CONF.name} is not what the secret_routes.txt say: lint --fix")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--fix" in sys.argv))
