"""The wheel, installed elsewhere, gives the demo from an empty folder."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = shutil.which("uv") or str(ROOT / ".tools" / "uv" / "bin" / "uv")


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, process: "subprocess.Popen[bytes]", seconds: float) -> int:
    """Return the status of the first answer of `url`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            return int(urllib.request.urlopen(url, timeout=5).status)
        time.sleep(0.3)
    raise AssertionError(f"{url} did not answer; the process's exit code is {process.poll()}")


@pytest.mark.slow
@pytest.mark.crash
@pytest.mark.skipif(not Path(UV).exists(), reason="uv, which builds the wheel, is not installed")
def test_the_wheel_gives_the_demo_from_an_empty_folder(tmp_path: Path) -> None:
    run = {"check": True, "capture_output": True, "cwd": ROOT}
    subprocess.run([UV, "build", "--wheel", "--out-dir", str(tmp_path / "dist")], **run)  # type: ignore[call-overload]
    wheel = next((tmp_path / "dist").glob("*.whl"))
    environment, empty = tmp_path / "env", tmp_path / "empty"
    empty.mkdir()
    subprocess.run([UV, "venv", "--python", sys.executable, str(environment)], **run)  # type: ignore[call-overload]
    python = environment / "bin" / "python"
    subprocess.run([UV, "pip", "install", "--python", str(python), str(wheel)], **run)  # type: ignore[call-overload]
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("UNSPOKEN", "DJANGO"))}
    number = port()
    process = subprocess.Popen(
        [environment / "bin" / "unspoken", "demo", "--no-live", "--port", str(number)],
        cwd=empty, env=settings, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert answers(f"http://127.0.0.1:{number}/sign-in", process, 180) == 200
        assert answers(f"http://127.0.0.1:{number}/static/unspoken.css", process, 10) == 200
        assert (empty / "data" / "unspoken.sqlite3").exists()
    finally:
        process.terminate()
        process.wait(timeout=30)
