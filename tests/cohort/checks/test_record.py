"""Records and tags of a cohort: encodings, and tags that do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from cohort.check import check
from tests.cohort.conftest import notes, path_of, problems


def test_records_that_are_not_utf8(maker: Any) -> None:
    for name in ("gb", "bom", "utf16", "rubbish", "blank", "damaged", "html"):
        maker.add(name, ct=False, text="丘脑出血")
    maker.save()
    texts = {
        "gb": "丘脑出血".encode("gb18030"),
        "bom": b"\xef\xbb\xbf" + "丘脑出血".encode(),
        "utf16": "丘脑出血".encode("utf-16"),
        "rubbish": bytes(range(128, 255)),
        "blank": b" \n",
        "html": "<html><p>丘脑出血".encode(),
        "damaged": "丘脑\ufffd血".encode(),
    }
    for name, data in texts.items():
        path_of(maker, f"records/{name}.txt").write_bytes(data)
    report = check(maker.folder)
    for name, said in {
        "gb": "is GB18030 text, not UTF-8",
        "utf16": "is UTF-16 text",
        "rubbish": "is neither UTF-8 nor GB18030",
        "blank": "is empty",
        "html": "is an HTML page by its content",
    }.items():
        assert said in report.cases[name].problems[0]
    assert "byte order mark" in str(report.cases["bom"].notes[0])
    assert report.cases["bom"].problems == []
    assert "in an earlier conversion ('\ufffd'): 1." in str(report.cases["damaged"].notes[0])


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ("丘 B-SITE\n脑 E-SITE\n出 O\n", "ends after 3 characters, but the record has 4"),
        ("丘 B-SITE\n肺 E-SITE\n出 O\n血 O\n", "line 2: has '肺' where the record has '脑'"),
        ("丘 B-SITE x\n脑 E-SITE x\n出 O\n血 O\n", "line 1: has 3 columns"),
        ("丘\n脑\n出\n血\n", "holds no tags"),
        ("丘 B-SITE\n脑 X-SITE\n出 O\n血 O\n", "line 2: has the unknown tag 'X-SITE'"),
        ("", "is empty"),
    ],
)
def test_tags_that_do_not_fit(maker: Any, tags: str, said: str) -> None:
    maker.add("p1", ct=False, text="丘脑出血").save()
    path_of(maker, "records/p1.bioes").write_text(tags, encoding="utf-8")
    assert said in problems(maker)[0]


def test_illegal_order_of_tags_is_a_note_with_its_line(maker: Any) -> None:
    maker.add("p1", ct=False, text="丘脑出血").save()
    tags = "丘 B-SITE\n脑 I-SITE\n出 O\n血\n"
    path_of(maker, "records/p1.bioes").write_text(tags, encoding="utf-8")
    path_of(maker, "records/p1.bioes").write_text(tags.replace("出 O", "出 E-SYM"), "utf-8")
    said = "\n".join(notes(maker))
    assert problems(maker) == []
    assert "illegal tags (the first in line 2), repaired when read" in said
    assert "1 characters without a tag (the first in line 4), read as O" in said
