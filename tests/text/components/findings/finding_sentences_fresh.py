"""Sentences written by someone who had not read the rules: more of the table of test_findings.py.

As in finding_sentences.py: (sentence, {name: [(value, certainty, side)]}). Where the rules mean
something else by a sentence and say so, it stands here as they mean it.
"""

from __future__ import annotations

from said import Said, maybe, no, once, yes

PATIENT: list[tuple[str, dict[str, list[Said]]]] = [
    ("姓名：李XX  性别：女  年龄：71岁  婚姻：已婚  职业：农民", {
        "age": [yes(71)], "sex": [yes("female")]}),
    ("患者李某某，女性，５９岁，因“突发头痛伴左侧肢体无力2小时”于2021-03-05 14:20急诊入院。", {
        "age": [yes(59)], "sex": [yes("female")], "onset_to_admission": [yes(2)]}),
    ("主诉：被家人发现意识不清1小时余", {
        "onset_to_admission": [yes(1)], "chief_symptom": [yes("unconsciousness")]}),
    ("主诉：言语不清、口角歪斜半天", {
        "onset_to_admission": [yes(12)],
        "chief_symptom": [yes("speech"), yes("facial_droop")]}),
    ("主訴：突發左側肢體乏力3小時", {
        "onset_to_admission": [yes(3)], "chief_symptom": [yes("weakness", "left")]}),
    ("主诉：头晕、恶心、呕吐伴行走不稳1天。", {
        "onset_to_admission": [yes(24)],
        "chief_symptom": [yes("dizziness"), yes("nausea"), yes("vomiting"), yes("gait")]}),
    ("主诉：突发右侧肢体活动不灵伴失语90分钟", {
        "onset_to_admission": [yes(1.5)],
        "chief_symptom": [yes("weakness", "right"), yes("speech")]}),
    ("主诉：左侧肢体麻木无力2天，加重伴意识障碍3h", {
        "chief_symptom": [
            yes("numbness", "left"), yes("weakness", "left"), yes("unconsciousness")]}),
    ("M，65y，突发昏迷3h入院。", {
        "age": [yes(65)], "sex": [yes("male")], "onset_to_admission": [yes(3)]}),
    ("患者老年男性，71岁，急性起病，病程短。", {"age": [yes(71)], "sex": [yes("male")]}),
    ("其父于60岁时因脑出血去世，其母患高血压病。", {
        "age": [], "sex": [], "hematoma": [], "hypertension": []}),
    ("家族史：父亲有高血压病史，母亲72岁死于脑出血。", {
        "age": [], "sex": [], "hypertension": [], "hematoma": []}),
    ("兄弟2人均患高血压，本人否认高血压病史。", {"hypertension": [no()]}),
    ("配偶体健，育有1子1女，女儿45岁，均体健。", {"age": [], "sex": []}),
    ("患者于入院前约6小时无明显诱因突发剧烈头痛，无肢体抽搐。", {
        "onset_to_admission": [yes(6)]}),
    ("高血压病史20余年，最高达200/110mmHg，平素服用硝苯地平，血压控制不详。", {
        "hypertension": [once()], "blood_pressure": [once([200, 110])]}),
    ("既往史：否认高血压、糖尿病、冠心病病史，否认肝炎、结核病史。", {"hypertension": [no()]}),
    ("既往有“高血压病”10年，未正规服药。", {"hypertension": [once()]}),
    ("有无高血压病史不详。", {"hypertension": [maybe()]}),
    ("高血压病史不详，家属诉曾测血压偏高。", {"hypertension": [maybe()]}),
    ("既往：高血压（+），糖尿病（-），冠心病（-）。", {"hypertension": [once()]}),
    ("既往：高血压(-)，糖尿病(+)。", {"hypertension": [no()]}),
    ("诊断：1.左侧基底节区脑出血 2.高血压病3级 极高危", {
        "hypertension": [yes()], "hematoma_site": [yes("basal_ganglia", "left")]}),
    ("长期口服阿司匹林100mg qd，否认服用华法林等抗凝药物。", {
        "antiplatelet": [yes("aspirin")], "anticoagulant": [no(), no()]}),
    ("因房颤长期服用利伐沙班20mg，昨晚末次服药。", {"anticoagulant": [yes("rivaroxaban")]}),
    ("未服用抗凝及抗血小板药物。", {"anticoagulant": [no()], "antiplatelet": [no()]}),
    ("半年前冠脉支架植入，服用“波立维、拜阿司匹灵”双抗治疗。", {
        "antiplatelet": [yes("clopidogrel"), yes("aspirin")]}),
    ("华法林已于3年前停用。", {"anticoagulant": [once("warfarin")]}),
    ("是否服用阿司匹林不详。", {"antiplatelet": [maybe("aspirin")]}),
    ("对阿司匹林过敏。", {"antiplatelet": []}),
    ("予低分子肝素皮下注射预防深静脉血栓。", {"anticoagulant": [yes("heparin")]}),
    ("自行停用氯吡格雷1周。", {"antiplatelet": [once("clopidogrel")]}),
]  # fmt: skip

