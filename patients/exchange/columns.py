"""The columns that a list of patients may have, by the words clinics use for them."""

from django.utils.translation import gettext_lazy as _

from clinic.core.tables import parsers
from clinic.core.tables.kinds import Column
from patients.exchange import cells
from patients.exchange.answers import illness, one_code

COLUMNS = (
    Column(
        "name",
        _("full name"),
        parsers.text(60),
        ("姓名", "患者姓名", "病人姓名", "居民姓名", "名字", "patient", "full name"),
        required=True,
    ),
    Column("sex", _("sex"), parsers.one_of(cells.SEXES), ("性别", "gender")),
    Column(
        "birth_date",
        _("date of birth"),
        cells.birth,
        ("出生日期", "出生年月日", "生日", "出生年月", "birthday", "dob"),
    ),
    Column(
        "id_type",
        _("document"),
        parsers.one_of(cells.DOCUMENTS),
        ("证件类型", "证件类别", "证件种类"),
    ),
    Column(
        "id_number",
        _("document number"),
        cells.number(40),
        ("身份证号", "身份证号码", "证件号码", "证件号", "身份证", "公民身份号码", "id number"),
        strict=True,
        without=_(
            "No column holds document numbers: every new file is opened without a document, and "
            "who is on file already is found by name and date of birth only."
        ),
    ),
    Column("no_id_reason", _("why no document"), parsers.text(100), ("无证件原因", "无证原因")),
    Column(
        "phone",
        _("phone"),
        cells.phone,
        ("手机", "手机号", "手机号码", "电话", "联系电话", "本人电话", "电话号码", "mobile"),
    ),
    Column(
        "address",
        _("address"),
        parsers.text(200),
        ("住址", "家庭住址", "现住址", "现住地址", "地址", "家庭地址", "居住地址", "户籍地址"),
    ),
    Column(
        "contact_name",
        _("contact person"),
        parsers.text(60),
        ("联系人", "联系人姓名", "监护人", "监护人姓名", "家属姓名"),
    ),
    Column(
        "contact_relation",
        _("relation"),
        parsers.text(20),
        ("关系", "与患者关系", "与本人关系", "联系人关系", "监护人关系"),
    ),
    Column(
        "contact_phone",
        _("contact's phone"),
        cells.phone,
        ("联系人电话", "联系人手机", "监护人电话", "家属电话"),
    ),
    Column(
        "payment",
        _("payment category"),
        parsers.one_of(cells.PAYMENTS),
        ("费别", "医保类型", "费用类别", "医疗费用支付方式", "支付方式", "付费方式", "险种"),
    ),
    Column(
        "allergies",
        _("allergies"),
        cells.allergies,
        ("过敏史", "药物过敏史", "药物过敏", "过敏药物", "过敏", "过敏情况"),
        strict=True,
        without=_(
            "No column says anything about allergies: in the new files they count as not asked, "
            "and a doctor asks before prescribing."
        ),
    ),
    Column(
        "health_no",
        _("health record number"),
        cells.number(30),
        ("健康档案号", "健康档案编号", "居民健康档案号", "居民健康档案编码", "档案编号"),
        strict=True,
    ),
    Column(
        "paper_no",
        _("number of the paper file"),
        cells.number(30),
        ("病历号", "原病历号", "旧病历号", "纸质病历号", "门诊号", "档案号", "就诊卡号"),
    ),
    Column("reading", _("pinyin of the name"), parsers.text(100), ("拼音", "姓名拼音")),
    Column(
        "mother_id_number",
        _("mother's document number"),
        cells.number(40),
        ("母亲证件号", "母亲证件号码", "母亲身份证号", "母亲身份证号码"),
        strict=True,
    ),
    Column("ethnic", _("Ethnic group"), one_code("ethnic"), ("民族",)),
    Column("marital_form", _("Marriage"), one_code("marital_form"), ("婚姻", "婚姻状况")),
    Column("occupation", _("Occupation"), one_code("occupation"), ("职业", "从事职业")),
    Column("education", _("Education"), one_code("education"), ("文化程度", "学历")),
    Column("abo", _("Blood group"), one_code("abo"), ("血型", "abo血型")),
    Column("rh", _("Rh"), one_code("rh"), ("rh血型", "rh阴性")),
    Column("workplace", _("workplace"), parsers.text(100), ("工作单位", "单位")),
    Column("illness", _("earlier illness"), illness, ("既往史", "既往病史", "病史", "慢性病")),
)
