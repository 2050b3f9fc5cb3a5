"""Count the words that the product takes as known: python -m training.text.spelling --data DIR.

Written beside the weights as `spelling.gz`. Counted are GoEmotions (Apache-2.0), the movie and news snippets of VADER's
ground truth (MIT), sentences of reviews, SemEval-2025's English rows, XED's English lines (all CC BY 4.0) and our own
service messages (Apache-2.0): training splits, each word as often as it is written in lower case. Known beside these
are the whole words of MiniLM's vocabulary (Apache-2.0), first names, groups, words of other languages, our own
`known.txt`, and `scowl.txt` (its notice is in the file).
"""

import argparse
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer

from unspoken.perception.artifacts import seal
from unspoken.perception.text import corpora
from unspoken.perception.text.choice import LIGHT, STANDARD
from unspoken.perception.text.language import ENGLISH, FOREIGN
from unspoken.perception.text.spelling import FILE

TWICE = 2  # what occurs once may be a slip
COMMON_PIECES = 12_000  # of MiniLM's vocabulary, the first of which are the most usual
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_PERSONS = Path(corpora.__file__).parent
_KNOWN = tuple(Path(__file__).with_name(name) for name in ("known.txt", "scowl.txt"))
_NOTE = """\
# Words by log2 of how often the training texts hold them (training/text/spelling.py). Of those in the last line, some
# are from SCOWL, Copyright 2000-2011 by Kevin Atkinson; its permission notice is in training/text/scowl.txt.
"""
# Slips so usual that the training texts hold them twice or more.
_SLIPS = """
definately definitly definatly recieve recieved reciept beleive belive acheive allways commited commiting
embarrasing embarassing embarassed diffrence beatiful beautifull happend honeslty suprise suprised suprising similiar
genious litterally litteraly strenght completly completley immidiately immediatly somthing somthin acctually actualy
evrything lovley agian thier wich becuase becasue seperate seperately untill tommorow tommorrow truely realy finaly
wierd wierdly publically arguement occured occuring refered prefered neccessary necesary goverment enviroment
existance independant maintainance noticable occassion posession priviledge recomend reccomend refering relevent
restaraunt rythm succesful successfull tounge unfortunatly disapointed dissapointed dissapointing dissapointment
garantee guarentee adress calender cemetary collegue concious excelent grammer harrass hygeine ignorence
knowlege liason libary lightening millenium mispell persistant posible questionaire reasonible responsable
sincerly speach suppost therfore tomorow vaccuum waranty witten grtting grat strom issur radom snoke
"""


def main() -> None:
    """Count, and write the words into the folders of both models."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with goemotions/, xed/ and the others")
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"), help="our own messages")
    arguments.add_argument("--out", type=Path, nargs="*", default=[STANDARD, LIGHT])
    given = arguments.parse_args()
    texts = list(_texts(given.data, given.service))
    for folder in given.out:
        usual = known(texts, Tokenizer.from_file(str(folder / "tokenizer.json")))
        (folder / FILE).write_bytes(gzip.compress(written(usual).encode("ascii"), mtime=0))
        seal(folder)


def known(texts: list[str], tokenizer: Tokenizer) -> dict[str, int]:
    """Return the known words with log2 of how often they are written; 0 for those that nothing is mended to."""
    pieces = {piece: place for piece, place in tokenizer.get_vocab().items() if re.fullmatch("[a-z]{2,}", piece)}
    names = _listed("names.txt")
    usual = dict.fromkeys(names | _listed("groups.txt") | {one for one in FOREIGN | ENGLISH if one.isascii()}, 0)
    usual |= {piece: int(place < COMMON_PIECES and piece not in names) for piece, place in pieces.items()}
    anyhow, lower = _counted(texts)
    for word, times in anyhow.items():
        if times >= TWICE:
            often = 0 if word in names else lower[word].bit_length() - 1
            usual[word] = max(usual.get(word, 0), often)
    for path in _KNOWN:
        usual = dict.fromkeys(_words(path), 0) | usual
    return {word: often for word, often in usual.items() if word not in _SLIPS.split()}


def written(usual: dict[str, int]) -> str:
    """Return the lines of the file: one for each power of two, its words from A to Z."""
    lines = [_NOTE]
    for often in sorted(set(usual.values()), reverse=True):
        lines.append(" ".join([str(often), *sorted(word for word, times in usual.items() if times == often)]) + "\n")
    return "".join(lines)


def _texts(data: Path, service_folder: Path) -> Iterator[str]:
    """Yield the training texts that are counted, with our own lines before the service messages."""
    service = corpora.service(service_folder, *corpora.SERVICE_TRAIN)
    yield from service.texts
    for context in service.contexts:
        yield from (context.agent, *context.before)
    yield from corpora.goemotions(data, "train").texts
    for name in ("movieReviewSnippets", "nytEditorialSnippets"):
        yield from corpora.snippets(data, name).texts
    yield from corpora.opinions(data).texts
    yield from corpora.semeval(data, "train").texts
    yield from corpora.subtitles(data)


def _counted(texts: list[str]) -> tuple[Counter[str], Counter[str]]:
    """Return how often each word occurs in any case (in lower case), and how often it is written in lower case."""
    words = [word.replace("’", "'") for text in texts for word in _WORD.findall(text)]
    return Counter(word.lower() for word in words), Counter(word for word in words if word.islower())


def _listed(file: str) -> set[str]:
    return {word for word in _words(_PERSONS / file) if word.isascii()}


def _words(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {word for line in lines if not line.startswith("#") for word in line.split()}


if __name__ == "__main__":
    main()
