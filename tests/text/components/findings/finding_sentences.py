"""Sentences as they stand in Chinese records, and what they say: the table of test_findings.py.

All but the last group were written before the rules. Each is (sentence, {name: [what is said of
it]}): all findings of that name in their order; names that are not listed are not looked at. An
empty list says that there must be none.
"""

from __future__ import annotations

from said import Said, maybe, no, once, yes

PATIENT: list[tuple[str, dict[str, list[Said]]]] = [
    ("患者，女性，76岁，主诉：突发右侧肢体无力4+小时。", {
        "age": [yes(76)], "sex": [yes("female")], "onset_to_admission": [yes(4)],
        "chief_symptom": [yes("weakness", "right")]}),
    ("患者男53岁，既往体健。", {"age": [yes(53)], "sex": [yes("male")]}),
    ("性别：男  年龄：６８岁  民族：汉族", {"age": [yes(68)], "sex": [yes("male")]}),
    ("患者系七十六岁老年男性，急性起病。", {"age": [yes(76)], "sex": [yes("male")]}),
    ("患者张某，男，62周岁，退休工人。", {"age": [yes(62)], "sex": [yes("male")]}),
    ("患儿，女，8个月，因抽搐入院。", {"age": [yes(0.67)], "sex": [yes("female")]}),
    ("患儿男，2岁6月。", {"age": [yes(2.5)], "sex": [yes("male")]}),
    ("患者为58岁余女性。", {"age": [yes(58)], "sex": [yes("female")]}),
    ("婚育史：24岁结婚，育有1子2女，均体健。", {"age": [], "sex": []}),
    ("家族史：父亲65岁时死于脑出血，一女体健。", {"age": [], "sex": [], "hematoma": []}),
    ("月经史：13岁初潮，50岁绝经。", {"age": []}),
    ("女，47岁。患者之子代诉病史。", {"age": [yes(47)], "sex": [yes("female")]}),
    ("主诉：头痛、呕吐3天，加重2小时。", {
        "onset_to_admission": [yes(72)],
        "chief_symptom": [yes("headache"), yes("vomiting")]}),
    ("主诉：突发言语不清半小时。", {
        "onset_to_admission": [yes(0.5)], "chief_symptom": [yes("speech")]}),
    ("主诉：左侧肢体麻木、乏力1周。", {
        "onset_to_admission": [yes(168)],
        "chief_symptom": [yes("numbness", "left"), yes("weakness", "left")]}),
    ("主诉：昨晚突发意识不清。", {
        "onset_to_admission": [yes(None)], "chief_symptom": [yes("unconsciousness")]}),
    ("主诉：被发现昏迷约两小时。", {
        "onset_to_admission": [yes(2)], "chief_symptom": [yes("unconsciousness")]}),
    ("主诉：突发头晕伴右侧肢体无力3个半小时。", {
        "onset_to_admission": [yes(3.5)],
        "chief_symptom": [yes("dizziness"), yes("weakness", "right")]}),
    ("主诉：反复头晕2年，突发左侧肢体活动不灵5小时。", {
        "onset_to_admission": [yes(5)],
        "chief_symptom": [yes("dizziness"), yes("weakness", "left")]}),
    ("主诉：口角歪斜30分钟，无肢体无力。", {
        "onset_to_admission": [yes(0.5)],
        "chief_symptom": [yes("facial_droop"), no()]}),
    ("现病史：入院前6小时患者无明显诱因出现右侧肢体无力，2小时前症状加重。", {
        "onset_to_admission": [yes(6)]}),
    ("现病史：患者缘于2天前突发头痛，10年前曾患脑梗死。", {"onset_to_admission": [yes(48)]}),
    ("患者主因突发左侧肢体无力1.5小时于急诊入院。", {"onset_to_admission": [yes(1.5)]}),
    ("既往史：高血压病史10年，5年前行阑尾切除术。", {"onset_to_admission": []}),
    ("主诉：四肢无力伴吞咽困难12h。", {
        "onset_to_admission": [yes(12)],
        "chief_symptom": [yes("weakness", "both"), yes("dysphagia")]}),
]  # fmt: skip

