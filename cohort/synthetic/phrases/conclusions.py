"""Electrocardiogram, blood tests, diagnosis and plan."""

from __future__ import annotations

CONCLUSIONS: dict[str, tuple[str, ...]] = {
    # --- other tests ---
    "ecg_sinus": (
        "未观察到明显异常",
        "窦性心律",
        "窦性心律，(大致|)正常心电图",
        "窦性心律，ST-T改变",
        "窦性心律，左室高电压",
        "正常心电图",
        "窦性心律，T波低平",
        "未见明显异常",
    ),
    "ecg_fibrillation": (
        "心房颤动",
        "房颤心律，ST-T改变",
        "心房颤动伴(快速|)心室率",
        "异位心律，心房颤动",
    ),
    "blood": (
        "血常规、凝血功能(未见|无)(明显|)异常",
        "血常规：WBC <white>×10^9/L，(余|其余)正常",
        "随机血糖<sugar>mmol/L，凝血功能正常",
        "肝肾功能、电解质(未见明显异常|大致正常)",
        "血糖<sugar>mmol/L，血钾3.<digit>mmol/L",
        "血小板及凝血(四项|功能)正常",
    ),
    "blood_warfarin": ("INR 2.<digit>", "凝血功能：INR 2.<digit>", "PT-INR 2.<digit>，血小板正常"),
    "digit": ("2", "4", "5", "6", "8", "9"),
    "white": ("7.8", "8.6", "9.4", "10.2", "11.5", "12.1"),
    # --- diagnosis and plan ---
    "diagnosis": (
        "1.{SITE:<site_diagnosed>}；2.{HISTORY:<grade>}(（很高危）|（极高危）|)<diagnosis_more>",
        "1、{SITE:<site_diagnosed>}  2、{HISTORY:<grade>}(（很高危组）| 很高危|)",
        "{SITE:<site_diagnosed>}，{HISTORY:<grade>}",
        "①{SITE:<site_diagnosed>}；②{HISTORY:<grade>}",
        "{SITE:<site_diagnosed>}（急性期）；{HISTORY:<grade>}(（极高危）|)",
        "高血压性脑出血（{SITE:<site>}）；{HISTORY:<grade>}",
        "{SITE:<site_diagnosed>}",
    ),
    "plan": (
        "予{TREATMENT:<dehydrate>}、{TREATMENT:<lower>}、{TREATMENT:<support>}(等|等对症)治疗",
        "{TREATMENT:(卧床休息|绝对卧床)}，{TREATMENT:<dehydrate>}，{TREATMENT:<lower>}，(密切观察|动态复查头颅CT)",
        "(给予|予以){TREATMENT:<lower>}、{TREATMENT:<dehydrate>}，(动态复查CT|监测生命体征)",
        "入院后予{TREATMENT:<support>}，{TREATMENT:<lower>}，{TREATMENT:<dehydrate>}",
        "{TREATMENT:<dehydrate>}，{TREATMENT:<lower>}，{TREATMENT:<support>}，必要时手术",
        "予{TREATMENT:<dehydrate>}，(24小时后|次日)复查头颅CT",
    ),
    "plan_surgery": (
        "拟行{TREATMENT:<operation_name>}",
        "急诊行{TREATMENT:<operation_name>}",
        "有手术指征，拟(急诊|)行{TREATMENT:<operation_name>}，术前予{TREATMENT:<dehydrate>}",
        "与家属沟通后行{TREATMENT:<operation_name>}，术后予{TREATMENT:<lower>}",
        "建议{TREATMENT:<operation_name>}，家属(要求保守治疗|暂拒绝手术)，予{TREATMENT:<dehydrate>}、"
        "{TREATMENT:<support>}",
    ),
    "surgery_above": (
        "开颅血肿清除术",
        "微创(颅内|)血肿穿刺引流术",
        "血肿穿刺引流术",
        "(神经|)内镜下血肿清除术",
        "小骨窗血肿清除术",
        "立体定向血肿抽吸术",
        "钻孔引流术",
    ),
    "surgery_below": ("后颅窝减压术", "(小脑|)血肿清除术", "枕下开颅血肿清除术", "脑室外引流术"),
    "dehydrate": (
        "甘露醇(脱水|脱水降颅压|降颅压)",
        "脱水(降颅压|)",
        "降颅压",
        "甘油果糖(脱水|)",
        "甘露醇",
        "甘露醇联合呋塞米脱水",
        "降低颅内压",
    ),
    "lower": (
        "(控制血压|降压)",
        "(乌拉地尔|尼卡地平)(降压|控制血压)",
        "调控血压",
        "控制血压",
        "硝普钠(降压|控制血压)",
        "平稳降压",
    ),
    "support": (
        "吸氧",
        "心电监护",
        "(营养神经|神经营养)",
        "(止血|氨甲环酸止血)",
        "(护胃|奥美拉唑护胃)",
        "预防感染",
        "保持呼吸道通畅",
        "维持水电解质平衡",
        "泮托拉唑抑酸",
        "补液",
    ),
}