EXAMINATION: list[tuple[str, dict[str, list[Said]]]] = [
    ("T:36.8℃ P:88次/分 R:20次/分 BP:186/102mmHg", {"blood_pressure": [yes([186, 102])]}),
    ("查体：T36.5℃，P76次/分，R19次/分，Bp 165／95 mmHg。", {"blood_pressure": [yes([165, 95])]}),
    ("血压：左上肢178/96mmHg，右上肢182/98mmHg。", {
        "blood_pressure": [yes([178, 96], "left"), yes([182, 98], "right")]}),
    ("收缩压波动在150-160mmHg之间，舒张压90mmHg左右。", {"gcs": []}),
    ("血压控制于140/90mmHg以下。", {"blood_pressure": []}),
    ("血壓 210/120 mmHg，神志昏迷。", {"blood_pressure": [yes([210, 120])]}),
    ("BP 24/14kPa", {"blood_pressure": [yes([180, 105])]}),
    ("入院时血压测不出。", {"blood_pressure": [yes()]}),
    ("既往血压最高180/100mmHg，入院时血压166/92mmHg", {
        "blood_pressure": [once([180, 100]), yes([166, 92])]}),
    ("GCS评分：E2V2M5=9分", {"gcs": [yes(9)]}),
    ("GCS E3V4M6，双瞳等大", {"gcs": [yes(13)]}),
    ("格拉斯哥昏迷评分7分（E1V2M4）。", {"gcs": [yes(7)]}),
    ("GCS：睁眼4分，言语5分，运动6分，共15分。", {"gcs": [yes(15)]}),
    ("GCS评分 E1VTM4", {"gcs": [yes(None)]}),
    ("GCS(2+2+5)9分", {"gcs": [yes(9)]}),
    ("昏迷指数6分。", {"gcs": [yes(6)]}),
    ("嗜 睡 ， G C S 评 分 １ ３ 分 。", {"gcs": [yes(13)]}),
    ("入院时GCS12分，现GCS8分。", {"gcs": [yes(12), yes(8)]}),
    ("GCS评分未评。", {"gcs": []}),
    ("双侧瞳孔等大等圆，直径约3.0mm，对光反射灵敏。", {
        "pupil_size": [yes(3, "both")], "light_reflex": [yes("brisk", "both")]}),
    ("左侧瞳孔5mm，光反射消失，右侧瞳孔2.5mm，光反射迟钝", {
        "pupil_size": [yes(5, "left"), yes(2.5, "right")],
        "light_reflex": [yes("absent", "left"), yes("sluggish", "right")]}),
    ("瞳孔：左3mm，右4mm，对光反射：左（+），右（-）", {
        "pupil_size": [yes(3, "left"), yes(4, "right")],
        "light_reflex": [yes("brisk", "left"), yes("absent", "right")]}),
    ("双瞳孔直径2mm，光反应(+)", {
        "pupil_size": [yes(2, "both")], "light_reflex": [yes("brisk", "both")]}),
    ("双瞳D=3mm，对光反射存在。", {
        "pupil_size": [yes(3, "both")], "light_reflex": [yes("brisk", "both")]}),
    ("双侧瞳孔针尖样，d约1mm，光反射消失。", {
        "pupil_size": [yes(1, "both")], "light_reflex": [yes("absent", "both")]}),
    ("瞳孔左：右=3：4mm，光反射左灵敏、右迟钝", {
        "pupil_size": [yes(3, "left"), yes(4, "right")],
        "light_reflex": [yes("brisk", "left"), yes("sluggish", "right")]}),
    ("右侧瞳孔散大，直径约6mm，直接、间接对光反射均消失。", {
        "pupil_size": [yes(6, "right")], "light_reflex": [yes("absent", "right")]}),
    ("雙側瞳孔等大等圓，直徑3mm，對光反射靈敏", {
        "pupil_size": [yes(3, "both")], "light_reflex": [yes("brisk", "both")]}),
    ("双侧瞳孔等大，直径3mm，角膜反射消失。", {
        "pupil_size": [yes(3, "both")], "light_reflex": []}),
    ("双侧瞳孔不等大，左:右=2.5mm:4.0mm。", {
        "pupil_size": [yes(2.5, "left"), yes(4, "right")]}),
    ("左侧肢体肌力0级，右侧肢体肌力5级", {
        "limb_power": [yes(0, "left"), yes(5, "right")]}),
    ("右侧上肢肌力II级，下肢肌力III级，左侧肢体肌力V级。", {
        "limb_power": [yes(2, "right"), yes(3, "right"), yes(5, "left")]}),
    ("左上肢肌力3-级，左下肢肌力4级，右侧肢体肌力正常。", {
        "limb_power": [yes(3, "left"), yes(4, "left"), yes(5, "right")]}),
    ("四肢肌力5级，肌张力正常，生理反射存在，病理反射未引出。", {
        "limb_power": [yes(5, "both")]}),
    ("左上肢肌力Ⅱ级，左下肢肌力Ⅲ级，余肢体肌力Ⅴ级。", {
        "limb_power": [yes(2, "left"), yes(3, "left"), yes(5, "right")]}),
    ("右侧肢体偏瘫，上肢0级，下肢1级。", {
        "limb_power": [yes(0, "right"), yes(1, "right")]}),
    ("双下肢肌力4级，双上肢肌力正常", {"limb_power": [yes(4, "both"), yes(5, "both")]}),
    ("肌力检查不配合，刺痛可见左侧肢体活动。", {"limb_power": []}),
    ("右侧肢体肌力检查欠合作，左侧肢体可见自主活动，肌张力2级。", {"limb_power": []}),
    ("左侧肢体肌力 近端3级，远端2级", {"limb_power": [yes(3, "left"), yes(2, "left")]}),
    ("高血压3级，心功能II级，NIHSS评分12分", {"limb_power": [], "gcs": []}),
    ("右上肢肌力2/5级，右下肢3/5级", {
        "limb_power": [yes(2, "right"), yes(3, "right")], "blood_pressure": []}),
    ("左侧上、下肢肌力均为2级", {"limb_power": [yes(2, "left")]}),
]  # fmt: skip

