"""What descriptions of series and studies say, in English and Chinese.

Descriptions are free text of the scanner's protocols and of those who run it. They are evidence
beside the attributes that the scanner itself writes, never alone where those say otherwise. Words
are looked for as hospitals write them: 头颅CT平扫, `Head 5.0 H31s`, `C+`, `w/o`.
"""

from __future__ import annotations

import re


def _words(pattern: str) -> re.Pattern[str]:
    """Compile alternatives; Latin ones begin and end where a word does, digits and _ aside."""
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


def _bounded(alternatives: str) -> str:
    return rf"(?<![a-z])(?:{alternatives})(?![a-z])"


LOCALIZER = _words(r"locali[sz]er|scout|topogram|surview|scanogra|\bscano\b|定位")

# Not a bare "post", which is as often the posterior fossa or after an operation.
CONTRAST = _words(
    rf"(?<![a-z])c\s?\+|\+\s?c(?![a-z])|{_bounded('ce|cect|with[ ]c|w/c')}"
    r"|(?<!non)(?<!non[ -])(?<!no[ ])(?<!without[ ])(?<!w/o[ ])(?<!pre)(?<!pre[ -])contrast"
    r"|(?<!un)(?<!non[ -])(?<!edge[ -])enhanc"
    r"|arterial|venous|delay|(?<![无不未非])增强|延迟|延时|动脉期|静脉期|静脉相|动脉相"
)
ANGIOGRAPHY = _words(rf"angio|{_bounded('cta|ctv|carotids?|willis')}|血管|造影")
PERFUSION = _words(rf"{_bounded('ctp|vpct|cbf|cbv|mtt|tmax|ttp')}|perfus|dynamic|灌注|动态")
BOLUS = _words(r"bolus|monitoring|smart\s?prep|sure\s?start|tracker|监测|追踪|团注")
PLAIN = _words(
    rf"(?<![a-z])c\s?-(?![a-z0-9])|plain|non[ -]?contrast|no[ ]contrast|without|w/o"
    rf"|{_bounded('ncct|nect|native|nc|wo')}"
    r"|unenhanced|non[ -]enhanced|pre[ -]?contrast|平扫"
)

REFORMAT = _words(rf"{_bounded('mprs?|mip|minip|vrt?|ssd|3d')}|reformat|三维|多平面|最大密度")
SPECTRAL = _words(
    rf"{_bounded('vnc|monoe|mono[+]|virtual[a-z]*|iodine|kev')}|monoenerg|碘|虚拟|单能"
)
PHANTOM = _words(
    rf"phantom|{_bounded('qa|qc|daily[ ]check|warm[ -]?up|calibration')}|水模|体模|模体|质控|校准"
)

BONE = _words(rf"{_bounded('bones?|knochen')}|骨")
SOFT = _words(rf"{_bounded('brain|soft|std|stnd|standard|smooth')}|软组织|脑窗|脑组织")

# 骨头 ends the names of the femoral, humeral and radial heads.
HEAD = _words(
    r"(?<![a-z])(?<!femoral[ ])(?<!humeral[ ])(?<!radial[ ])head"
    r"|brain|cereb|crani|skull|caput|stroke|(?<![a-z])neuro|kopf|sch[aä]del"
    r"|(?<!骨)(?<!镜)头|颅|脑"
)
# Of the head, but not a CT of the brain.
FACE = _words(
    rf"{_bounded('sinus(?:es)?|orbits?|facial|face|maxilla|mandible|dental|mastoids?|iac|nasal')}"
    r"|temporal[ ]bone|inner[ ]?ear|petrous|maxillofac|sella|pituitary"
    r"|鼻|眼眶|眶|颌|牙|颞骨|中耳|内耳|乳突|内听道|垂体|鞍区|面部|面骨"
)
# 中心 is a centre, as in a hospital's name.
ELSEWHERE = {
    "neck": _words(rf"{_bounded('necks?|larynx|thyroid|carotids?')}|颈|喉|甲状腺"),
    "spine": _words(
        rf"{_bounded('[ctl]?[ -]?spine|cervical|lumbar|vertebra[el]?|sacrum')}|脊柱|椎|腰"
    ),
    "chest": _words(
        rf"{_bounded('chest|thorax|thoracic|lungs?|pulmonary|heart|cardiac|coronary|hrct|aorta')}"
        r"|胸|肺|(?<!中)心脏|冠脉|冠状动脉|主动脉|纵隔"
    ),
    "abdomen": _words(
        rf"{_bounded('abd|abdomen|abdominal|liver|kidneys?|renal|pancreas|urogram|colon')}"
        r"|腹|肝|肾|胰|脾|泌尿"
    ),
    "pelvis": _words(rf"{_bounded('pelvis|pelvic|hips?')}|盆|髋"),
    "limbs": _words(
        rf"{_bounded('knees?|ankles?|foot|feet|hands?|wrists?|elbows?|shoulders?|extremity')}"
        rf"|{_bounded('extremities|legs?|femur|tibia|femoral|humeral')}"
        r"|膝|踝|足|腕|肘|肩|四肢|股骨|胫骨|肱骨|上肢|下肢"
    ),
}
"""Name of a region to the words for it."""


def parts_named(text: str) -> set[str]:
    """Return the parts of the body that a text names: head, face and the keys of `ELSEWHERE`.

    Examples
    --------
    >>> parts_named("头颅CT平扫"), parts_named("Head 5.0 H31s"), parts_named("股骨头")
    ({'head'}, {'head'}, {'limbs'})
    >>> sorted(parts_named("HEADNECK")), parts_named("5mm std")
    (['head', 'neck'], set())
    """
    # Programs write names as one word: HEADNECK, CSPINE, HEAD_NECK.
    text = re.sub(r"(head)(?=neck)", r"\1 ", text.replace("_", " "), flags=re.IGNORECASE)
    found = {name for name, words in ELSEWHERE.items() if words.search(text)}
    if HEAD.search(text):
        found.add("head")
    if FACE.search(text):
        found.add("face")
    return found
