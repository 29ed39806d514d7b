"""``python -m nginxgen``."""

from nginxgen.cli import main

if __name__ == "__main__":
    main()
