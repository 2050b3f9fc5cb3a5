"""Write the trained network as an int8 ONNX file: python -m training.text.export --data DIR --work DIR.

The graph is built by hand, of the operators that are fast in ONNX Runtime on a processor (its fused
SkipLayerNormalization takes eight times as long as Add and LayerNormalization). Two properties are wanted:

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

from training.text.data import batches, encode, parts
from training.text.measuring import padded
from training.text.model import (
    EPSILON,
    HEADS,
    KINDS,
    LABEL_COUNT,
    RATING_COUNT,
    SEP,
    SERVICE_COUNT,
    WIDTH,
    Layer,
    Perception,
)

FUSED = "com.microsoft"
RANGE_PARTS, RANGE_ROWS = ("emotions", "movies", "service"), 4_000
Array = NDArray[np.generic]
Ranges = dict[str, tuple[float, float]]


class Graph:
    """A graph under construction; with `ranges` of the activations, its large matrices are int8."""

    def __init__(self, ranges: Ranges | None) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.ranges = ranges
        self.measured: list[str] = []
        self.rounded_already: set[str] = set()

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
        """Add `values` as uint8 within its measured range, once; return the names of it, its scale and its zero."""
        assert self.ranges is not None
        names = f"{values}.uint8", f"{values}.scale", f"{values}.zero"
        if names[0] not in self.rounded_already:
            self.rounded_already.add(names[0])
            low, high = self.ranges[values]
            scale = (high - low) / 255
            self.constant(names[1], np.array(scale, np.float32))
            self.constant(names[2], np.array(np.clip(round(-low / scale), 0, 255), np.uint8))
            self.node("QuantizeLinear", [values, *names[1:]], names[0])
        return names

    def times(self, values: str, weight: Array, bias: Array, name: str) -> str:
        """Add values · weight + bias."""
        self.measured.append(values)
        added = self.constant(f"{name}.bias", bias)
        if self.ranges is None:
            product = self.node("MatMul", [values, self.constant(f"{name}.weight", weight)], f"{name}.product")
            return self.node("Add", [product, added], name)
        small, scale, zero = self.activation(values)
        matrix, scales = self.rounded(name, weight)
        return self.node("MatMulIntegerToFloat", [small, matrix, scale, scales, zero, "", added], name, domain=FUSED)

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
    """Add the embeddings of word, position and kind and their norm; return the hidden states (B, S, 384)."""
    word = graph.word(model.words)
    shape = graph.node("Shape", ["ids"], "shape")
    length = graph.node("Gather", [shape, graph.constant("second", np.array([1]))], "length")
    positions = graph.constant("positions", model.positions.weight[None])
    start, axis = graph.constant("start", np.array([0])), graph.constant("axis", np.array([1]))
    position = graph.node("Slice", [positions, start, length, axis], "position")
    placed = graph.node("Add", [word, position], "placed")
    kind = graph.node("Gather", [graph.constant("kinds", model.kinds.weight), "kind"], "kind.embedded")
    total = graph.node("Add", [placed, kind], "embedded")
    norm = [graph.constant("norm.weight", model.norm.weight), graph.constant("norm.bias", model.norm.bias)]
    return graph.node("LayerNormalization", [total, *norm], "hidden", axis=-1, epsilon=EPSILON)


def attention(graph: Graph, hidden: str, linear: torch.nn.Linear, absent: str, name: str) -> str:
    """Add multi-head self-attention; absent (B, 1, 1, S): −10,000 where there is padding. Returns (B, S, 384).

    Plain operators: ONNX Runtime's fused attention takes as long again for its many small products.
    """
    weights = np.split(linear.weight.detach().numpy().T, 3, axis=1)
    biases = np.split(linear.bias.detach().numpy(), 3)
    root = np.float32(np.sqrt(WIDTH / HEADS))
    weights[0], biases[0] = weights[0] / root, biases[0] / root
    parts = []
    for part, weight, bias in zip(("query", "key", "value"), weights, biases, strict=True):
        flat = graph.times(hidden, weight, bias, f"{name}.{part}")
        split = graph.node("Reshape", [flat, "split"], f"{flat}.split")
        turned = [0, 2, 3, 1] if part == "key" else [0, 2, 1, 3]
        parts.append(graph.node("Transpose", [split], f"{flat}.heads", perm=turned))
    alike = graph.node("MatMul", parts[:2], f"{name}.alike")
    masked = graph.node("Add", [alike, absent], f"{name}.masked")
    shares = graph.node("Softmax", [masked], f"{name}.shares", axis=-1)
    mixed = graph.node("MatMul", [shares, parts[2]], f"{name}.mixed")
    turned = graph.node("Transpose", [mixed], f"{name}.turned", perm=[0, 2, 1, 3])
    return graph.node("Reshape", [turned, "width"], f"{name}.joined")


def transform(graph: Graph, layer: Layer, hidden: str, absent: str, name: str) -> str:
    """Add one transformer layer; return its hidden states (B, S, 384)."""

    def times(values: str, linear: torch.nn.Linear, output: str) -> str:
        return graph.times(values, linear.weight.detach().numpy().T, linear.bias.detach().numpy(), output)

    def normed(values: str, skipped: str, norm: torch.nn.LayerNorm, output: str) -> str:
        total = graph.node("Add", [values, skipped], f"{output}.sum")
        weights = [graph.constant(f"{output}.{part}", getattr(norm, part)) for part in ("weight", "bias")]
        return graph.node("LayerNormalization", [total, *weights], output, axis=-1, epsilon=EPSILON)

    out = times(attention(graph, hidden, layer.qkv, absent, f"{name}.attention"), layer.out, f"{name}.out")
    attended = normed(out, hidden, layer.norm1, f"{name}.attended")
    up = times(attended, layer.up, f"{name}.up")
    inner = graph.node("Gelu", [up], f"{name}.inner", domain=FUSED)
    down = times(inner, layer.down, f"{name}.down")
    return normed(down, attended, layer.norm2, f"{name}.hidden")


def read_out(graph: Graph, model: Perception, hidden: str, shown: str) -> None:
    """Add what is read out: evidence (B, S, 28), heads (B, 45) of labels, ratings and service in full precision, and
    meaning (B, 384); shown (B, S): the message's own tokens."""
    flat = graph.node("Cast", [shown], "flat", to=TensorProto.FLOAT)
    present = graph.node("Unsqueeze", [flat, graph.constant("last", np.array([-1]))], "present")
    count = graph.node("ReduceSum", [flat, "axis"], "count", keepdims=1)
    graph.node("MatMul", [hidden, graph.constant("labels.weight", model.labels.weight.T)], "evidence")
    kept = graph.node("Mul", [hidden, present], "kept")
    pooled = graph.node("Div", [graph.node("ReduceSum", [kept, "axis"], "total", keepdims=0), count], "pooled")
    heads = [getattr(model, name) for name in ("labels", "ratings", "service")]
    weight = graph.constant("heads.weight", torch.cat([head.weight for head in heads]).T)
    bias = graph.constant("heads.bias", torch.cat([head.bias for head in heads]))
    graph.node("Gemm", [pooled, weight, bias], "heads")
    graph.times(pooled, model.meaning.weight.detach().numpy().T, model.meaning.bias.detach().numpy(), "meaning")


