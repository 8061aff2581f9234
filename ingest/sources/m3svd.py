"""M3SVD: clips of static cameras in streets, both sides in step, day and night.

Accepted: the clips as mp4 (`Video/` of the repository, `M3SVD_Video/` of the full release), or the release as frames.
Folders `infrared_noise` and `visible_Blur` hold made degradations of the same frames and are left out. Frames of
a clip count from 0, those of the released folders from 1: one picture has two names. In some copies of the repository
the larger visible clips are absent.
"""

from ingest.readers import VIDEO
from ingest.source import Git, Layout, Source

_VISIBLE, _INFRARED = "{:visible|visible_Enhance}/{clip}", "{:infrared|infrared_Enhance}/{clip}"

SOURCE = Source(
    name="m3svd",
    title="M3SVD",
    pairs=153_797,
    band="lwir",
    view="surveillance",
    page="https://github.com/Linfeng-Tang/M3SVD",
    licence="MIT",
    redistribute=True,
    citation="Tang et al., VideoFusion: A Spatio-Temporal Collaborative Network for Multi-modal Video Fusion "
    "and Restoration, CVPR 2026",
    layouts=[
        Layout("{subset:train|val|test}/" + _VISIBLE, "{subset:train|val|test}/" + _INFRARED, read=VIDEO),
        Layout(
            "{subset:train|val|test}/" + _VISIBLE + "/{frame:d}",
            "{subset:train|val|test}/" + _INFRARED + "/{frame:d}",
        ),
    ],
    scene="{clip}",
    key="{clip}-{frame:06d}",
    sequence="{clip}",
    fetch=[Git("https://github.com/Linfeng-Tang/M3SVD", "f0c7b1c", ["Video", "LICENSE"])],
)
