"""nginx in front of a prefork Odoo, from the file a site uses too."""

import shutil

from . import place, processes, system
from .steps import Failure, run

WRAPPER = """\
# Written by ./clinic up --workers; the site itself is in site.conf.
daemon off;
pid "{folder}/nginx.pid";
error_log "{log}" warn;
worker_processes 2;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    include "{folder}/site.conf";
}}
"""


def site_conf(http, odoo, gevent, name="nginx"):
    """deploy/nginx.conf with this checkout's ports and folders in place of a site's.

    :param name: of the log
    """
    text = (place.ROOT / "deploy" / "nginx.conf").read_text()
    for theirs, ours in (
        ("server 127.0.0.1:8069", f"server 127.0.0.1:{odoo}"),
        ("server 127.0.0.1:8072", f"server 127.0.0.1:{gevent}"),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("/var/log/nginx/clinic.log", quoted(place.log_path(f"{name}-access"))),
        ("/var/log/nginx/clinic.error.log", quoted(place.log_path(f"{name}-error"))),
        ("/opt/clinic/deploy/away", quoted(place.ROOT / "deploy" / "away")),
    ):
        if theirs not in text:
            raise Failure(f"deploy/nginx.conf no longer says «{theirs}»")
        text = text.replace(theirs, ours)
    return text


def quoted(path):
    """A path as nginx reads it, whatever signs are in it."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def start(http, odoo, gevent, name="nginx"):
    """Start nginx on `http`, with Odoo behind it; returns its process.

    :param name: of the process, its folder and its logs
    """
    program = system.find("nginx")
    if not program:
        raise Failure(
            "--workers needs nginx for the live connections",
            hint="as root: apt-get install -y nginx-light; or run without --workers",
        )
    folder = place.HOME / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log = place.log_path(name)
    (folder / "site.conf").write_text(site_conf(http, odoo, gevent, name))
    conf = folder / "nginx.conf"
    conf.write_text(WRAPPER.format(folder=folder, log=log))
    command = [program, "-e", log, "-p", folder, "-c", conf]
    run([*command, "-t"], name, "nginx does not accept its configuration")
    return processes.start(name, command)
