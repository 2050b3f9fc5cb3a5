"""Decoding recordings in a process of its own, with little memory and no network: `blocks` asks, `main` answers.

Sound files come from outside, and their decoders are large; what goes wrong in one must not be ours. The child writes
the number of channels, then float32 samples at 16 kHz, interleaved. Needs PyAV: `pip install unspoken[voice]`.
"""

import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.mel import RATE

LONGEST = 3 * 3600  # seconds of a recording
CHANNELS = 2
BLOCK = 10 * RATE  # samples of each channel that are handed on at once
_MEMORY = 1 << 30  # bytes that the child may use
_PROCESSOR = 900  # seconds of processor time


class NotDecodable(ValueError):  # noqa: N818  reads as the sentence it is
    """A recording cannot be used; the message says why and what to do."""


def blocks(path: Path) -> Iterator[NDArray[np.float32]]:
    """Yield a recording's sound (channels, n), −1…1 at 16 kHz, ten seconds at a time; one or two channels.

    Raises NotDecodable for what is no sound, broken, longer than three hours, or has more than two channels.
    """
    if not path.is_file():
        raise NotDecodable(f"{path} is not there, or is no file.")
    command = [sys.executable, "-P", "-m", __name__, str(path.absolute())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:  # noqa: S603
        assert child.stdout and child.stderr
        try:
            head = child.stdout.read(1)
            channels = head[0] if head else 0
            size = 4 * channels * BLOCK
            while channels and (data := child.stdout.read(size)):
                whole = len(data) - len(data) % (4 * channels)
                yield np.frombuffer(data[:whole], np.float32).reshape(-1, channels).T
            said = child.stderr.read(2_000).decode(errors="replace").strip()
        finally:
            child.kill()
    if child.returncode not in (0, -9) or (not channels and not said):
        raise NotDecodable(f"{path.name}: {said or 'decoding ended in its midst; the file is broken or too large'}.")
    if said:
        raise NotDecodable(f"{path.name}: {said}.")


def main() -> None:
    """Decode the file named on the command line to standard output; say on standard error why not."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR, _PROCESSOR))
    try:
        _decode(sys.argv[1])
    except NotDecodable as error:
        sys.exit(str(error))


def _decode(path: str) -> None:
    try:
        import av
    except ImportError:
        raise NotDecodable("recordings need PyAV; install it with: pip install 'unspoken[voice]'") from None
    av.logging.set_level(av.logging.PANIC)
    try:
        opened = av.open(path, options={"protocol_whitelist": "file"})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise NotDecodable(f"this is no sound file that can be read ({_reason(error)})") from None
    with opened:
        if not opened.streams.audio:
            raise NotDecodable("there is no sound in it")
        stream = opened.streams.audio[0]
        channels = stream.codec_context.channels
        if channels not in range(1, CHANNELS + 1):
            raise NotDecodable(f"it has {channels} channels; give the two sides of the call as one stereo recording")
        resampler = av.AudioResampler("flt", "mono" if channels == 1 else "stereo", RATE)
        sys.stdout.buffer.write(bytes([channels]))
        written = 0
        try:
            for frame in opened.decode(stream):
                written += _write(resampler.resample(frame), channels)
                if written > LONGEST * RATE:
                    raise NotDecodable("it is longer than three hours; cut it into parts")
        except (av.FFmpegError, ValueError) as error:
            raise NotDecodable(f"it is broken after {written / RATE:.0f} seconds ({_reason(error)})") from None
        written += _write(resampler.resample(None), channels)
        if not written:
            raise NotDecodable("there is no sound in it")


def _write(frames: Sequence[Any], channels: int) -> int:
    count = 0
    for frame in frames:
        samples = frame.to_ndarray()
        sys.stdout.buffer.write(samples.astype(np.float32).tobytes())
        count += samples.size // channels
    return count


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


if __name__ == "__main__":
    main()
