"""The size and crop at which a latent model translates an image whose aspect ratio it keeps."""

from fractions import Fraction

from models.method import Geometry

MULTIPLE = 64  # of both sides: the first stage divides them by 8, the network by another 8


def keep_aspect(resolution: int, width: int, height: int) -> Geometry:
    """The working size near `resolution` on the longer side, and the centred crop that has its aspect ratio.

    The rule of InstructPix2Pix's and DiffV2IR's scripts: scale so that the longer side is `resolution`, then further
    so that the shorter side is the next multiple of 64; cut the longer side down to a multiple of 64. The scripts
    compute in floats, which loses 64 pixels for about 4 % of sizes (376 x 504 becomes 320 x 512 instead of 384 x 512);
    here it is exact.

    Args:
        resolution: wanted length of the longer side, in pixels.
        width, height: of the source image.

    >>> keep_aspect(512, 1280, 1024)
    Geometry(box=(54.857142857142854, 0.0, 1225.142857142857, 1024.0), size=(512, 448))
    """
    shorter, longer = min(width, height), max(width, height)
    units = -(-shorter * resolution // (longer * MULTIPLE))  # of 64 pixels along the shorter side, rounded up
    across, down = width * units // shorter, height * units // shorter
    if width * down > height * across:
        cut = Fraction(width) - Fraction(height * across, down)
        box = (float(cut / 2), 0.0, float(width - cut / 2), float(height))
    else:
        cut = Fraction(height) - Fraction(width * down, across)
        box = (0.0, float(cut / 2), float(width), float(height - cut / 2))
    return Geometry(box, (across * MULTIPLE, down * MULTIPLE))
