"""Who is told, on loopback: a mail server and a web hook, real sockets, that keep what they are sent."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """What a receiver was sent so far; `refuse` makes it turn away whatever comes."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    refuse: bool = False


@contextmanager
def mail_server() -> Iterator[Received]:
    """Speaks as much SMTP (RFC 5321) as a client without encryption or login needs."""
    received = Received()

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline():
                verb = line.split()[0].upper() if line.split() else b""
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    received.letters.append(message_from_bytes(self._letter(), policy=default))
                    self.wfile.write(b"250 kept\r\n")
                elif verb == b"MAIL" and received.refuse:
                    self.wfile.write(b"451 try later\r\n")
                elif verb == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

        def _letter(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line[1:] if line.startswith(b"..") else line)
            return b"".join(lines)

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session), received):
        yield received


@contextmanager
def web_hook() -> Iterator[Received]:
    """Takes JSON by POST, as Apprise's `json://` sends it."""
    received = Received()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not received.refuse:
                received.posts.append(json.loads(body))
            self.send_response(500 if received.refuse else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Hook), received):
        yield received


@contextmanager
def _serving(server: socketserver.TCPServer, received: Received) -> Iterator[None]:
    received.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
