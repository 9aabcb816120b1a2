"""python -m embedc."""

import sys

from embedc.cli import main

if __name__ == "__main__":
    sys.exit(main())
