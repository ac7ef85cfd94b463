"""Made-up people by the million: the same surnames and given names in the same shares."""

import random
import uuid
from datetime import date, timedelta

# The commonest surnames with their share in ten thousand, and some that are read in two ways.
SURNAMES = dict(
    zip(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
        "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单查区仇解",
        [719, 714, 674, 538, 454, 308, 217, 205, 200, 189, 145, 137, 125, 118, 115, 115, 108, 103]
        + [max(100 - n, 3) for n in range(100)],
        strict=False,
    )
)
GIVEN = (
    "秀英伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华玉梅红建国志文海燕小春雪婷宇浩然子轩梓涵欣怡晓东永新"
    "凤云珍凯琴素荣光辉龙飞俊峰少龄家豪嘉美玲佳慧倩雯思远一鸣天佑长乐行之"
)


class Table:
    """Rows of one model by one plain statement: through the models a million take an hour."""

    def __init__(self, model, connection):
        self.fields = [f for f in model._meta.concrete_fields if f.db_returning is False]
        quote, self.connection = connection.ops.quote_name, connection
        columns = ", ".join(quote(field.column) for field in self.fields)
        places = ", ".join(self._place(field) for field in self.fields)
        table = quote(model._meta.db_table)
        self.sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - our names

    def _place(self, field) -> str:
        ask = getattr(field, "get_placeholder", None)
        return ask(None, None, self.connection) if ask else "%s"

    def stored(self, instance) -> dict:
        """What the database would get of this row."""
        return {
            f.attname: f.get_db_prep_save(f.pre_save(instance, True), self.connection)
            for f in self.fields
        }

    def write(self, rows: list[dict]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(self.sql, [[row[f.attname] for f in self.fields] for row in rows])


class Crowd:
    """People by number, and their rows as the database stores them."""

    def __init__(self, connection, by, seed: int = 7, all_numbers: bool = False):
        self.connection, self.by, self.random = connection, by, random.Random(seed)
        self.all_numbers = all_numbers

    def differing(self, person: dict) -> dict:
        """What differs from file to file. Unless asked, of one in a thousand all numbers open."""
        from patients.models import Patient

        key, row = person["id"], {}
        for name in ("id", "record_no", "name", "birth_date"):
            row[name] = self._column(Patient, name, person[name])
        for source in ("phone", "id_number", "health_no"):
            if self.all_numbers or source == "phone" or person["record_no"].endswith("777"):
                sealed = Patient._meta.get_field(source).seal(person[source], key)
                row[source] = self._column(Patient, source, sealed)
        for name in ("phone", "phone_last4", "id_number", "health_no"):
            index = Patient._meta.get_field(f"{name}_index")
            row[index.attname] = self._column(
                Patient, index.name, index.compute(person[index.source])
            )
        return row

    def parts(self, person: dict) -> list[dict]:
        from patients import names
        from patients.models import NamePart

        key = self._column(NamePart, "patient", person["id"])
        return [{"patient_id": key, **part._asdict()} for part in names.parts(person["name"])]

    def _column(self, model, name: str, value):
        return model._meta.get_field(name).get_db_prep_save(value, self.connection)

    def person(self, number: int) -> dict:
        from tests.factories.patients import id_number

        chosen = self.random
        (surname,) = chosen.choices(list(SURNAMES), list(SURNAMES.values()))
        given = chosen.choices(GIVEN, k=chosen.choice([1, 2, 2, 2]))
        born = date(1936, 1, 1) + timedelta(days=number * 7919 % 32_000)
        return {
            "id": uuid.UUID(int=chosen.getrandbits(128), version=4),
            "record_no": f"P{number:08d}",
            "name": surname + "".join(given),
            "sex": "2",
            "birth_date": born,
            "id_type": "01",
            "id_number": id_number(born, number % 400, area=110_000 + number // 400),
            "phone": f"138{number:08d}",
            "health_no": f"320582{number:011d}",
            "created_by": self.by,
        }
