"""The graph that ships: a log-mel spectrogram in; what two blocks make of its speech, and where speech is, out."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from training.voice.whisper import Encoder


class Listening(nn.Module):
    """mel (1, 80, T) to pooled (1, 1536): mean and standard deviation of both blocks over the frames of 20 ms, each
    counted by its chance of being speech; and that chance, speech (1, T / 2)."""

    def __init__(self, encoder: Encoder, weight: Tensor, bias: float) -> None:
        super().__init__()
        self.encoder, self.bias = encoder, bias
        self.register_buffer("weight", weight)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Return both."""
        seen = self.encoder(mel)
        speech = torch.sigmoid((seen[-1] * self.weight).sum(-1) + self.bias)  # no matrix: it stays exact
        share = (speech + 1e-6).unsqueeze(-1)
        share = share / share.sum(1, keepdim=True)
        pooled = []
        for hidden in seen:
            mean = (share * hidden).sum(1)
            spread = (share * (hidden - mean.unsqueeze(1)) ** 2).sum(1)
            pooled += [mean, torch.sqrt(spread + 1e-8)]
        return torch.cat(pooled, 1), speech


def export(network: Listening, path: Path) -> None:
    """Write the network as ONNX, its matrices as int8."""
    full = path.with_suffix(".full.onnx")
    example = torch.zeros(1, 80, 300)
    torch.onnx.export(
        network, (example,), str(full), input_names=["mel"], output_names=["pooled", "speech"], opset_version=17,
        dynamic_axes={"mel": {2: "T"}, "speech": {1: "frames"}}, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(full, path, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8, per_channel=True)


class Session:
    """The exported network."""

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def __call__(self, mel: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return pooled (1536,) and speech (T / 2,) of one spectrogram."""
        pooled, speech = self._session.run(None, {"mel": mel[None]})
        return pooled[0], speech[0]
