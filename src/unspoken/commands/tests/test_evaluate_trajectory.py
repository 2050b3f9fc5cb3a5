import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from unspoken.commands.evaluate_trajectory import CORPORA, FOLDER, trajectory

DIALOGUES = """USER\tWhere is my parcel?\t\t3,3,3
SYSTEM\tUnfortunately I cannot find it.\t\t
USER\tThis is terrible service, I am furious.\t\t1,2,1

USER\tWhat time do you open?\t\t3,3,3
SYSTEM\tAt nine.\t\t
USER\tLovely, thank you!\t\t4,4,5
"""


def command(data: Path, *options: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(trajectory)
    result = CliRunner().invoke(app, ["--data", str(data), "--resamples", "10", *options])
    return result.exit_code, result.output


def test_names_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    code, output = command(tmp_path)
    assert code == 1
    assert "MWOZ, SGD, ReDial, CCPE not found" in output
    assert "Give --data" in output


def test_measures_the_forecast_with_the_shipped_model(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir(parents=True)
    for name in CORPORA:
        (tmp_path / FOLDER / f"{name}.txt").write_text(DIALOGUES, encoding="utf-8")
    code, output = command(tmp_path, "--whole", "--json")
    assert code == 0
    found = json.loads(output)
    assert [found["MWOZ"]["beginnings"], found["together"]["beginnings"]] == [2, 8]
    ours = found["together"]["results"][0]
    assert (ours["method"], ours["auroc"]) == ("forecast", 1.0)
    assert set(found["together"]["leads"]) >= {"mean valence", "last valence", "slope of valence"}
    assert 0.5 < found["asked again"]["found"] <= 1.0
    assert 0.0 <= found["asked again"]["mistaken"] < 0.2
