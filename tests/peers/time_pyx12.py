"""How fast pyx12's reader goes through a file: prints MB/s of processor time, and the peak in KiB."""

import os
import resource
import sys
import time

import pyx12.x12file

path = sys.argv[1]
began = time.process_time()
with open(path, encoding="ascii") as file:
    segments = sum(1 for _ in pyx12.x12file.X12Reader(file))
spent = time.process_time() - began
assert segments > 0
print(os.path.getsize(path) / 1e6 / spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
