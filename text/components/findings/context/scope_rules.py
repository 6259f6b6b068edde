"""What says of a finding that it is nobody's, or somebody else's: rules, each declared once.

`Scopes` of `scope.py` tells where they hold in a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STATES = frozenset(
    ("hematoma", "hematoma_volume", "hematoma_site", "hematoma_count", "hematoma_diameters")
    + ("hematoma_slices", "intraventricular_extension", "midline_shift", "ventricle_compression")
    + ("hydrocephalus", "herniation", "cistern_compression", "fourth_ventricle_compression")
    + ("subarachnoid_blood", "subdural_blood", "edema", "growth_sign", "gcs", "pupil_size")
    + ("light_reflex", "limb_power", "blood_pressure", "nihss", "mrs", "gos")
)
"""What is seen or measured; a risk of it, or a look out for it, is none."""
ACTS = frozenset(("treatment", "operation", "intubation", "mechanical_ventilation", "sedation"))
"""What is done."""
HABITS = frozenset(("smoking", "drinking"))
WHO = frozenset(("age", "sex"))
"""Who the patient is: nobody is warned of it."""

_CLAUSE = ",。;\n!?"
_SENTENCE = "。;\n!?"
_THIS_PATIENT = (
    r"本例|该例|[本该此]患|[本我]床|我科患者|结合(?:本|该|患)|"
    r"(?:(?<=[,:;])|^)(?:故|但|而|现|目前)?(?:患者|病人)(?!多|常|大多|往往|可|一般|易)"
)
"""What turns from anybody back to the patient."""
_NOW = r"(?<=[,:])(?:现(?!象)|目前|今[日晨天]|入院|查体|复查|急查|头颅ct|ct)"
_KIN = (
    r"(?<![我俺您你])(?:祖父|祖母|外公|外婆|父亲|母亲|父母|爸爸?|妈妈?|丈夫|妻子|爱人|配偶|老伴|儿子|女儿|儿媳|女婿|兄弟|姐妹"
    r"|哥哥|弟弟|姐姐|妹妹|侄[子女]|外甥女?|孙[子女]"
    r"|(?:其|之|患者的|患儿的)(?:长|次|大|小|独|养|继|孙|外孙|堂|表)?(?:父|母|夫|妻|[子女]|兄|弟|哥|姐|妹|媳))"
)
"""Relatives, as a record calls them beside the patient: 其女, 患者之妻."""
_OTHER_PERSON = (
    rf"(?:{_KIN}|邻居|邻床|同事|工友|好?友人|朋友|同学|室友|病友|老乡|路人|目击者|司机|房东|保姆|护工|陪护|陪同者"
    r"|监护人|联系人|委托人|代理人|授权人|代[述诉]人|陈述[者人]|提供[者人]|供史[者人]|报案人|签[字名][人者])"
)
"""Who else a record names, with a name, an age and a sex of their own."""
_RULES_END = "。\n!?"
"""Where a list of rules ends."""
_AFTER_RULES = r"(?<=;)(?:予|给予|遂|拟|已|家属|复查|入院|急诊|查体|头颅|ct|gcs|[左右双])"
"""What turns from a rule to the patient in the next part of a sentence."""
_DOES = r"(?<=[,:])(?:遂|故|现|目前|今[日晨天]|予|给予|已|急?查|复查|行|需|必要时|嘱|要求|同意|拟)"

_MEASURED = (
    r"(?<=[,:])(?:gcs|nihss|[左右双]侧?瞳孔|瞳孔|[左右双四]侧?上?下?肢体?肌力|肌力|血压|bp|(?:出血|血肿)量)"
    r"(?=[^,。;\n<>≥≤大小超可会]{0,12}\d)"
)
"""What was measured, behind what may come: 随时可能死亡，GCS 5分."""


@dataclass(frozen=True)
class Rule:
    """What words of one kind say of the findings near them.

    Attributes
    ----------
    cue
        The words.
    needs
        Words of which a text has one, if it has the cue.
    before, after
        How far the cue reaches back and on: the characters that end it, None for not at all.
    ends
        What ends its reach earlier.
    names
        The findings that it takes away; None for all.
    """

    cue: re.Pattern[str]
    needs: tuple[str, ...]
    before: str | None = None
    after: str | None = None
    ends: re.Pattern[str] | None = None
    names: frozenset[str] | None = None


def _rule(
    cue: str,
    needs: str,
    before: str | None = None,
    after: str | None = None,
    ends: str | None = None,
    names: frozenset[str] | None = None,
) -> Rule:
    return Rule(
        re.compile(cue), tuple(needs.split()), before, after, re.compile(ends) if ends else None,
        names,
    )  # fmt: skip


RULES = (
    # Another patient.
    _rule(
        r"(?:同病[室房]|同室|邻床|(?<![合据虑从在])临床(?=患者|病人)"
        r"|(?:隔壁|[邻旁]边?|对面) ?\d{0,3}\+?床|他床"
        r"|[另其][一外他](?:[名例位个])?(?:患者|病人)|同[名姓](?:患者|病人)"
        r"|(?:类似|同类)(?:患者|病人|病例)|[科院组][里内][^,。;\n]{0,6}[一1][例位名](?!月)"
        r"|(?:上|前|另)[一1]?例(?:患者|病人|手术|病例)?|误将[^,。;\n]{0,8}床"
        r"|(?:同事|邻居|朋友|工友|同学|病友|室友|护工)[^,。;\n送发叫陪诉拨呼看见现聚一]{0,8}?(?:因|患|有|曾|诊断|死|去世))",
        "同病 同室 邻 旁 对面 临床 隔壁 隔床 他床 另 其他患 "
        "其他病 其一 其外 上例 上一例 前例 前一例 上1例 误将 "
        "同事 邻居 朋友 工友 同学 病友 室友 护工 同名 同姓 类似 同类 科里 科内 院里 院内 组里 组内",
        after=_SENTENCE,
        ends=_THIS_PATIENT + r"|实测|更正|应为|再看患者|后接诊",
    ),
    _rule(
        r"(?<!\d)\d{1,3}床(?=[^。\n]{2,60}[本该]患者?为?\d{1,3}床)|曾[有见收治遇到过]{0,3}[1一]例",
        "床 例",
        after=_SENTENCE,
        ends=_THIS_PATIENT,
    ),
    _rule(
        r"\d{1,3}床那[例个位]|那[例个位](?:患者|病人)"
        r"|(?:去年|前年|上个?[月周]|此前|以前)(?:[本我]?[科院组]内?)?(?:有|收治|遇到?|曾)?过?[一1][例位个]",
        "那例 那个 那位 例 位 个",
        after=_SENTENCE,
        ends=_THIS_PATIENT,
    ),
    # Who told or brought, or is a neighbour: 由其子（38岁）代诉, 联系人：李某，女，33岁.
    _rule(
        rf"{_OTHER_PERSON}(?:[:为]?[^,。;\n():送陪诉述来代入院到因发患]{{0,5}})(?:,|:|\()?"
        r"(?=约?(?:[男女](?![儿婿])性?|\d{1,3}岁))"
        rf"|(?<=\(){_OTHER_PERSON}(?:,|:)?(?=\d{{1,3}}岁)"
        # 联系人：韦某（子，20岁）; 女 alone in brackets is a sex
        r"|(?<=\()(?:[父母夫妻子兄弟姐妹媳婿]|儿[子媳])[,:、]?(?=约?\d{1,3}岁)"
        r"|(?:联系人|监护人|家属|签[字名][人者]?|代[述诉][人者]?|委托人|陪[护同]者?)[^。;\n()]{0,10}\([^()\n\d]{0,6}(?=\d{1,3}岁)",
        "父 母 爸 妈 夫 妻 爱人 配偶 老伴 子 女 媳 婿 兄 弟 哥 姐 妹 侄 甥 孙 祖 外公 外婆 "
        "邻 同事 友 同学 老乡 路人 目击 司机 房东 保姆 护工 陪 监护 联系人 委托人 代理人 授权人 "
        "代述 代诉 陈述 提供 供史 报案 签",
        after=");。\n",
        ends=r"患者|病人|患儿|本人|[本该此]患",
        names=WHO,
    ),
    # The pressure of somebody else: 母亲生前血压200/110mmHg.
    _rule(
        rf"(?:{_OTHER_PERSON}|[父母])(?:生前|曾测|曾|平素|平时|既往|也|均|亦|自测|有|患|因|常|最高|最低|高血压|病史?|多年|\d{{1,2}}余?年|[,、:(])*"
        r"(?:血压|收缩压|bp)",
        "血压 收缩压 bp",
        after=_SENTENCE,
        ends=r"患者|病人|患儿|本人|[本该此]患",
        names=frozenset(("blood_pressure",)),
    ),
    # Guidelines, papers, teaching.
    _rule(
        # 依据指南推荐，予…… tells what was done
        r"(?<!按)(?<!照)(?<!循)(?:《[^》\n]{0,24}?)?(?:指南|共识)"
        r"(?!予|[^,。;\n]{0,10},(?:现|遂|予|给予|已|行(?!为)))"
        r"[^,。;\n]{0,8}?(?:推荐|建议|指出|规定|认为|明确|提示|》|,|:)"
        r"|(?:文献|研究|资料|统计|试验)[^,。;\n]{0,6}(?:报道|报告|显示|表明|认为|证实|发现)"
        r"|(?:一般|通常|普遍|目前)认为|(?:教科书|讲座|讲课|授课|理论学习)[^,。;\n]{0,8}[:,]",
        "指南 共识 文献 研究 资料 统计 试验 认为 教科书 讲座 讲课 授课 理论学习",
        after=_RULES_END,  # 幕上>30ml；幕下>10ml: one rule after the other
        ends=_THIS_PATIENT + "|" + _NOW + "|" + _AFTER_RULES,
    ),
    _rule(r"脑出血(?:[诊治疗断防]|管理){0,4}(?:指南|共识)", "指南 共识", before="", names=STATES),
    _rule(
        r"(?:出血|血肿)(?:最常见|最多见|较常见|次之|较?少见|[约各]?占\d{1,3}(?:\.\d)?%)",
        "常见 多见 次之 少见 占",
        before=_CLAUSE,
        after=_CLAUSE,
        names=STATES,
    ),
    _rule(
        r"多见于|好发于|多发生于|常见于|多发于|[该本此]病(?:多|常)|(?:患者|病人)(?:大多|往往|[多常](?:年轻|有|为|见|伴|以))",
        "多见于 好发于 发生于 常见于 多发于 病多 病常 者多 者常 人多 人常 往往 大多",
        before=_CLAUSE,
        after=_SENTENCE,
        ends=_THIS_PATIENT,
    ),
    _rule(
        r"(?:\d[.、)]|[①-⑳:;。]|^|\n)[^,。;:\n]{2,14}:(?:[多常][有见为于伴]|患者(?:可|多|常)|以[^,。;\n]{1,12}为(?:主|特[点征]))",
        ":多 :常 :患者 为主 为特",
        after=_SENTENCE,
        ends=_THIS_PATIENT,
        names=STATES,
    ),
    _rule(
        r"(?:指征|指证|适应[证症]|禁忌[证症])(?:为|是|包括|:|有:)"
        r"|(?:诊断|入选|纳入|排除|评分|分级)标准(?:为|是|包括|:|如下)",
        "指征 指证 适应 禁忌 标准",
        after=_RULES_END,
        ends=_THIS_PATIENT + "|" + _NOW + "|" + _AFTER_RULES,
    ),
    _rule(
        r"(?<!患)(?<!或)者,?(?:均?应|需|宜|可|预后|死亡|病死|手术|首选|[常多易往]|急性期|建议|考虑|即)"
        r"|的(?:患者|病人)[^,。;\n]{0,6}(?:死亡率|病死率|预后|均?应|需|可|宜)"
        r"|为[^,。;\n]{0,8}手术(?:治疗)?的?(?:绝对|相对)?(?:指征|指证|适应[证症])"
        r"|(?:为|是)[^,。;\n]{0,12}(?:预测指标|预测因[子素]|危险因素|独立因素|好发部位|常见部位|常见病因|主要原因)"
        r"|(?:(?<=[,;。:\n])|^)[^,。;\n左右双]{2,16}(?:[>≥]|大于|超过)\d{1,3}(?:\.\d)?(?:ml|mm|cm)且[^。;\n左右]{0,24}"
        r"(?:应|宜|可)(?:考虑)?(?:行|尽早|尽快|急诊|早期|积极)*手术"
        r"|[>≥]\d{1,3}(?:\.\d)? ?(?:ml|mm|cm)[^。;\n]{0,6}或[^。;\n]{0,24},(?=均?应|需|宜|可)",
        "者, 者应 者均 者需 者宜 者可 者预 者死 者病 者手 "
        "者首 者急 者建 者考 者即 者常 者多 者易 者往 "
        "的患者 的病人 指征 指证 适应 预测 危险因素 "
        "独立因素 发部位 见部位 病因 主要原因 ml或 mm或 cm或 ml,或 mm,或 cm,或 且",
        before=_CLAUSE,
        ends=_THIS_PATIENT + r"|(?<=[,。;:])(?:男|女|复查|入院|头颅ct|ct)",
    ),
    # What is to be told, or to end something, when it comes: BP>160/100mmHg，立即报告.
    _rule(
        r"(?:[<>≤≥]\d|\d[^,。;\n\d]{0,4}以[上下])[^。;\n]{0,40}?(?:立即|即[刻时]?|马上|及时|随时|时|请|须|应)"
        r"(?:报告|汇报|告知|通知|呼叫|停止|暂停|终止|就诊|复诊|转回|返回)",
        "报告 汇报 告知 通知 呼叫 停止 暂停 终止 就诊 复诊 转回 返回",
        before=_CLAUSE + "、",
        names=STATES,
    ),
    # What is to be kept: 嘱：血压维持在130/80～150/90mmHg.
    _rule(
        r"(?:(?<![遗遵])|(?<=[^遵]医))嘱[:,]|(?<![遵遗医])嘱(?:护士|家属|陪护|值班)[^。;\n]{0,8}?(?:观察|监测|控制|维持)",
        "嘱",
        after=_SENTENCE,
        ends=_THIS_PATIENT + r"|" + _NOW + r"|[,:](?:实测|复测|测得|已)",
        names=frozenset(("blood_pressure", "pupil_size", "glucose")),
    ),
    _rule(
        r"(?:如|若|一旦)?(?:高于|低于|超出|超过)(?:此|该|上述|这个)(?:范围|目标|水平|标准)",
        "范围 目标 水平 标准",
        before=_SENTENCE,
        ends=_NOW + r"|[,:](?:实测|复测|测得)",
        names=frozenset(("blood_pressure",)),
    ),
    # What is normal, and how far a scale goes.
    _rule(
        r"正常(?:人|成人|成年人|瞳孔)|(?:参考|正常)(?:值|范围|区间)(?:为|是)?:",
        "正常 参考",
        after=_SENTENCE,
        ends=_THIS_PATIENT + r"|\)",
    ),
    _rule(
        r"gcs:? ?3[~\-]4分?[:为=(]?2分",
        "gcs",
        before=_SENTENCE,
        after="。\n",
    ),
    # What may come.
    _rule(
        r"可能(?:会)?(?:再次|随时|进一步)?(?:出现|发生|并发|引起|继发|合并|发展)"
        r"|术[后中]可能|随时(?:可能|有|会|可)|(?:风险|并发症|合并症)(?:有|,?(?:包括|包含|含|如)|:|\()"
        r"|风险(?:均|都)?已?(?:向?[^,。;\n:]{1,6})?(?:告知|交代|说明)[^,。;\n:]{0,6}[:,]"
        r"|(?:谈话|告知|交代|沟通|知情同意|解释)[^,。;\n:]{0,6}[:,]?[^,。;\n:]{0,6}可能(?!性|需|要)",
        "可能 随时 风险 并发症 合并症",
        after=_SENTENCE,
        ends=_THIS_PATIENT + "|" + _DOES + "|" + _MEASURED,
        names=STATES | {"treatment", "operation", "intubation"},
    ),
    _rule(
        r"谨防|提防|当心|严防|预防|防止|防治|防范|以防|以免"
        r"|(?:观察|注意|监测|评估|了解|留意)[^,。;\n]{0,12}?(?:有无|是否)",
        "防 当心 以免 有无 是否",
        after=_CLAUSE,
        names=STATES,
    ),
    _rule(
        r"(?:有|存在)[^,。;\n]{0,16}?(?:风险|危险(?!因素))",
        "风险 危险",
        after="",
        names=STATES,
    ),
    # What is left open: 去骨瓣与否视术中脑压定.
    _rule(r"与否", "与否", before=_CLAUSE + "、", names=ACTS),
    # What a patient is told to do.
    _rule(
        r"(?<!医)(?<!遗)嘱|健康教育|健康指导|出院指导|宣教|出院医嘱|建议(?=戒|严格|限|少|勿)",
        "嘱 健康 指导 宣教 建议",
        after=_SENTENCE,
        ends=_THIS_PATIENT,
        names=HABITS,
    ),
    _rule(
        r"健康(?:宣教|教育|指导)[:,]",
        "健康",
        after=_SENTENCE,
        ends=_THIS_PATIENT,
        names=frozenset(("hypertension", "treatment", "blood_pressure")),
    ),
    # How many patients had it: 近期收治脑出血患者12例，平均血肿量18ml.
    _rule(
        r"(?:收治|入选|纳入|入组)[^,。;\n]{0,16}(?<!\d)(?:[2-9]|\d{2,4})例",
        "收治 入选 纳入 入组",
        before=_CLAUSE,
        after=_SENTENCE,
        ends=_THIS_PATIENT,
    ),
    # Forms that nobody filled in.
    _rule(
        r"[(:史 ]{0,3}(?:有 ?/ ?无|无 ?/ ?有|是 ?/ ?否|否 ?/ ?是"
        r"|有 ?□ ?/?无 ?□|无 ?□ ?/?有 ?□|□ ?是 ?□ ?否|□ ?有 ?□ ?无|□ ?无 ?□ ?有|□ ?否 ?□ ?是)"
        r"|[^,。;\n]{0,6}(?:灵敏|敏感) ?/ ?迟钝 ?/ ?(?:消失|减弱)"
        r"|\((?:请勾选|请选择|单选|多选|可选)"
        r"|□ ?[^□\n,。;]{1,12} ?□ ?[^□\n,。;]{1,12}(?: ?□ ?[^□\n,。;]{1,12})*",
        "有/无 有/ 无/ /无 是/ /否 □ 敏/ 请勾 请选 选)",
        before=_CLAUSE + " )",
        after="",
    ),
)
