"""One account per role, all with the same password, marked as demo accounts."""

from security.models import User
from security.permissions import Role
from security.roles import set_roles

ACCOUNTS = [
    ("admin", "方敏", Role.ADMINISTRATOR),
    ("frontdesk", "马丽", Role.FRONTDESK),
    ("nurse", "周洁", Role.NURSE),
    ("doctor", "林海生", Role.DOCTOR),
    ("doctor2", "苏晓雯", Role.DOCTOR),
    ("pharmacist", "许文娟", Role.PHARMACIST),
    ("pharmacist2", "高峰", Role.PHARMACIST),
    ("technician", "吕芳", Role.TECHNICIAN),
    ("remote", "唐立群", Role.REMOTE_PHARMACIST),
    ("second", "何敏", Role.SECOND_CHECKER),
    ("storekeeper", "郑国强", Role.STOREKEEPER),
    ("cashier", "钱玉兰", Role.CASHIER),
    ("auditor", "沈静", Role.AUDITOR),
]
# A clinic of thousands of patients has more doctors.
MORE = [("doctor3", "何志远", Role.DOCTOR), ("doctor4", "罗秋红", Role.DOCTOR)]


def make_accounts(password: str, *, large: bool = False) -> dict[str, User]:
    """The accounts by user name; an existing one keeps its name and gets this password."""
    people = {}
    for username, full_name, role in ACCOUNTS + (MORE if large else []):
        user = User.objects.filter(username=username).first() or User(username=username)
        user.full_name = full_name
        user.is_demo, user.must_change_password = True, False
        user.set_password(password)
        user.save()
        people[username] = set_roles(user=user, roles={role.value}, by=None)
    return people
