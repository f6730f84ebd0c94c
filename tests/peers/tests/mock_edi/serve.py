"""A mock-edi on a port of the system's choosing, for as long as standard input is open. Prints where it listens."""

import json
import sys

from mockedi.testing import Mock

with Mock.start(**json.loads(sys.argv[1])) as mock:
    print(mock.base, flush=True)
    sys.stdin.read()