EXAMINATION: list[tuple[str, dict[str, list[Said]]]] = [
    ("体温36.5℃，脉搏78次/分，血压179/95mmHg。", {"blood_pressure": [yes([179, 95])]}),
    ("T36.1CP:82次/分R：20次/分Bp：140/80mmHg。", {"blood_pressure": [yes([140, 80])]}),
    ("BP 180 / 100 mmHg，神志清楚。", {"blood_pressure": [yes([180, 100])]}),
    ("BP：１３０／９０ｍｍＨｇ神清语利", {"blood_pressure": [yes([130, 90])]}),
    ("测血压为211/114毫米汞柱。", {"blood_pressure": [yes([211, 114])]}),
    ("收缩压190mmHg，舒张压110mmHg。", {"blood_pressure": [yes([190, 110])]}),
    ("收缩压波动在200mmHg左右。", {"blood_pressure": [yes([200, None])]}),
    ("血压24/13kPa。", {"blood_pressure": [yes([180, 98])]}),
    ("血压波动于150-170/90-100mmHg。", {"blood_pressure": [yes([160, 95])]}),
    ("既往史：高血压病10年，最高血压200/110mmHg。", {"blood_pressure": [once([200, 110])]}),
    ("血压最高达220/120mmHg，平素控制在140/90mmHg左右。", {
        "blood_pressure": [once([220, 120]), once([140, 90])]}),
    ("血压测不出，呼吸浅慢。", {"blood_pressure": [yes(None)]}),
    ("患者血压不详，未监测血压。", {"blood_pressure": []}),
    ("GCS评分：14，查体合作。", {"gcs": [yes(14)]}),
    ("昏迷评分（GCS）：13分。", {"gcs": [yes(13)]}),
    ("格拉斯哥昏迷评分8分。", {"gcs": [yes(8)]}),
    ("GCS评分：E4V5M6=15分。", {"gcs": [yes(15)]}),
    ("意识模糊，E3V5M6。", {"gcs": [yes(14)]}),
    ("GCS 11分（E3+V3+M5）。", {"gcs": [yes(11)]}),
    ("GCS：3+4+6=13分", {"gcs": [yes(13)]}),
    ("GCS评分十二分。", {"gcs": [yes(12)]}),
    ("格拉斯哥评分6-7分，刺痛睁眼。", {"gcs": [yes(6.5)]}),
    ("患者昏迷状态，呼之不应。", {"gcs": []}),
    ("GCS评分无法评估。", {"gcs": []}),
    ("双侧瞳孔等大等圆，直径约3mm，对光反射灵敏。", {
        "pupil_size": [yes(3, "both")], "light_reflex": [yes("brisk", "both")]}),
    ("左瞳孔：3mm，对光反射敏感，右瞳孔：3.5mm，对光反射迟钝。", {
        "pupil_size": [yes(3, "left"), yes(3.5, "right")],
        "light_reflex": [yes("brisk", "left"), yes("sluggish", "right")]}),
    ("左侧瞳孔3mm右侧5mm，对光反射消失。", {
        "pupil_size": [yes(3, "left"), yes(5, "right")],
        "light_reflex": [yes("absent", "both")]}),
    ("双侧瞳孔不等大，右侧直径5mm，对光反射消失，左侧直径3mm，对光反射迟钝。", {
        "pupil_size": [yes(5, "right"), yes(3, "left")],
        "light_reflex": [yes("absent", "right"), yes("sluggish", "left")]}),
    ("瞳孔L:R=3:4mm，光反射存在。", {
        "pupil_size": [yes(3, "left"), yes(4, "right")],
        "light_reflex": [yes("brisk", "both")]}),
    ("双瞳直径左:右=2.5mm:3mm，光反应（+）。", {
        "pupil_size": [yes(2.5, "left"), yes(3, "right")],
        "light_reflex": [yes("brisk", "both")]}),
    ("双侧瞳孔针尖样，对光反射未引出。", {
        "pupil_size": [yes(None, "both")], "light_reflex": [yes("absent", "both")]}),
    ("双侧瞳孔等大正圆，D=2mm，光反射稍迟钝。", {
        "pupil_size": [yes(2, "both")], "light_reflex": [yes("sluggish", "both")]}),
    ("双侧瞳孔等大等圆，对光反射左侧灵敏，右侧消失，伸舌居中。", {
        "light_reflex": [yes("brisk", "left"), yes("absent", "right")]}),
    ("双侧瞳孔正大等圆，径约0.3cm，对光反应灵敏，鼻唇沟对称。", {
        "pupil_size": [yes(3, "both")], "light_reflex": [yes("brisk", "both")]}),
    ("右侧瞳孔散大固定，直径约6mm，光反射(-)。", {
        "pupil_size": [yes(6, "right")], "light_reflex": [yes("absent", "right")]}),
    ("右上肢肌力：2级，右下肢肌力：3级，左肢正常运动。", {
        "limb_power": [yes(2, "right"), yes(3, "right")]}),
    ("右上肢肌力2级 右下肢3级", {"limb_power": [yes(2, "right"), yes(3, "right")]}),
    ("右侧肢体肌力0级。", {"limb_power": [yes(0, "right")]}),
    ("左侧上下肢肌力Ⅳ级。", {"limb_power": [yes(4, "left")]}),
    ("左侧肢体肌力4-级，右侧肢体肌力正常。", {
        "limb_power": [yes(4, "left"), yes(5, "right")]}),
    ("四肢肌力5级，肌张力正常。", {"limb_power": [yes(5, "both")]}),
    ("四肢肌力、肌张力正常。", {"limb_power": [yes(5, "both")]}),
    ("左侧上、下肢肌力分别为1级、2级，右侧肢体肌力5级。", {
        "limb_power": [yes(1, "left"), yes(2, "left"), yes(5, "right")]}),
    ("右侧肢体肌力上肢2-级，下肢3-级。", {"limb_power": [yes(2, "right"), yes(3, "right")]}),
    ("左下肢肌力Ⅳ-，肌张力减低", {"limb_power": [yes(4, "left")]}),
    ("右侧肢体肌力III级，左侧肢体肌力V级", {"limb_power": [yes(3, "right"), yes(5, "left")]}),
    ("肌力：左上肢三级，左下肢四级。", {"limb_power": [yes(3, "left"), yes(4, "left")]}),
    ("左侧肢体肌力2-3级。", {"limb_power": [yes(2.5, "left")]}),
    ("肌力检查不合作，四肢可见自主活动。", {"limb_power": []}),
    ("四肢肌力检查不配合。", {"limb_power": []}),
    ("四肢肌张力正常，腱反射2级。", {"limb_power": []}),
    ("右侧肢体无力，双侧病理征未引出。", {"limb_power": []}),
]  # fmt: skip

