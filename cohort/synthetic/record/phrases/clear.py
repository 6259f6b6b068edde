"""What is written of a patient without a hematoma: how the illness went on, CT, diagnosis, plan."""

from __future__ import annotations

CLEAR: dict[str, tuple[str, ...]] = {
    # --- the course ---
    "first_ct_clear": (
        "，(急|)查头颅CT(未见|无)(明显|)出血",
        "，急诊(行|)头颅CT(提示|示)：(未见明显异常|颅内未见出血)",
        "，完善头颅CT检查(后|)",
        "，头颅CT(未见|无)(明显|)(异常|出血灶)",
        "，急诊CT排除脑出血",
        "",
        "",
    ),
    "first_ct_outside": (
        "，(急|)查头颅CT未见脑实质出血",
        "，完善头颅CT检查(后|)",
        "，急诊(行|)头颅CT检查",
        "",
        "",
    ),
    "given_clear": (
        "，予{TREATMENT:(补液|止吐|对症治疗|改善循环)}(等处理|治疗|)",
        "，症状(稍|略)(缓解|好转)",
        "",
        "",
        "",
    ),
    "admitted_clear": (
        "，以“{HISTORY:高血压急症}”收入(我科|院|神经内科|心内科)",
        "，以“(头晕|头痛)待查”收(入院|住我科|入我科)",
        "，门诊以“{HISTORY:(高血压病|高血压急症)}”收入院",
        "，为进一步(诊治|治疗|明确诊断)收入(我科|神经内科|院)",
        "，(遂|)收入我科",
        "，收入(急诊观察室|急诊留观)",
        "，今为进一步诊治收住入院",
    ),
    # --- the CT report: what CT does not find is not an entity ---
    "ct_clear": (
        "颅内(未见|无)(明显|)出血(灶|征象|)",
        "脑实质(内|)未见(明显|)(异常密度影|出血)",
        "(双侧|两侧)大脑半球对称，(脑实质|实质)内未见(明显|)异常密度影",
        "(未见|无)(明显|)颅内出血",
        "颅内(未见|无)(明显|)高密度(影|灶)",
        "平扫未见(明显|)(出血|异常)",
        "双侧基底节区未见高密度影，(余|其余)脑实质未见(出血|异常密度影)",
    ),
    "ct_clear_within": (
        "脑实质(内|)未见(明显|)(异常密度影|出血灶|血肿)",
        "双侧大脑半球实质内未见(明显|)(出血|异常密度影)",
        "脑(实质|)内未见(明显|)血肿",
    ),
    "ct_text_clear": (
        "<ct_found_clear>，<mass_effect><ct_others>",
        "<ct_found_clear>。<mass_effect><ct_others>",
        "<ct_found_clear>；<mass_effect><ct_others>",
        "<mass_effect>，<ct_found_clear><ct_others>",
        "<mass_effect>。<ct_found_clear><ct_others>。(请结合临床|建议复查|必要时复查)",
    ),
    "mass_effect_clear": (
        "<midline>，<ventricle>",
        "<ventricle>，<midline>",
        "<ventricle>。<midline>",
        "<ventricle>，<cisterns>，<midline>",
        "<midline>，<ventricle>，<cisterns>",
    ),
    # --- diagnosis and plan: high pressure is what is left ---
    "diagnosis_clear": (
        "1.{HISTORY:高血压急症}；2.{HISTORY:<grade>}(（很高危）|（极高危）|)<diagnosis_more>",
        "{HISTORY:<grade>}(（极高危）|（很高危）|)",
        "1、{HISTORY:<grade>}(（很高危组）|)  2、(头晕|头痛)(原因待查|待查)",
        "{HISTORY:高血压急症}，脑出血(已除外|待排)",
        "①{HISTORY:<grade>}；②(头痛|头晕)待查",
        "{HISTORY:高血压急症}；{HISTORY:<grade>}",
        "(头晕|头痛)(待查|查因)；{HISTORY:<grade>}",
    ),
    "plan_clear": (
        "予{TREATMENT:<lower>}、{TREATMENT:<support_clear>}(等|等对症)治疗",
        "{TREATMENT:<lower>}，(监测血压|密切监测血压)，必要时复查头颅CT",
        "(给予|予以){TREATMENT:<lower>}、{TREATMENT:<support_clear>}，完善头颅MRI检查",
        "予{TREATMENT:<support_clear>}，{TREATMENT:<lower>}，(次日|24小时后)复查头颅CT",
        "{TREATMENT:(卧床休息|休息)}，{TREATMENT:<lower>}，{TREATMENT:<support_clear>}，调整降压方案",
        "留院观察，予{TREATMENT:<lower>}，完善颈部血管超声",
    ),
    "support_clear": (
        "吸氧",
        "心电监护",
        "补液",
        "(天麻素|倍他司汀)止晕",
        "(护胃|止吐)",
        "对症支持",
    ),
}
