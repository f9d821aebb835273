"""Recordings: a call's recording for who may hear it, by the call's id and never by a path, a piece at a time.

A browser that seeks asks for a range of bytes. No more than a piece is sent at once, so that a paused player keeps no
thread of the server.

Errors: none of its own. What is not there is 404, a range beyond the end is 416.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from pipeline.audit.answers import is_drawn
from pipeline.curate.web.access import needs, note_play
from pipeline.curate.web.calls import find_recording
from pipeline.curate.web.drawn import may
from pipeline.curate.web.site import find_site

PIECE_BYTES = 1 << 20
READ_BYTES = 1 << 16
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
TYPES = {
    ".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg", ".opus": "audio/ogg", ".ogg": "audio/ogg",
    ".m4a": "audio/mp4", ".webm": "audio/webm",
}  # fmt: skip


@require_GET
@needs("hear", "audit")
def play(request: HttpRequest, part_index: int, call_id: str) -> HttpResponseBase:
    """Send a recording, or the piece of it that is asked for; who only audits hears what was drawn."""
    project = find_site().project
    if not may(request, "hear") and not is_drawn(project, call_id):
        raise PermissionDenied
    recording = find_recording(project, call_id, part_index)
    if recording is None:
        raise Http404
    note_play(request, f"{call_id} {part_index}")
    response = _send(recording.path, request.headers.get("Range", ""))
    response["Content-Type"] = TYPES.get(recording.path.suffix.lower(), "application/octet-stream")
    response["Content-Disposition"] = f'inline; filename="{Path(recording.audio).name}"'
    response["Accept-Ranges"] = "bytes"
    return response


def _send(path: Path, asked: str) -> HttpResponseBase:
    n_bytes = path.stat().st_size
    if not asked:
        response: HttpResponseBase = StreamingHttpResponse(read_piece(path, 0, n_bytes))
        response["Content-Length"] = str(n_bytes)
        return response
    piece = find_piece(asked, n_bytes)
    if piece is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{n_bytes}"})
    first, last = piece
    response = StreamingHttpResponse(read_piece(path, first, last - first + 1), status=206)
    response["Content-Length"] = str(last - first + 1)
    response["Content-Range"] = f"bytes {first}-{last}/{n_bytes}"
    return response


def find_piece(asked: str, n_bytes: int) -> tuple[int, int] | None:
    """Find the first and last byte to send for a Range header; None where there are none such."""
    match = RANGE.fullmatch(asked.strip())
    if match is None or not any(match.groups()):
        return None
    if not match[1]:  # the last so many
        first, last = max(0, n_bytes - int(match[2])), n_bytes - 1
    else:
        first, last = int(match[1]), min(int(match[2] or n_bytes - 1), n_bytes - 1)
    return (first, min(last, first + PIECE_BYTES - 1)) if first <= last else None


def read_piece(path: Path, start: int, n_bytes: int) -> Iterator[bytes]:
    """Read some bytes of a file, a little at a time."""
    with path.open("rb") as file:
        file.seek(start)
        while n_bytes > 0 and (read := file.read(min(READ_BYTES, n_bytes))):
            n_bytes -= len(read)
            yield read
