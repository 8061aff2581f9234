"""The kinds of place: what lies along a street, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.render import materials as m
from ingest.render.materials import Surface

GROUND: Mapping[str, Surface] = {
    "asphalt": Surface(m.ASPHALT, (0.075, 0.076, 0.080)),
    "paving": Surface(m.PAVING, (0.27, 0.255, 0.23)),
    "concrete": Surface(m.CONCRETE, (0.33, 0.325, 0.31)),
    "grass": Surface(m.GRASS, (0.075, 0.135, 0.035)),
    "marking": Surface(m.MARKING, (0.66, 0.66, 0.63)),
    "kerb": Surface(m.CONCRETE, (0.40, 0.395, 0.38)),
}


@dataclass(frozen=True)
class Buildings:
    """A row of buildings along the street: fronts at `x`, extending away from x = 0, or across it at `across`."""

    x: float
    walls: tuple[str, ...]
    heights: tuple[float, float]
    gap: tuple[float, float] = (0.0, 0.0)
    pitched: bool = False


@dataclass(frozen=True)
class Row:
    """Things of one kind at `x`, every `spacing` metres along the street.

    Attributes:
        share: how many of the places are taken, 0..1.
        turn: heading of vehicles, degrees anticlockwise from +x; 90 is along the street.
        slim: trees that grow tall.
    """

    kind: str  # trees, lamps, vehicles, benches, bollards
    x: float
    spacing: float
    share: float = 1.0
    turn: float = 90.0
    slim: bool = False


@dataclass(frozen=True)
class Lane:
    """A straight way for vehicles or people: along the street at x, or across it at y.

    Attributes:
        kind: vehicles, people.
        at: range of x for a lane along the street, of y for one across.
        count: how many there are.
        across: whether it runs along x.
        way: 1 or -1, or 0 for both ways.
    """

    kind: str
    at: tuple[float, float]
    count: tuple[int, int]
    across: bool = False
    way: int = 0


@dataclass(frozen=True)
class Layout:
    """One kind of place. The street runs along y; x is measured from its middle.

    Attributes:
        place: how a caption says where it is.
        base: ground everywhere.
        strips: (x0, x1, ground) along the street.
        patches: (x0, x1, y0, y1, ground).
        lines: (x, width, dash, gap) of paint; a gap of 0 is a solid line.
        zebra: (x0, x1, y) of a crossing, or None.
        bays: (x0, x1, width) of parking bays.
        hedges: (x0, x1, height) along the street.
        camera: ranges of x, height (m), yaw (degrees), horizon (share of the image height) and focal length (share
            of the image width).
        span: range of y that is built.
    """

    place: str
    base: str
    camera: tuple[tuple[float, float], ...]
    span: tuple[float, float]
    strips: tuple[tuple[float, float, str], ...] = ()
    patches: tuple[tuple[float, float, float, float, str], ...] = ()
    lines: tuple[tuple[float, float, float, float], ...] = ()
    zebra: tuple[float, float, float] | None = None
    bays: tuple[tuple[float, float, float], ...] = ()
    hedges: tuple[tuple[float, float, float], ...] = ()
    buildings: tuple[Buildings, ...] = ()
    rows: tuple[Row, ...] = ()
    lanes: tuple[Lane, ...] = ()


CITY = ("brick", "plaster", "concrete", "plaster")

LAYOUTS = (
    Layout(
        "on a city street", "concrete",
        camera=((5.5, 8.0), (3.2, 5.0), (-24, -12), (0.30, 0.42), (0.85, 1.05)), span=(-12, 110),
        strips=((-10, 10, "paving"), (-6.4, 6.4, "kerb"), (-6.2, 6.2, "asphalt")),
        lines=((0.0, 0.16, 3.0, 4.0), (-4.0, 0.12, 0, 0), (4.0, 0.12, 0, 0)), zebra=(-6.0, 6.0, 21.0),
        buildings=(Buildings(-10, CITY, (9, 16)), Buildings(10.5, CITY, (8, 14))),
        rows=(Row("lamps", -7.2, 17), Row("vehicles", -5.1, 6.4, share=0.55), Row("trees", -8.2, 15, share=0.6)),
        lanes=(Lane("vehicles", (1.9, 1.9), (1, 2), way=1), Lane("vehicles", (-1.9, -1.9), (1, 1), way=-1),
               Lane("people", (-9.4, -7.6), (2, 3)), Lane("people", (7.2, 8.6), (1, 2)),
               Lane("people", (20.2, 21.8), (1, 2), across=True)),
    ),
    Layout(
        "in front of a row of houses", "grass",
        camera=((-17.0, -13.5), (2.2, 3.4), (74, 102), (0.36, 0.50), (0.85, 1.0)), span=(-42, 42),
        strips=((-9, 9, "paving"), (-5.7, 5.7, "kerb"), (-5.5, 5.5, "asphalt")),
        lines=((0.0, 0.16, 3.0, 4.0),),
        hedges=((11.0, 11.7, 1.0),),
        buildings=(Buildings(14, ("brick", "plaster"), (5.0, 7.0), gap=(3.0, 7.0), pitched=True),),
        rows=(Row("lamps", 6.4, 16), Row("vehicles", 4.5, 6.6, share=0.5), Row("trees", 12.8, 13, share=0.7)),
        lanes=(Lane("vehicles", (-1.9, -1.9), (1, 2), way=1), Lane("vehicles", (1.7, 1.7), (1, 1), way=-1),
               Lane("people", (6.9, 8.6), (2, 3)), Lane("people", (-8.4, -6.6), (1, 2))),
    ),
    Layout(
        "in a car park", "asphalt",
        camera=((-13.0, -9.0), (3.6, 5.6), (52, 76), (0.14, 0.27), (0.80, 0.95)), span=(-30, 60),
        strips=((19.0, 30, "grass"), (18.8, 19.0, "kerb")),
        lines=((-2.6, 0.14, 1.6, 2.4),),
        bays=((0.5, 5.4, 2.7), (5.6, 10.5, 2.7)),
        buildings=(Buildings(30, ("concrete", "brick"), (5, 9), gap=(2.0, 6.0)),),
        rows=(Row("vehicles", 2.95, 2.7, share=0.5, turn=180), Row("vehicles", 8.0, 2.7, share=0.5, turn=0),
              Row("trees", 23, 8, share=0.8), Row("lamps", 5.5, 19)),
        lanes=(Lane("vehicles", (-4.4, -4.4), (1, 1), way=1), Lane("vehicles", (13.6, 13.6), (1, 1), way=-1),
               Lane("people", (-1.6, -0.4), (1, 2)), Lane("people", (11.4, 12.2), (1, 3))),
    ),
    Layout(
        "in a pedestrian street", "paving",
        camera=((-2.0, 2.0), (2.6, 4.2), (-9, 9), (0.32, 0.46), (0.90, 1.15)), span=(-8, 90),
        strips=((-1.3, 1.3, "concrete"),),
        buildings=(Buildings(-7.0, CITY, (8, 13)), Buildings(7.0, CITY, (8, 13))),
        rows=(Row("lamps", -3.4, 15), Row("trees", 3.6, 14, share=0.6, slim=True), Row("benches", 3.5, 9, share=0.5),
              Row("bollards", -3.4, 5, share=0.5)),
        lanes=(Lane("people", (-5.6, -1.0), (3, 4)), Lane("people", (0.0, 5.4), (3, 4)),
               Lane("people", (14, 19), (1, 1), across=True)),
    ),
    Layout(
        "on a plaza", "paving",
        camera=((-14.0, -11.0), (2.8, 5.2), (62, 112), (0.22, 0.36), (0.85, 1.05)), span=(-45, 45),
        strips=((-4.0, -2.4, "concrete"), (16, 17.5, "concrete")),
        patches=((1.0, 9.0, -19, -5.5, "grass"), (1.0, 9.0, 5.5, 19, "grass"), (0.7, 9.3, -5.5, -5.2, "kerb"),
                 (0.7, 9.3, 5.2, 5.5, "kerb"), (0.7, 1.0, -19, -5.2, "kerb"), (0.7, 1.0, 5.2, 19, "kerb")),
        buildings=(Buildings(24, CITY, (9, 15), gap=(0, 4)),),
        rows=(Row("trees", 6.0, 6.5, share=0.75), Row("lamps", 0.0, 14), Row("benches", 10.4, 8, share=0.6),
              Row("bollards", 17.0, 3.0)),
        lanes=(Lane("people", (-5.5, -0.8), (2, 3)), Lane("people", (11, 15.5), (2, 3)),
               Lane("people", (-3, 3), (1, 2), across=True), Lane("vehicles", (20.0, 20.0), (1, 1), way=1)),
    ),
    Layout(
        "on a tree-lined road", "grass",
        camera=((4.8, 7.0), (2.8, 4.6), (-38, -22), (0.26, 0.38), (0.80, 1.0)), span=(-10, 120),
        strips=((-8.6, -6.8, "paving"), (6.8, 8.4, "paving"), (-4.2, 4.2, "kerb"), (-4.0, 4.0, "asphalt")),
        lines=((0.0, 0.16, 3.0, 4.0), (-3.7, 0.12, 0, 0), (3.7, 0.12, 0, 0)),
        hedges=((-10.4, -9.6, 1.1),),
        buildings=(Buildings(-17, ("plaster", "brick"), (5.0, 6.5), gap=(5.0, 12.0), pitched=True),),
        rows=(Row("trees", -5.6, 9.0, share=0.9), Row("trees", 9.6, 10.0, share=0.9), Row("lamps", -4.8, 21),
              Row("trees", -14, 12, share=0.6)),
        lanes=(Lane("vehicles", (1.9, 1.9), (1, 1), way=1), Lane("vehicles", (-1.9, -1.9), (1, 2), way=-1),
               Lane("people", (-8.2, -7.2), (2, 3)), Lane("people", (7.2, 8.0), (1, 2))),
    ),
)  # fmt: skip