HEMATOMA: list[tuple[str, dict[str, list[Said]]]] = [
    ("头颅CT：右侧基底节区见团块状高密度影，大小约4.2cm×3.1cm×3.0cm，边缘清，周围见水肿带。", {
        "hematoma_site": [yes("basal_ganglia", "right")],
        "hematoma_volume": [yes(19.53, "right")]}),
    ("左侧丘脑出血约12ml，破入脑室系统。", {
        "hematoma_site": [yes("thalamus", "left")], "hematoma_volume": [yes(12, "left")],
        "intraventricular_extension": [yes()]}),
    ("左侧丘脑血肿，量约8-10ml，未破入脑室。", {
        "hematoma_volume": [yes(9, "left")], "intraventricular_extension": [no()]}),
    ("小脑半球右侧见类圆形高密度灶，CT值约65HU，出血量约15mL。", {
        "hematoma_site": [yes("cerebellum", "right")],
        "hematoma_volume": [yes(15, "right")]}),
    ("脑桥出血，量约5毫升。", {
        "hematoma_site": [yes("brainstem")], "hematoma_volume": [yes(5)]}),
    ("右额叶脑内血肿，约二十五毫升", {
        "hematoma_site": [yes("lobar", "right")], "hematoma_volume": [yes(25, "right")]}),
    ("左颞顶叶出血并破入脑室，血肿体积45 cm3", {
        "hematoma_site": [yes("lobar", "left")], "hematoma_volume": [yes(45, "left")],
        "intraventricular_extension": [yes()]}),
    ("左側殼核出血，出血量約30ml，中線結構右移約6mm", {
        "hematoma_site": [yes("putamen", "left")], "hematoma_volume": [yes(30, "left")],
        "midline_shift": [yes(6, "right")]}),
    ("左外囊区出血，约２０ｍｌ", {
        "hematoma_site": [yes("basal_ganglia", "left")], "hematoma_volume": [yes(20, "left")]}),
    ("右侧基底节区及丘脑可见片状高密度影，范围约35mm×28mm×30mm，考虑脑出血。", {
        "hematoma_volume": [yes(14.7, "right")]}),
    ("头颅CT未见明显出血灶。", {"hematoma": [no()], "hematoma_volume": []}),
    ("头颅CT平扫：脑实质内未见异常密度影，中线结构居中，脑室系统未见扩张受压。", {
        "midline_shift": [no()], "ventricle_compression": [no()], "hematoma_volume": []}),
    ("考虑左侧基底节区出血可能，建议复查。", {"hematoma": [maybe(None, "left")]}),
    ("脑出血？脑梗死？", {"hematoma": [maybe()]}),
    ("不除外蛛网膜下腔出血。", {"hematoma_site": [], "hematoma_volume": []}),
    ("3年前曾患左侧基底节区脑出血，量约10ml，保守治疗，遗留右侧肢体无力。", {
        "hematoma": [once(None, "left")], "hematoma_volume": [once(10, "left")]}),
    ("复查CT：血肿较前无明显扩大，量约28ml。", {"hematoma_volume": [yes(28)]}),
    ("复查头颅CT示血肿已完全吸收。", {"hematoma_volume": []}),
    ("左侧基底节区血肿量由20ml增至35ml。", {
        "hematoma_volume": [yes(20, "left"), yes(35, "left")]}),
    ("术中清除血肿约40ml，出血约200ml，输血400ml。", {"hematoma_volume": []}),
    ("引流出暗红色血性液体约50ml", {"hematoma_volume": []}),
    ("24小时尿量1500ml，入量2000ml。", {"hematoma_volume": []}),
    ("甘露醇125ml静滴 q8h", {"hematoma_volume": [], "treatment": [yes("mannitol")]}),
    ("右侧小脑半球出血灶约3.0*2.5*2.0cm大小，四脑室受压变形", {
        "hematoma_volume": [yes(7.5, "right")], "ventricle_compression": [yes()]}),
    ("左侧丘脑及右侧小脑半球见2处出血灶，量分别约6ml、3ml。", {
        "hematoma_count": [yes(2)]}),
    ("脑内多发血肿，较大者位于左额叶，约18ml。", {
        "hematoma": [yes(None, "left")], "hematoma_volume": [yes(18, "left")],
        "hematoma_site": [yes("lobar", "left")], "hematoma_count": [yes(None)]}),
    ("右侧基底节区脑出血（量约32ml）破入脑室，脑疝形成。", {
        "hematoma_volume": [yes(32, "right")], "intraventricular_extension": [yes()]}),
    ("双侧侧脑室、第三脑室内见高密度影充填，脑室铸型。", {
        "intraventricular_extension": [yes(), yes()]}),
    ("脑室内未见积血。", {"intraventricular_extension": [no()]}),
    ("血肿破入左侧侧脑室后角。", {"intraventricular_extension": [yes(None, "left")]}),
    ("可疑破入脑室", {"intraventricular_extension": [maybe()]}),
    ("出血量(多田公式)约36.5ml", {"hematoma_volume": [yes(36.5)]}),
    ("左基底节区见高密度影，最大截面约4×3cm，共6层，层厚5mm，血肿量约18ml", {
        "hematoma_volume": [yes(18, "left")]}),
    ("血肿量>30ml", {"hematoma_volume": [yes(30)]}),
    ("若血肿量大于30ml则行手术治疗。", {
        "hematoma_volume": [], "treatment": [maybe("surgery")]}),
    ("左侧基底节区腔隙性脑梗死，未见出血。", {
        "hematoma_site": [], "hematoma": [no()]}),
    ("右侧颞顶部硬膜下血肿，量约20ml。", {"hematoma_site": [], "hematoma_volume": []}),
    ("双侧基底节区见斑点状低密度影，考虑腔梗。", {"hematoma_site": [], "hematoma": []}),
    ("消化道出血约300ml", {"hematoma": [], "hematoma_volume": []}),
    ("左侧顶枕部头皮血肿，约3*2cm", {"hematoma": [], "hematoma_volume": []}),
    ("否认消化道出血史，否认脑出血病史。", {"hematoma": [no()]}),
    ("左 侧 基 底 节 区 出 血 ， 量 约 1 5 m l", {
        "hematoma_site": [yes("basal_ganglia", "left")], "hematoma_volume": [yes(15, "left")]}),
    ("右侧尾状核头出血破入脑室", {
        "hematoma_site": [yes("basal_ganglia", "right")],
        "intraventricular_extension": [yes()]}),
    ("中脑及脑桥见高密度出血影，约2.0×1.5×2.0cm。", {"hematoma_volume": [yes(3)]}),
    ("左侧基底结区脑出血", {"hematoma_site": [yes("basal_ganglia", "left")]}),
]  # fmt: skip

