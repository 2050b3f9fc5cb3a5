"""The figures of words and tone together: which there are, and that a speaker is measured by what others taught."""

import numpy as np
import pytest

from unspoken.perception.pairs import Channel
from unspoken.perception.tests.channels import channel
from unspoken.perception.voice.fusion_report import fusion_lines

FITTED, MEASURED, VOICES = (channel(300, worth=1.0, seed=seed) for seed in (1, 2, 3))


def figures(voices: Channel) -> dict[str, float]:
    return {line.what: line.ours.value for line in fusion_lines(FITTED, MEASURED, {"clean": voices})}


def test_measures_each_alone_both_together_and_what_parts() -> None:
    lines = list(fusion_lines(FITTED, MEASURED, {"clean": VOICES, "telephone": VOICES}))
    assert [line.corpus.rpartition(", ")[2] for line in lines[::8]] == ["clean", "telephone and noise of 5–20 dB"]
    told = {line.what: line.ours for line in lines[:8]}
    both = told["distress by words and tone together, AUROC"]
    for name in ("words", "tone"):
        alone, lead = told[f"distress by {name} alone, AUROC"], told[f"… more than by {name} alone"]
        assert lead.value == pytest.approx(both.value - alone.value)
        assert 0 < lead.low < lead.value < lead.high
    assert all(figure.low <= figure.value <= figure.high for figure in (both, told["… more than by tone alone"]))
    assert 0.05 < told["share that part, so that both are told and no number"].value < 0.4


def test_a_speaker_is_measured_by_what_the_others_taught() -> None:
    """One of two speakers sounds tense when calm and the reverse: who learnt from the other one is led astray."""
    odd = VOICES.owner % 2 == 1
    voices = Channel(np.where(odd, 1 - VOICES.chance, VOICES.chance), VOICES.distressed, odd.astype(np.int64))
    together = figures(voices)
    assert together["… more than by words alone"] < -0.05
