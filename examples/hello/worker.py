"""A worker that says hello: ``python worker.py PORT``."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hello(BaseHTTPRequestHandler):
    """Answers every request with one line, and keeps its connections."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Say hello, and who says it."""
        body = f"hello from port {self.server.server_port}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Hello).serve_forever()