MASS_EFFECT: list[tuple[str, dict[str, list[Said]]]] = [
    ("中线结构居中。", {"midline_shift": [no()]}),
    ("中线向左侧移位约0.8cm。", {"midline_shift": [yes(8, "left")]}),
    ("中线结构轻度右偏。", {"midline_shift": [yes(None, "right")]}),
    ("中线结构稍左移，移位约3mm", {"midline_shift": [yes(3, "left")]}),
    ("大脑镰下疝，中线移位＞10mm。", {"midline_shift": [yes(10)]}),
    ("中线结构无偏移，脑沟脑裂无增宽", {"midline_shift": [no()]}),
    ("中线结构尚居中，左侧侧脑室略受压。", {
        "midline_shift": [no()], "ventricle_compression": [yes(None, "left")]}),
    ("中线移位不明显。", {"midline_shift": [no()]}),
    ("中线结构似稍右移。", {"midline_shift": [maybe(None, "right")]}),
    ("双侧脑室对称，未见受压及移位。", {"ventricle_compression": [no("both")]}),
    ("右侧脑室受压变窄，第三脑室受压左移。", {}),
    ("左侧侧脑室前角及体部受压变形，中线结构向右移位5mm", {
        "ventricle_compression": [yes(None, "left")], "midline_shift": [yes(5, "right")]}),
    ("脑室系统无受压、变形。", {"ventricle_compression": [no()]}),
    ("同侧侧脑室受压不明显", {"ventricle_compression": [no()]}),
    ("中線無移位，側腦室無受壓", {"midline_shift": [no()], "ventricle_compression": [no()]}),
    ("气管居中，无偏移。", {"midline_shift": []}),
    ("于右锁骨中线第5肋间", {"midline_shift": []}),
    ("心尖搏动位于左锁骨中线内0.5cm，无移位", {"midline_shift": []}),
    ("取腹部正中线切口长约10cm", {"midline_shift": []}),
    ("中线结构未见确切偏移；未除外左侧脑室轻度受压", {
        "midline_shift": [no()], "ventricle_compression": [maybe(None, "left")]}),
]  # fmt: skip