IMAGING: list[tuple[str, dict[str, list[Said]]]] = [
    ("头部CT扫描显示左基底节区域出血，估计约14毫升，未观察到明显的中线位移。", {
        "hematoma": [yes(None, "left")], "hematoma_site": [yes("basal_ganglia", "left")],
        "hematoma_volume": [yes(14, "left")], "midline_shift": [no()],
        "hematoma_count": [yes(1)]}),
    ("CT：右侧丘脑血肿，出血量约14 mL。", {
        "hematoma_volume": [yes(14, "right")], "hematoma_site": [yes("thalamus", "right")]}),
    ("左侧壳核出血14cc。", {
        "hematoma_volume": [yes(14, "left")], "hematoma_site": [yes("putamen", "left")]}),
    ("右侧小脑半球出血约十四毫升。", {
        "hematoma_volume": [yes(14, "right")], "hematoma_site": [yes("cerebellum", "right")]}),
    ("右额叶血肿，量约一百二十毫升。", {
        "hematoma_volume": [yes(120, "right")], "hematoma_site": [yes("lobar", "right")]}),
    ("脑干出血，量约3.5ml。", {
        "hematoma_volume": [yes(3.5)], "hematoma_site": [yes("brainstem")]}),
    ("左侧基底节区见团块状高密度影，大小约3.2×2.8×2.5cm。", {
        "hematoma_volume": [yes(11.2, "left")]}),
    ("右侧颞叶血肿，大小约32*28*25mm，边界清。", {"hematoma_volume": [yes(11.2, "right")]}),
    ("左丘脑血肿3cm×2cm×2cm。", {"hematoma_volume": [yes(6, "left")]}),
    ("左侧基底节区脑出血，出血量约30~40ml。", {"hematoma_volume": [yes(35, "left")]}),
    ("右侧基底节区出血，量约２０－３０ｍｌ。", {"hematoma_volume": [yes(25, "right")]}),
    ("左侧基底节区、右侧丘脑出血。", {
        "hematoma_site": [yes("basal_ganglia", "left"), yes("thalamus", "right")],
        "hematoma_count": [yes(2)]}),
    ("双侧基底节区出血。", {
        "hematoma_site": [yes("basal_ganglia", "both")], "hematoma_count": [yes(2)]}),
    ("左侧丘脑出血，量约10ml；另见右侧枕叶血肿，约4ml。", {
        "hematoma_volume": [yes(10, "left"), yes(4, "right")], "hematoma_count": [yes(2)]}),
    ("左側基底節區腦出血，量約14毫升，破入腦室，中線結構向右移位約5mm。", {
        "hematoma_site": [yes("basal_ganglia", "left")], "hematoma_volume": [yes(14, "left")],
        "intraventricular_extension": [yes()], "midline_shift": [yes(5, "right")]}),
    ("<p>左侧<b>基底节</b>区出血，约<i>14</i>毫升</p>", {
        "hematoma_site": [yes("basal_ganglia", "left")], "hematoma_volume": [yes(14, "left")]}),
    ("脑桥偏左侧出血，约2 ml。", {
        "hematoma_site": [yes("brainstem", "left")], "hematoma_volume": [yes(2, "left")]}),
    ("甘露醇125ml快速静滴，每日饮酒约150ml。", {"hematoma_volume": []}),
    ("术中出血约200ml，术后引流出血性液体约30ml。", {"hematoma_volume": [], "hematoma": []}),
    ("头颅CT：头皮血肿，大小约3×2×1cm。", {"hematoma_volume": [], "hematoma": []}),
    ("右侧硬膜下血肿，量约20ml。", {"hematoma_volume": [], "hematoma_site": [], "hematoma": []}),
    ("蛛网膜下腔出血。", {"hematoma": []}),
    ("消化道出血约300ml，牙龈出血。", {"hematoma": [], "hematoma_volume": []}),
    ("双侧基底节区腔隙性脑梗死。", {"hematoma_site": [], "hematoma": []}),
    ("左侧额叶软化灶，右侧基底节区钙化灶呈高密度影。", {"hematoma_site": [], "hematoma": []}),
    ("头颅CT示脑出血。", {"hematoma": [yes()], "hematoma_site": []}),
    ("颅内未见出血。", {"hematoma": [no()]}),
    ("脑实质内未见明显出血及占位性病变。", {"hematoma": [no()]}),
    ("双侧大脑半球未见明显血肿。", {"hematoma": [no()], "hematoma_volume": []}),
    ("右侧丘脑未见出血。", {"hematoma": [no("right")], "hematoma_site": []}),
    ("急诊CT排除脑出血。", {"hematoma": [no()]}),
    ("脑出血已除外。", {"hematoma": [no()]}),
    ("头颅CT未提示颅内出血。", {"hematoma": [no()]}),
    ("无脑出血，但左侧基底节区见出血灶，约5ml。", {
        "hematoma": [no(), yes(None, "left")], "hematoma_volume": [yes(5, "left")]}),
    ("不除外左侧丘脑出血。", {
        "hematoma": [maybe(None, "left")], "hematoma_site": [maybe("thalamus", "left")]}),
    ("不能排除小脑出血。", {"hematoma": [maybe()], "hematoma_site": [maybe("cerebellum")]}),
    ("脑出血待排。", {"hematoma": [maybe()]}),
    ("诊断：脑出血？", {"hematoma": [maybe()]}),
    ("诊断：1.左侧基底节区出血？ 2.高血压病3级", {
        "hematoma": [maybe(None, "left")], "hypertension": [yes()]}),
    ("考虑右侧颞叶出血可能。", {
        "hematoma": [maybe(None, "right")], "hematoma_site": [maybe("lobar", "right")]}),
    ("右侧基底节区小片状高密度影，出血可能性大。", {
        "hematoma_site": [maybe("basal_ganglia", "right")]}),
    ("疑似脑干出血。", {"hematoma": [maybe()], "hematoma_site": [maybe("brainstem")]}),
    ("不考虑脑出血。", {"hematoma": [no()]}),
    ("脑出血可能性不大。", {"hematoma": [no()]}),
    ("既往史：5年前左侧基底节区出血，保守治疗后好转。", {
        "hematoma": [once(None, "left")], "hematoma_site": [once("basal_ganglia", "left")]}),
    ("既往脑出血病史3年。", {"hematoma": [once()]}),
    ("否认脑出血、脑梗死病史。", {"hematoma": [no()]}),
    ("中线结构右移约5mm。", {"midline_shift": [yes(5, "right")]}),
    ("中线向左侧移位0.8cm。", {"midline_shift": [yes(8, "left")]}),
    ("中线偏右6毫米。", {"midline_shift": [yes(6, "right")]}),
    ("大脑中线移向左侧约3.5mm。", {"midline_shift": [yes(3.5, "left")]}),
    ("中线结构受压，向右偏移约七毫米。", {"midline_shift": [yes(7, "right")]}),
    ("中线右偏。", {"midline_shift": [yes(None, "right")]}),
    ("中线结构轻度左移。", {"midline_shift": [yes(None, "left")]}),
    ("中线移位约5-8mm。", {"midline_shift": [yes(6.5)]}),
    ("中线无明显移位。", {"midline_shift": [no()]}),
    ("中线结构居中。", {"midline_shift": [no()]}),
    ("中线尚居中，脑沟清晰。", {"midline_shift": [no()]}),
    ("未见中线移位。", {"midline_shift": [no()]}),
    ("无明显中线偏移及脑室受压。", {"midline_shift": [no()], "ventricle_compression": [no()]}),
    ("中线结构未见偏移征象。", {"midline_shift": [no()]}),
    ("脑中线无移位，破入脑室。", {
        "midline_shift": [no()], "intraventricular_extension": [yes()]}),
    ("中线位置正常。", {"midline_shift": [no()]}),
    ("中线不偏。", {"midline_shift": [no()]}),
    ("中线移位不明显。", {"midline_shift": [no()]}),
    ("中线结构无明显受压移位，各脑室大小正常。", {
        "midline_shift": [no()], "ventricle_compression": [no()]}),
    ("中线似有右移。", {"midline_shift": [maybe(None, "right")]}),
    ("中线可疑左偏约2mm。", {"midline_shift": [maybe(2, "left")]}),
    ("心浊音界位于左锁骨中线内0.5cm，气管居中。", {"midline_shift": []}),
    ("左侧侧脑室受压变窄。", {"ventricle_compression": [yes(None, "left")]}),
    ("左侧脑室受压不到三分之一。", {"ventricle_compression": [yes(None, "left")]}),
    ("右侧侧脑室前角受压变形，中线左移4mm。", {
        "ventricle_compression": [yes(None, "right")], "midline_shift": [yes(4, "left")]}),
    ("双侧脑室未见受压。", {"ventricle_compression": [no("both")]}),
    ("脑室系统无受压变形。", {"ventricle_compression": [no()]}),
    ("各脑室未见明显受压移位。", {"ventricle_compression": [no()]}),
    ("双侧侧脑室对称，大小形态正常。", {"ventricle_compression": [no("both")]}),
    ("侧脑室受压不明显。", {"ventricle_compression": [no()]}),
    ("右侧脑室可疑受压。", {"ventricle_compression": [maybe(None, "right")]}),
    ("第三脑室受压，向左移位。", {"ventricle_compression": [yes()]}),
    ("脑室系统未见扩张。", {"ventricle_compression": [], "intraventricular_extension": []}),
    ("血肿破入脑室系统。", {"intraventricular_extension": [yes()]}),
    ("血肿破入双侧侧脑室及第三脑室，脑室内铸型。", {
        "intraventricular_extension": [yes(None, "both"), yes()]}),
    ("左侧侧脑室后角积血。", {"intraventricular_extension": [yes(None, "left")]}),
    ("未破入脑室。", {"intraventricular_extension": [no()]}),
    ("出血未破入脑室系统，中线居中。", {
        "intraventricular_extension": [no()], "midline_shift": [no()]}),
    ("脑室内未见积血。", {"intraventricular_extension": [no()]}),
    ("未见脑室积血、中线移位。", {
        "intraventricular_extension": [no()], "midline_shift": [no()]}),
    ("各脑室内未见高密度影。", {"intraventricular_extension": [no()]}),
    ("考虑破入脑室可能。", {"intraventricular_extension": [maybe()]}),
    ("破入脑室待排。", {"intraventricular_extension": [maybe()]}),
    ("是否破入脑室待复查。", {"intraventricular_extension": [maybe()]}),
    ("不除外破入脑室。", {"intraventricular_extension": [maybe()]}),
    ("血肿较前无明显变化，约14ml，左侧基底节区出血同前。", {
        "hematoma_site": [yes("basal_ganglia", "left")]}),
]  # fmt: skip

