"""How gunicorn serves the site: ``python -m gunicorn -c python:kb.serving``.

Run as a program it says whether the address is free, and fails if it isn't.
"""

import os
import socket
import sys

address, port = os.environ.get("ADDRESS", "127.0.0.1"), os.environ.get("PORT", "8000")

wsgi_app = "kb.wsgi:application"
bind = f"{address}:{port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# The socket would lie in the user's home, one for all servers there.
control_socket_disable = True
loglevel = "error"


def when_ready(server: object) -> None:
    print(
        f"Open http://{bind}/ in a browser; Ctrl-C stops the server.\n"
        f"To edit, make a user with `make admin`, then open http://{bind}/admin/.",
        flush=True,
    )


def unavailable() -> str:
    """Why nobody can listen at the address now; empty if one can."""
    try:
        socket.create_server((address, int(port))).close()
    except (ValueError, OverflowError):
        return f"PORT={port} is no port: give a number from 1 to 65535."
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return f"{bind} can't be had: {reason}. Choose another port: make run PORT=8001"
    return ""


if __name__ == "__main__":
    sys.exit(unavailable() or None)
