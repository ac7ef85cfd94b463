"""The words that stand above columns in lists that clinics and suppliers write, said once.

The best word comes first: where a list has two of them, the earlier one counts.
"""

GENERIC_NAME = (
    "通用名称", "通用名", "药品通用名", "药品名称", "药名", "品名", "名称", "药品", "产品名称",
    "品种名称", "name_zh", "product_name", "drug_name", "name",
)  # fmt: skip
TRADE_NAME = ("商品名", "商品名称", "别名", "brand")
SPEC = (
    "规格", "药品规格", "包装规格", "规格包装", "规格型号", "制剂规格", "pack_spec",
    "specification", "forms_and_specs",
)  # fmt: skip
PACK_UNIT = (
    "包装单位", "大单位", "入库单位", "采购单位", "零售单位", "库存单位", "单位", "unit",
)  # fmt: skip
MAKER = (
    "生产企业", "生产厂家", "厂家", "生产厂商", "厂商", "制造商", "manufacturer",
    "上市许可持有人", "产地",
)  # fmt: skip
CODE = (
    "药品编码", "药品编号", "药品代码", "编码", "编号", "代码", "货号", "商品编码", "drug_no",
    "drug_code",
)  # fmt: skip
APPROVAL_NUMBER = ("批准文号", "国药准字", "注册证号", "approval_no")
BARCODE = ("条形码", "条码", "商品条码", "69码")
SHELF = ("货位", "货架", "库位", "货位号", "架位")
# Of a delivery alone.
LOT = ("批号", "生产批号", "产品批号", "药品批号", "批次", "lot", "batch")
MADE_ON = ("生产日期", "制造日期", "mfg_date")
EXPIRES_ON = (
    "有效期至", "有效期", "失效日期", "失效期", "效期", "有效日期", "expiry", "exp_date",
)  # fmt: skip
QUANTITY = (
    "数量", "发货数量", "实发数量", "出库数量", "销售数量", "送货数量", "采购数量", "quantity",
    "qty",
)  # fmt: skip
PIECES = ("拆零数量", "拆零数", "最小单位数量")
UNIT = ("单位", "计量单位", "数量单位", "销售单位", *PACK_UNIT)
COST = (
    "含税单价", "进价", "采购价", "采购单价", "供货价", "批发价", "单价", "unit_price", "cost",
)  # fmt: skip
AMOUNT = ("金额", "含税金额", "总金额", "价税合计", "amount")
TRACE_CODE = ("追溯码", "药品追溯码", "trace_code")
