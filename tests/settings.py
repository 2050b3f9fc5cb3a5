"""The installation's settings over a data folder of the tests' own."""

import os
import tempfile

os.environ["UNSPOKEN_DATA"] = tempfile.mkdtemp(prefix="unspoken-tests-")
os.environ.setdefault("UNSPOKEN_SECRET_KEY", "a key that only tests use, and nobody else")

from unspoken.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose; tests sign in often

if not UNSPOKEN.database:  # noqa: F405 - a file, not memory: threads then meet real locks
    DATABASES["default"]["TEST"] = {"NAME": str(UNSPOKEN.data / "test.sqlite3")}  # noqa: F405
