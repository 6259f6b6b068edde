"""The normal form of a text: what is left out of it, and what stays."""

from __future__ import annotations

import pytest

from text.components.normal_form import NormalForm, translation


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>左</p>侧<br/>血<span class='a'>肿</span>", "\n左\n侧\n血肿"),
        ("<td nowrap align=left>3</td><o:p></o:p>mm", "\n3\nmm"),
        ("<nr>头痛</nr>", "头痛"),
        # What only looks like a tag.
        ("肌力<IV，GCS>8分", "肌力<iv,gcs>8分"),
        ("肌力<I 级，GCS>8分", "肌力<i级,gcs>8分"),
        ("GCS<V，瞳孔>5mm", "gcs<v,瞳孔>5mm"),
        ("INR<1.4，PLT>100", "inr<1.4,plt>100"),
    ],
)
def test_tags_are_left_out_and_comparisons_stay(written: str, read: str) -> None:
    assert NormalForm(written, translation("", "")).text == read
