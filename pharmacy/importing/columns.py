"""What a line of a list of drugs may say, and the words that such lists use for it."""

from django.utils.translation import gettext_lazy as _

from clinic.core.tables import parsers
from clinic.core.tables.kinds import Column
from pharmacy import headings
from pharmacy.units import LARGEST_PACK, MOST

CATEGORIES = {
    "西药": "西药", "化学药品": "西药", "化学药": "西药", "化药": "西药",
    "化学药品和生物制品": "西药", "中成药": "中成药", "成药": "中成药", "中药饮片": "中药饮片",
    "饮片": "中药饮片", "中草药": "中药饮片", "草药": "中药饮片", "医用耗材": "医用耗材",
    "耗材": "医用耗材", "卫生材料": "医用耗材", "卫材": "医用耗材", "疫苗": "疫苗及生物制品",
    "生物制品": "疫苗及生物制品", "疫苗及生物制品": "疫苗及生物制品",
}  # fmt: skip
RX = {
    "Rx": "Rx", "处方药": "Rx", "处方": "Rx", "OTC甲": "OTC甲", "甲类OTC": "OTC甲",
    "甲类非处方药": "OTC甲", "非处方药甲类": "OTC甲", "OTC乙": "OTC乙", "乙类OTC": "OTC乙",
    "乙类非处方药": "OTC乙", "非处方药乙类": "OTC乙",
}  # fmt: skip
ESSENTIAL = {
    "Y": "Y", "是": "Y", "1": "Y", "有": "Y", "基药": "Y", "基本药物": "Y", "国家基药": "Y",
    "国家基本药物": "Y", "国家": "Y", "国基": "Y", "√": "Y", "✓": "Y", "✔": "Y", "☑": "Y",
    "N": "N", "否": "N", "0": "N", "非基药": "N", "非基本药物": "N", "无": "N", "×": "N",
    "省增补": "省增补", "增补": "省增补", "省基药": "省增补", "省增补基药": "省增补",
}  # fmt: skip
GRADES = {
    "非限制": "非限制使用级", "非限制级": "非限制使用级", "非限制使用级": "非限制使用级",
    "非限制使用": "非限制使用级", "限制": "限制使用级", "限制级": "限制使用级",
    "限制使用级": "限制使用级", "限制使用": "限制使用级", "特殊": "特殊使用级",
    "特殊级": "特殊使用级", "特殊使用级": "特殊使用级", "特殊使用": "特殊使用级",
    "非抗菌药物": "非抗菌药物", "非抗菌药": "非抗菌药物", "否": "非抗菌药物", "无": "非抗菌药物",
}  # fmt: skip
CONTROL = {
    "麻醉药品": "麻醉药品", "麻": "麻醉药品", "麻醉": "麻醉药品",
    "第一类精神药品": "第一类精神药品",
    "精一": "第一类精神药品", "一类精神": "第一类精神药品", "第二类精神药品": "第二类精神药品",
    "精二": "第二类精神药品", "二类精神": "第二类精神药品", "医疗用毒性药品": "医疗用毒性药品",
    "毒性": "医疗用毒性药品", "毒": "医疗用毒性药品", "放射性药品": "放射性药品",
    "放": "放射性药品", "无": "", "否": "", "普通": "", "普通药品": "",
}  # fmt: skip

