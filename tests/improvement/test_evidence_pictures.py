"""Evidence is drawn for paper, in the sandbox; what cannot be drawn is noted and stops nothing."""

import io
from pathlib import Path

import pytest
from PIL import Image

from prongsai.improvement import actions, evidence
from prongsai.improvement.models import Evidence
from prongsai.lib import pictures
from tests.conftest import SAMPLES
from tests.improvement.plans import follow_up


def photograph(width=1600, height=900, form="JPEG", mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, (width, height), "teal" if mode == "RGB" else None).save(out, form, **more)
    return out.getvalue()


def written(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_photograph_is_drawn_smaller_and_without_what_else_it_says(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "บ้านเลขที่ของผู้ถ่าย"
    exif[0x0112] = 6  # turned
    path = written(tmp_path, "a.jpg", photograph(3000, 2000, exif=exif))
    drawing = pictures.draw(path, "jpg")
    (picture,) = drawing.pictures
    assert (picture.width, picture.height, drawing.pages) == (933, 1400, 1)
    assert not Image.open(io.BytesIO(picture.jpeg)).getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "I;16", "1"])
def test_every_kind_of_png_is_drawn(tmp_path, mode):
    (picture,) = pictures.draw(written(tmp_path, "a.png", photograph(40, 30, "PNG", mode)), "png").pictures
    assert (picture.width, picture.height) == (40, 30)


def test_the_first_pages_of_a_pdf_are_drawn():
    drawing = pictures.draw(SAMPLES / "daengmo-2564.pdf", "pdf")
    assert drawing.pages == len(drawing.pictures) == 1
    assert max(drawing.pictures[0].width, drawing.pictures[0].height) == 1400


HOSTILE = {
    "nothing.png": lambda: b"",
    "torn.jpg": lambda: photograph()[:900],
    "page.png": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "disguised.jpg": lambda: photograph(20, 20, "GIF"),
    "huge.png": lambda: photograph(20_000, 20_000, "PNG", "1"),
    "broken.pdf": lambda: b"%PDF-1.4 proof",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_drawn_is_refused(tmp_path, name):
    with pytest.raises(pictures.PictureError):
        pictures.draw(written(tmp_path, name, HOSTILE[name]()), Path(name).suffix[1:])


def test_evidence_is_drawn_when_it_is_stored(
    approved, people, tmp_path, django_capture_on_commit_callbacks, monkeypatch
):
    files = {"ภาพ.jpg": photograph(), "เสีย.png": HOSTILE["page.png"](), "ทะเบียน.xlsx": b"PK"}
    inputs = [
        actions.EvidenceInput(name=name, path=written(tmp_path, f"in{n}", data))
        for n, (name, data) in enumerate(files.items())
    ]
    with django_capture_on_commit_callbacks(execute=True):
        follow_up(approved, people, due=1, evidence=inputs)
    sums = dict(Evidence.objects.filter(name__in=files).values_list("name", "sha256"))
    drawn = evidence.find_drawing(sums["ภาพ.jpg"])
    assert (drawn.pages, drawn.pictures[0][1:]) == (1, (1400, 788))
    assert evidence.find_drawing(sums["เสีย.png"]) == evidence.DrawnEvidence(0, ())
    assert evidence.find_drawing(sums["ทะเบียน.xlsx"]) is None
    monkeypatch.setattr(pictures, "draw", None)  # nothing is drawn, or tried, a second time
    evidence.draw_evidence_of.call(Evidence.objects.get(name="เสีย.png").follow_up_id)
