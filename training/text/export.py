"""Write the trained network as an int8 ONNX file: python -m training.text.export --data DIR --work DIR.

The graph is built by hand with ONNX Runtime's fused operators. Two properties are wanted:

- Exact evidence. Pooling is a mean and the label head is linear, so a label's logit is exactly the mean of the logits
  of its tokens, plus a bias; those are written out (class activation mapping, Zhou et al., CVPR 2016).
- The same numbers for a text whatever else is in its batch: the ranges of the activations are measured once, on
  training texts, and fixed; with ranges per batch a message would read differently live and replayed.
"""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from training.text.data import batches, encode, labelled, valued
from training.text.model import EPSILON, HEADS, LABEL_COUNT, WIDTH, Layer, Perception

FUSED = "com.microsoft"
RANGE_ROWS = 4_000
Array = NDArray[np.generic]
Ranges = dict[str, tuple[float, float]]


class Graph:
    """A graph under construction; with `ranges` of the activations, its large matrices are int8."""

    def __init__(self, ranges: Ranges | None) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.ranges = ranges
        self.measured: list[str] = []

    def constant(self, name: str, value: Array | torch.Tensor) -> str:
        """Add a constant and return its name."""
        array = value.detach().numpy() if isinstance(value, torch.Tensor) else value
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, *, domain: str = "", **attributes: object) -> str:
        """Add a node named after its only output and return that."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def rounded(self, name: str, matrix: Array, *, axis: int = 0) -> tuple[str, str]:
        """Add a matrix as int8 with the scale of its largest value along `axis`; return the names of both."""
        scale = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True), 1e-9) / 127
        whole = np.rint(matrix / scale).astype(np.int8)
        kept = scale.astype(np.float32) if axis else scale.astype(np.float32)[0]
        return self.constant(f"{name}.weight", whole), self.constant(f"{name}.weight.scale", kept)

    def activation(self, values: str) -> tuple[str, str, str]:
        """Add `values` as uint8 within its measured range; return the names of it, its scale and its zero."""
        assert self.ranges is not None
        low, high = self.ranges[values]
        scale = (high - low) / 255
        return (
            f"{values}.uint8",
            self.constant(f"{values}.scale", np.array(scale, np.float32)),
            self.constant(f"{values}.zero", np.array(np.clip(round(-low / scale), 0, 255), np.uint8)),
        )

    def times(self, values: str, linear: torch.nn.Linear, name: str) -> str:
        """Add values · weightᵀ, without the bias."""
        weight = linear.weight.detach().numpy().T
        self.measured.append(values)
        if self.ranges is None:
            return self.node("MatMul", [values, self.constant(f"{name}.weight", weight)], name)
        small, scale, zero = self.activation(values)
        self.node("QuantizeLinear", [values, scale, zero], small)
        matrix, scales = self.rounded(name, weight)
        return self.node("MatMulIntegerToFloat", [small, matrix, scale, scales, zero], name, domain=FUSED)

    def attention(self, values: str, linear: torch.nn.Linear, mask: str, name: str) -> str:
        """Add multi-head self-attention with fused query, key and value."""
        weight, bias = linear.weight.detach().numpy().T, self.constant(f"{name}.bias", linear.bias)
        self.measured.append(values)
        if self.ranges is None:
            inputs = [values, self.constant(f"{name}.weight", weight), bias, mask]
            return self.node("Attention", inputs, name, domain=FUSED, num_heads=HEADS)
        small, scale, zero = self.activation(values)
        self.node("QuantizeLinear", [values, scale, zero], small)
        matrix, scales = self.rounded(name, weight)
        none = self.constant(f"{name}.zeros", np.zeros(weight.shape[1], np.int8))
        inputs = [small, matrix, bias, scale, scales, mask, zero, none]
        return self.node("QAttention", inputs, name, domain=FUSED, num_heads=HEADS)

    def word(self, table: torch.nn.Embedding) -> str:
        """Add the look-up of the word pieces."""
        weight = table.weight.detach().numpy()
        if self.ranges is None:
            return self.node("Gather", [self.constant("words", weight), "ids"], "word")
        matrix, scales = self.rounded("words", weight, axis=1)
        found = self.node("Gather", [matrix, "ids"], "word.int8")
        scale = self.node("Gather", [scales, "ids"], "word.scale")
        return self.node("Mul", [self.node("Cast", [found], "word.cast", to=TensorProto.FLOAT), scale], "word")


def embed(graph: Graph, model: Perception) -> str:
    """Add word and position embeddings and their norm; return the hidden states (B, S, 384)."""
    word = graph.word(model.words)
    shape = graph.node("Shape", ["ids"], "shape")
    length = graph.node("Gather", [shape, graph.constant("second", np.array([1]))], "length")
    positions = graph.constant("positions", model.positions.weight[None])
    start, axis = graph.constant("start", np.array([0])), graph.constant("axis", np.array([1]))
    position = graph.node("Slice", [positions, start, length, axis], "position")
    total = graph.node("Add", [word, position], "embedded")
    norm = [graph.constant("norm.weight", model.norm.weight), graph.constant("norm.bias", model.norm.bias)]
    return graph.node("LayerNormalization", [total, *norm], "hidden", axis=-1, epsilon=EPSILON)


def transform(graph: Graph, layer: Layer, hidden: str, mask: str, name: str) -> str:
    """Add one transformer layer; return its hidden states (B, S, 384)."""

    def normed(values: str, skipped: str, norm: torch.nn.LayerNorm, bias: torch.Tensor, output: str) -> str:
        parameters = {"weight": norm.weight, "bias": norm.bias, "added": bias}
        names = [graph.constant(f"{output}.{part}", value) for part, value in parameters.items()]
        inputs = [values, skipped, *names]
        return graph.node("SkipLayerNormalization", inputs, output, domain=FUSED, epsilon=EPSILON)

    mixed = graph.attention(hidden, layer.qkv, mask, f"{name}.mixed")
    out = graph.times(mixed, layer.out, f"{name}.out")
    attended = normed(out, hidden, layer.norm1, layer.out.bias, f"{name}.attended")
    up = graph.times(attended, layer.up, f"{name}.up")
    inner = graph.node(
        "BiasGelu", [up, graph.constant(f"{name}.up.bias", layer.up.bias)], f"{name}.inner", domain=FUSED
    )
    down = graph.times(inner, layer.down, f"{name}.down")
    return normed(down, attended, layer.norm2, layer.down.bias, f"{name}.hidden")


def mean(graph: Graph, values: str, present: str, count: str, output: str) -> str:
    """Add the mean of `values` (B, S, …) over the tokens that are present."""
    kept = graph.node("Mul", [values, present], f"{output}.kept")
    total = graph.node("ReduceSum", [kept, "axis"], f"{output}.sum", keepdims=0)
    return graph.node("Div", [total, count], output)


def read_out(graph: Graph, model: Perception, hidden: str, shown: str) -> None:
    """Add the heads, in full precision: evidence (B, S, 28), logits (B, 28), ratings (B, 3), meaning (B, 384)."""
    flat = graph.node("Cast", [shown], "flat", to=TensorProto.FLOAT)
    present = graph.node("Unsqueeze", [flat, graph.constant("last", np.array([-1]))], "present")
    count = graph.node("ReduceSum", [flat, "axis"], "count", keepdims=1)
    evidence = graph.node("MatMul", [hidden, graph.constant("labels.weight", model.labels.weight.T)], "evidence")
    labels = mean(graph, evidence, present, count, "labels")
    graph.node("Add", [labels, graph.constant("labels.bias", model.labels.bias)], "logits")
    pooled = mean(graph, hidden, present, count, "pooled")
    for name, linear in (("ratings", model.ratings), ("meaning", model.meaning)):
        weight = graph.constant(f"{name}.weight", linear.weight.T)
        graph.node("Gemm", [pooled, weight, graph.constant(f"{name}.bias", linear.bias)], name)


def build(model: Perception, ranges: Ranges | None = None) -> tuple[onnx.ModelProto, list[str]]:
    """Return the network as an ONNX model of ids (B, S), and the names of the activations whose ranges matter."""
    graph = Graph(ranges)
    absent = graph.node("Equal", ["ids", graph.constant("padding", np.array(0, np.int64))], "absent")
    shown = graph.node("Not", [absent], "shown")
    mask = graph.node("Cast", [shown], "mask", to=TensorProto.INT32)
    hidden = embed(graph, model)
    for number, layer in enumerate(model.layers):
        hidden = transform(graph, layer, hidden, mask, f"layer{number}")
    read_out(graph, model, hidden, shown)
    shapes = {"logits": ["B", LABEL_COUNT], "ratings": ["B", 3], "meaning": ["B", WIDTH],
              "evidence": ["B", "S", LABEL_COUNT]}  # fmt: skip
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["B", "S"])]
    body = helper.make_graph(graph.nodes, "text", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=8, producer_name="unspoken"), graph.measured


def padded(ids: list[list[int]]) -> Iterator[NDArray[np.int64]]:
    """Yield the texts in batches of like length, padded with 0."""
    lengths = np.array([len(row) for row in ids])
    for rows in batches(lengths, np.arange(len(ids)), size=32, seed=0):
        batch = np.zeros((len(rows), lengths[rows].max()), np.int64)
        for place, row in enumerate(rows):
            batch[place, : lengths[row]] = ids[row]
        yield batch


def measure(model: onnx.ModelProto, names: list[str], ids: list[list[int]]) -> Ranges:
    """Return the least and greatest value of each named activation over the tokens of the texts."""
    wanted = list(dict.fromkeys(names))
    seen = onnx.ModelProto()
    seen.CopyFrom(model)
    seen.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in wanted)
    session = ort.InferenceSession(seen.SerializeToString(), providers=["CPUExecutionProvider"])
    ranges = dict.fromkeys(wanted, (0.0, 0.0))
    for batch in padded(ids):
        for name, values in zip(wanted, session.run(wanted, {"ids": batch}), strict=True):
            shown = values[batch != 0]
            ranges[name] = min(ranges[name][0], float(shown.min())), max(ranges[name][1], float(shown.max()))
    return ranges


@torch.no_grad()
def difference(model: Perception, path: Path, ids: list[list[int]]) -> tuple[float, float]:
    """Return the mean and the largest difference of a label logit between the network and an ONNX file."""
    model.eval()
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    gaps = [
        np.abs(session.run(["logits"], {"ids": batch})[0] - model(torch.from_numpy(batch))[0].numpy())
        for batch in padded(ids)
    ]
    return float(np.concatenate(gaps).mean()), float(np.concatenate(gaps).max())


def main() -> None:
    """Export, check against PyTorch, and put model and tokenizer into the package."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True, help="folder with goemotions/ and vader-gt/")
    arguments.add_argument("--work", type=Path, default=Path("build/text"))
    arguments.add_argument("--weights", type=Path, help="weights or a checkpoint (default: weights.pt in --work)")
    arguments.add_argument("--out", type=Path, default=Path("src/unspoken/perception/text/model"))
    given = arguments.parse_args()
    saved = torch.load(given.weights or given.work / "weights.pt", weights_only=True)
    model = Perception()
    model.load_state_dict(saved.get("model", saved))
    tokenizer = Tokenizer.from_file(str(given.work / "tokenizer.json"))
    texts = [text for rows in (labelled(given.data, "train"), valued(given.data)) for text in rows.texts[:RANGE_ROWS]]
    ids = encode(tokenizer, texts, cut=128)
    given.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(given.work / "tokenizer.json", given.out / "tokenizer.json")
    full, activations = build(model)
    onnx.save(full, given.work / "full.onnx")
    onnx.save(build(model, measure(full, activations, ids))[0], given.out / "model.onnx")
    for path in (given.work / "full.onnx", given.out / "model.onnx"):
        average, largest = difference(model, path, ids[::20])
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, logits differ by {average:.1e}, at most {largest:.1e}")


if __name__ == "__main__":
    main()
