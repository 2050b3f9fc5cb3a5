"""The network: a BERT encoder (MiniLM, 6 layers of 384), mean pooling, and linear heads for what the text expresses."""

import json
import unicodedata
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import AddedToken, Regex, Tokenizer, normalizers
from torch import Tensor, nn
from torch.nn import functional

WIDTH, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS = 384, 6, 12, 1536, 30_522, 512
LABEL_COUNT, RATING_COUNT, SERVICE_COUNT = 28, 4, 13
KINDS = 3  # of word pieces: the message's own, our last line's, the customer's earlier ones'
SEP = 102
EPSILON = 1e-12
HEADS_OF_OURS = ("labels", "ratings", "meaning", "service")
MASKS = {"[NAME]": "name person", "[NUMBER]": "number", "[RELIGION]": "religion"}

EMOJI = [
    *map(chr, range(0x1F600, 0x1F650)),
    *map(chr, range(0x1F910, 0x1F930)),
    *map(chr, range(0x1F970, 0x1F97B)),
    *"❤♥❣☺☹✌✔✅❌⭐🌟✨⚠❗❓💔💕💖💗💓💘💙💚💛💜💝🖤🧡💯💩💀👍👎👏👌👊👋👀💪💥💢💣💦💤💬🔥🎉🎂🎁🎶🏆🚫🛑⏰⏳📞📦💰💸🖕🐌",
]


class Layer(nn.Module):
    """One transformer layer with its norms after the sums."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, EPSILON)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, EPSILON)
        self.dropout = dropout

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        rows, length, _ = hidden.shape
        query, key, value = self.qkv(hidden).view(rows, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        chance = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=chance)
        mixed = self.out(mixed.transpose(1, 2).reshape(rows, length, WIDTH))
        hidden = self.norm1(hidden + functional.dropout(mixed, chance))
        inner = self.down(functional.gelu(self.up(hidden)))
        return self.norm2(hidden + functional.dropout(inner, chance))


class Perception(nn.Module):
    """Encoder and heads: label logits (B, 28), ratings (B, 4), sentence embedding (B, 384), service logits (B, 13)."""

    def __init__(self, layers: int = LAYERS, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.kinds = nn.Embedding(KINDS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(layers))
        self.labels = nn.Linear(WIDTH, LABEL_COUNT)
        self.ratings = nn.Linear(WIDTH, RATING_COUNT)
        self.meaning = nn.Linear(WIDTH, WIDTH)
        self.service = nn.Linear(WIDTH, SERVICE_COUNT)
        self.dropout = dropout

    def pooled(self, ids: Tensor) -> Tensor:
        """Return the mean (B, 384) of the last hidden states over the message's tokens: padding is id 0, and what
        stands behind the first [SEP] is context."""
        ends = (ids == SEP).long()
        kinds = (ends.cumsum(1) - ends).clamp(max=KINDS - 1)
        present = ids != 0
        hidden = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]] + self.kinds(kinds))
        hidden = functional.dropout(hidden, self.dropout, self.training)
        for layer in self.layers:
            hidden = layer(hidden, present[:, None, None, :])
        weights = (present & (kinds == 0))[..., None].to(hidden.dtype)
        return (hidden * weights).sum(1) / weights.sum(1)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        pooled = self.pooled(ids)
        return self.labels(pooled), self.ratings(pooled), self.meaning(pooled), self.service(pooled)


def load_encoder(folder: Path, tokenizer: Tokenizer, *, layers: int = LAYERS) -> Perception:
    """Return the network with MiniLM's weights, heads that still say nothing, and emoji placed by their names.

    With fewer layers than MiniLM has, some of its layers are left out, evenly, the last one kept.
    """
    source = {name: weight.float() for name, weight in load_file(folder / "model.safetensors").items()}
    model = Perception(layers)
    target = {
        "words.weight": source["embeddings.word_embeddings.weight"],
        "positions.weight": source["embeddings.position_embeddings.weight"],
        "kinds.weight": source["embeddings.token_type_embeddings.weight"][[0, 1, 1]],
        "norm.weight": source["embeddings.LayerNorm.weight"],
        "norm.bias": source["embeddings.LayerNorm.bias"],
    }
    names = {"attention.output.dense": "out", "attention.output.LayerNorm": "norm1", "intermediate.dense": "up",
             "output.dense": "down", "output.LayerNorm": "norm2"}  # fmt: skip
    for number, kept in enumerate(_kept(layers)):
        for kind in ("weight", "bias"):
            prefix = f"encoder.layer.{kept}."
            parts = [source[f"{prefix}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            target[f"layers.{number}.qkv.{kind}"] = torch.cat(parts)
            for theirs, ours in names.items():
                target[f"layers.{number}.{ours}.{kind}"] = source[f"{prefix}{theirs}.{kind}"]
    for token, meaning in _new_words().items():
        described = tokenizer.encode(meaning, add_special_tokens=False).ids
        target["words.weight"][tokenizer.token_to_id(token)] = target["words.weight"][described].mean(0)
    missing, unexpected = model.load_state_dict(target, strict=False)
    if unexpected or any(not name.startswith(HEADS_OF_OURS) for name in missing):
        raise ValueError(f"{folder} does not hold the MiniLM encoder: missing {missing}, unexpected {unexpected}")
    return model


def _kept(layers: int) -> list[int]:
    return [round((number + 1) * LAYERS / layers) - 1 for number in range(layers)]


def _new_words() -> dict[str, str]:
    """Return what stands in place of unused word pieces, and the words whose mean it starts from."""
    return {emoji: unicodedata.name(emoji).lower() for emoji in EMOJI} | MASKS


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return MiniLM's tokenizer, taught emoji and masks in place of unused word pieces; skin tones are not seen."""
    described = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = described["model"]["vocab"]
    for number, token in enumerate(_new_words()):
        vocabulary[token] = vocabulary.pop(f"[unused{number}]")
    tokenizer = Tokenizer.from_str(json.dumps(described))
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in _new_words()])
    skin_tones = normalizers.Replace(Regex("[\U0001f3fb-\U0001f3ff]"), "")
    tokenizer.normalizer = normalizers.Sequence([skin_tones, normalizers.BertNormalizer()])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
