"""What the rendered scenes promise: heat instead of brightness, true annotations, equal bytes for equal arguments."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from ingest.render import materials as m
from ingest.render import physics, street
from ingest.render.backdrop import draw_backdrop
from ingest.render.camera import Camera
from ingest.render.captions import caption
from ingest.render.compose import compose
from ingest.render.dataset import count_of_test_scenes, render
from ingest.render.layouts import GROUND
from ingest.render.materials import Surface
from ingest.render.mesh import Thing, face
from ingest.render.noise import Noise
from ingest.render.picture import Picture, take
from ingest.render.raster import Canvas
from ingest.render.scene import OVERSAMPLING, Scene
from ingest.render.truth import region_map, visible, voc_xml
from ingest.render.vehicles import Vehicle, vehicle
from ingest.render.weather import KELVIN, Weather
from shards.errors import UserError

SIZE = (160, 128)
SUNNY = Weather("on a sunny day", night=False, cloud=0.0, air=20.0, elevation=50.0)
CLEAR_NIGHT = Weather("at night", night=True, cloud=0.0, air=10.0)
CLOUDY_NIGHT = replace(CLEAR_NIGHT, cloud=1.0)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All twelve kinds of scene, small."""
    folder = tmp_path_factory.mktemp("render") / "raw"
    assert render(folder, scenes=12, pairs=24, size=SIZE) == 24
    return folder


@pytest.fixture(scope="module")
def car_park() -> Scene:
    return compose(7, SIZE, seed=0)


@pytest.fixture(scope="module")
def picture(car_park: Scene) -> Picture:
    return take(draw_backdrop(car_park), 0)


def temperature(surface: Surface, weather: Weather, *, sun: float = 0.0, sky_view: float = 1.0) -> float:
    """Surface temperature in °C."""
    one = np.ones(1)
    rows = np.array([surface.row])
    return float(physics.temperature(rows, sun * one, sky_view * one, one, weather)[0]) - KELVIN


class TestFolder:
    def test_every_pair_has_both_sides_boxes_map_and_caption(self, raw: Path) -> None:
        names = {p.stem for p in raw.glob("visible/*/*.jpg")}
        assert len(names) == 24
        for pattern in ("infrared/*/*.jpg", "Annotations/*.xml", "truth/maps/*.png"):
            assert {p.stem for p in raw.glob(pattern)} == names
        assert json.loads((raw / "truth/captions.json").read_text()).keys() == names

    def test_sides_are_of_one_subset_and_size_and_infrared_is_grey(self, raw: Path) -> None:
        for path in raw.glob("visible/*/*.jpg"):
            seen, felt = Image.open(path), Image.open(raw / "infrared" / path.parent.name / path.name)
            assert (seen.size, seen.mode, felt.size, felt.mode) == (SIZE, "RGB", SIZE, "L")

    def test_whole_scenes_are_train_or_test_with_day_and_night_in_both(self, raw: Path) -> None:
        captions = json.loads((raw / "truth/captions.json").read_text())
        scenes = {s: {p.stem[:2] for p in raw.glob(f"visible/{s}/*.jpg")} for s in ("train", "test")}
        assert not scenes["train"] & scenes["test"]
        assert len(scenes["train"] | scenes["test"]) == 12
        for subset in scenes.values():
            assert {"night" in captions[f"{s}0001"] for s in subset} == {True, False}

    @pytest.mark.parametrize("scenes", range(4, 30))
    def test_from_four_scenes_on_either_side_gets_two_in_a_row(self, scenes: int) -> None:
        assert 2 <= count_of_test_scenes(scenes) <= scenes - 2
        assert 0.15 <= count_of_test_scenes(scenes) / scenes <= 0.5

    def test_maps_are_black_and_white_with_thin_gaps(self, raw: Path) -> None:
        for path in raw.glob("truth/maps/*.png"):
            levels, counts = np.unique(np.asarray(Image.open(path)), return_counts=True)
            assert levels.tolist() == [0, 255]
            assert counts[1] > 0.5 * counts.sum()

    def test_boxes_lie_in_the_image(self, raw: Path) -> None:
        width, height = SIZE
        labels = set()
        for path in raw.glob("Annotations/*.xml"):
            for item in ElementTree.parse(path).iter("object"):
                labels.add(item.findtext("name"))
                x0, y0, x1, y1 = (int(item.findtext(f"bndbox/{k}", "")) for k in ("xmin", "ymin", "xmax", "ymax"))
                assert 1 <= x0 <= x1 <= width
                assert 1 <= y0 <= y1 <= height
        assert labels == {"person", "car", "van"}

    def test_the_readme_says_rendered_and_the_seed(self, raw: Path) -> None:
        text = (raw / "README.txt").read_text()
        assert "rendered" in text
        assert "seed 0" in text


