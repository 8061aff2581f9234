"""M3SVD: clips as mp4 in step, of which one lacks its visible side; or frames, with made degradations beside them."""

from pathlib import Path

import av
import numpy as np
from publisher import Expected, colour, grey, pair, put


def _clip(path: Path, frames: list[np.ndarray], rate: int = 30) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for pixels in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _pair(folder: Path, name: str, count: int, seed: int) -> None:
    _clip(folder / f"visible/{name}.mp4", [colour(seed + i) for i in range(count)])
    _clip(folder / f"infrared/{name}.mp4", [np.dstack([grey(200 + seed + i)] * 3) for i in range(count)])


def tree(root: Path) -> Expected:
    _pair(root / "M3SVD/Video/test", "0111_1716", 5, 0)
    _pair(root / "M3SVD/Video/test", "1230_1202", 3, 50)
    put(root / "M3SVD/README.md", "# M3SVD")
    return Expected(
        pairs=8,
        subsets={"test": 8},
        scenes={"0111_1716": 5, "1230_1202": 3},
        keys=["m3svd-0111_1716-000000", "m3svd-1230_1202-000002"],
    )


def tree_of_frames(root: Path) -> Expected:
    for subset, clip in (("train", "0113_1714"), ("val", "0117_1605")):
        folder = root / "M3SVD" / subset
        for frame in (1, 2):
            name = f"{clip}/{frame:06d}.png"
            pair(folder / "visible_Enhance" / name, folder / "infrared_Enhance" / name, frame + len(subset) * 10)
            pair(folder / "visible_Blur" / name, folder / "infrared_noise" / name, frame + 90)
    return Expected(
        pairs=4,
        subsets={"train": 2, "val": 2},
        scenes={"0113_1714": 2, "0117_1605": 2},
        keys=["m3svd-0113_1714-000001"],
    )