def build(model: Perception, ranges: Ranges | None = None) -> tuple[onnx.ModelProto, list[str]]:
    """Return the network as an ONNX model of ids (B, S), and the names of the activations whose ranges matter."""
    graph = Graph(ranges)
    absent = graph.node("Equal", ["ids", graph.constant("padding", np.array(0, np.int64))], "absent")
    ends = graph.node("Equal", ["ids", graph.constant("sep", np.array(SEP, np.int64))], "ends")
    ended = graph.node("CumSum", [graph.node("Cast", [ends], "ends.whole", to=TensorProto.INT64),
                                  graph.constant("along", np.array(1))], "ended", exclusive=1)  # fmt: skip
    kind = graph.node("Min", [ended, graph.constant("last_kind", np.array(KINDS - 1))], "kind")
    own = graph.node("Equal", [kind, "padding"], "own")
    shown = graph.node("And", [graph.node("Not", [absent], "present_at_all"), own], "shown")
    lacking = graph.node("Cast", [absent], "lacking", to=TensorProto.FLOAT)
    lowered = graph.node("Mul", [lacking, graph.constant("low", np.float32(-10_000))], "lowered")
    mask = graph.node("Unsqueeze", [lowered, graph.constant("middle", np.array([1, 2]))], "mask")
    graph.constant("split", np.array([0, 0, HEADS, WIDTH // HEADS]))
    graph.constant("width", np.array([0, 0, WIDTH]))
    hidden = embed(graph, model)
    for number, layer in enumerate(model.layers):
        hidden = transform(graph, layer, hidden, mask, f"layer{number}")
    read_out(graph, model, hidden, shown)
    shapes = {"heads": ["B", LABEL_COUNT + RATING_COUNT + SERVICE_COUNT], "meaning": ["B", WIDTH],
              "evidence": ["B", "S", LABEL_COUNT]}  # fmt: skip
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["B", "S"])]
    body = helper.make_graph(graph.nodes, "text", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=8, producer_name="unspoken"), graph.measured


def batched(ids: list[list[int]]) -> Iterator[NDArray[np.int64]]:
    """Yield the texts in batches of like length, padded with 0."""
    for rows in batches(np.array([len(row) for row in ids]), np.arange(len(ids)), size=32, seed=0):
        yield padded(ids, rows).numpy()


def measure(model: onnx.ModelProto, names: list[str], ids: list[list[int]]) -> Ranges:
    """Return the least and greatest value of each named activation over the tokens of the texts."""
    wanted = list(dict.fromkeys(names))
    seen = onnx.ModelProto()
    seen.CopyFrom(model)
    seen.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in wanted)
    session = ort.InferenceSession(seen.SerializeToString(), providers=["CPUExecutionProvider"])
    ranges = dict.fromkeys(wanted, (0.0, 0.0))
    for batch in batched(ids):
        for name, values in zip(wanted, session.run(wanted, {"ids": batch}), strict=True):
            shown = values[batch != 0] if values.ndim > 2 else values
            ranges[name] = min(ranges[name][0], float(shown.min())), max(ranges[name][1], float(shown.max()))
    return ranges


