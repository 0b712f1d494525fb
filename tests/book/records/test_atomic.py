"""Files are there whole or not at all."""

import errno

import pytest

from sobolev_book.records.atomic import write_text, written


def test_text_is_written_with_plain_line_ends(tmp_path):
    assert write_text(tmp_path / "a.csv", "x\ny ∇\n").read_bytes() == "x\ny ∇\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_what_stood_there_stays_where_writing_fails(tmp_path, error):
    path = write_text(tmp_path / "a.csv", "old")

    def fail(part):
        part.write_text("half")
        raise error

    with pytest.raises(type(error)):
        written(path, fail)
    assert path.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
