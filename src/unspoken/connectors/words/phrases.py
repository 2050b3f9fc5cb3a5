"""How mail programs and people, in several languages, introduce what is not their own words now. Checked line by line.

Every pattern is anchored at the start and bounded in length, so that none is slow on any input.
"""

import re
from dataclasses import dataclass


def _any(*phrases: str) -> str:
    return "(?:" + "|".join(phrases) + ")"


@dataclass(frozen=True, slots=True)
class Attribution:
    """`begins` matches a line on which an attribution may begin; `whole` a complete one, its lines joined."""

    begins: re.Pattern[str]
    whole: re.Pattern[str]


_WROTE = _any("wrote", "a écrit", "escribió", "ha scritto", "escreveu", "napisał[a]?", "pisze")  # the name before it
_BY = _any("schrieb", "schreef", "skrev")  # the name after it
_ADDRESS = r"<[^>\s]{1,100}@[^>\s]{1,100}>"

ATTRIBUTION = Attribution(
    begins=re.compile(
        r"\s{0,9}" + _any("On", "Am", "Le", "El", "Il", "Em", "Op", "Den", "På", "W dniu", "Dnia", "Dne") + r"\b"
        r"|\s{0,9}\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b"
        rf"|.{{1,120}}{_ADDRESS}"
        rf"|.{{1,80}} (?:{_WROTE}|{_BY})\b"
    ),
    whole=re.compile(
        _any(
            rf"\s{{0,9}}(?:On|Le|El|Il|Em|W dniu|Dnia)\b.{{0,40}}\d.{{0,400}}\b{_WROTE}",
            rf"\s{{0,9}}(?:Am|Op|Den|På)\b.{{0,40}}\d.{{0,400}}\b{_BY}\b.{{0,160}}",
            rf"\s{{0,9}}\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}\b.{{3,300}}(?:{_ADDRESS}|\b{_WROTE})",
            rf".{{1,120}}{_ADDRESS}\s{{0,3}}(?:{_WROTE}|{_BY})",
        )
        + r"\s{0,3}:\s{0,3}$"
    ),
)

MACHINE_WRITTEN = re.compile(rf".{{0,500}}(?:{_ADDRESS}|\b\d{{1,2}}[:.h]\d{{2}}\b|\b20\d\d\b)")
"""Matches attributions with a time, a year or an address: "On the 3rd I wrote:" is a person's."""

FORWARDED = re.compile(
    r"\s*-{2,20}\s{0,3}"
    + _any(
        "Original Message", "Original Appointment", "Forwarded message", "Begin forwarded message",
        "Ursprüngliche Nachricht", "Originalnachricht", "Weitergeleitete Nachricht", "Message d'origine",
        "Message d’origine", "Message transféré", "Mensaje original", "Mensaje reenviado", "Messaggio originale",
        "Messaggio inoltrato", "Mensagem original", "Oorspronkelijk bericht", "Doorgestuurd bericht",
    )
    + r"\s{0,3}-{2,20}\s*$|\s*"
    + _any("Begin forwarded message", "Anfang der weitergeleiteten Nachricht", "Début du message réexpédié")
    + r"\s?:\s*$",
    re.IGNORECASE,
)  # fmt: skip

HEADER = re.compile(
    r"\s*\*{0,2}(?P<name>"
    + _any(
        "From", "Sent", "To", "Cc", "Subject", "Date", "Von", "Gesendet", "Datum", "An", "Betreff", "De", "Envoyé",
        "Date", "À", "Objet", "Enviado", "Enviado el", "Fecha", "Para", "Asunto", "Da", "Inviato", "Data", "A",
        "Oggetto", "Van", "Verzonden", "Aan", "Onderwerp", "Enviada em", "Assunto", "Från", "Skickat", "Till", "Ämne",
        "Fra", "Sendt", "Til", "Emne",
    )
    + r")\s?:\*{0,2}\s{0,3}\S",
    re.IGNORECASE,
)  # fmt: skip

DEVICE = re.compile(
    _any(
        "Sent from my ", "Sent from (?:Yahoo|Outlook|Mail|Samsung|Gmail|Proton|AOL|myMail|Spark|BlackBerry|Mobile)",
        "Sent (?:via|with|using) .{1,40}(?:phone|mobile|device|mail|app|BlackBerry)", "Get (?:BlueMail|Outlook) for ",
        "Von meinem .{1,60} gesendet", "Gesendet (?:von|mit) ", "Diese Nachricht wurde von meinem ",
        "Envoyé (?:de|depuis|à partir de) ", "Obtenez Outlook pour ", "Enviado (?:desde|do|de) (?:mi |meu |el )?",
        "Obtener Outlook para ", "Inviato da(?:l| mio)? ", "Verstuurd (?:vanaf|via|met) ", "Skickat från ",
        "Sendt fra ", "Wysłane z ", "Отправлено с ",
    )
    + r".{0,150}$",
    re.IGNORECASE,
)  # fmt: skip

DISCLAIMER = re.compile(
    _any(
        "(?:legal |e-?mail )?disclaimer\\b", "confidentiality (?:notice|note|statement)", "confidential(?:ity)?\\s?:",
        "this (?:e-?mail|message|communication|transmission)(?: message)?(?:,| and| \\(|/| \\[|,? together).{0,120}"
        "(?:confidential|privileged|intended)",
        "this (?:e-?mail|message|communication).{0,60}(?:is|are|may be|contains?|may contain).{0,60}"
        "(?:confidential|privileged|intended (?:only|solely))",
        "the (?:information|contents?) (?:contained )?(?:in|of) this (?:e-?mail|message|communication)",
        "if you (?:are not|have received this).{0,60}(?:intended recipient|in error|by mistake)",
        "please consider the environment", "think before you print",
        "diese (?:e-?mail|nachricht).{0,60}(?:enthält|ist|kann).{0,60}(?:vertraulich|bestimmt)",
        "der inhalt dieser (?:e-?mail|nachricht)", "bitte (?:denken|prüfen) sie.{0,60}(?:umwelt|ausdruck)",
        "(?:ce|cet) (?:message|courriel|e-?mail).{0,80}(?:confidentiel|destiné|exclusif)",
        "(?:este|el presente) (?:mensaje|correo|e-?mail).{0,100}(?:confidencial|dirigid|destin)",
        "(?:questo|il presente) messaggio.{0,100}(?:riservat|confidenzial|destinat)",
    ),
    re.IGNORECASE,
)  # fmt: skip

CLOSING = re.compile(
    _any(
        "(?:(?:with )?(?:kind|best|warm|warmest|kindest)(?:est)? )?regards", "best(?: wishes)?", "all the best",
        "(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?", "cheers", "respectfully", "mit freundlichen grüßen",
        "mit freundlichen gruessen", "mit besten grüßen", "(?:viele|beste|liebe|freundliche|herzliche) grüße", "mfg",
        "vg", "lg", "cordialement", "bien (?:cordialement|à vous)", "salutations(?: distinguées)?",
        "meilleures salutations", "(?:un )?(?:cordial )?saludos?(?: cordiales)?", "atentamente", "cordiali saluti",
        "distinti saluti", "atenciosamente", "met vriendelijke groet(?:en)?", "med vänliga hälsningar", "mvh", "br",
        "kr",
    )
    + r"\s{0,3}[,.!–-]?\s{0,3}$",
    re.IGNORECASE,
)  # fmt: skip
