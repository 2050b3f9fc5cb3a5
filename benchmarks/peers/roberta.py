"""The usual way: the transformers text-classification pipeline, RoBERTa-base, 28 labels, PyTorch eager.

Random weights (this is about speed only) and a word-piece tokenizer made from the texts themselves.
`python roberta.py TEXTS.json THREADS COUNT BATCH` prints messages per second; with BATCH 0 the median seconds of one
call with one message.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast, RobertaConfig, RobertaForSequenceClassification, pipeline

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def tokenizer_for(texts: list[str]) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=30_000, special_tokens=SPECIAL))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        cls_token="<s>", sep_token="</s>", mask_token="<mask>", model_max_length=512,
    )  # fmt: skip


def seconds(classify: Callable[[str], object], text: str) -> float:
    begun = time.perf_counter()
    classify(text)
    return time.perf_counter() - begun


def main(path: str, threads: int, count: int, batch: int) -> None:
    texts = json.loads(Path(path).read_text())
    torch.set_num_threads(threads)
    model = RobertaForSequenceClassification(
        RobertaConfig(vocab_size=50_265, max_position_embeddings=514, type_vocab_size=1, num_labels=28)
    ).eval()
    classify = pipeline(
        "text-classification", model=model, tokenizer=tokenizer_for(texts), top_k=None,
        function_to_apply="sigmoid", truncation=True, max_length=128, device="cpu",
    )  # fmt: skip
    sample = texts[:count]
    classify(sample[:8], batch_size=max(1, batch))
    if not batch:
        print(statistics.median(seconds(classify, text) for text in sample))
        return
    begun = time.perf_counter()
    classify(sample, batch_size=batch)
    print(len(sample) / (time.perf_counter() - begun))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
