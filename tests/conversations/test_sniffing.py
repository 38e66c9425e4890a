"""Is a file taken for what its bytes are?"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations import filenames, sniffing
from tests.conversations import files

PNG, JPEG = files.picture(), files.picture("JPEG")
SEEN = [
    (PNG, "image/png"), (JPEG, "image/jpeg"), (files.picture("WEBP"), "image/webp"), (files.animated(), "image/gif"),
    (files.OGG, "audio/ogg"), (files.MP4, "video/mp4"), (b"ID3\x04" + bytes(40), "audio/mpeg"),
    (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"), (b"\x00\x00\x00\x18ftypM4A " + bytes(40), "audio/mp4"),
]  # fmt: skip
KEPT = [
    (files.PDF, "application/pdf"), (files.SVG, "image/svg+xml"), (files.HTML, "text/html"),
    (b"\xef\xbb\xbf  \n<html>", "text/html"), (b"\xff\xfe<\x00h\x00t\x00m\x00l\x00", "text/html"),
    (b"hello <script>alert(1)</script>", "text/html"), (b'<?xml version="1.0"?><a/>', "text/xml"),
    (b'<?xml version="1.0"?><svg/>', "image/svg+xml"), (b"PK\x03\x04whatever", "application/zip"),
    (files.document(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"MZ\x90\x00", "application/x-dosexec"), (b"#!/bin/sh\n", "text/x-shellscript"), (b"a,b\n1,2\n", "text/plain"),
    ("Grüße".encode(), "text/plain"), (b"", "text/plain"), (bytes(range(200)) * 9, "application/octet-stream"),
    (b"\x00\x00\x00\x18ftypheic" + bytes(40), "image/heic"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "media_type"), SEEN)
def test_what_a_browser_shows_safely_is_shown(content: bytes, media_type: str) -> None:
    assert sniffing.sniff(content, declared=media_type) == sniffing.Sniffed(media_type, True)


@pytest.mark.scenario("T-3")
@pytest.mark.scenario("T-4")
@pytest.mark.parametrize(("content", "media_type"), KEPT)
@pytest.mark.parametrize("declared", ["", "image/png"])
def test_everything_else_is_only_downloaded(content: bytes, media_type: str, declared: str) -> None:
    assert sniffing.sniff(content, declared=declared, name="a.png") == sniffing.Sniffed(media_type, False)


@pytest.mark.scenario("T-4")
@pytest.mark.parametrize("declared", ["application/pdf", "text/plain", "video/mp4", "text/html; charset=utf-8"])
def test_a_picture_that_was_said_to_be_something_else_is_only_downloaded(declared: str) -> None:
    assert not sniffing.sniff(PNG, declared=declared).is_inline


@pytest.mark.parametrize("declared", ["", "image/jpg", "IMAGE/PNG; x=y", "application/octet-stream", "nonsense"])
def test_a_vague_word_for_it_does_not_matter(declared: str) -> None:
    assert sniffing.sniff(PNG, declared=declared).is_inline


def test_a_recording_in_a_container_of_films_is_shown() -> None:
    assert sniffing.sniff(files.MP4, declared="audio/mp4").is_inline


def archive(entries: int, said: int, extra: bytes = b"") -> bytes:
    """A .zip that lists so many entries, all of no name but those of an office document, and says a number of them."""
    first = [struct.pack("<4s24xH16x", b"PK\x01\x02", len(name)) + name for name in (b"[Content_Types].xml", b"word/a")]
    listed = b"".join(first) + struct.pack("<4s24xH16x", b"PK\x01\x02", 0) * (entries - 2)
    start = b"PK\x03\x04" + bytes(26)
    end = struct.pack("<4s4xHHIIH", b"PK\x05\x06", said, said, len(listed), len(start), 0)
    return start + listed + extra + end


@pytest.mark.scenario("T-3")
@pytest.mark.parametrize(("entries", "said"), [(10_001, 10_001), (30_000, 2)])
def test_an_archive_of_very_many_entries_is_not_looked_into(entries: int, said: int) -> None:
    assert sniffing.sniff(archive(entries, said)) == sniffing.Sniffed("application/zip", False)


def test_an_archive_that_hides_how_large_it_is_is_not_looked_into() -> None:
    assert sniffing.sniff(archive(5, 5, b"PK\x06\x07" + bytes(16))).media_type == "application/zip"
    assert "wordprocessing" in sniffing.sniff(archive(5, 5)).media_type


@pytest.mark.scenario("T-2")
def test_the_ending_of_a_program_is_not_shown_whatever_it_holds() -> None:
    assert not sniffing.sniff(PNG, declared="image/png", name="photo.png.exe").is_inline
    assert sniffing.is_program("text/plain", "run.BAT")
    assert not sniffing.is_program("application/pdf", "exe")


@given(st.binary(max_size=300))
def test_any_bytes_have_a_type_and_what_is_shown_is_on_the_list(content: bytes) -> None:
    found = sniffing.sniff(content)
    assert sniffing.MEDIA_TYPE.match(found.media_type)
    assert not found.is_inline or found.media_type in sniffing.INLINE


@pytest.mark.scenario("T-2")
@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\Maya\\photo.png", "photo.png"),
        ("a\r\nSet-Cookie: x.png", "a Set-Cookie: x.png"), ("\u202egpj.exe", "gpj.exe"),
        ("a\u0000b.txt", "ab.txt"), ("..", ""), ("   ", ""), ("con.txt", "_con.txt"),
        ('"><img onerror=alert(1)>.png', '"><img onerror=alert(1)>.png'), ("Grüße 😀.png", "Grüße 😀.png"),
        ("folder/", "folder"),
        ("\ud800.png", "png"), (".htaccess", "htaccess"),
    ],
)  # fmt: skip
def test_a_name_is_one_line_without_folders_and_without_anything_invisible(name: str, cleaned: str) -> None:
    assert filenames.clean(name) == cleaned


@pytest.mark.scenario("T-2")
def test_a_name_of_five_thousand_characters_is_cut_and_keeps_its_ending() -> None:
    cut = filenames.clean("x" * 4990 + ".pdf")
    assert (len(cut), cut[-5:]) == (filenames.LONGEST, "x.pdf")


def test_a_file_without_a_name_gets_one_of_its_type() -> None:
    assert [filenames.of("", kind) for kind in ("image/jpeg", "audio/ogg", "application/pdf", "x/unknown")] == [
        "picture.jpg", "recording.ogg", "file.pdf", "file",
    ]  # fmt: skip
