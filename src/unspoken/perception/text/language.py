"""Is a text English? Made for short messages: says no only when it is sure, because an abstention is silence."""

import re
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

# Words that hardly occur in the other languages below, though they may look like them.
_ENGLISH_WORDS = """
the and you your yours this that these those with what when where which who why how it's its is are was were
have has had having been being not don't didn't can't won't isn't doesn't i'm i've i'll i'd you're you've we're
they they're their there then than from for of my mine our we us he she her his if but because just very really
would could should will shall about again still never always please thanks thank sorry hello hi hey good great
nice bad terrible awful love hate like want need get got give gave make made know think thought work works
working order refund help any some much many more most too also only into out off over yes yeah yep nope okay
awesome amazing perfect worst best right wrong cool sure be does did to it im dont cant thx ty pls plz wtf btw
idk bro dude ugh damn shit fuck fucking guys find look looking search see say said show tell ask asked buy price
cheap watch today tomorrow yesterday day days week weeks month time times people person thing things everything
something nothing anything message call email internet connection issue problem website account delivery package
parcel phone number name new old big small first last back down up such technique beautiful fantastic liked
loved congrats now soon later before after every each another other same different wait waiting waited customer
support team company product item items received sent send broken missing late slow fast money paid pay card
cancel cancelled return returned disappointed angry happy sad upset annoyed frustrated confused worried glad
excited i
"""
ENGLISH = frozenset(_ENGLISH_WORDS.split())
# Common words of other languages that are not English words.
_FOREIGN_WORDS = """
und nicht ist das der ich sie wir ihr euch danke bitte sehr auch mit für auf von aber nein guten schon noch
wurde habe haben keine mein meine einen dass wann warum wieder merci bonjour est pas je vous nous les une avec
pour dans suis c'est n'est j'ai très mais qui ça voici commande toujours jamais salut gracias hola una por para
pero muy está esto estoy tengo qué cómo cuándo porque señor pedido buenos grazie ciao non sono della questo
perché che anche molto è il gli buongiorno salve obrigado obrigada olá não você meu minha uma muito isso foi ik
niet het een jij wij zijn heb dank bedankt graag maar waarom mijn jag inte och är det tack hej mycket ikke jeg
tak takk minä ole kiitos hei että nie jest się dziękuję proszę bardzo czy bir çok değil teşekkürler merhaba için
neden saya tidak terima kasih yang không tôi cảm ơn nem köszönöm mulțumesc și este que lo todo todos como eso
esa más sin cuando su sus nada tan también aquí hasta vc pra mas ele ela só tem são essa esse tudo até quem já
meus isto sei zu wie nur oder kann wird sind wenn dann immer als zum zur diese dieser euer unser wieso weil ils
elle sont cette être tout faire même où ont aux sto cosa quando tutto fatto vi av på ett så blev från vad hur af
til ved hvor să că mai sunt foarte dar din bine voor ook zo naar moet ama çünkü gibi daha jak że jestem nunca
puede fuera gusta agora aqui pode sim amo miedo llorar
"""
FOREIGN = frozenset(_FOREIGN_WORDS.split())

_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_OTHER_SCRIPT = re.compile(r"[Ͱ-῿Ⰰ-\u2fff\u3040-ꛟ가-힣豈-﹏]")
_LANGUAGES = (
    "ENGLISH", "GERMAN", "FRENCH", "SPANISH", "ITALIAN", "PORTUGUESE", "DUTCH", "SWEDISH", "DANISH", "BOKMAL",
    "FINNISH", "POLISH", "CZECH", "ROMANIAN", "TURKISH", "INDONESIAN", "VIETNAMESE", "HUNGARIAN",
)  # fmt: skip
_SURE = 0.9  # probability of one other language, and at most
_DOUBT = 0.02  # of English
_ENOUGH_LETTERS = 20  # below this the detector guesses
_building = Lock()


_ONLY_ENGLISH = frozenset({"en"})


def is_foreign(text: str, languages: frozenset[str] = _ONLY_ENGLISH) -> bool:
    """Return whether `text` is surely in none of the languages (ISO 639-1).

    Where only English is read: by its script, its common words, or (rarely needed) a detector; else by the detector.
    """
    if languages != _ONLY_ENGLISH:
        return _surely_foreign(text, languages)
    lowered = text.lower()
    plain = lowered.split()
    if len(ENGLISH.intersection(plain)) > 1 and FOREIGN.isdisjoint(plain):
        return False
    words = _LETTERS.findall(lowered.replace("’", "'"))
    letters = sum(map(len, words))
    if letters and 2 * len(_OTHER_SCRIPT.findall(text)) > letters:
        return True
    english = sum(word in ENGLISH for word in words)
    foreign = sum(word in FOREIGN for word in words)
    if english != foreign:
        return foreign > english
    return letters >= _ENOUGH_LETTERS and _surely_foreign(text, languages)


def _surely_foreign(text: str, languages: frozenset[str]) -> bool:
    with _building:
        detector = _detector()
    confidence = {
        found.language.iso_code_639_1.name.lower(): found.value
        for found in detector.compute_language_confidence_values(text)
    }
    if languages.isdisjoint(confidence):
        return False  # nothing that the detector knows: whoever configured the model knows better
    return sum(confidence.get(one, 0.0) for one in languages) < _DOUBT and max(confidence.values()) > _SURE


@lru_cache(maxsize=1)
def _detector() -> "LanguageDetector":
    """Return the detector, made when the first doubtful text comes: about 30 MB."""
    from lingua import Language, LanguageDetectorBuilder

    languages = [getattr(Language, name) for name in _LANGUAGES]
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()