TREATMENT: list[tuple[str, dict[str, list[Said]]]] = [
    ("急诊全麻下行左侧额颞开颅血肿清除+去骨瓣减压术。", {
        "treatment": [yes("craniotomy"), yes("decompressive_craniectomy")]}),
    ("行双侧侧脑室钻孔外引流术", {"treatment": [yes("external_ventricular_drain")]}),
    ("予甘露醇脱水降颅压、控制血压、止血等对症治疗", {
        "treatment": [yes("mannitol"), yes("dehydration"), yes("antihypertensive"),
                      yes("hemostatic")]}),
    ("暂无手术指征，予保守治疗。", {"treatment": [no(), yes("conservative")]}),
    ("家属拒绝手术，要求保守治疗。", {"treatment": [yes("conservative")]}),
    ("立体定向血肿穿刺引流术后第3天", {"treatment": [yes("minimally_invasive_aspiration")]}),
    ("气管插管接呼吸机辅助呼吸", {"treatment": [yes("intubation"), yes("mechanical_ventilation")]}),
    ("未予手术治疗", {"treatment": [no()]}),
    ("必要时行手术治疗", {"treatment": [maybe("surgery")]}),
    ("10年前行阑尾切除手术。", {"treatment": []}),
    ("无手术外伤史。", {"treatment": []}),
    ("拟行神经内镜下血肿清除术", {"treatment": [maybe("endoscopic_evacuation")]}),
]  # fmt: skip

