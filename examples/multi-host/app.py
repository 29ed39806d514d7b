"""An application that says which host was asked for: ``python3 app.py NAME PORT``.

HOST says where it listens, 127.0.0.1 unless set.
"""

import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class App(BaseHTTPRequestHandler):
    """Answers every request with one line, and keeps its connections."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Say who answers, and for which host."""
        body = f"{sys.argv[1]} answers for {self.headers['Host']}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(sys.argv[2])), App)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
