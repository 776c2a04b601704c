"""Runs the model server for captures that are not in Python: `python tests/golden/serve.py 18431`."""

from __future__ import annotations

import sys
import threading

from model_server import serving

if __name__ == "__main__":
    with serving(int(sys.argv[1])):
        threading.Event().wait()
