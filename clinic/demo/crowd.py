"""More made-up people than the list has, for installations that are to hold thousands."""

import random
from datetime import date, timedelta

from patients.identity import check_digit

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = {
    "1": "伟强军磊勇杰涛明超刚平辉鹏华飞波斌宇浩凯健俊帆旭宁建国志文德海东国栋永康",
    "2": "芳娜敏静丽艳娟霞秀英玲桂兰婷红梅雪琴慧颖洁倩玉萍凤蓉晓燕淑珍佳怡欣悦雨涵梦琪",
}
VILLAGES = ["北桥村", "东街社区", "南浜村", "西塘村", "新桥社区", "河口村", "柳荫社区"]
AREA = "320582"


def person(chance: random.Random, serial: int) -> dict:
    """One more row like those of demo_people.csv; `serial` keeps the numbers apart."""
    sex = chance.choice("12")
    born = date(1936, 1, 1) + timedelta(days=chance.randrange(70 * 365))
    order = (serial * 2 + (sex == "1")) % 1000
    body = f"{AREA}{born:%Y%m%d}{order:03d}"
    return {
        "name": chance.choice(SURNAMES)
        + "".join(chance.choice(GIVEN[sex]) for _letter in range(chance.choice((1, 2, 2)))),
        "sex": sex,
        "birth_date": born.isoformat(),
        "id_type": "01",
        "id_number": body + check_digit(body),
        "no_id_reason": "",
        "phone": f"1{chance.choice('35789')}{chance.randrange(10):d}{serial % 10**8:08d}",
        "address": f"青溪镇{chance.choice(VILLAGES)}{chance.randrange(1, 20)}组"
        f"{chance.randrange(1, 90)}号",
        "payment": chance.choice(["resident", "resident", "employee", "self"]),
        "contact_name": "",
        "contact_relation_text": "",
        "contact_phone": "",
        "allergy": chance.choices(
            ["denied", "not_asked", "PCN|moderate|皮疹|青霉素", "SULFA|mild|皮疹|磺胺类"],
            [80, 8, 7, 5],
        )[0],
    }
