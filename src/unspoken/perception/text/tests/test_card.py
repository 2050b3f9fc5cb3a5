"""The model's card, and the measuring behind it."""

from unspoken.affect.reading import Producer
from unspoken.perception.figures import Figure, Line
from unspoken.perception.text.card import card
from unspoken.perception.text.gates import STANDARD
from unspoken.perception.text.network import FOLDER, Network
from unspoken.perception.text.report import Report

REPORT = Report(
    Producer("unspoken-text", "9", "ab" * 32),
    (
        Line("Corpus, 10 rows", "macro-F1", Figure(0.5, 0.4, 0.6)),
        Line("Tweets, 20 rows", "valence", Figure(0.85, 0.8, 0.9), "VADER", Figure(0.7, 0.6, 0.8)),
    ),
    (("anger", 0.51, 0.25, 198), ("grief", 0.39, 0.1, 6)),
)


def test_shows_every_figure_with_its_interval_and_its_peer() -> None:
    lines = card(REPORT, STANDARD, 6_304).splitlines()
    assert "| Corpus, 10 rows | macro-F1 | 0.500 (0.400 to 0.600) |  |" in lines
    assert "| Tweets, 20 rows | valence | 0.850 (0.800 to 0.900) | 0.700 (0.600 to 0.800) |" in lines


def test_marks_weak_labels() -> None:
    lines = card(REPORT, STANDARD, 6_304).splitlines()
    assert "| anger | 0.51 | 0.25 | 198 |" in lines
    assert "| grief | 0.39 (weak) | 0.10 | 6 |" in lines


def test_the_shipped_card_belongs_to_the_shipped_weights() -> None:
    shown = (FOLDER / "card.md").read_text(encoding="utf-8")
    producer = Network().producer
    assert shown.startswith(f"# {producer.name} {producer.version}\n\nsha256 of the weights: `{producer.sha256}`\n")
