"""`python -m tests.journeys.kept`: a call of Mina's whose recording is kept, in UNSPOKEN_DATA; prints its id."""

import io
import sys
import wave

import django

SAID = ((1.0, "customer", "Hello, it is about my order."), (4.0, "agent", "Let me look."), (7.0, "customer", "Again?"))
SECONDS = 10


def main() -> None:
    """Make the call, ten seconds of silence with three lines in it."""
    django.setup()
    from unspoken.calls.keeping import keep_sound
    from unspoken.calls.models import Call, Form
    from unspoken.kit.clock import now
    from unspoken.people.models import Channel, Contact
    from unspoken.privacy.actions import record_consent
    from unspoken.web.tests.scene import converse

    moment, mina = now(), Contact.objects.get(name="Mina Okafor")
    record_consent(mina, modality="voice", purpose="recording", decision="given", source="test", now=moment)
    says = [(author, text, "neutral" if author == "customer" else "", 0.7, 0.0) for _, author, text in SAID]
    call = converse(mina, None, says, now=moment, subject="A call", channel=Channel.CALL)
    for message, (begins, _, _) in zip(call.messages.order_by("id"), SAID, strict=True):
        message.metadata = {"begins": begins, "ends": begins + 2.0}
        message.save(update_fields=["metadata"])
    talk = {"runs": [[1.0, 3.0, "customer"], [4.0, 6.0, "agent"], [7.0, 9.0, "customer"]]}
    Call.objects.create(
        conversation=call, began_at=moment, ended_at=moment, seen_at=moment, tone="read", heard_until=SECONDS, talk=talk
    )
    sound = io.BytesIO()
    with wave.open(sound, "wb") as opened:
        opened.setparams((1, 2, 8_000, 0, "NONE", ""))
        opened.writeframes(bytes(2 * 8_000 * SECONDS))
    assert keep_sound(call, [sound.getvalue()], form=Form.WAV, now=moment)
    sys.stdout.write(call.pk)


if __name__ == "__main__":
    main()
