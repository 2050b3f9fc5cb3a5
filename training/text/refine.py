"""Fit arousal and dominance anew on the exported network: python -m training.text.refine --data DIR, after `mixed`.

A network that was taught 28 labels keeps in the mean of its last layer what tells these apart. How aroused a text is
lies more in single words, and in how much they differ (Tenney et al., ACL 2019, on what lies in which layer). So mean
and spread of the states over the message's own word pieces (statistics pooling; Snyder et al., ICASSP 2018), of the
embeddings, a middle layer and the last, and the number of exclamation marks, which a mean thins out, are added to the
graph, and the two ratings are fitted on them by ridge regression: in closed form, on what the int8 network says. The
label heads stay as they are, whose evidence is exact because they are linear in the last layer's mean; valence and the
service marks do too, since they lost on other text what they won on development rows. The light model learns from the
network as exported, whose ratings are in the units of the people who rated each kind of text.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from training.text.data import Rows, batches, development, encode, parts
from training.text.measuring import padded
from unspoken.affect.vocabulary import LABELS, SERVICE
from unspoken.perception.figures import correlation
from unspoken.perception.text.corpora import RATINGS

EXCLAMATION = 999  # the word piece "!"
STATES = "hidden", "layer2.hidden", "layer5.hidden"
FITTED = "arousal", "dominance"
RATED = {"emobank": 30.0, "service": 1.0}
"""What is rated, and how much a row of it weighs: there are three of ours for one of EmoBank's, all of one kind."""
RIDGE = 1e6
"""What it costs to leave zero, in units of standardised states; of 1e5, 3e5, 1e6 and 3e6 the best on the development
splits together."""
FREE = 30
"""How much less it costs the number of exclamation marks, one column beside 2,304."""
_FIRST = len(LABELS) + RATINGS.index(FITTED[0])
_HEADS = len(LABELS) + len(RATINGS) + len(SERVICE)
Array = NDArray[np.float64]
Small = NDArray[np.float32]


