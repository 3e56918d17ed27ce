"""Reading the command line."""

import argparse
import sys

from .place import Damaged
from .steps import Failure, from_system, say, unexpected

DESCRIPTION = """\
The clinic suite: Odoo 19 addons for private clinics.

  ./clinic up      a running demo clinic, from a bare machine
  ./clinic test    everything that is tested, from a bare machine
"""
EPILOG = """\
Everything this makes lives under .clinic/; downloads are kept in ~/.cache/clinic.
  ODOO_HOME             folder of an Odoo 19 to use instead of fetching one
  CLINIC_PORT           port of the site
  CLINIC_DATABASE_URL   postgresql://user:password@host:port/database, a server
                        to use instead of a cluster of our own
"""


# Commands that hand every word after their name to another program.
PASS_ON = ("bench", "shell", "psql")


def parser():
    """The arguments of every subcommand."""
    top = argparse.ArgumentParser(
        prog="./clinic",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    up = commands.add_parser("up", help="set up what is missing and start the site")
    up.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="N processes behind nginx, as a site runs (default: one, threaded)",
    )
    up.add_argument(
        "--detach", action="store_true", help="return when the site answers"
    )
    up.add_argument(
        "--language",
        metavar="CODE",
        help="of staff, website and new cards, for example it_IT; it is kept",
    )
    commands.add_parser("stop", help="stop the servers of this checkout")
    reset = commands.add_parser("reset", help="remove the demo clinic; asks first")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    test = commands.add_parser("test", help="lint, addon tests, tests/")
    test.add_argument("addons", nargs="*", metavar="ADDON")
    test.add_argument("--fast", action="store_true", help="in five minutes at most")
    test.add_argument("--long", action="store_true", help="only the drills of minutes")
    test.add_argument("-k", metavar="WORDS", help="which of tests/ (as pytest -k)")
    test.add_argument(
        "--releases",
        action="store_true",
        help="only: `./clinic up` on a bare system of each release that we name",
    )
    commands.add_parser("lint", help="check the style of everything").add_argument(
        "--fix", action="store_true", help="correct what can be corrected"
    )
    commands.add_parser("terms", help="write anew what translators work on (i18n/)")
    commands.add_parser("build", help="a wheel of each addon, for pip (.clinic/wheels)")
    update = commands.add_parser("update", help="update modules in the demo clinic")
    update.add_argument("modules", nargs="+", metavar="MODULE")
    for name, text in (
        ("bench", "measure against the peers (bench/run.py)"),
        ("shell", "Odoo's Python shell on the demo clinic"),
        ("psql", "PostgreSQL's shell on the demo clinic"),
    ):
        commands.add_parser(name, help=text)
    commands.add_parser("help", help="show this")
    return top


def main(arguments):
    """Run one command; the exit code."""
    passed_on = []
    if arguments and arguments[0] in PASS_ON:
        arguments, passed_on = arguments[:1], arguments[1:]
    options = parser().parse_args(arguments)
    options.passed_on = passed_on
    if options.command in (None, "help"):
        parser().print_help()
        return 0
    try:
        return dispatch(options) or 0
    except KeyboardInterrupt:
        say("\nInterrupted; running it again goes on from here.")
        return 130
    except BrokenPipeError:
        # Whoever read our words went away.
        return 1
    except Failure as error:
        failure = error
    except OSError as error:
        failure = from_system(error)
    except Damaged as error:
        failure = Failure(
            f"{error} cannot be read: ports and passwords are not known any more",
            hint="bring it back from a backup, or `./clinic reset` to start anew",
        )
    except Exception as error:
        failure = unexpected(error)
    say()
    say(failure.explain("./clinic " + " ".join(arguments + passed_on)))
    return 1


def dispatch(options):
    """Call what the subcommand names."""
    name = options.command
    if name in ("test", "lint", "bench"):
        from . import journeys, testing

        if name == "test" and options.releases:
            from . import releases

            return releases.test()
        if name == "test":
            choice = journeys.Choice(options.fast, options.long, options.k)
            return testing.test(options.addons, choice)
        if name == "lint":
            return testing.lint_only(options.fix)
        return testing.bench(options.passed_on)
    if name == "terms":
        from . import terms

        return terms.write()
    if name == "build":
        from . import packages

        return packages.build()
    from . import site

    if name == "up":
        return site.up(options.workers, options.detach, options.language)
    if name == "reset":
        return site.reset(options.yes)
    if name == "update":
        return site.update(options.modules)
    if name == "shell":
        return site.shell(options.passed_on)
    if name == "psql":
        return site.psql(options.passed_on)
    return site.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
