"""Send several requests to a web server from the same client port; print the last line of each answer.

same_port.py ADDRESS PORT TIMES
"""

from __future__ import annotations

import socket
import sys
import time

PAUSE = 0.5  # seconds until the web server has noticed the end of the connection


def main(address: str, port: int, times: int) -> None:
    for _ in range(times):
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            connection.bind(("", port))
            connection.connect((address, 80))
            # With this version of HTTP the server ends the connection, so that the client's port is free
            # again.
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            with connection.makefile() as answer:
                print(answer.read().splitlines()[-1])
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
