"""The examination and its order: vital signs, consciousness, pupils, the body."""

from __future__ import annotations

EXAMINATION: dict[str, tuple[str, ...]] = {
    # --- vital signs ---
    "vitals": (
        "体温：{VITAL:<temperature><degree>}，脉搏：{VITAL:每分钟<pulse>次}，"
        "呼吸率：{VITAL:每分钟<breaths>次}，血压：{BP:<bp>}",
        "T：{VITAL:<temperature><degree>}，P：{VITAL:<pulse>次/分}，R：{VITAL:<breaths>次/分}，"
        "BP：{BP:<bp>}",
        "T{VITAL:<temperature><degree>}，P{VITAL:<pulse>次/分}，R{VITAL:<breaths>次/分}，BP{BP:<bp>}",
        "T~{VITAL:<temperature><degree>}  P~{VITAL:<pulse>次/分}  R~{VITAL:<breaths>次/分}  "
        "BP~{BP:<bp>}",
        "体温{VITAL:<temperature><degree>}，脉搏{VITAL:<pulse>次/分}，呼吸{VITAL:<breaths>次/分}，"
        "血压{BP:<bp>}",
        "体温：{VITAL:<temperature><degree>}、脉搏：{VITAL:<pulse>次/分}、呼吸：{VITAL:<breaths>次/分}、"
        "血压：{BP:<bp>}",
        "T：{VITAL:<temperature><degree>}，HR：{VITAL:<heart_rate>bpm}，RR：{VITAL:<breaths>次/min}，"
        "Bp：{BP:<bp>}",
        "血压{BP:<bp>}，心率{VITAL:<heart_rate>次/分}，呼吸{VITAL:<breaths>次/分}，"
        "体温{VITAL:<temperature><degree>}",
        "BP {BP:<bp>}，P {VITAL:<pulse>次/分}，R {VITAL:<breaths>次/分}，"
        "T {VITAL:<temperature><degree>}",
        "生命体征：T{VITAL:<temperature><degree>}，P{VITAL:<pulse>次/分}，R{VITAL:<breaths>次/分}，"
        "血压{BP:<bp>}",
        "体温{VITAL:<temperature>}度，脉搏{VITAL:<pulse>次}，呼吸{VITAL:<breaths>次}，血压{BP:<bp>}",
    ),
    "degree": ("℃", "℃", "°C", "~℃"),
    "bp": (
        "<systolic>/<diastolic>mmHg",
        "<systolic>/<diastolic>~mmHg",
        "<systolic>/<diastolic>mmHg",
        "<systolic>/<diastolic>毫米汞柱",
        "<systolic>/<diastolic>mmhg",
    ),
    # --- consciousness ---
    "level_clear": (
        "神志清楚",
        "神志清",
        "神清",
        "意识清楚",
        "意识清",
        "神志清醒",
        "神志尚清",
        "意识清醒",
    ),
    "level_value": (
        "(意识水平|神志|意识)：{CONSCIOUSNESS:(清醒|清楚)}",
        "意识状态：{CONSCIOUSNESS:(清醒|清楚)}",
        "意识水平：{CONSCIOUSNESS:清醒}",
    ),
    "level_drowsy": ("嗜睡", "嗜睡状态", "嗜睡状"),
    "level_stupor": ("昏睡", "昏睡状态", "昏睡状"),
    "level_coma_light": ("浅昏迷", "浅昏迷状态", "轻度昏迷"),
    "level_coma_mid": ("中度昏迷", "中度昏迷状态", "昏迷状态"),
    "level_coma_deep": ("深昏迷", "深昏迷状态", "深度昏迷"),
    "level_named": (
        "意识水平：",
        "神志：",
        "意识：",
        "意识状态：",
        "神志",
        "意识呈",
        "患者呈",
        "神志呈",
        "",
    ),
    "coma_score": (
        "GCS评分：{GCS:<gcs>}",
        "GCS评分{GCS:<gcs>分}",
        "GCS：{GCS:<gcs>分}",
        "GCS~{GCS:<gcs>分}",
        "GCS评分：{GCS:<gcs>分}（{GCS:E<eye>V<verbal>M<motor>}）",
        "GCS {GCS:E<eye>V<verbal>M<motor>}，共{GCS:<gcs>分}",
        "格拉斯哥昏迷评分{GCS:<gcs>分}",
        "格拉斯哥评分：{GCS:<gcs>}",
        "GCS{GCS:<gcs>分}（{GCS:E<eye>+V<verbal>+M<motor>}）",
        "昏迷评分（GCS）：{GCS:<gcs>分}",
    ),
    "mental": (
        "<level>，<coma_score><contact>",
        "<level><contact>，<coma_score>",
        "<level>，<coma_score><contact>",
        "<coma_score>，<level><contact>",
        "<level>（GCS~{GCS:<gcs>分}）<contact>",
    ),
    "contact_clear": (
        "，查体合作",
        "，对答切题",
        "，(语利|言语流利)，查体合作",
        "，定向力正常",
        "，检查合作",
        "",
    ),
    "contact_fair": (
        "，查体(合作|尚合作)",
        "，反应稍慢，查体合作",
        "，对答欠切题",
        "，检查尚合作",
        "",
    ),
    "contact_slurred": (
        "，查体合作",
        "，{SYMPTOM:构音障碍}，查体合作",
        "，{SYMPTOM:言语欠清}",
        "，{SYMPTOM:(言语|吐词)含糊}，查体合作",
        "，检查合作",
    ),
    "contact_aphasia": (
        "，{SYMPTOM:(运动性|不完全运动性|混合性)失语}",
        "，{SYMPTOM:言语不流利}，查体欠合作",
        "，{SYMPTOM:(命名性|完全性)失语}，查体欠合作",
        "，{SYMPTOM:失语}",
    ),
    "contact_drowsy": (
        "，呼之能应，查体欠合作",
        "，可唤醒，(能|可)简单对答",
        "，能遵嘱活动",
        "，唤之睁眼，查体欠合作",
        "，查体欠合作",
        "",
    ),
    "contact_stupor": (
        "，强刺激可睁眼",
        "，呼之可睁眼，不能正确对答",
        "，疼痛刺激可睁眼，查体不合作",
        "，查体不合作",
        "",
    ),
    "contact_coma": ("，呼之不应，查体不合作", "，刺痛不睁眼", "，查体不合作", "，压眶无睁眼", ""),
    # --- pupils: one entity a clause ---
    "pupils_equal": (
        "{PUPIL:双侧瞳孔等大等圆}，{PUPIL:直径(约|)<mm>~mm}，{PUPIL:(对光反射|光反射|对光反应)<brisk>}",
        "{PUPIL:双侧瞳孔等大(正|等)圆}，{PUPIL:(D|d)=<mm>mm}，{PUPIL:(对光反射|光反射)<brisk>}",
        "{PUPIL:左瞳孔：<mm>mm}，{PUPIL:对光反射<brisk>}，{PUPIL:右瞳孔：<mm>mm}，{PUPIL:对光反射<brisk>}",
        "{PUPIL:双瞳(孔|)等大等圆}，{PUPIL:(直径|径约)<mm>mm}，{PUPIL:对光反射<brisk>}",
        "{PUPIL:双侧瞳孔直径<mm>mm}，{PUPIL:对光反射<brisk>}",
        "{PUPIL:双侧瞳孔正大等圆}，{PUPIL:对光反射<brisk>}",
        "{PUPIL:双侧瞳孔等大}，约{PUPIL:<mm>mm}，{PUPIL:光反应<brisk>}",
        "{PUPIL:瞳孔L:R=<mm>:<mm>mm}，{PUPIL:(光反射|对光反射)<brisk>}",
        "{PUPIL:双侧瞳孔(约|)<mm>mm大小}，{PUPIL:等大等圆}，{PUPIL:直接及间接对光反射<brisk>}",
    ),
    "pupils_pinpoint": (
        "{PUPIL:双侧瞳孔针尖样}，{PUPIL:对光反射<faint>}",
        "{PUPIL:双侧瞳孔呈针尖样(缩小|改变)}，{PUPIL:直径约1~mm}，{PUPIL:对光反射<faint>}",
        "{PUPIL:双瞳孔等大}，{PUPIL:直径约1mm}，{PUPIL:对光反射<faint>}",
        "{PUPIL:左瞳孔：1mm}，{PUPIL:对光反射<faint>}，{PUPIL:右瞳孔：1mm}，{PUPIL:对光反射<faint>}",
        "{PUPIL:双侧瞳孔缩小}，{PUPIL:直径1mm}，{PUPIL:光反射<faint>}",
        "{PUPIL:双侧瞳孔针尖大小}，{PUPIL:光反应<faint>}",
    ),
    "pupils_blown": (
        "{PUPIL:双侧瞳孔不等大}，{PUPIL:<bleed>侧(直径|)5mm}，{PUPIL:对光反射消失}，"
        "{PUPIL:<across>侧(直径|)<mm>mm}，{PUPIL:对光反射迟钝}",
        "{PUPIL:<bleed>侧瞳孔散大}，{PUPIL:直径约5~mm}，{PUPIL:对光反射消失}，"
        "{PUPIL:<across>侧瞳孔<mm>mm}，{PUPIL:对光反射(迟钝|减弱)}",
        "{PUPIL:<bleed>瞳孔：5mm}，{PUPIL:对光反射消失}，{PUPIL:<across>瞳孔：<mm>mm}，{PUPIL:对光反射迟钝}",
        "{PUPIL:瞳孔不等大}，{PUPIL:<bleed>侧约5mm}，{PUPIL:光反射消失}，"
        "{PUPIL:<across>侧约<mm>mm}，{PUPIL:光反射迟钝}",
    ),
    "brisk_good": ("灵敏", "灵敏", "敏感", "存在", "正常"),
    "brisk_slow": ("迟钝", "迟钝", "减弱", "稍迟钝"),
    "faint": ("消失", "迟钝", "减弱", "未引出", "微弱"),
    # --- the rest of the body ---
    "body_regular": (
        "双肺呼吸音清，未闻及(明显|)干湿性啰音，<rhythm_regular>，腹软，无压痛",
        "心肺腹(查体|)未见(明显|)异常",
        "(心、肺、腹|心肺腹)查体无特殊",
        "双肺呼吸音(清|粗)，未闻及啰音，心率{VITAL:<heart_rate>次/分}，<rhythm_regular>，腹平软",
        "发育正常，营养(中等|良好)，全身皮肤黏膜无黄染",
        "颈软，气管居中，双肺呼吸音清，腹软，双下肢无水肿",
        "全身皮肤巩膜无黄染，浅表淋巴结未触及肿大，心肺未见异常",
        "头颅无畸形，(耳鼻无流血流液|外耳道无溢液)，心肺腹未见异常",
        "心界不大，<rhythm_regular>，各瓣膜听诊区未闻及(病理性|)杂音，双肺呼吸音清",
        "(发育正常|体型偏胖)，营养中等，双下肢无水肿",
    ),
    "body_fibrillation": (
        "双肺呼吸音清，心率{VITAL:<heart_rate>次/分}，<rhythm_irregular>，腹软",
        "心率{VITAL:<heart_rate>次/分}，<rhythm_irregular>，双肺未闻及啰音",
        "双肺呼吸音粗，<rhythm_irregular>，双下肢无水肿",
    ),
    "rhythm_regular": ("律齐", "心律齐", "节律规整"),
    "rhythm_irregular": ("律不齐", "心律绝对不齐", "第一心音强弱不等"),
    # --- the order of it all ---
    "examination": (
        "<vitals>；<mental>，<pupils>，<cranial>，<power>，<signs>",
        "<vitals>。<mental>。<pupils>。<cranial>，<power><sensation>，<signs>",
        "<vitals>。<body>。(神经系统|神经系统查体|专科情况|专科检查|神经专科查体)：<mental>，<pupils>，"
        "<cranial>。<power><sensation>，<signs>",
        "<vitals>，<mental>。<body>。<pupils>，<cranial>，<power>，<signs>",
        "<mental>，<vitals>。<pupils>，<cranial>。<body>。<power><sensation>，<signs>",
        "<vitals>。<mental>，<cranial>，<pupils>。<power>，<signs>。<body>",
        "<vitals>。<body>。<mental>，<pupils>。<cranial>，<power>。<signs>",
        "<mental>，<pupils>，<vitals>。<cranial>，<power><sensation>。<signs>",
    ),
}