class TestHeat:
    def test_infrared_does_not_follow_brightness(self, raw: Path) -> None:
        luma, infrared = _pixels(raw)
        assert abs(np.corrcoef(luma.ravel(), infrared.ravel())[0, 1]) < 0.5
        each = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(luma, infrared, strict=True)]
        assert abs(float(np.mean(each))) < 0.5

    def test_the_same_car_is_far_brighter_running_than_parked_cold(self, car_park: Scene) -> None:
        levels = {running: _car_level(car_park, running) for running in (True, False)}
        assert levels[True] - levels[False] > 30

    def test_a_mean_image_says_little_about_another_scene(self, raw: Path) -> None:
        train = np.mean([_grey(p) for p in sorted(raw.glob("infrared/train/*.jpg"))], axis=0)
        errors = [np.mean((_grey(p) - train) ** 2) for p in raw.glob("infrared/test/*.jpg")]
        assert 11 < np.mean([10 * np.log10(255**2 / e) for e in errors]) < 17

    def test_asphalt_heats_more_in_the_sun_than_white_paint(self) -> None:
        asphalt, paint = (temperature(GROUND[name], SUNNY, sun=0.8) for name in ("asphalt", "marking"))
        assert asphalt > paint + 5 > SUNNY.air + 5

    def test_shade_is_cooler_than_sun(self) -> None:
        lit, shaded = (temperature(GROUND["paving"], SUNNY, sun=s) for s in (0.8, 0.0))
        assert lit > shaded + 8

    def test_at_night_stone_stays_warm_and_metal_under_the_open_sky_falls_below_the_air(self) -> None:
        roof = temperature(Surface(m.PAINT, (0.3, 0.3, 0.3)), CLEAR_NIGHT)
        assert temperature(GROUND["asphalt"], CLEAR_NIGHT) > CLEAR_NIGHT.air > roof + 3
        assert temperature(Surface(m.PAINT, (0.3, 0.3, 0.3)), CLOUDY_NIGHT) > roof + 2

    def test_plants_stay_near_the_air(self) -> None:
        leaf = Surface(m.FOLIAGE, (0.06, 0.12, 0.03))
        assert abs(temperature(leaf, SUNNY, sun=0.5, sky_view=0.5) - SUNNY.air) < 5
        assert abs(temperature(leaf, CLEAR_NIGHT, sky_view=0.5) - CLEAR_NIGHT.air) < 2

    def test_a_body_shows_through_clothes_and_skin_is_warmer(self) -> None:
        skin = temperature(Surface(m.SKIN, (0.4, 0.3, 0.2), core=33.5, grip=1.0), CLEAR_NIGHT)
        cloth = temperature(Surface(m.CLOTH, (0.4, 0.3, 0.2), core=33.5, grip=0.66), CLEAR_NIGHT)
        assert skin == pytest.approx(33.5)
        assert CLEAR_NIGHT.air + 8 < cloth < skin - 5

    def test_the_clear_sky_is_coldest_overhead_and_clouds_are_near_the_air(self) -> None:
        rise = np.array([0.0, 0.3, 1.0])
        clear = CLEAR_NIGHT.sky_temperature(rise, 0.0) - KELVIN
        assert CLEAR_NIGHT.air > clear[0] > clear[1] > clear[2]
        assert clear[2] < CLEAR_NIGHT.air - 50
        cloudy = CLEAR_NIGHT.sky_temperature(rise, 1.0) - KELVIN
        assert cloudy == pytest.approx(np.full(3, CLEAR_NIGHT.air - 5))

    def test_glass_mirrors_the_cold_sky(self) -> None:
        kelvin, half = np.full(2, 283.0), np.full(2, 0.5)
        glass, wall = physics.leaving(kelvin, np.array([0.62, 0.93]), half, CLEAR_NIGHT)
        assert physics.apparent(glass) < physics.apparent(wall) - 1

    def test_grey_levels_span_the_window_and_a_black_body_shows_its_own_temperature(self) -> None:
        power = physics.radiance(np.array([280.0, 290.0, 300.0]))
        assert physics.apparent(power) == pytest.approx([280.0, 290.0, 300.0])
        assert physics.grey_levels(power, (280.0, 300.0)) == pytest.approx([0.0, 127.5, 255.0])

    def test_the_gain_never_turns_an_even_scene_into_noise(self) -> None:
        low, high = physics.gain_window(np.full(100, 283.15), CLEAR_NIGHT)
        assert high - low >= 12
        assert low < 283.15 < high


