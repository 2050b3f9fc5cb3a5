"""A PostgreSQL server of the tests' own, in a temporary folder, on a Unix socket only."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote


def _binary(name: str) -> str | None:
    found = shutil.which(name)
    if found:
        return found
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(installed[-1]) if installed else None


@contextlib.contextmanager
def temporary_server() -> Iterator[str]:
    """Yield the URL of a fresh server (durable: fsync on), or an empty string where none can be started."""
    initdb, server = _binary("initdb"), _binary("postgres")
    if not initdb or not server:
        yield ""
        return
    folder = Path(tempfile.mkdtemp(prefix="unspoken-postgres-"))
    account = _unprivileged() if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    as_account = {"user": account.pw_uid, "group": account.pw_gid} if account else {}
    data = folder / "data"
    subprocess.run(
        [initdb, "-D", str(data), "-U", "unspoken", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_account,
    )  # fmt: skip
    process = subprocess.Popen(
        [server, "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", "-c", "max_connections=60"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **as_account,
    )  # fmt: skip
    try:
        _wait_until_ready(folder, process)
        yield f"postgresql://unspoken@{quote(str(folder), safe='')}/postgres"
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody`")


def _wait_until_ready(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    import psycopg

    for _ in range(150):
        if process.poll() is not None:
            raise RuntimeError(f"the PostgreSQL server stopped at once (exit {process.returncode})")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="unspoken", dbname="postgres", connect_timeout=2).close()
            return
        process_wait(process)
    raise RuntimeError("the PostgreSQL server did not answer within 30 seconds")


def process_wait(process: "subprocess.Popen[bytes]") -> None:
    """Wait a fifth of a second, or less if the process ends."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=0.2)
