"""What a merged contact says of itself: gaps are filled from the absorbed contact, and emptied again when undone."""

from datetime import datetime
from typing import Any

from ..models import Contact

_FILLED = ("name", "title", "organisation_id", "owner_id", "city", "country", "language")
_DICTIONARIES = ("attributes", "preferences")
_MOMENTS = {"created_at": min, "last_seen_at": max}


def combine(kept: Contact, absorbed: Contact) -> dict[str, Any]:
    """Fill `kept` from `absorbed` and save it; return what changed: fields [before, after], keys added, tags added."""
    before = {name: getattr(kept, name) for name in (*_FILLED, *_MOMENTS)}
    for name in _FILLED:
        setattr(kept, name, before[name] or getattr(absorbed, name))
    for name, choose in _MOMENTS.items():
        known = [moment for moment in (before[name], getattr(absorbed, name)) if moment is not None]
        setattr(kept, name, choose(known, default=None))
    keys = {}
    for name in _DICTIONARIES:
        own = getattr(kept, name)
        keys[name] = {key: value for key, value in getattr(absorbed, name).items() if key not in own}
        setattr(kept, name, own | keys[name])
    kept.save()
    tags = sorted(set(absorbed.tags.values_list("pk", flat=True)) - set(kept.tags.values_list("pk", flat=True)))
    kept.tags.add(*tags)
    fields = {
        name: [_plain(was), _plain(getattr(kept, name))] for name, was in before.items() if was != getattr(kept, name)
    }
    return {"fields": fields, "keys": keys, "tags": tags}


def separate(kept: Contact, moved: dict[str, Any]) -> None:
    """Take back what `combine` did and nobody has changed since, and save `kept`."""
    for name, (was, became) in moved["fields"].items():
        if _plain(getattr(kept, name)) == became:
            attribute = next(field for field in kept._meta.concrete_fields if field.attname == name)
            setattr(kept, name, attribute.to_python(was))
    for name, added in moved["keys"].items():
        now_there = getattr(kept, name)
        setattr(kept, name, {key: value for key, value in now_there.items() if added.get(key, _MISSING) != value})
    kept.save()
    kept.tags.remove(*moved["tags"])


_MISSING = object()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
