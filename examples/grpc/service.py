"""A gRPC service without generated code: ``python3 service.py PORT``. HOST says where it listens, 127.0.0.1 unless set.

``/hello.Hello/Say`` takes bytes and answers with them and the process that answers.
"""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc


def say(request: bytes, context: Any) -> bytes:
    """Answer one call."""
    return b"hello %s from process %d" % (request, os.getpid())


if __name__ == "__main__":
    server = grpc.server(ThreadPoolExecutor(8))
    calls = {"Say": grpc.unary_unary_rpc_method_handler(say)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("hello.Hello", calls),))
    server.add_insecure_port(f"{os.environ.get('HOST', '127.0.0.1')}:{sys.argv[1]}")
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: server.stop(10))
    server.wait_for_termination()
