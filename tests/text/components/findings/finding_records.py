"""Whole short records in the manners of different hospitals, and their row of `summarize`.

Written before the rules were read. Columns that are not listed must be empty (None).
"""

from __future__ import annotations

from typing import Any

RECORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "an admission note with headings": (
        """入院记录
姓名：王某某　　性别：男　　年龄：58岁　　婚姻：已婚
主诉：突发左侧肢体无力伴言语不清5小时。
现病史：患者于入院前5小时活动中突发左侧肢体无力，上肢不能抬举，行走不能，伴言语含糊，无头痛、呕吐，\
无意识障碍及肢体抽搐。当地医院测血压210/120mmHg，头颅CT提示右侧基底节区出血，量约20ml。
既往史：高血压病史8年，最高200/110mmHg，未规律服药。否认糖尿病、冠心病史。否认服用抗凝药物。
个人史：吸烟30年，20支/日。
家族史：父亲65岁因脑出血去世。
体格检查：T36.6℃，P80次/分，R18次/分，BP188/106mmHg。嗜睡，GCS13分（E3V4M6）。双侧瞳孔等大等圆，直径3mm，\
对光反射灵敏。左侧鼻唇沟变浅，伸舌左偏。左上肢肌力2级，左下肢肌力3级，右侧肢体肌力5级。左侧巴氏征阳性。
辅助检查：头颅CT（2021-06-01 本院）：右侧基底节区见团片状高密度影，大小约4.0×3.5×3.2cm，\
右侧侧脑室受压，中线结构左移约4mm，未破入脑室。
初步诊断：1.右侧基底节区脑出血 2.高血压病3级（极高危）
""",
        {
            "age_years": 58, "sex": "male", "onset_to_admission_h": 5,
            "chief_symptom": "weakness; speech", "chief_symptom_side": "left",
            "systolic_mmhg": 188, "diastolic_mmhg": 106, "gcs": 13,
            "pupil_left_mm": 3, "pupil_right_mm": 3,
            "light_reflex_left": "brisk", "light_reflex_right": "brisk",
            "power_left_arm": 2, "power_left_leg": 3,
            "power_right_arm": 5, "power_right_leg": 5,
            "hematoma": "present", "hematoma_count": 1,
            "hematoma_site": "basal_ganglia", "hematoma_side": "right",
            "hematoma_volume_ml": 22.4, "hematoma_total_ml": 22.4,
            "hematoma_volume_method": "ABC/2",
            "intraventricular_extension": "absent",
            "midline_shift": "present", "midline_shift_mm": 4, "midline_shift_side": "left",
            "ventricle_compression": "present", "ventricle_compression_side": "right",
            "hypertension": "present", "anticoagulant": "absent",
            "hematoma_diameters_mm": "40x35x32",
            "smoking": "present", "cigarettes_per_day": 20, "smoking_years": 30,
        },
    ),
    "a CT report": (
        """检查部位：头颅CT平扫
影像所见：左侧丘脑区可见类圆形高密度影，边界清楚，最大层面大小约2.8cm×2.2cm，CT值约68HU，周围见低密度水肿带，\
出血量约9ml。双侧侧脑室、三脑室内见高密度影。脑沟、脑裂未见增宽，中线结构居中。颅骨骨质未见异常。
影像诊断：1.左侧丘脑出血破入脑室。2.请结合临床，随诊复查。
""",
        {
            "hematoma": "present", "hematoma_count": 1,
            "hematoma_site": "thalamus", "hematoma_side": "left",
            "hematoma_volume_ml": 9, "hematoma_total_ml": 9, "hematoma_volume_method": "stated",
            "intraventricular_extension": "present", "midline_shift": "absent",
            "edema": "present", "hematoma_diameters_mm": "28x22",
        },
    ),
    "a normal CT report": (
        """【检查所见】颅骨结构完整，脑实质内未见明确异常密度影，脑室系统大小、形态、位置正常，脑沟裂无增宽，\
中线结构无移位。
【诊断意见】头颅CT平扫未见明显出血及占位，必要时MRI检查。
""",
        {
            "hematoma": "absent", "hematoma_count": 0, "midline_shift": "absent",
            "ventricle_compression": "absent",
        },
    ),
    "a progress note": (
        """2020-11-12 08:30 术后第2天病程记录
患者昨日急诊行右侧小脑血肿清除术+侧脑室外引流术，术后转ICU，气管插管呼吸机辅助呼吸。今日查房：镇静状态，\
BP142/78mmHg，GCS评分E2VTM5。双瞳孔左2mm，右2.5mm，光反射迟钝。引流管通畅，引流出淡血性液体约120ml。\
复查头颅CT：右侧小脑半球术区少量残余积血，约3ml，第四脑室受压较前好转，未见新发出血。\
处理：继续甘露醇脱水，乌拉地尔控制血压，目标血压140/90mmHg以下。
""",
        {
            "systolic_mmhg": 142, "diastolic_mmhg": 78,
            "pupil_left_mm": 2, "pupil_right_mm": 2.5,
            "light_reflex_left": "sluggish", "light_reflex_right": "sluggish",
            "hematoma": "present", "hematoma_count": 1,
            "hematoma_site": "cerebellum", "hematoma_side": "right",
            "hematoma_volume_ml": 3, "hematoma_total_ml": 3, "hematoma_volume_method": "stated",
            "ventricle_compression": "present",
            "treatment": "craniotomy; external_ventricular_drain; intubation; "
            "mechanical_ventilation; mannitol; dehydration; antihypertensive",
            "operation": "craniotomy; external_ventricular_drain",
            "fourth_ventricle_compression": "present",
            "intubation": "present", "mechanical_ventilation": "present", "sedation": "present",
        },
    ),
    "traditional characters, full-width": (
        """主訴：意識不清２小時
現病史：６７歲女性，今晨被家屬發現倒地，呼之不應，伴嘔吐咖啡色液體。
過去史：高血壓１０餘年，長期服用阿司匹林；否認糖尿病。
體格檢查：ＢＰ：２２０／１１８ｍｍＨｇ，ＧＣＳ：Ｅ１Ｖ１Ｍ４（６分）。右側瞳孔５ｍｍ，光反射消失；左側瞳孔３ｍｍ，光反射遲鈍。
頭部CT：右側殼核出血，出血量約５５ｍｌ，破入腦室，中線結構向左移位約１２ｍｍ，右側腦室受壓。
診斷：高血壓性腦出血
""",
        {
            "age_years": 67, "sex": "female", "onset_to_admission_h": 2,
            "chief_symptom": "unconsciousness", "systolic_mmhg": 220, "diastolic_mmhg": 118,
            "gcs": 6, "pupil_right_mm": 5, "pupil_left_mm": 3,
            "light_reflex_right": "absent", "light_reflex_left": "sluggish",
            "hematoma": "present", "hematoma_count": 1,
            "hematoma_site": "putamen", "hematoma_side": "right",
            "hematoma_volume_ml": 55, "hematoma_total_ml": 55, "hematoma_volume_method": "stated",
            "intraventricular_extension": "present",
            "midline_shift": "present", "midline_shift_mm": 12, "midline_shift_side": "left",
            "ventricle_compression": "present", "ventricle_compression_side": "right",
            "hypertension": "present", "antiplatelet": "aspirin",
        },
    ),
    "a list, abbreviated": (
        """病例特点：
1.老年女性，72岁，急性起病。
2.突发言语不利、右侧肢体乏力3h。
3.既往：HTN(+)15年，DM(-)；房颤，口服华法林。
4.PE：BP 176/88mmHg，神清，混合性失语，双瞳等大等圆，D=2.5mm，光反(+)，\
右上肢肌力1级，右下肢肌力2级，左侧正常。
5.CT：左侧基底节区脑出血，未破入脑室，中线无移位。
诊断：左基底节区脑出血
""",
        {
            "age_years": 72, "sex": "female", "onset_to_admission_h": 3,
            "systolic_mmhg": 176, "diastolic_mmhg": 88,
            "pupil_left_mm": 2.5, "pupil_right_mm": 2.5,
            "light_reflex_left": "present", "light_reflex_right": "present",
            "power_right_arm": 1, "power_right_leg": 2,
            "hematoma": "present", "hematoma_count": 1,
            "hematoma_site": "basal_ganglia", "hematoma_side": "left",
            "intraventricular_extension": "absent", "midline_shift": "absent",
            "hypertension": "present", "anticoagulant": "warfarin",
        },
    ),
    "two hematomas, spaces of an OCR": (
        """患者 男 ， 49 岁 。 主诉 ： 突发 头痛 伴 右侧 肢体 无力 1 天
查体 ： 血压 160 / 100 mmHg ， G C S 15 分 ， 双侧 瞳孔 等大 ， 直径 3 mm ， 光反射 灵敏 。\
 右侧 肢体 肌力 4 级 。
头颅 CT ： 左侧 额叶 及 左侧 丘脑 血肿 ， 大小 分别 约 4 × 3 × 2 cm 、 2 × 1 × 1 cm ， 中线 居中 。
""",
        {
            "age_years": 49, "sex": "male", "onset_to_admission_h": 24,
            "chief_symptom": "headache; weakness", "chief_symptom_side": "right",
            "systolic_mmhg": 160, "diastolic_mmhg": 100, "gcs": 15,
            "pupil_left_mm": 3, "pupil_right_mm": 3,
            "light_reflex_left": "brisk", "light_reflex_right": "brisk",
            "power_right_arm": 4, "power_right_leg": 4,
            "hematoma": "present", "hematoma_count": 2, "hematoma_site": "lobar",
            "hematoma_side": "left", "hematoma_volume_ml": 12, "hematoma_total_ml": 13,
            "hematoma_volume_method": "ABC/2", "midline_shift": "absent",
            "hematoma_diameters_mm": "40x30x20",
        },
    ),
    "a bleed of the past, an infarct now": (
        """主诉：左侧肢体麻木2天。
现病史：患者2天前晨起出现左侧肢体麻木，无无力，无头痛头晕，无恶心呕吐。
既往史：5年前左侧基底节区脑出血，量约15ml，在外院行开颅血肿清除术，遗留右侧肢体肌力4级。高血压10年，口服氨氯地平。\
曾口服氯吡格雷，已停用1年。
查体：BP 150/90mmHg，神志清楚，双侧瞳孔等大等圆，直径3.0mm，对光反射灵敏，四肢肌力5级。
头颅CT：左侧基底节区软化灶，未见新鲜出血，中线结构居中，双侧脑室对称。
初步诊断：脑梗死？
""",
        {
            "onset_to_admission_h": 48, "chief_symptom": "numbness", "chief_symptom_side": "left",
            "systolic_mmhg": 150, "diastolic_mmhg": 90,
            "pupil_left_mm": 3, "pupil_right_mm": 3,
            "light_reflex_left": "brisk", "light_reflex_right": "brisk",
            "power_left_arm": 5, "power_left_leg": 5,
            "power_right_arm": 5, "power_right_leg": 5,
            "hematoma": "absent", "hematoma_count": 0, "midline_shift": "absent",
            "ventricle_compression": "absent", "hypertension": "present",
            "antiplatelet": "historical",
        },
    ),
}  # fmt: skip
