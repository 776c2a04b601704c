from __future__ import annotations

import sys

from tutela.cli import main

sys.exit(main())