HISTORY: list[tuple[str, dict[str, list[Said]]]] = [
    ("既往史：高血压病史10年。", {"hypertension": [once()]}),
    ("既往有高血压史20余年，口服硝苯地平。", {"hypertension": [once()]}),
    ("发现血压升高10年，未服药。", {"hypertension": [once()]}),
    ("诊断：高血压病3级（极高危）。", {"hypertension": [yes()]}),
    ("患高血压病15年，冠心病5年，长期口服阿司匹林。", {
        "hypertension": [once()], "antiplatelet": [yes("aspirin")]}),
    ("否认高血压、糖尿病病史。", {"hypertension": [no()]}),
    ("既往体健，否认高血压，糖尿病，心脏病病史，2.患者缘于2小时前头痛。", {
        "hypertension": [no()]}),
    ("否认患有传染病、高血压、冠心病及糖尿病史，有卵巢囊肿手术史。", {"hypertension": [no()]}),
    ("无高血压病史。", {"hypertension": [no()]}),
    ("无“高血压、糖尿病”病史。", {"hypertension": [no()]}),
    ("否认糖尿病史，高血压病史5年。", {"hypertension": [once()]}),
    ("否认冠心病，但有高血压病史8年。", {"hypertension": [once()]}),
    ("无烟酒嗜好，高血压10年。", {"hypertension": [once()]}),
    ("高血压病史：否认。", {"hypertension": [no()]}),
    ("高血压病史不详。", {"hypertension": [maybe()]}),
    ("可疑高血压病。", {"hypertension": [maybe()]}),
    ("高血压？", {"hypertension": [maybe()]}),
    ("家族史：父亲患高血压病，否认家族遗传病史。", {"hypertension": []}),
    ("母亲有高血压，本人体健。", {"hypertension": []}),
    ("否认高血压家族史。", {"hypertension": []}),
    ("高血压性脑出血。", {"hypertension": [], "hematoma": [yes()]}),
    ("房颤5年，口服华法林。", {"anticoagulant": [yes("warfarin")]}),
    ("心房颤动病史，服用利伐沙班20mg qd。", {"anticoagulant": [yes("rivaroxaban")]}),
    ("长期口服拜阿司匹灵及波立维。", {"antiplatelet": [yes("aspirin"), yes("clopidogrel")]}),
    ("冠心病支架术后，口服氯吡格雷75mg。", {"antiplatelet": [yes("clopidogrel")]}),
    ("否认服用阿司匹林、氯吡格雷等药物。", {"antiplatelet": [no(), no()]}),
    ("否认抗凝药物服用史。", {"anticoagulant": [no()]}),
    ("未服用抗凝及抗血小板药物。", {"anticoagulant": [no()], "antiplatelet": [no()]}),
    ("无华法林、阿司匹林服药史。", {"anticoagulant": [no()], "antiplatelet": [no()]}),
    ("未口服抗凝药。", {"anticoagulant": [no()]}),
    ("曾口服华法林，已停药2年。", {"anticoagulant": [once("warfarin")]}),
    ("阿司匹林已停用1周。", {"antiplatelet": [once("aspirin")]}),
    ("1月前自行停用氯吡格雷。", {"antiplatelet": [once("clopidogrel")]}),
    ("对阿司匹林过敏。", {"antiplatelet": []}),
    ("是否服用抗凝药物不详。", {"anticoagulant": [maybe()]}),
    ("可能服用过阿司匹林。", {"antiplatelet": [maybe("aspirin")]}),
    ("避免使用抗凝药物。", {"anticoagulant": [no()]}),
    ("于全麻下行开颅血肿清除术+去骨瓣减压术。", {
        "treatment": [yes("craniotomy"), yes("decompressive_craniectomy")]}),
    ("急诊行钻孔引流术。", {"treatment": [yes("burr_hole_drainage")]}),
    ("予甘露醇脱水、控制血压等治疗。", {
        "treatment": [yes("mannitol"), yes("dehydration"), yes("antihypertensive")]}),
    ("行微创血肿穿刺引流术。", {"treatment": [yes("minimally_invasive_aspiration")]}),
    ("行脑室外引流术，术后予止血治疗。", {
        "treatment": [yes("external_ventricular_drain"), yes("hemostatic")]}),
    ("拟行开颅血肿清除术。", {"treatment": [maybe("craniotomy")]}),
    ("必要时行去骨瓣减压术。", {"treatment": [maybe("decompressive_craniectomy")]}),
    ("家属拒绝开颅手术，要求保守治疗。", {"treatment": [no(), yes("conservative")]}),
    ("未行手术治疗，未使用甘露醇。", {"treatment": [no(), no()]}),
    ("暂不考虑钻孔引流术。", {"treatment": [no()]}),
    ("建议行脑室外引流术。", {"treatment": [maybe("external_ventricular_drain")]}),
    ("无手术指征，予保守治疗。", {"treatment": [no(), yes("conservative")]}),
    ("既往史：3年前行开颅血肿清除术。", {"treatment": [once("craniotomy")]}),
]  # fmt: skip

