"""``python -m gateway --port N --smtp-port M --pop-port P --state DIR``"""

import argparse
import signal
import sys
import threading

from .program import Gateway


def main():
    """Run until asked to stop."""
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="HTTP; 0: a free one")
    parser.add_argument("--smtp-port", type=int, default=0, help="mails to people")
    parser.add_argument("--pop-port", type=int, default=0, help="mails to the clinic")
    parser.add_argument("--state", help="folder to remember things in")
    options = parser.parse_args()
    gateway = Gateway(options.port, options.smtp_port, options.pop_port, options.state)
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    print(  # pylint: disable=print-used
        f"{gateway.url}/ smtp {gateway.smtp_port} pop {gateway.pop_port}", flush=True
    )
    end.wait()
    gateway.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
