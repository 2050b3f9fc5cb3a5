"""What an operator watches of calls."""

from prometheus_client import Counter, Gauge, Histogram

LINES = Gauge("unspoken_call_lines", "Calls that this process listens to")
TURN = Histogram(
    "unspoken_call_turn_seconds", "One turn of listening to all lines",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0),
)  # fmt: skip
READ = Counter("unspoken_call_windows", "Windows of tone that were read or abstained from")
FRAMES = Counter("unspoken_call_frames", "Frames of telephone systems", ["connector", "result"])
UNWRITTEN = Counter("unspoken_call_unwritten", "Utterances that could not be written down")
