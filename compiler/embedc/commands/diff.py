"""embedc diff: compares two bundles, for continuous integration."""

import json
import sys
from argparse import Namespace
from pathlib import Path

from embedc.manifest import manifest_at
from embedc.report.console import console
from embedc.report.difference import difference, exceeded, parse_limits, print_difference
from embedc.report.text import paragraph


def run(args: Namespace) -> int:
    """Prints what changed; 1 when a limit is exceeded."""
    limits = parse_limits(args.fail_if)
    found = difference(manifest_at(Path(args.old)), manifest_at(Path(args.new)))
    broken = exceeded(found, limits)
    if args.json:
        print(json.dumps(found.as_json() | {"exceeded": broken}, indent=2))
    else:
        print_difference(console(), found)
    sys.stdout.flush()
    for line in broken:
        print(f"exceeded: {paragraph(line)}", file=sys.stderr)
    return 1 if broken else 0