LATER: list[tuple[str, dict[str, list[Said]]]] = [
    ("主诉：发作性头晕2年，再发加重伴左侧肢体无力1天。", {"onset_to_admission": [yes(24)]}),
    ("主诉：突发右侧肢体无力、言语不能6时余。", {
        "onset_to_admission": [yes(6)],
        "chief_symptom": [yes("weakness", "right"), yes("speech")]}),
    ("患者约10小时前被家人发现倒在地上，呼之不应。", {"onset_to_admission": [yes(10)]}),
    ("脑干出血量约6ml，第四脑室受压。", {
        "hematoma_site": [yes("brainstem")], "hematoma_volume": [yes(6)],
        "ventricle_compression": [yes()]}),
    ("左侧额叶、右侧颞叶多发脑出血，量分别约15ml、8ml。", {
        "hematoma_volume": [yes(15, "left"), yes(8, "right")], "hematoma_count": [yes(2)]}),
    ("右侧大脑半球大面积脑梗死伴出血转化。", {"hematoma": []}),
    ("脑内未见出血、梗死及占位性病变。", {"hematoma": [no()]}),
    ("排除脑出血后予溶栓治疗。", {"hematoma": [no()]}),
    ("右侧颞叶未见明显血肿，左侧颞叶血肿约20ml。", {
        "hematoma": [no("right"), yes(None, "left")], "hematoma_volume": [yes(20, "left")]}),
    ("右侧基底节区出血，而左侧丘脑未见出血。", {
        "hematoma": [yes(None, "right"), no("left")],
        "hematoma_site": [yes("basal_ganglia", "right")]}),
    ("左侧基底节区似见小片状高密度影。", {"hematoma": [maybe(None, "left")]}),
    ("未见颅内出血征象，未见中线移位，未见脑室受压。", {
        "hematoma": [no()], "midline_shift": [no()], "ventricle_compression": [no()]}),
    ("中线移位（-），脑室受压（-）。", {
        "midline_shift": [no()], "ventricle_compression": [no()]}),
    ("血肿未破入脑室，但中线左移约6mm。", {
        "intraventricular_extension": [no()], "midline_shift": [yes(6, "left")]}),
    ("未见脑室内积血，也未见中线移位，但右侧脑室受压。", {
        "intraventricular_extension": [no()], "midline_shift": [no()],
        "ventricle_compression": [yes(None, "right")]}),
    ("未见明确脑室受压，中线结构不除外轻度移位。", {
        "ventricle_compression": [no()], "midline_shift": [maybe()]}),
    ("侧脑室未见明显受压、积血及扩张。", {
        "ventricle_compression": [no()], "intraventricular_extension": [no()]}),
    ("不除外脑室少量积血。", {"intraventricular_extension": [maybe()]}),
    ("没有高血压、糖尿病等慢性病。", {"hypertension": [no()]}),
    ("既往史：否认“高血压”“糖尿病”史。", {"hypertension": [no()]}),
    ("患者无高血压病史，母亲有高血压病史。", {"hypertension": [no()]}),
    ("无高血压病，但血压测得180/100mmHg。", {
        "hypertension": [no()], "blood_pressure": [yes([180, 100])]}),
    ("高血压病史待询。", {"hypertension": [maybe()]}),
    ("是否有高血压病史不清楚。", {"hypertension": [maybe()]}),
    ("无不适主诉，高血压病史8年。", {"hypertension": [once()], "onset_to_admission": []}),
    ("无名指麻木，高血压3年。", {"hypertension": [once()]}),
    ("阿司匹林：否认。抗凝药物：无。", {"antiplatelet": [no()], "anticoagulant": [no()]}),
    ("患者是否口服华法林家属不清楚。", {"anticoagulant": [maybe("warfarin")]}),
    ("未予甘露醇治疗。", {"treatment": [no()]}),
    ("不宜开颅手术，家属放弃去骨瓣减压术。", {"treatment": [no(), no()]}),
    ("如血肿增大，必要时行开颅血肿清除术。", {"treatment": [maybe("craniotomy")]}),
    ("建议行钻孔引流术，家属不同意。", {"treatment": [maybe("burr_hole_drainage")]}),
    ("头枕部可触及直径3.0cm血肿，压痛明显。", {"hematoma": [], "hematoma_volume": []}),
    ("双侧瞳孔等大等圆，对光反射灵敏，右额部可见1.0cm伤口。", {
        "pupil_size": [], "light_reflex": [yes("brisk", "both")]}),
]  # fmt: skip
"""Written after the rules, where further sentences showed an error or a case that was missing."""

SENTENCES = [*PATIENT, *EXAMINATION, *IMAGING, *HISTORY, *LATER]
