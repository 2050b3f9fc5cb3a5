"""Pairs of words and voices: drawn as is assumed, and what is learnt from them is what each channel is worth."""

import numpy as np
import pytest

from unspoken.affect.fusion import PRIOR, fused
from unspoken.perception.figures import auroc
from unspoken.perception.pairs import ONE_ONLY, Channel, Pairs, drawn, reliability
from unspoken.perception.tests.channels import channel

WORDS, VOICES = channel(600, worth=1.0, seed=1), channel(400, worth=1.0, seed=2)


def pairs(words: Channel = WORDS, voices: Channel = VOICES, count: int = 20_000) -> Pairs:
    return drawn(words, voices, seed=0, count=count)


def test_as_many_show_distress_in_one_alone_as_is_assumed() -> None:
    told = pairs()
    assert told.distressed.mean() == pytest.approx(PRIOR, abs=0.01)
    assert told.single[told.distressed].mean() == pytest.approx(2 * ONE_ONLY, abs=0.02)
    assert not told.single[~told.distressed].any()


def test_each_pair_is_one_message_and_one_voice() -> None:
    told = pairs()
    for chances, owners, of in ((told.displeasure, told.owners[0], WORDS), (told.stress, told.owners[1], VOICES)):
        known = set(zip(of.chance.tolist(), of.owner.tolist(), strict=True))
        assert set(zip(chances.tolist(), owners.tolist(), strict=True)) <= known


def test_a_better_channel_counts_for_more_and_a_worthless_one_for_nothing() -> None:
    noise = Channel(np.random.default_rng(3).random(400), VOICES.distressed, VOICES.owner)
    learnt = reliability(pairs(voices=noise))
    assert abs(learnt.tone) < 0.05 < learnt.words
    assert abs(learnt.tone_alone[0]) < 0.05
    same = reliability(pairs())
    assert same.tone == pytest.approx(same.words, abs=0.15)
    assert learnt.words_alone[0] == pytest.approx(same.words_alone[0], abs=0.1)


def test_together_they_tell_more_than_either_alone() -> None:
    learnt = reliability(pairs())
    fresh = pairs(channel(600, worth=1.0, seed=4), channel(400, worth=1.0, seed=5))
    told = ~fresh.apart
    both = np.array(
        [fused(*one, noise="clean", trust={"clean": learnt}).chance or 0.0
         for one in zip(fresh.displeasure[told].tolist(), fresh.stress[told].tolist(), strict=True)]
    )  # fmt: skip
    shown = fresh.distressed[told]
    alone = max(auroc(one[told], shown) for one in (fresh.displeasure, fresh.stress))
    assert auroc(both, shown) > alone + 0.02
    assert abs(both.mean() - shown.mean()) < 0.03