class TestMotion:
    def test_things_move_before_a_background_that_stays(self, raw: Path) -> None:
        for scene in range(1, 13):
            first, second = (_grey(next(raw.glob(f"infrared/*/{scene:02d}000{n}.jpg"))) for n in (1, 2))
            changed = np.abs(first - second) > 25
            assert 0.0005 < changed.mean() < 0.35, scene

    def test_scenes_differ_far_more_than_frames_of_one(self, raw: Path) -> None:
        images = [_grey(p) for p in sorted(raw.glob("infrared/*/*0001.jpg"), key=lambda p: p.stem)]
        later = [_grey(p) for p in sorted(raw.glob("infrared/*/*0002.jpg"), key=lambda p: p.stem)]
        within = np.mean([np.abs(a - b).mean() for a, b in zip(images, later, strict=True)])
        between = np.mean([np.abs(a - b).mean() for a, b in pairwise(images)])
        assert between > 3 * within

    def test_a_walker_walks_at_a_walking_pace(self, car_park: Scene) -> None:
        walkers = [i for i, mover in enumerate(car_park.movers) if 0 < mover.speed < 2]
        assert walkers
        now, soon = car_park.moving(0), car_park.moving(1)
        steps = [np.hypot(*(soon[i].foot - now[i].foot)[:2]) for i in walkers]
        assert 0.4 < np.median(steps) < 0.9  # metres in half a second


