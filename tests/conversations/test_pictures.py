"""Does a stranger's picture lose its secrets and its dangers?"""

from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from conversations import pictures
from conversations.pictures import redraw
from tests.conversations import files


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.scenario("T-47")
@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_where_a_photo_was_taken_is_in_neither_copy(kind: str, media_type: str) -> None:
    before = files.with_gps(kind)
    assert opened(before).getexif().get_ifd(0x8825)
    made = redraw(before, media_type)
    assert made is not None
    assert not opened(made.content).getexif()
    assert not opened(made.thumb).getexif()
    assert b"A camera" not in made.content + made.thumb


def test_a_picture_without_secrets_stays_as_it_is() -> None:
    before = files.picture("JPEG")
    made = redraw(before, "image/jpeg")
    assert made is not None
    assert made.content == before


def test_a_photo_held_sideways_stands_upright() -> None:
    made = redraw(files.with_gps(size=(40, 20), orientation=6), "image/jpeg")
    assert made is not None
    assert (made.width, made.height) == (20, 40)
    assert opened(made.content).size == (20, 40)
    assert opened(made.thumb).size == (20, 40)


def test_the_small_copy_is_small_and_a_webp() -> None:
    made = redraw(files.picture(size=(3000, 1500)), "image/png")
    assert made is not None
    assert (opened(made.thumb).format, opened(made.thumb).size) == ("WEBP", (pictures.SIDE, pictures.SIDE // 2))


def test_an_animation_goes_on_moving_and_its_small_copy_stands_still() -> None:
    made = redraw(files.animated(), "image/gif")
    assert made is not None
    assert made.is_animated
    assert getattr(opened(made.content), "n_frames", 1) == 2
    assert getattr(opened(made.thumb), "n_frames", 1) == 1


def test_transparency_is_kept() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    made = redraw(out.getvalue(), "image/png")
    assert made is not None
    assert opened(made.thumb).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]  # four channels


@pytest.mark.scenario("T-47")
@pytest.mark.parametrize("size", [(30_000, 30_000), (7000, 6000)])
def test_a_picture_that_is_too_large_is_not_decoded(size: tuple[int, int]) -> None:
    began = time.monotonic()
    assert redraw(files.bomb(*size), "image/png") is None
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("content", [files.GIF_JS, files.picture()[:60], b"\x89PNG\r\n\x1a\n", b"", files.HTML])
def test_what_cannot_be_drawn_is_no_picture(content: bytes) -> None:
    assert redraw(content, "image/gif") is None


def test_only_four_kinds_are_opened_at_all() -> None:
    assert redraw(files.picture("TIFF"), "image/tiff") is None
    assert redraw(files.picture("TIFF"), "image/png") is None
