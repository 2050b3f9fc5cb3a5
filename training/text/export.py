"""Write the trained network as an int8 ONNX file: python -m training.text.export --work DIR [--weights FILE].

The graph is built by hand with ONNX Runtime's fused operators. Pooling is a mean and the label head is linear, so a
label's logit is exactly the mean of the logits of its tokens, plus a bias: the tokens' logits are written out as
evidence (class activation mapping, Zhou et al., CVPR 2016).
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from training.text.data import encode
from training.text.model import EPSILON, HEADS, LABEL_COUNT, WIDTH, Perception

FUSED = "com.microsoft"
HEAD_NODES = ["evidence", "ratings", "meaning"]  # small, so they stay in full precision
PARITY_TEXTS = ["Thanks!", "I have asked you three times and still no answer, this is ridiculous.", "Where is it? 😡"]


class Graph:
    """A graph under construction: nodes and constants."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic] | torch.Tensor) -> str:
        """Add a constant and return its name."""
        array = value.detach().numpy() if isinstance(value, torch.Tensor) else value
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, *, domain: str = "", **attributes: object) -> str:
        """Add a node named after its only output and return that."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def weight(self, name: str, linear: torch.nn.Linear) -> str:
        """Add the transposed weight of a linear map."""
        return self.constant(name, linear.weight.T.contiguous())


def embed(graph: Graph, model: Perception) -> str:
    """Add word and position embeddings and their norm; return the hidden states (B, S, 384)."""
    words = graph.node("Gather", [graph.constant("words", model.words.weight), "ids"], "word")
    shape = graph.node("Shape", ["ids"], "shape")
    length = graph.node("Gather", [shape, graph.constant("second", np.array([1]))], "length")
    positions = graph.constant("positions", model.positions.weight[None])
    zero, axis = graph.constant("zero", np.array([0])), graph.constant("axis", np.array([1]))
    position = graph.node("Slice", [positions, zero, length, axis], "position")
    total = graph.node("Add", [words, position], "embedded")
    norm = [graph.constant("norm.weight", model.norm.weight), graph.constant("norm.bias", model.norm.bias)]
    return graph.node("LayerNormalization", [total, *norm], "hidden", axis=-1, epsilon=EPSILON)


def transform(graph: Graph, model: Perception, hidden: str, mask: str) -> str:
    """Add the transformer layers; return the last hidden states (B, S, 384)."""
    for number, layer in enumerate(model.layers):
        at = f"layer{number}."
        parts = {
            f"{name}.{kind}": graph.constant(f"{at}{name}.{kind}", tensor)
            for name, kind, tensor in (
                (*key.rsplit(".", 1), value) for key, value in layer.state_dict().items() if not key.endswith("weight")
            )
        }
        parts |= {
            f"{name}.weight": graph.weight(f"{at}{name}.weight", getattr(layer, name))
            for name in ("qkv", "out", "up", "down")
        }
        norms = {name: graph.constant(f"{at}{name}.weight", getattr(layer, name).weight) for name in ("norm1", "norm2")}
        mixed = graph.node("Attention", [hidden, parts["qkv.weight"], parts["qkv.bias"], mask], f"{at}mixed",
                           domain=FUSED, num_heads=HEADS)  # fmt: skip
        out = graph.node("MatMul", [mixed, parts["out.weight"]], f"{at}out")
        hidden = graph.node("SkipLayerNormalization",
                            [out, hidden, norms["norm1"], parts["norm1.bias"], parts["out.bias"]],
                            f"{at}attended", domain=FUSED, epsilon=EPSILON)  # fmt: skip
        up = graph.node("MatMul", [hidden, parts["up.weight"]], f"{at}up")
        inner = graph.node("BiasGelu", [up, parts["up.bias"]], f"{at}inner", domain=FUSED)
        down = graph.node("MatMul", [inner, parts["down.weight"]], f"{at}down")
        hidden = graph.node("SkipLayerNormalization",
                            [down, hidden, norms["norm2"], parts["norm2.bias"], parts["down.bias"]],
                            f"{at}hidden", domain=FUSED, epsilon=EPSILON)  # fmt: skip
    return hidden


def mean(graph: Graph, values: str, present: str, count: str, output: str) -> str:
    """Add the mean of `values` (B, S, …) over the tokens that are present."""
    kept = graph.node("Mul", [values, present], f"{output}.kept")
    total = graph.node("ReduceSum", [kept, "axis"], f"{output}.sum", keepdims=0)
    return graph.node("Div", [total, count], output)


def build(model: Perception) -> onnx.ModelProto:
    """Return the network in full precision as an ONNX model: ids (B, S) in; logits, ratings, meaning, evidence out."""
    graph = Graph()
    nothing = graph.constant("padding", np.array(0, np.int64))
    absent = graph.node("Equal", ["ids", nothing], "absent")
    shown = graph.node("Not", [absent], "shown")
    mask = graph.node("Cast", [shown], "mask", to=TensorProto.INT32)
    flat = graph.node("Cast", [shown], "flat", to=TensorProto.FLOAT)
    hidden = transform(graph, model, embed(graph, model), mask)
    present = graph.node("Unsqueeze", [flat, graph.constant("last", np.array([-1]))], "present")
    count = graph.node("ReduceSum", [flat, "axis"], "count", keepdims=1)
    evidence = graph.node("MatMul", [hidden, graph.weight("labels.weight", model.labels)], "evidence")
    label_mean = mean(graph, evidence, present, count, "labels")
    graph.node("Add", [label_mean, graph.constant("labels.bias", model.labels.bias)], "logits")
    pooled = mean(graph, hidden, present, count, "pooled")
    for name, linear in (("ratings", model.ratings), ("meaning", model.meaning)):
        weight, bias = graph.weight(f"{name}.weight", linear), graph.constant(f"{name}.bias", linear.bias)
        graph.node("Gemm", [pooled, weight, bias], name)
    shapes = {"logits": ["B", LABEL_COUNT], "ratings": ["B", 3], "meaning": ["B", WIDTH],
              "evidence": ["B", "S", LABEL_COUNT]}  # fmt: skip
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["B", "S"])]
    body = helper.make_graph(graph.nodes, "text", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=8, producer_name="unspoken")


def quantise(full: Path, small: Path) -> None:
    """Write `full` with int8 weights per channel to `small`."""
    quantize_dynamic(
        full,
        small,
        op_types_to_quantize=["MatMul", "Attention", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=HEAD_NODES,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
    )


@torch.no_grad()
def difference(model: Perception, path: Path, tokenizer: Tokenizer) -> float:
    """Return the largest difference of a label logit between the network and an ONNX file, on padded texts."""
    model.eval()
    ids = encode(tokenizer, PARITY_TEXTS, cut=48)
    batch = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in ids], batch_first=True)
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"ids": batch.numpy()})
    return float(np.abs(logits - model(batch)[0].numpy()).max())


def main() -> None:
    """Export, check against PyTorch, and put model and tokenizer into the package."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, default=Path("build/text"))
    arguments.add_argument("--weights", type=Path, help="weights or a checkpoint (default: weights.pt in --work)")
    arguments.add_argument("--out", type=Path, default=Path("src/unspoken/perception/text/model"))
    given = arguments.parse_args()
    saved = torch.load(given.weights or given.work / "weights.pt", weights_only=True)
    model = Perception()
    model.load_state_dict(saved.get("model", saved))
    full = given.work / "full.onnx"
    onnx.save(build(model), full)
    given.out.mkdir(parents=True, exist_ok=True)
    quantise(full, given.out / "model.onnx")
    shutil.copy(given.work / "tokenizer.json", given.out / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(given.work / "tokenizer.json"))
    exact, small = (difference(model, path, tokenizer) for path in (full, given.out / "model.onnx"))
    size = (given.out / "model.onnx").stat().st_size / 1e6
    print(f"largest difference of a logit: full precision {exact:.2e}, int8 {small:.2f}; {size:.1f} MB")
    if exact > 1e-3:
        raise SystemExit("The exported graph does not compute what the network computes.")


if __name__ == "__main__":
    main()
