"""Words that tell of the power of limbs: limbs, sides, grades, and what is none."""

from __future__ import annotations

import re

from ....sought import Sought

ROMAN = "ⅠⅡⅢⅣⅤⅰⅱⅲⅳⅴiv"
GRADE = rf"[0-5零一二三四五]|[{ROMAN}]{{1,3}}"
POWER = r"肌力|(?<![a-z])(?:mrc|mmt|mp(?=:)|muscle power|motor)(?![a-z])"
TOKEN = Sought(
    r"[肌肱三腕股胫腓髂腘m左右\d零一二三四五ⅠⅡⅢⅣⅤⅰⅱⅲⅳⅴiv上下肢手臂腿脚足前大小双两rl其余近远屈伸入出现目术今原偏分反征感心高浮水压血评ng]",
    r"(?P<normal>肌力(?:(?:[、及和,]|以及)?肌张力)?:?(?:均|皆|大致|基本|检查)?正常)"
    rf"|(?P<bare>肌力:?(?:约|均|为|均为|达)?(?P<b>[ⅠⅡⅢⅣⅤ]{{1,2}}|[0-5](?![\d.]))(?P<bs>[+\-])?(?:/"
    rf"5)?(?=[,。;\n]|$))"
    rf"|(?P<power>{POWER})"
    # 左上/下肢：2/3级 names a grade of each limb
    r"|(?P<twin>(?<=[肢上下:为 ])(?P<t1>[0-5])(?P<ts1>[+\-])?/(?P<t2>[0-5])(?P<ts2>[+\-])?级)"
    # 四肢……分别为2、3、5、5级: three grades or more, one for each limb that was listed
    r"|(?P<series>(?<![\d.])[0-5][+\-]?(?:(?:[、,/][0-5][+\-]?){2,}级|(?:/[0-5][+\-]?){3}(?=[,。;\n]|$)))"
    rf"|(?P<grade>(?<![\d.a-z])(?<!\d/)(?P<g>{GRADE})(?P<s>[+\-])?"
    rf"(?:[~\-至到、](?P<g2>{GRADE})(?P<s2>[+\-])?)?\)?(?:(?:/5)?[级分度]|/5(?!\d)"
    r"|(?= ?(?:→|->) ?[0-5][+\-]?级)"
    r"|(?<=[左右上下侧肢][0-5])(?=[,、;。\n左右上下]|$))(?P<s3>[+\-](?!\d))?)"
    # 左上 3-, 左上肢：Ⅱ: right after a limb or its side, where power is told of
    rf"|(?P<loose>(?<![\d.a-z/])(?P<lg>[0-5]|[{ROMAN}]{{1,3}})(?P<ls>[+\-])?(?=[ ,、;。左右上下)("
    rf"]|$))"
    # 左上2级: the limb without its word, right after its side
    rf"|(?P<limb>上[、及/]?下肢|上肢[、及和]下肢|上肢|下肢|肢体|肢|"
    rf"(?<=[左右])[上下](?= ?[:(]?[0-5{ROMAN}、/,)])"
    rf"|(?<=[力,、 级])[上下](?= ?[0-5{ROMAN}] ?级)|(?<=[,、 ])手(?=[0-5{ROMAN}][+\-]?级)|"
    r"肱[二三]头肌|三角肌|腕[伸屈]肌|股四头肌|胫前肌|腓肠肌|髂腰肌|腘绳肌|"
    rf"(?<=[左右双])(?:[手臂腿脚足]|[上前]臂|"
    rf"[大小]腿)(?!术|指|趾))"
    r"|(?P<side>左|右|双|两侧|四(?=肢)|(?<![a-z])(?:rt?|lt?|right|left)(?= ?(?:side|[0-5]/5)))"
    r"|(?P<rest>(?:其余|余)(?=[^,。;\n]{0,4}(?:肢|肌力)|(?:均为?|为)?[0-5ⅤV]级))"
    r"|(?P<part>近端|远端|[屈伸]肌|[屈伸](?=[0-5]))"
    r"|(?P<then>(?:入|出)院时?|(?<![出发呈表])现(?!象)|目前|术[前后]|今[日晨]|(?<!病)原(?=[0-5为]))"
    r"|(?P<palsy>偏瘫)"
    r"|(?P<each>分别)"
    r"|(?P<off>肌张力|反射|征|感觉|心功能|高血压|浮肿|水肿|压疮|血压|评分|nihss|gcs|rankin|mrs)",
)
TOLD = Sought(
    r"肌力|m(?=rc|mt|p:|uscle|otor)|偏瘫|[上下]肢",
    rf"{POWER}|偏瘫|[上下]肢(?:[近远]端)?(?=(?:[0-5]|[{ROMAN}]{{1,3}})[+\-]?级)",
)
ENGLISH = re.compile(
    r"(?:(?<![a-z])(?P<side>r ?|l ?|right |left )|(?P<side2>[左右]侧?) ?)"
    r"(?P<limb>u/?e|l/?e|arm|leg|(?:upper|lower) (?:limb|extremity))"
    r"[:= ,]{0,2}(?P<g>[0-5])(?P<s>[+\-])?(?:/5)?(?!\d|\.\d)"
)
"""RUE 5, left arm 2/5: a grade of a limb in English."""
ENGLISH_POWER = re.compile(r"muscle|power|strength|motor|肌力|mrc|mmt|(?<![a-z])mp(?![a-z])")
