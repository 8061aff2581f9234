"""How samples come out of raw files that are no pair of images: one file with both sides, or two videos.

A layout says `read=ALPHA` or `read=VIDEO`. At plan time a reader makes samples of pairs of files; at encode time it
gives the pixels of one sample after the other, and never holds more than one frame of a side.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from ingest.template import Fields, printable
from shards import image

if TYPE_CHECKING:
    from ingest.pair import Pair
    from ingest.tree import Raw

Side = Literal["visible", "infrared"]
Failure = tuple[str, ...]
"""(status, reason), or nothing."""

VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mkv", ".mov", ".m4v", ".mpg", ".mpeg", ".webm"})


class Pixels(Protocol):
    """Open files of one shard."""

    def read(self, side: Side, path: str, fields: Fields) -> tuple[np.ndarray, str]:
        """Pixels of one side of a sample, HW, HW3 or HW4, and the mode in which they were stored.

        Raises:
            BadImage: there are none.
            OSError: the file cannot be read.
        """

    def close(self) -> None:
        """Lets go of files."""


class Reader(Protocol):
    """A way to read."""

    @property
    def name(self) -> str:
        """Part of every shard's id."""

    @property
    def suffixes(self) -> frozenset[str]:
        """Of the files that it takes, lower case."""

    def samples(self, pairs: Sequence["Pair"], raw: "Raw") -> tuple[list["Pair"], list[Failure]]:
        """Samples that the pairs of files hold, and what is wrong with each."""

    def open(self, raw: "Raw") -> Pixels:
        """What reads the samples of a shard."""


@dataclass(frozen=True)
class Alpha:
    """Both sides in one file: visible is RGB, infrared is alpha. Both templates of the layout are the same."""

    name: str = "alpha"
    suffixes: frozenset[str] = image.SUFFIXES

    def samples(self, pairs: Sequence["Pair"], raw: "Raw") -> tuple[list["Pair"], list[Failure]]:
        """One each."""
        return list(pairs), [() for _ in pairs]

    def open(self, raw: "Raw") -> Pixels:
        """Decodes each file once."""
        return _AlphaPixels(raw)


@dataclass(frozen=True)
class Video:
    """A video for each side, or for infrared alone; each frame is a sample.

    Two more fields come from it: `frame`, from 0, and `frames`, how many there are. Both sides are joined by the
    number of the frame, so they must have equal counts.
    """

    name: str = "video"
    suffixes: frozenset[str] = VIDEO_SUFFIXES

    def samples(self, pairs: Sequence["Pair"], raw: "Raw") -> tuple[list["Pair"], list[Failure]]:
        """One per frame; one failed sample for a file that is no video."""
        samples: list[Pair] = []
        failures: list[Failure] = []
        for pair in pairs:
            count, failure = _count_frames(pair, raw)
            names = (*pair.names, "frame", "frames")
            samples += [pair._replace(names=names, values=(*pair.values, i, count)) for i in range(max(count, 1))]
            failures += [failure] * max(count, 1)
        return samples, failures

    def open(self, raw: "Raw") -> Pixels:
        """Decodes each video once, from its first frame on."""
        return _VideoPixels(raw)


ALPHA, VIDEO = Alpha(), Video()


class _AlphaPixels:
    def __init__(self, raw: "Raw") -> None:
        self._raw = raw
        self._path, self._mode = "", ""
        self._pixels: np.ndarray[Any, Any] = np.empty(0)

    def read(self, side: Side, path: str, fields: Fields) -> tuple[np.ndarray, str]:
        if path != self._path:
            data = self._raw.read(path)
            self._pixels, self._mode, self._path = image.decode(data), image.header(data).mode, path
        if self._pixels.ndim != 3 or self._pixels.shape[2] != 4:
            raise image.BadImage("no_alpha", f"is {self._mode}, and has no alpha channel that could be infrared")
        channels = self._pixels[..., :3] if side == "visible" else self._pixels[..., 3]
        return np.ascontiguousarray(channels), self._mode

    def close(self) -> None:
        self._path, self._pixels = "", np.empty(0)


