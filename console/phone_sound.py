"""Sound as an answer: of known kinds only, never sniffed, in parts where a player asks for a part (RFC 9110, section 14)."""

from __future__ import annotations

import re

from fastapi.responses import Response

# What browsers play, by the names that carriers use; anything else is a file to download.
_KINDS = {
    "audio/wav": ("audio/wav", "wav"),
    "audio/x-wav": ("audio/wav", "wav"),
    "audio/wave": ("audio/wav", "wav"),
    "audio/mpeg": ("audio/mpeg", "mp3"),
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def sound(media: bytes, content_type: str, name: str, asked: str) -> Response:
    """The whole, or the part that the Range header asks for; 416 for one outside."""
    kind, ending = _KINDS.get(content_type.partition(";")[0].strip().lower(), ("application/octet-stream", "bin"))
    place = "inline" if kind.startswith("audio/") else "attachment"
    headers = {
        "Content-Disposition": f'{place}; filename="{re.sub(r"[^A-Za-z0-9]", "", name)}.{ending}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
    }
    match = _RANGE.fullmatch(asked.strip())
    if not match or not (match[1] or match[2]):
        return Response(media, media_type=kind, headers=headers)
    first, last = _bounds(match[1], match[2], len(media))
    if first > last:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{len(media)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(media)}"
    return Response(media[first : last + 1], status_code=206, media_type=kind, headers=headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
