"""The process: ``nginxgen`` and ``python -m nginxgen``."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that was typed and end the process."""
    # The process is short and keeps what it makes: collecting garbage, and taking everything apart at its end, would
    # take a fifth of the time of a small `render`.
    gc.disable()
    from nginxgen.cli import run

    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
