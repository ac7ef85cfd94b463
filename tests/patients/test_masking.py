"""What may be read in passing (R-97, R-141)."""

import pytest

from patients.masking import mask_address, mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("王小明", "王*明"),
        ("欧阳文静", "欧**静"),
        ("阿依古丽·买买提", "阿***·***"),
        ("张", "*"),
        ("", ""),
        ("王\U00020bb7", "王*"),
        ("葛\U000e0100明", "葛*"),  # a variation selector is no character of its own
        ("John Smith", "J********h"),
    ],
)
def test_names_on_public_screens_keep_little_R97(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("0512-58123456", "0512-****3456"),
        ("1234", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_phones_keep_four_digits_R141(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("11010519491231002X", "110105********002X"),
        ("110105491231002", "110105*****1002"),
        ("E12345678", "E1*****78"),
        ("A1", "**"),
        (None, ""),
    ],
)
def test_document_numbers_hide_the_birth_date_R141(number, shown):
    assert mask_id(number) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("青溪镇北桥村12组36号", "青溪镇北桥村****"),
        ("苏州市姑苏区平江路8号3幢", "苏州市姑苏区平江路****"),
        ("村东头3号", "村东****"),
        ("北桥村", "北****"),
        ("Building 4, Room 12", "Buildi****"),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_is_shown_up_to_the_village_or_street_R141(address, shown):
    assert mask_address(address) == shown
