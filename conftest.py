"""What every test stands on: a data folder of its own, never the installation's."""

import os
import tempfile

if "PYTEST_XDIST_WORKER" in os.environ or not os.environ.get("UNSPOKEN_TEST_DATA"):
    os.environ["UNSPOKEN_TEST_DATA"] = tempfile.mkdtemp(prefix="unspoken-tests-")
os.environ["UNSPOKEN_DATA"] = os.environ["UNSPOKEN_TEST_DATA"]
os.environ.setdefault("UNSPOKEN_SECRET_KEY", "a key that only tests use, and nobody else")
