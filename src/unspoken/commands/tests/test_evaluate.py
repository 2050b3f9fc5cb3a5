"""`unspoken evaluate`."""

from pathlib import Path

from typer.testing import CliRunner

from unspoken.commands.main import app


def test_names_the_corpora_that_are_missing(tmp_path: Path) -> None:
    (tmp_path / "text/goemotions").mkdir(parents=True)
    done = CliRunner().invoke(app, ["evaluate", "text", "--data", str(tmp_path)])
    assert done.exit_code == 2
    assert "lacks emobank, vader-gt, uss" in " ".join(done.stderr.replace("│", " ").split())
