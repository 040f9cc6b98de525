"""Files of forms: taken by what they are, named so that they can be shown, refused in words."""

from __future__ import annotations

import pytest

from panel.files import MOST_BYTES, Upload, checked, safe_name, too_many


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("trace.txt", b"1 192.0.2.1 2 ms\n", "text/plain"), ("log", "Ausfall seit 9 Uhr, Gerät rot".encode(), "text/plain"),
        ("console.log", b"\x1b[31merror\x1b[0m\r\n", "text/plain"), ("old.log", "Ger\xe4t".encode("latin-1"), "text/plain"),
        ("a.pdf", b"%PDF-1.7 ...", "application/pdf"), ("a.png", b"\x89PNG\r\n\x1a\n...", "image/png"), ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.gif", b"GIF89a", "image/gif"), ("a.webp", b"RIFF0000WEBPVP8 ", "image/webp"), ("a.zip", b"PK\x03\x04", "application/zip"),
        ("a.gz", b"\x1f\x8b\x08", "application/gzip"), ("a.pcap", b"\xd4\xc3\xb2\xa1\x02", "application/vnd.tcpdump.pcap"),
        ("a.pcapng", b"\x0a\x0d\x0d\x0a\x1c", "application/x-pcapng"),
    ],
)  # fmt: skip
def test_what_helps_with_a_fault_is_taken_by_its_bytes(name: str, data: bytes, kind: str) -> None:
    taken, why = checked(name, data)
    assert taken == Upload(name, kind, data), why


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "empty"), ("a.txt", b"x" * (MOST_BYTES + 1), "10 MB"), ("a.exe", b"MZ\x90\0\0\0", "do not take"),
        ("a.txt", b"\x7fELF\x02\x01\x01\0\0", "do not take"), ("a.txt", b"<!DOCTYPE html><script>", "do not take"), ("a.svg", b"plain words", "do not take"),
        ("a.html", b"plain words", "do not take"), ("a.txt", b"  <svg onload=x>", "do not take"), ("a.txt", b"#!/bin/sh\n", "do not take"),
        ("a.bin", bytes(range(256)), "do not take"), ("a.txt", bytes([1, 2, 3, 4] * 100), "do not take"),
    ],
)  # fmt: skip
def test_what_could_run_or_is_too_much_is_refused_in_words(name: str, data: bytes, words: str) -> None:
    taken, why = checked(name, data)
    assert taken is None
    assert words in why


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Temp\\a.log", "a.log"), ("a\u202egnp.exe", "agnp.exe"), ("a\r\nb.txt", "ab.txt"), ("...", "file"),
        ("", "file"), ("x" * 300 + ".log", "x" * 108 + ".log"),
    ],
)  # fmt: skip
def test_a_name_is_made_safe_to_show_and_to_send(name: str, shown: str) -> None:
    assert safe_name(name) == shown
    assert len(safe_name(name)) <= 120


def test_too_many_files_are_named() -> None:
    small, big = Upload("a", "text/plain", b"x"), Upload("b", "text/plain", b"x" * 9_000_000)
    assert too_many([small] * 5) == ""
    assert "at most 5" in too_many([small] * 6)
    assert "20 MB" in too_many([big] * 3)
