"""Voices that nobody has: espeak-ng speaks, in five languages and six voices, livelier and calmer, faster and slower.

Not in English, which the demo's calls are spoken in, so that those show how such voices fare that were never heard.
"""

import subprocess

import numpy as np

from unspoken.perception.voice.mel import RATE, Samples

SAID = {
    "de": (
        "Das Paket sollte am Montag kommen, und seither hat mir niemand etwas gesagt.",
        "Ich habe jetzt schon dreimal angerufen und jedes Mal eine andere Antwort bekommen.",
        "Vielen Dank, das hilft mir wirklich sehr, ich warte dann auf Ihre Nachricht.",
    ),
    "fr": (
        "Le colis devait arriver lundi, et depuis personne ne m'a rien dit.",
        "J'ai déjà appelé trois fois et on m'a donné chaque fois une autre réponse.",
        "Merci beaucoup, cela m'aide vraiment, j'attends donc votre message.",
    ),
    "es": (
        "El paquete debía llegar el lunes y desde entonces nadie me ha dicho nada.",
        "Ya he llamado tres veces y cada vez me han dado una respuesta distinta.",
        "Muchas gracias, esto me ayuda mucho, entonces espero su mensaje.",
    ),
    "it": (
        "Il pacco doveva arrivare lunedì e da allora nessuno mi ha detto niente.",
        "Ho già chiamato tre volte e ogni volta ho avuto una risposta diversa.",
        "Grazie mille, questo mi aiuta davvero, allora aspetto il suo messaggio.",
    ),
    "nl": (
        "Het pakket zou maandag komen en sindsdien heeft niemand mij iets gezegd.",
        "Ik heb al drie keer gebeld en elke keer een ander antwoord gekregen.",
        "Hartelijk dank, dat helpt mij echt, ik wacht dan op uw bericht.",
    ),
}
VOICES = ("m1", "m4", "m7", "f1", "f3", "f5")  # of espeak-ng
TIMES = 3  # that each sentence is spoken, each time in another manner
_SPOKEN = 22_050  # samples a second, as espeak-ng speaks
_HEADER = 44  # bytes of a WAV file before its samples


def voices(random: np.random.Generator) -> dict[str, list[Samples]]:
    """Return by the name of a voice, such as "de+m1", what it says."""
    return {
        f"{language}+{voice}": [_spoken(text, f"{language}+{voice}", random) for text in texts * TIMES]
        for language, texts in SAID.items()
        for voice in VOICES
    }


def _spoken(text: str, voice: str, random: np.random.Generator) -> Samples:
    pitch, speed, liveliness = random.integers(20, 85), random.integers(130, 215), random.integers(20, 95)
    marked = f'<prosody range="{liveliness}">{text}</prosody>'
    command = ["espeak-ng", "-m", "-v", voice, "-p", str(pitch), "-s", str(speed), "--stdout", marked]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    samples = np.frombuffer(said[_HEADER:], "<i2") / 32_768
    length = len(samples) * RATE // _SPOKEN // 2 * 2
    return np.asarray(np.fft.irfft(np.fft.rfft(samples)[: length // 2 + 1], length), np.float32)