text, code = parsers.text, parsers.code
COLUMNS = (
    Column(
        "generic_name",
        _("generic name"),
        text(100),
        headings.GENERIC_NAME,
        required=True,
    ),
    Column("trade_name", _("trade name"), text(100), headings.TRADE_NAME),
    Column(
        "spec",
        _("specification"),
        text(200),
        headings.SPEC,
        without=_("No column for the specification: drugs are created without pack, out of use."),
    ),
    Column("strength", _("strength"), text(60), ("含量", "剂量规格", "单位含量")),
    Column("dosage_form", _("dosage form"), text(30), ("剂型", "制剂", "form")),
    Column(
        "pack_unit",
        _("pack unit"),
        text(10),
        headings.PACK_UNIT,
    ),
    Column(
        "base_unit",
        _("dispensing unit"),
        text(10),
        ("最小单位", "小单位", "拆零单位", "发药单位", "制剂单位", "最小制剂单位", "min_unit"),
    ),
    Column(
        "units_per_pack",
        _("units per pack"),
        parsers.whole(least=1, most=LARGEST_PACK),
        ("包装数量", "包装量", "换算系数", "转换系数", "换算比", "换算", "包装系数", "拆零系数")
        + ("装量",),
    ),
    Column(
        "maker",
        _("maker"),
        text(100),
        headings.MAKER,
    ),
    Column(
        "code",
        _("code"),
        code(20),
        headings.CODE,
    ),
    Column(
        "approval_number",
        _("approval number"),
        code(40),
        headings.APPROVAL_NUMBER,
    ),
    Column(
        "insurance_code",
        _("insurance code"),
        code(40),
        ("医保编码", "国家医保编码", "医保代码", "国家医保代码", "国家码"),
    ),
    Column("barcode", _("barcode"), code(30), headings.BARCODE),
    Column(
        "price",
        _("price per pack"),
        parsers.number(places=2, most=9_999_999),
        ("零售价", "零售价格", "售价", "销售价", "单价", "价格", "price_yuan", "retail_price")
        + ("price",),
        without=_("No column for the price: the prices of new drugs are 0 until you fill them in."),
    ),
    Column(
        "category",
        _("category"),
        parsers.one_of(CATEGORIES),
        ("药品类别", "药品分类", "药品类型", "类别", "分类", "类型", "大类", "type", "level1"),
        without=_(
            "No column for the category: it follows the letter of the approval number, else 西药."
        ),
    ),
    Column(
        "subcategory",
        _("subcategory"),
        text(50),
        ("药理分类", "二级分类", "小类", "亚类", "level2"),
    ),
    Column(
        "rx",
        _("Rx or OTC"),
        parsers.one_of(RX),
        ("处方类别", "处方药", "处方分类", "是否处方药", "otc", "rx_otc"),
        without=_("No column for Rx or OTC: new drugs count as prescription drugs."),
    ),
    Column(
        "essential",
        _("essential medicine"),
        parsers.one_of(ESSENTIAL),
        ("基本药物", "基药", "国家基本药物", "是否基药", "基药类别", "essential_2018"),
        without=_("No column for essential medicines: whether new drugs are any stays open."),
    ),
    Column(
        "antibiotic_grade",
        _("antibiotic grade"),
        parsers.one_of(GRADES),
        ("抗菌药物分级", "抗菌药物级别", "抗菌药分级", "抗菌级别", "抗生素级别"),
        without=_("No column for the antibiotic grade: please set it by hand for antibiotics."),
    ),
    Column(
        "control",
        _("control class"),
        parsers.one_of(CONTROL),
        ("管制类别", "毒麻分类", "毒理分类", "毒麻精放", "特殊药品", "精麻毒放", "control_class"),
        without=_("No column for the control class: please set it by hand for controlled drugs."),
    ),
    Column("storage", _("storage"), text(60), ("储存条件", "贮藏", "储藏条件", "存储条件", "贮存")),
    Column("routes", _("routes"), text(60), ("给药途径", "用法", "用药途径", "途径", "route")),
    Column("shelf", _("shelf"), text(20), headings.SHELF),
    Column(
        "lower_limit",
        _("lower stock limit"),
        parsers.whole(most=MOST),
        ("库存下限", "下限", "最低库存", "下限量"),
    ),
    Column(
        "upper_limit",
        _("upper stock limit"),
        parsers.whole(most=MOST),
        ("库存上限", "上限", "最高库存", "上限量"),
    ),
)
