"""The style sheet: one file for browsers, joined from small ones."""

from prongsai.web.static_files import ORDER, SHEET, STYLES, StylesFinder, join_styles


def test_every_file_is_joined_once_and_print_comes_last():
    assert sorted(ORDER) == sorted(path.stem for path in STYLES.glob("*.css"))
    assert ORDER[-1] == "print"
    sheet = join_styles()
    for path in STYLES.glob("*.css"):
        assert sheet.count(path.read_text(encoding="utf-8")) == 1


def test_collecting_static_files_finds_the_sheet():
    ((name, storage),) = StylesFinder().list([])
    assert name == SHEET
    with storage.open(name) as file:
        assert file.read().decode() == join_styles()


def test_each_file_can_be_read_at_once():
    for path in STYLES.glob("*.css"):
        assert path.read_text(encoding="utf-8").count("\n") < 400, path.name
