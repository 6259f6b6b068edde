"""Tell whether two medical records are the same record, whatever the file is like."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

SHORTEST = 100
"""Characters, white space not counted, from which equal text means the same record.

Shorter texts are repeated from patient to patient: of 1,198 real records (CCKS-2017) eleven texts
below 100 characters stand in several, one ten times ("in good spirits, sleeps and eats well, …"),
and two texts above."""


def record_key(text: str) -> str | None:
    r"""Return what is equal for two records of the same text; None for one too short to tell.

    White space, line ends, and full or half width of letters and signs make no difference.

    Examples
    --------
    >>> one = "患者男，61岁，突发头痛3小时。" * 10
    >>> record_key(one) == record_key(one.replace("。", "。\r\n").replace("，", ","))
    True
    >>> record_key("头痛。") is None
    True
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if len(plain) < SHORTEST:
        return None
    return blake2b(plain.encode(errors="surrogatepass"), digest_size=16).hexdigest()
