"""Publishers' trees are modules of their own, which tests import as `publisher` and `publishers.NAME`."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
