"""The usual way to tell emotion from a voice: the eGeMAPS functionals of openSMILE (Eyben et al., 2016), linear heads.

For this comparison only: openSMILE's licence forbids commercial products, so neither the product nor CI installs it.
`python egemaps.py features SOUNDS.npz FEATURES.npy` writes the 88 functionals of each sound and prints the seconds of
each second of sound. `python egemaps.py heads ROWS.npz` fits the same heads on every feature set, and prints what each
reaches as JSON.
"""

import json
import sys
import time
from typing import Any

import numpy as np
import opensmile
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.preprocessing import StandardScaler

RATE = 16_000
STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)  # inverse regularisation; each set of features has its best


def features(sounds: str, path: str) -> None:
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals
    )
    with np.load(sounds) as given:
        clips = np.split(given["samples"], given["ends"][:-1])
    smile.process_signal(clips[0], RATE)
    begun = time.perf_counter()
    rows = [smile.process_signal(clip, RATE).to_numpy()[0] for clip in clips]
    took = time.perf_counter() - begun
    np.save(path, np.nan_to_num(np.array(rows, np.float64)))
    print(took / (sum(map(len, clips)) / RATE))


def heads(values: Any, rows: Any, strength: float) -> dict[str, float]:
    """Return the UAR of seven emotions, each speaker by heads that heard the nine others, clean and by telephone."""
    emotions, speakers, far = rows["emotions"], rows["speakers"], rows["far"]
    said = np.empty_like(emotions)
    for speaker in np.unique(speakers):
        own = speakers == speaker
        scaler = StandardScaler().fit(values[~own])
        head = LogisticRegression(C=strength, class_weight="balanced", max_iter=300, tol=1e-3)
        head.fit(scaler.transform(values[~own]), emotions[~own])
        said[own] = head.predict(scaler.transform(values[own]))
    return {
        f"seven emotions, UAR, {words}": float(recall_score(emotions[chosen], said[chosen], average="macro"))
        for words, chosen in (("clean", ~far), ("noisy telephone", far))
    }


def best(values: Any, rows: Any) -> dict[str, float]:
    return max((heads(values, rows, strength) for strength in STRENGTHS), key=lambda one: sum(one.values()))


if __name__ == "__main__":
    if sys.argv[1] == "features":
        features(sys.argv[2], sys.argv[3])
    else:
        with np.load(sys.argv[2]) as opened:
            given = dict(opened)
        print(json.dumps({name: best(given[name], given) for name in ("ours", "theirs")}))