def with_statistics(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the exported graph and in it `statistics` (B, 6 · 384 + 1): the means of all STATES, then their spreads,
    and ln(1 + exclamation marks)."""
    made = onnx.ModelProto()
    made.CopyFrom(model)

    def node(kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        made.graph.node.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    constants = {"none": np.zeros(1, np.float32), "one": np.ones(1, np.float32), "exclamation": np.array(EXCLAMATION)}
    made.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    turned = node("Transpose", ["present"], "present.turned", perm=[0, 2, 1])
    shares = node("Div", [turned, node("Unsqueeze", ["count", "axis"], "counts")], "shares")
    squares = [node("Mul", [states, states], f"{states}.squared") for states in STATES]
    means, second = (
        node("Concat", [node("MatMul", [shares, one], f"{one}.mean") for one in of], name, axis=2)
        for of, name in ((STATES, "means"), (squares, "means.of.squares"))
    )
    variance = node("Sub", [second, node("Mul", [means, means], "means.squared")], "variance")
    spreads = node("Sqrt", [node("Max", [variance, "none"], "variance.sound")], "spreads")
    loud = node("And", [node("Equal", ["ids", "exclamation"], "exclaimed"), "shown"], "exclaimed.here")
    loud = node("ReduceSum", [node("Cast", [loud], "exclaimed.number", to=TensorProto.FLOAT), "axis"], "exclamations")
    loud = node("Log", [node("Add", [loud, "one"], "exclamations.more")], "loudness")
    pooled = node("Squeeze", [node("Concat", [means, spreads], "means.and.spreads", axis=2), "axis"], "means.spreads")
    node("Concat", [pooled, loud], "statistics", axis=1)
    return made


def refined(model: onnx.ModelProto, weights: Array, offsets: Array) -> onnx.ModelProto:
    """Return the graph whose arousal and dominance are its statistics (B, N) · weights (N, 2) + offsets (2,)."""
    made = with_statistics(model)
    for node in made.graph.node:
        node.output[:] = ["heads.others" if name == "heads" else name for name in node.output]
    for constant in made.graph.initializer:
        if constant.name in ("heads.weight", "heads.bias"):
            emptied = numpy_helper.to_array(constant).copy()
            emptied[..., _FIRST : _FIRST + len(FITTED)] = 0
            constant.CopyFrom(numpy_helper.from_array(emptied, constant.name))
    places = np.array([0, _FIRST, 0, _HEADS - _FIRST - len(FITTED)])
    constants = {"weight": weights.astype(np.float32), "bias": offsets.astype(np.float32), "places": places}
    made.graph.initializer.extend(numpy_helper.from_array(one, f"refined.{name}") for name, one in constants.items())
    made.graph.node.extend(
        [
            helper.make_node("Gemm", ["statistics", "refined.weight", "refined.bias"], ["refined"]),
            helper.make_node("Pad", ["refined", "refined.places"], ["refined.padded"]),
            helper.make_node("Add", ["heads.others", "refined.padded"], ["heads"]),
        ]
    )
    return made


def said(model: onnx.ModelProto, output: str, tokenizer: Tokenizer, rows: Rows) -> Small:
    """Return an output of a network for rows, with the context of those that are short."""
    model.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, None))
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    del model.graph.output[-1]
    ids = encode(tokenizer, rows, cut=128)
    order = list(batches(np.array([len(one) for one in ids]), np.arange(len(ids)), size=32, seed=0))
    found = [session.run([output], {"ids": padded(ids, some).numpy()})[0] for some in order]
    values: Small = np.concatenate(found)[np.argsort(np.concatenate(order))]
    return values


def fit(statistics: Mapping[str, Small], rows: Mapping[str, Rows]) -> tuple[Array, Array]:
    """Return weights (N, 2) and offsets (2,) from the statistics of the RATED rows. Each corpus is taken less its own
    mean, since each has its own raters; calibration sets the scale."""
    everything = np.concatenate([statistics[name] for name in RATED])
    mean, spread = everything.mean(axis=0, dtype=float), everything.std(axis=0, dtype=float) + 1e-6
    weights, offsets = np.empty((len(mean), len(FITTED))), np.empty(len(FITTED))
    costs = np.full(len(mean), RIDGE)
    costs[-1] /= FREE
    for column, name in enumerate(FITTED):
        gram, towards = np.diag(costs), np.zeros(len(mean))
        for corpus, weight in RATED.items():
            rated = rows[corpus].ratings[:, RATINGS.index(name)].astype(float)
            known = ~np.isnan(rated)
            if not known.any():
                continue
            values = ((statistics[corpus][known] - mean) / spread).astype(np.float32)
            gram += weight * (values.T @ values)
            towards += weight * (values.T @ (rated[known] - rated[known].mean()))
        weights[:, column] = np.linalg.solve(gram, towards)
        offsets[column] = rows["emobank"].ratings[:, RATINGS.index(name)].mean()
    weights /= spread[:, None]
    return weights, offsets - mean @ weights


def correlations(heads: Small, rows: Rows) -> str:
    """Return Pearson's r of the fitted ratings with people's."""
    told = []
    for place, name in enumerate(FITTED):
        rated = rows.ratings[:, RATINGS.index(name)]
        if not np.isnan(rated).any():
            told.append(f"{name} {correlation(heads[:, _FIRST + place].astype(float), rated.astype(float)):.3f}")
    return ", ".join(told)


def main() -> None:
    """Fit, show what it does on the development splits, and write the model."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True, help="folder with goemotions/, emobank/ and vader-gt/")
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"), help="our own messages")
    arguments.add_argument("--model", type=Path, default=Path("src/unspoken/perception/text/model"))
    arguments.add_argument("--rows", type=int, help="of each part at most (a rehearsal)")
    given = arguments.parse_args()
    path = given.model / "model.onnx"
    model = onnx.load(path)
    if any("refined" in node.output for node in model.graph.node):
        raise SystemExit(f"{path} is refined already; export it anew first.")
    tokenizer = Tokenizer.from_file(str(given.model / "tokenizer.json"))
    assert tokenizer.id_to_token(EXCLAMATION) == "!"
    rows = {name: part.head(given.rows) for name, part in parts(given.data, given.service).items() if name in RATED}
    seeing = with_statistics(model)
    made = refined(
        model, *fit({name: said(seeing, "statistics", tokenizer, part) for name, part in rows.items()}, rows)
    )
    held = development(given.data, given.service)
    for name in ("rated", "service"):
        before, after = (correlations(said(one, "heads", tokenizer, held[name]), held[name]) for one in (model, made))
        print(f"development, {name}: {before} before, {after} after")
    onnx.save(made, path)


if __name__ == "__main__":
    main()