class TestTruth:
    def test_each_box_encloses_exactly_what_is_seen(self, picture: Picture) -> None:
        seen = visible(picture)
        assert {item.thing.label for item in seen} >= {"person", "car"}
        for item in seen:
            number = next(i for i, thing in enumerate(picture.things) if thing is item.thing)
            rows, columns = np.nonzero(picture.owner == number)
            left, top, right, bottom = item.box
            assert (left, top) == (columns.min() // OVERSAMPLING, rows.min() // OVERSAMPLING)
            assert (right, bottom) == (columns.max() // OVERSAMPLING + 1, rows.max() // OVERSAMPLING + 1)

    def test_a_person_is_warm_within_the_box(self, picture: Picture) -> None:
        people = [item for item in visible(picture) if item.thing.label == "person"]
        around = float(np.median(picture.infrared))
        for item in people:
            left, top, right, bottom = item.box
            assert picture.infrared[top:bottom, left:right].max() > around + 60

    def test_voc_corners_are_one_based_and_inclusive(self, picture: Picture) -> None:
        seen = visible(picture)
        root = ElementTree.fromstring(voc_xml("080001.jpg", SIZE, seen))
        first = root.find("object/bndbox")
        assert first is not None
        left, top, right, bottom = seen[0].box
        assert [int(node.text or "") for node in first] == [left + 1, top + 1, right, bottom]

    def test_regions_are_parted_by_gaps(self, picture: Picture) -> None:
        regions = region_map(picture)
        owner = picture.owner[::OVERSAMPLING, ::OVERSAMPLING]
        for item in visible(picture):
            if item.area > 60:
                number = next(i for i, thing in enumerate(picture.things) if thing is item.thing)
                mask = owner == number
                assert (regions[mask] == 0).any()

    def test_the_caption_counts_who_is_seen_and_names_place_and_light(self, car_park: Scene, picture: Picture) -> None:
        seen = visible(picture)
        text = caption(car_park, picture, seen)
        assert "in a car park at night" in text
        people = [i for i in seen if i.thing.label == "person"]
        assert ("walk" in text or "stand" in text) == bool([i for i in people if i.area >= 30])
        assert caption(car_park, picture, []).startswith("nobody is seen in a car park")

    def test_the_caption_tells_a_running_car_from_a_parked_one(self, car_park: Scene) -> None:
        for running, words in ((True, "a white car with running engine waits"), (False, "a white car is parked")):
            scene = _with_car(car_park, running)
            shot = take(draw_backdrop(scene), 0)
            assert caption(scene, shot, visible(shot)).startswith(words)


class TestDrawing:
    camera = Camera(np.array([0.0, 0.0, 2.0]), 0.0, 0.0, 100.0, 80, 60)

    def _wall(self, away: float, half: float) -> Thing:
        corners = [(-half, away, 2 - half), (half, away, 2 - half), (half, away, 2 + half), (-half, away, 2 + half)]
        wall = face(corners, Surface(m.PLASTER, (0.5, 0.5, 0.5)), np.array([0.0, -1.0, 0.0]))
        return Thing("", np.array([0.0, away, 0.0]), [wall])

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_nearer_thing_hides_the_farther_in_any_order(self, order: tuple[int, int]) -> None:
        walls = (self._wall(5.0, 0.5), self._wall(10.0, 2.5))
        canvas = Canvas(self.camera)
        for index in order:
            canvas.draw(walls[index], index)
        owner = np.array([*canvas.owner, -9])[canvas.face]
        assert owner[30, 40] == 0
        assert owner[30, 58] == 1
        assert owner[2, 2] == -9
        assert canvas.depth[30, 40] == pytest.approx(5.0)
        assert canvas.depth[30, 58] == pytest.approx(10.0)

    def test_a_face_seen_from_behind_is_not_drawn(self) -> None:
        canvas = Canvas(self.camera)
        canvas.draw(self._wall(-5.0, 0.5), 0)
        away = face([(-1, 5, 1), (1, 5, 1), (1, 5, 3)], Surface(m.PLASTER, (0.5, 0.5, 0.5)), np.array([0.0, 1.0, 0.0]))
        canvas.draw(Thing("", np.zeros(3), [away]), 1)
        assert (canvas.face == -1).all()

    def test_a_point_twice_as_far_appears_half_as_far_from_the_centre(self) -> None:
        points = np.array([[1.0, 10.0, 3.0], [1.0, 20.0, 3.0]])
        near, far = self.camera.pixels(self.camera.view(points)) - np.array([39.5, 29.5])
        assert near == pytest.approx([10.0, -10.0])
        assert far == pytest.approx(near / 2)

    def test_rays_point_where_points_are_seen(self) -> None:
        camera = Camera(np.array([1.0, -2.0, 3.0]), 0.4, 0.2, 90.0, 81, 61)
        point = camera.position + 7.0 * camera.rays[12, 55].astype(float)
        assert camera.pixels(camera.view(point[None]))[0] == pytest.approx([55.0, 12.0], abs=1e-3)

    def test_noise_has_no_seam_and_about_unit_spread(self) -> None:
        noise = Noise(np.random.Generator(np.random.PCG64(0)))
        u = np.linspace(0.0, 16.0, 3001)
        values = noise.at(u, np.full_like(u, 3.3), 1.0)
        assert np.abs(np.diff(values)).max() < 0.5
        assert noise.at(u + 16.0, np.full_like(u, 3.3), 1.0) == pytest.approx(values, abs=1e-2)
        many = np.random.Generator(np.random.PCG64(1)).uniform(0, 16, (2, 20000))
        drawn = noise.at(many[0], many[1], 1.0)
        assert abs(drawn.mean()) < 0.1
        assert 0.8 < drawn.std() < 1.05

    def test_lamps_shine_at_night_only(self) -> None:
        foot, reach, eye = np.array([0.0, 10.0, 0.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 2.0])
        by_night, by_day = (
            street.street_lamp(foot, reach, street.LAMPLIGHT[0], eye, night=night) for night in (True, False)
        )
        assert by_night.spots
        assert not by_day.spots


class TestRender:
    def test_equal_arguments_give_equal_bytes_and_another_seed_other_ones(self, tmp_path: Path) -> None:
        folders = {}
        for name, seed in (("a", 3), ("b", 3), ("c", 4)):
            render(tmp_path / name, scenes=2, pairs=3, size=(96, 80), seed=seed)
            folders[name] = {
                p.relative_to(tmp_path / name): p.read_bytes() for p in sorted((tmp_path / name).rglob("*.*"))
            }
        assert folders["a"] == folders["b"]
        assert folders["a"].keys() == folders["c"].keys()
        images = [p for p in folders["a"] if p.suffix == ".jpg"]
        assert all(folders["a"][p] != folders["c"][p] for p in images)

    def test_pairs_are_shared_out_and_counted(self, tmp_path: Path) -> None:
        calls: list[tuple[int, int]] = []
        done = render(
            tmp_path / "raw", scenes=2, pairs=3, size=(64, 64), progress=lambda now, all_of: calls.append((now, all_of))
        )
        assert done == 3
        assert calls == [(1, 3), (2, 3), (3, 3)]
        assert sorted(p.stem for p in (tmp_path / "raw").glob("visible/*/*.jpg")) == ["010001", "010002", "020001"]

    def test_an_interrupted_run_leaves_nothing(self, tmp_path: Path) -> None:
        def interrupt(done: int, _: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            render(tmp_path / "raw", scenes=2, pairs=4, size=(64, 64), progress=interrupt)
        assert not list(tmp_path.iterdir())

    def test_a_folder_that_holds_something_is_refused_and_kept(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("precious")
        with pytest.raises(UserError, match="not empty"):
            render(tmp_path, scenes=2, pairs=2, size=(64, 64))
        assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]

    def test_an_empty_folder_is_filled(self, tmp_path: Path) -> None:
        (tmp_path / "raw").mkdir()
        assert render(tmp_path / "raw", scenes=2, pairs=2, size=(64, 64)) == 2
        assert (tmp_path / "raw" / "README.txt").is_file()

    @pytest.mark.parametrize(
        "wrong", [{"scenes": 1}, {"scenes": 100}, {"pairs": 1}, {"size": (32, 64)}, {"seed": -1}], ids=str
    )
    def test_numbers_out_of_range_are_refused(self, tmp_path: Path, wrong: dict[str, Any]) -> None:
        arguments: dict[str, Any] = {"scenes": 2, "pairs": 2, "size": (64, 64), **wrong}
        with pytest.raises(UserError):
            render(tmp_path / "raw", **arguments)
        assert not list(tmp_path.iterdir())


def _grey(path: Path) -> np.typing.NDArray[np.float64]:
    return np.asarray(Image.open(path).convert("L"), np.float64)


def _pixels(raw: Path) -> tuple[Any, Any]:
    """Luma and infrared of all pairs, (n, height, width) each."""
    paths = sorted(raw.glob("visible/*/*.jpg"))
    infrared = [_grey(raw / "infrared" / p.parent.name / p.name) for p in paths]
    return np.array([_grey(p) for p in paths]), np.array(infrared)


def _with_car(scene: Scene, running: bool) -> Scene:
    """The scene's camera and sky, with one white car on its ground and nothing else."""
    ahead = scene.camera.axes[2] * np.array([1.0, 1.0, 0.0])
    foot = scene.camera.position * np.array([1.0, 1.0, 0.0]) + 9.0 * ahead / np.hypot(*ahead[:2])
    car = vehicle(Vehicle("sedan", "white", running=running, moving=False), foot, 0.9, night=scene.weather.night)
    return replace(scene, things=(car,), movers=())


def _car_level(scene: Scene, running: bool) -> float:
    """Mean infrared level of the car's pixels."""
    picture = take(draw_backdrop(_with_car(scene, running)), 0)
    mask = picture.owner[::OVERSAMPLING, ::OVERSAMPLING] == 0
    assert mask.sum() > 500
    return float(picture.infrared[mask].mean())
