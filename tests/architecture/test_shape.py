"""Files and functions stay small, names say what things are, heavy packages stay out."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "unspoken"
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "manager", "service", "misc"}


def modules() -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(path.relative_to(SOURCE)): n for path in modules() if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = {}
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 50:
                    long[f"{path.relative_to(SOURCE)}:{node.name}"] = length
    assert long == {}


def test_no_module_has_a_vague_name() -> None:
    assert [str(path) for path in modules() if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_every_package_says_what_lives_there() -> None:
    silent = [
        str(path.parent.relative_to(SOURCE))
        for path in modules()
        if path.name == "__init__.py"
        and path.parent.name != "tests"
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_django_signals_are_used() -> None:
    using = [str(path) for path in modules() if "django.db.models.signals" in path.read_text()]
    assert [path for path in using if "tests" not in path] == []


def test_only_doors_read_the_clock() -> None:
    inner = {"affect", "perception", "staff", "people", "privacy", "conversations", "readings", "flags"}
    reading = [
        str(path.relative_to(SOURCE))
        for path in modules()
        if path.relative_to(SOURCE).parts[0] in inner
        and "tests" not in path.parts
        and path.name not in {"pages.py", "api.py", "admin.py", "handlers.py", "apps.py"}
        and any(call in path.read_text() for call in ("timezone.now()", "datetime.now(", "clock.now()", "import now"))
    ]
    assert reading == []


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("unspoken.config.asgi", ["torch", "transformers", "onnxruntime", "vaderSentiment"]),
        ("unspoken.perception.text.perceiver", ["django", "torch", "transformers", "httpx"]),
        ("unspoken.affect.trajectory", ["django", "torch", "onnxruntime"]),
    ],
)
def test_importing_a_part_loads_nothing_heavy(module: str, absent: list[str]) -> None:
    program = f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=SOURCE.parents[1]
    )
    assert (ended.stdout.strip(), ended.returncode) == ("[]", 0), ended.stderr


def test_a_bad_setting_refuses_to_start_and_says_the_mend() -> None:
    program = "import unspoken.config.settings"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False,
        env={"UNSPOKEN_DATABASE": "mysql://x/y", "PATH": "/usr/bin", "UNSPOKEN_DATA": "/tmp"},
    )  # fmt: skip
    assert ended.returncode == 1
    assert "UNSPOKEN_DATABASE: the scheme 'mysql' is unknown. Write postgresql://" in ended.stderr
