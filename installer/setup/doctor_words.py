"""The words around the doctor's lines; the lines' own Chinese stands in chinese/doctor.txt."""

TITLES = {  # name: (Chinese, English)
    "program": ("程序", "program"),
    "service": ("服务", "service"),
    "address": ("地址", "address"),
    "certificate": ("证书", "certificate"),
    "space": ("磁盘空间", "disk space"),
    "memory": ("内存", "memory"),
    "database": ("数据库", "database"),
    "permissions": ("数据文件夹权限", "permissions"),
    "clock": ("时钟", "clock"),
    "logs": ("日志", "logs"),
}
LEVELS = {
    "ok": ("正常", "ok"),
    "note": ("提示", "note"),
    "care": ("注意", "care"),
    "fault": ("故障", "FAULT"),
}
SUMMARIES = {
    "none": ("一切正常。", "All is well."),
    "some": ("{faults} 项故障，{cares} 项需注意。", "{faults} faults, {cares} things need care."),
}
