"""Make the demo's calls: python -m training.demo_calls [FOLDER]. Needs espeak-ng 1.51; a few seconds."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from training.demo_calls.adpcm import wav
from training.demo_calls.mixing import Said, mixed
from training.demo_calls.speaking import RATE
from training.demo_calls.words import CALLS, Call

FOLDER = Path("src/unspoken/demo/calls")
_MADE_WITH = "1.51"


def main() -> None:
    """Write the recordings, what is said in them and when."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    told = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True).stdout
    if _MADE_WITH not in told:
        print(f"The calls that are kept were spoken by espeak-ng {_MADE_WITH}; this is {told.strip()}.")
    lines = []
    for seed, (name, call) in enumerate(CALLS.items(), start=1):
        sound, said = mixed(call, seed=seed)
        (folder / f"{name}.wav").write_bytes(wav(sound, rate=RATE))
        (folder / f"{name}.vtt").write_text(_vtt(said), encoding="utf-8")
        lines.append(json.dumps(_conversation(f"{name}.wav", call, said)) + "\n")
        print(f"{name}: {sound.shape[1] / RATE:.1f} seconds, {len(said)} turns")
    (folder / "calls.jsonl").write_text("".join(lines), encoding="utf-8")


def _conversation(recording: str, call: Call, said: list[Said]) -> dict[str, Any]:
    """Return a call as the corpus writes one, with its recording and the seconds of each turn."""
    messages, before = [], 0.0
    for one in said:
        by = {"by": call.by} if one.turn.who == "agent" else {}
        begins, ends = round(one.begins, 2), round(one.ends, 2)
        messages.append({
            "from": one.turn.who, **by, "after": round(begins - before, 2), "begins": begins, "ends": ends,
            "text": one.turn.text,
        })  # fmt: skip
        before = begins
    return {
        "key": call.key, "contact": call.contact, "channel": "call", "inbox": "Phone", "days_ago": call.days_ago,
        "status": call.status, "assignee": call.by, "labels": call.labels, "recording": recording, "customer": "left",
        "messages": messages,
    }  # fmt: skip


def _vtt(said: list[Said]) -> str:
    cues = [f"{_clock(one.begins)} --> {_clock(one.ends)}\n<v {one.turn.who.title()}>{one.turn.text}" for one in said]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"{hundredths // 6_000:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}0"


if __name__ == "__main__":
    main()
