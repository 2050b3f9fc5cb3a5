"""The files of a shipped model: found, and checked against the SHA256SUMS beside them, before they are used."""

import hashlib
from pathlib import Path


class ModelUnavailable(RuntimeError):  # noqa: N818 - a state that is named, not a mistake
    """A model's files are missing or damaged; the message says what happened, what is kept and how to mend it."""


def verified(folder: Path, *names: str) -> dict[str, str]:
    """Return the sha256 of each named file in `folder`; raise ModelUnavailable unless SHA256SUMS says the same."""
    expected = _expected(folder)
    found = {}
    for name in names:
        if name not in expected:
            raise unavailable(f"{folder / 'SHA256SUMS'} does not list {name}")
        try:
            found[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise unavailable(f"{folder / name} cannot be opened ({error.strerror})") from error
        if found[name] != expected[name]:
            raise unavailable(
                f"{folder / name} is damaged: its sha256 is {found[name][:12]}…, {expected[name][:12]}… was expected"
            )
    return found


def unavailable(happened: str) -> ModelUnavailable:
    """Return the error for a model that cannot be used because `happened`."""
    return ModelUnavailable(
        f"{happened}. Messages are stored all the same, marked as not analysed yet, and are read once the model is "
        "back. To mend it, install unspoken again (or restore the file from the repository) and restart."
    )


def _expected(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
        return {name: digest for digest, name in (line.split() for line in lines)}
    except (OSError, ValueError) as error:
        raise unavailable(f"{folder / 'SHA256SUMS'} cannot be read ({error})") from error


def seal(folder: Path) -> None:
    """Write SHA256SUMS over the files in `folder`."""
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="ascii")