LATER: list[tuple[str, dict[str, list[Said]]]] = [
    ("否认冠心病，高血压病史。", {"hypertension": [no()]}),
    ("主诉：2年前出现头痛，呈发作性。", {"chief_symptom": [yes("headache")]}),
    ("如血肿扩大至30ml以上，行开颅血肿清除术。", {
        "hematoma_volume": [], "treatment": [maybe("craniotomy")]}),
    ("既往出现脑出血1次。", {"hematoma": [once()]}),
    ("右下肢肌力差，余肢体肌力正常。", {"limb_power": []}),
    ("左上肢肌力3级，余肢体肌力5级。", {
        "limb_power": [yes(3, "left"), yes(5, "left"), yes(5, "right")]}),
    ("左侧额叶血肿破入脑室，约30ml。", {"hematoma_volume": [yes(30, "left")]}),
    ("3年前因脑出血入院治疗，量约10ml。", {"hematoma_volume": [once(10)]}),
    ("左上肢血压150/90mmHg，目标血压130/80mmHg。", {"blood_pressure": [yes([150, 90], "left")]}),
    ("G C S 14分", {"gcs": [yes(14)]}),
    ("主訴：飲水嗆咳1週，左側肢體乏力2天。", {
        "onset_to_admission": [yes(168)],
        "chief_symptom": [yes("dysphagia"), yes("weakness", "left")]}),
    ("年齡：65歲，突發昏迷30分鐘入院。", {"age": [yes(65)], "onset_to_admission": [yes(0.5)]}),
    ("顱內多發出血，較大者位於左側額葉。", {"hematoma_site": [yes("lobar", "left")]}),
    ("入院查体：E3V4M5。次日复查GCS 14分。第三日E4V5M6。", {
        "gcs": [yes(12), yes(14), yes(15)]}),
    ("睁眼3分，言语4分，运动5分。复查GCS 14分。", {"gcs": [yes(12), yes(14)]}),
    ("意识模糊，E3V5M6，24小时尿量正常。", {"gcs": [yes(14)]}),
    ("GCS 14分，其中E4V4M6。", {"gcs": [yes(14)]}),
    ("监测GCS，6小时一次。", {"gcs": []}),
    ("左侧额叶血肿，量约一百二毫升。", {"hematoma_volume": [yes(120, "left")]}),
    ("诊断：右侧脑出血。", {"hematoma": [yes(None, "right")], "hematoma_count": [yes(1)]}),
    ("左侧大脑半球血肿，约30ml。", {
        "hematoma": [yes(None, "left")], "hematoma_volume": [yes(30, "left")]}),
    ("右侧大脑半球未见出血。", {"hematoma": [no("right")]}),
    ("左侧丘脑梗死，未见右侧脑出血。", {"hematoma": [no("right")]}),
    ("双侧大脑半球多发出血灶，最大者位于左侧额叶，量约10ml。", {
        "hematoma": [yes(None, "both")], "hematoma_site": [yes("lobar", "left")],
        "hematoma_volume": [yes(10, "left")], "hematoma_count": [yes(None)]}),
    ("左侧基底节区及丘脑出血，较大者位于丘脑，约10ml。", {
        "hematoma_site": [yes("basal_ganglia", "left"), yes("thalamus", "left")],
        "hematoma_count": [yes(None)]}),
    ("左额叶、右颞叶多发血肿，较大者位于右颞叶，约10ml。", {
        "hematoma_volume": [yes(10, "right")], "hematoma_count": [yes(2)]}),
    ("多发腔隙性脑梗死，左侧丘脑出血。", {"hematoma_count": [yes(1)]}),
    ("脑内多发高密度影，考虑出血，较大者位于右侧额叶。", {
        "hematoma_site": [maybe("lobar", "right")]}),
]  # fmt: skip

SENTENCES = PATIENT + EXAMINATION + HEMATOMA + MASS_EFFECT + TREATMENT + LATER
