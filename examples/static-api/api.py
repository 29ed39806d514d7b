"""An API that says which process answers: ``python3 api.py PORT``. HOST says where it listens, 127.0.0.1 unless set."""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    """Answers in JSON, and keeps its connections."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Say who answers."""
        known = {"/api/healthz": {"ok": True}, "/api/hello": {"process": os.getpid()}}
        self._answer(200 if self.path in known else 404, known.get(self.path, {"error": "there is no such thing"}))

    def _answer(self, status: int, said: dict[str, object]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(sys.argv[1])), Api)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