@torch.no_grad()
def difference(model: Perception, path: Path, ids: list[list[int]]) -> tuple[float, float]:
    """Return the mean and the largest difference of a label logit between the network and an ONNX file."""
    model.eval()
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    gaps = [
        np.abs(session.run(["heads"], {"ids": batch})[0][:, :LABEL_COUNT] - model(torch.from_numpy(batch))[0].numpy())
        for batch in batched(ids)
    ]
    return float(np.concatenate(gaps).mean()), float(np.concatenate(gaps).max())


def main() -> None:
    """Export, check against PyTorch, and put model and tokenizer into the package."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True, help="folder with goemotions/ and vader-gt/")
    arguments.add_argument("--work", type=Path, default=Path("build/text"))
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"), help="our own messages")
    arguments.add_argument("--weights", type=Path, help="weights or a checkpoint (default: weights.pt in --work)")
    arguments.add_argument("--out", type=Path, default=Path("src/unspoken/perception/text/model"))
    given = arguments.parse_args()
    saved = torch.load(given.weights or given.work / "weights.pt", weights_only=True)
    weights = saved.get("model", saved)
    model = Perception(1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers.")))
    model.load_state_dict(weights)
    tokenizer = Tokenizer.from_file(str(given.work / "tokenizer.json"))
    rows = parts(given.data, given.service)
    ids = [one for name in RANGE_PARTS for one in encode(tokenizer, rows[name].head(RANGE_ROWS), cut=128)]
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
