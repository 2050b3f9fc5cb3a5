"""Sound as it comes, put where it belongs: late, twice, in the wrong order or not at all. Pure; no sound outlives it.

A frame says itself where its place is, so nothing needs sorting: it is written there. What is missing is silence; what
is missing for a second or longer is a gap, which is told.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from .happenings import Encoding, Track

PATIENCE = 0.2  # seconds that a late frame is waited for
LAG = 1.0  # seconds that one side may stay behind the other before it counts as silent
GAP = 1.0  # seconds without any sound that are told as a gap
SEAM = 0.01  # seconds by which a frame may say its place wrongly: within them it goes on where the one before ended
KNOWN = 256  # frames of which it is remembered where they were put, so that they go there again when they come twice
ROOM = 20.0  # seconds that may wait to be listened to

_SILENCE = {Encoding.MULAW: b"\xff", Encoding.PCM: b"\x00\x00"}


@dataclass(frozen=True, slots=True)
class Taken:
    """Sound of all tracks from second `begins` of the stream on, as long as each other; b"" of all: nothing is due."""

    begins: float
    sides: dict[Track, bytes]
    seconds: float
    missing: float


@dataclass(slots=True)
class _Piece:
    """Unbroken sound from sample `begins` on; per track what came, and up to which sample."""

    begins: int
    sides: dict[Track, bytearray]
    there: dict[Track, bytearray]
    newest: dict[Track, int] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return max(self.newest.values(), default=self.begins)


class Reels:
    """The sound of one stream that waits to be listened to. Not safe for several threads by itself."""

    def __init__(self, tracks: Iterable[Track], *, encoding: Encoding, rate: int) -> None:
        """rate: samples a second."""
        self._tracks, self._rate = tuple(tracks), rate
        self._silence = _SILENCE[encoding]
        self._width = len(self._silence)
        self._pieces: deque[_Piece] = deque()
        self._done = 0  # samples before this one are dealt with
        self._ends: dict[Track, int] = {}  # where the newest frame ended
        self._places: dict[tuple[Track, int], int] = {}
        self.late = 0  # frames that came after their time, and are lost

    @property
    def waiting(self) -> float:
        """Seconds that wait."""
        return sum(piece.end - piece.begins for piece in self._pieces) / self._rate

    @property
    def is_full(self) -> bool:
        """Whether no more should be put in before some is taken."""
        return self.waiting >= ROOM

    def put(self, track: Track, at: float, payload: bytes) -> None:
        """Put sound of a track in its place, second `at` of the stream; what is too late is counted and dropped."""
        payload = payload[: len(payload) - len(payload) % self._width]
        begins = self._place(track, round(at * self._rate), len(payload) // self._width)
        if begins < self._done:
            early = min((self._done - begins) * self._width, len(payload))
            begins, payload = begins + early // self._width, payload[early:]
        piece = self._piece(begins) if payload else None
        if piece is None:
            self.late += 1
        while piece is not None:
            fitting = self._before_the_next(piece, begins, payload)
            self._write(piece, track, begins, fitting)
            begins, payload = begins + len(fitting) // self._width, payload[len(fitting) :]
            piece = self._piece(begins) if payload else None

    def _place(self, track: Track, told: int, count: int) -> int:
        """Return where a frame belongs that says so itself: clocks are read in milliseconds, and not always on time."""
        known = self._places.get((track, told))
        if known is not None:
            return known
        end = self._ends.get(track)
        place = end if end is not None and abs(told - end) <= SEAM * self._rate else told
        self._ends[track] = max(end or 0, place + count)
        self._places[track, told] = place
        if len(self._places) > KNOWN:
            del self._places[next(iter(self._places))]
        return place

    def _before_the_next(self, piece: _Piece, begins: int, payload: bytes) -> bytes:
        """Return what of a payload lies before the next piece, where the rest of it belongs."""
        following = next((other.begins for other in self._pieces if other.begins > piece.begins), None)
        return payload if following is None else payload[: (following - begins) * self._width]

    def _piece(self, begins: int) -> _Piece | None:
        """Return the piece that a sample belongs to, a new one after a gap; None: its piece is closed."""
        newest = self._pieces[-1] if self._pieces else None
        if newest is None or begins >= newest.end + GAP * self._rate:
            nothing = {track: bytearray() for track in self._tracks}
            newest = _Piece(begins, nothing, {track: bytearray() for track in self._tracks})
            if not self._pieces and begins < self._done + GAP * self._rate:
                newest.begins = self._done
            self._pieces.append(newest)
        for piece in self._pieces:
            if begins >= piece.begins and (piece is newest or begins < piece.end):
                return piece
        return None

    def _write(self, piece: _Piece, track: Track, begins: int, payload: bytes) -> None:
        side, there = piece.sides[track], piece.there[track]
        first, count = begins - piece.begins, len(payload) // self._width
        if len(there) < first:
            side.extend(self._silence * (first - len(there)))
            there.extend(bytes(first - len(there)))
        side[first * self._width : (first + count) * self._width] = payload
        there[first : first + count] = b"\x01" * count
        piece.newest[track] = max(piece.newest.get(track, 0), begins + count)

    def take(self, *, everything: bool = False) -> Taken | None:
        """Return what is due next, or None; everything: also what late frames would still be waited for."""
        while self._pieces:
            piece = self._pieces[0]
            closed = everything or len(self._pieces) > 1
            until = piece.end if closed else self._due(piece)
            if until > piece.begins:
                return self._cut(piece, until)
            if len(self._pieces) == 1:
                return None
            self._pieces.popleft()
        return None

    def _due(self, piece: _Piece) -> int:
        slowest = min(piece.newest.get(track, piece.begins) for track in self._tracks)
        return max(slowest - round(PATIENCE * self._rate), piece.end - round(LAG * self._rate))

    def _cut(self, piece: _Piece, until: int) -> Taken:
        count, sides, missing = until - piece.begins, {}, 0
        for track in self._tracks:
            side, there = piece.sides[track], piece.there[track]
            cut = bytes(side[: count * self._width])
            sides[track] = cut + self._silence * (count - len(cut) // self._width)
            missing = max(missing, count - there[:count].count(1))
            del side[: count * self._width], there[:count]
        taken = Taken(piece.begins / self._rate, sides, count / self._rate, missing / self._rate)
        piece.begins = self._done = until
        return taken