class _VideoPixels:
    def __init__(self, raw: "Raw") -> None:
        self._raw = raw
        self._open: dict[Side, _Decoder] = {}

    def read(self, side: Side, path: str, fields: Fields) -> tuple[np.ndarray, str]:
        number, count = int(fields["frame"]), int(fields["frames"])
        decoder = self._open.get(side)
        if decoder is None or decoder.path != path or decoder.next > number:
            if decoder is not None:
                decoder.close()
            decoder = self._open[side] = _Decoder(self._raw, path)
        frame = decoder.frame(number, count)
        form = frame.format.name
        pixels = frame.to_ndarray(format="gray16le" if form.startswith("gray1") else "rgb24")
        if side == "infrared" and image.channel_spread(pixels) <= image.CODEC_RESIDUE:
            pixels = image.to_grey(pixels)
        return np.ascontiguousarray(pixels), form

    def close(self) -> None:
        for decoder in self._open.values():
            decoder.close()
        self._open.clear()


class _Decoder:
    """One video, frame after frame. Seeking by number is not exact in every container, decoding is."""

    def __init__(self, raw: "Raw", path: str) -> None:
        self.path, self.next = path, 0
        self._problem = ""
        self._file = raw.open(path)
        self._frames = self._decode()

    def frame(self, number: int, count: int) -> Any:
        """The frame of that number, itself not passed yet.

        Raises:
            BadImage: the video ends or breaks off before it, or has more than `count` frames.
        """
        while not self._problem:
            frame = next(self._frames, None)
            if frame is None:
                self._problem = self._problem or f"ends after {self.next:,} of {count:,} frames"
                break
            self.next += 1
            if self.next <= number:
                continue
            if self.next == count and next(self._frames, None) is not None:
                self._problem = f"has more than the {count:,} frames that were counted"
                break
            return frame
        raise image.BadImage("bad_video", self._problem)

    def close(self) -> None:
        self._frames.close()
        self._file.close()

    def _decode(self) -> Generator[Any, None, None]:
        import av

        try:
            with av.open(self._file, "r") as container:
                stream = container.streams.video[0]
                stream.codec_context.thread_count = 1
                yield from container.decode(stream)
        except (av.FFmpegError, IndexError) as error:
            self._problem = f"cannot be decoded after {self.next:,} frames ({error})"


def _count_frames(pair: "Pair", raw: "Raw") -> tuple[int, Failure]:
    """Frames of the longer side, and what is wrong: with one side, or between the two."""
    counts = {}
    for side, entry in (("visible", pair.visible), ("infrared", pair.infrared)):
        if entry is None:
            continue
        try:
            counts[side] = count_packets(raw, entry.path)
        except image.BadImage as bad:
            return 0, (bad.reason, f"{side}: {printable(entry.path)}: {bad}")
        except OSError as error:
            return 0, ("unreadable", f"{side}: {printable(entry.path)}: {error.strerror}")
    longest = max(counts.values())
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{side} has {count:,}" for side, count in counts.items())
        return longest, ("frame_count", f"{told} frames: which belong together cannot be told")
    return longest, ()


def count_packets(raw: "Raw", path: str) -> int:
    """Frames of a video by its packets, without decoding.

    Raises:
        BadImage: it is no video, or its header promises another number.
        OSError: it cannot be read.
    """
    import av

    with raw.open(path) as file:
        start = file.read(256)
        if not start:
            raise image.BadImage("empty", "the file has no bytes")
        file.seek(0)
        try:
            with av.open(file, "r") as container:
                stream = container.streams.video[0]
                promised = stream.frames
                count = sum(packet.size > 0 for packet in container.demux(stream))
        except (av.FFmpegError, IndexError) as error:
            raise image.told_by_start(start) or image.BadImage("bad_video", f"cannot be opened ({error})") from None
    if not count or promised not in {0, count}:
        raise image.BadImage("bad_video", f"holds {count:,} of the {promised:,} frames that its header promises")
    return count
