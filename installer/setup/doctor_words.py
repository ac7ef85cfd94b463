"""The doctor's words in Chinese; in the code they stand in English."""

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

CHINESE = {
    # program
    "from a checkout": "源码",
    "Clinic {version} ({kind}) on {system}.": "诊所系统 {version}（{kind}），运行于 {system}。",
    "There is no installation in {folder}.": "{folder} 里没有安装过本系统。",
    "Name the right folder with --data-dir, or install.": (
        "用 --data-dir 指定正确的文件夹，或先安装。"
    ),
    "{folder} belongs to {owner}; this account can't read it.": (
        "{folder} 属于 {owner}，当前账户无法读取。"
    ),
    "Run this again as {owner} or as administrator (sudo).": (
        "请以 {owner} 或管理员身份（sudo）再运行一次。"
    ),
    "The clinic's program can't be started: {reason}": "诊所程序无法启动：{reason}",
    "Run the set-up again: it puts programs and settings right and keeps all data.": (
        "请重新运行安装程序：它会修复程序和设置，数据全部保留。"
    ),
    # service
    "Running (process {pid}).": "正在运行（进程 {pid}）。",
    "Running (process {pid}) with programs or settings older than those on the disk.": (
        "正在运行（进程 {pid}），但所用的程序或设置比磁盘上的旧。"
    ),
    "Restart it when nobody works: stop, then start.": "没人使用时重启：先停止，再启动。",
    "Not running.": "没有运行。",
    "Not running. Its last words: {last}": "没有运行。最后的提示：{last}",
    "Start it; if it ends again, the reason stands at the end of {log}.": (
        "请启动；如果又停了，原因在 {log} 末尾。"
    ),
    # address
    "{address} answers; for other PCs: {others}": "{address} 有应答；其他电脑用：{others}",
    "{address} answers; this PC is in no network.": "{address} 有应答；本机没有连接网络。",
    "{address} does not answer.": "{address} 没有应答。",
    "Wait a minute and look again; then restart the clinic.": "等一分钟再看；仍不行就重启本系统。",
    "Port {port} is free; nothing answers while the clinic is not running.": (
        "端口 {port} 空闲；系统没有运行，所以没有应答。"
    ),
    "Port {port} is taken by another program, or this account may not use it.": (
        "端口 {port} 被别的程序占用，或当前账户无权使用。"
    ),
    "End the other program, or run the set-up again with another --port.": (
        "结束占用端口的程序，或用另一个 --port 重新运行安装程序。"
    ),
    # certificate
    "None of the clinic's own; another front ends HTTPS.": "没有自建证书；HTTPS 由其他前端负责。",
    "Good until {day} (authority until {authority}), for {names}.": (
        "有效期至 {day}（根证书至 {authority}），适用于 {names}。"
    ),
    "It does not name {missing}.": "证书里没有 {missing}。",
    "It ends on {day}; then browsers refuse the page.": (
        "证书 {day} 到期；到期后浏览器会拒绝打开页面。"
    ),
    "It ended on {day}; browsers refuse the page.": "证书已于 {day} 到期；浏览器拒绝打开页面。",
    "Restart the clinic: it makes a new one by itself.": "重启本系统，会自动生成新证书。",
    "The clinic's authority ends on {day}; then every PC must trust a new one.": (
        "本诊所的根证书 {day} 到期；之后每台电脑都要信任新的根证书。"
    ),
    "Choose a quiet day: stop the clinic, move ca.crt and ca.key out of {folder}, run the "
    "set-up again, then trust the new certificate on every PC (/help/other-pcs/).": (
        "选一个空闲的日子：停止本系统，把 ca.crt 和 ca.key 移出 {folder}，重新运行安装程序，"
        "再到每台电脑上信任新证书（/help/other-pcs/）。"
    ),
    "The file {file} can't be read as a certificate.": "文件 {file} 不是可读的证书。",
    # space, memory
    "{free} GB free where the data lie ({folder}).": "数据所在磁盘（{folder}）剩余 {free} GB。",
    "Make room before backups fail: move old backups away, or have a larger disk put in.": (
        "请在备份失败之前腾出空间：把旧备份移到别的磁盘，或换更大的磁盘。"
    ),
    "{free} MB of {total} MB free.": "共 {total} MB，可用 {free} MB。",
    "Close other programs on this PC; if it stays so, add memory.": (
        "关闭这台电脑上的其他程序；如果一直这样，请加内存。"
    ),
    "This system does not tell.": "本机系统未提供。",
    # database, when the program can't be asked
    "SQLite file {file}, {size} MB, quick check passed.": (
        "SQLite 文件 {file}，{size} MB，快速检查通过。"
    ),
    "SQLite file {file} is damaged or can't be opened: {reason}": (
        "SQLite 文件 {file} 已损坏或打不开：{reason}"
    ),
    "Change nothing, keep the last backups, and restore one with someone who knows how.": (
        "什么都不要改动，保留最近的备份，请懂行的人恢复备份。"
    ),
    "A server's database; it is asked by the program only.": "服务器数据库，只能由程序查询。",
    "There is no database file yet.": "还没有数据库文件。",
    # clock
    "{now}, zone {zone}.": "{now}，时区 {zone}。",
    "{now}, zone {zone}; the clinic's pages show the time of {wanted}.": (
        "{now}，时区 {zone}；诊所页面按 {wanted} 显示时间。"
    ),
    "If this PC's clock shows the wrong hour, set zone and time right.": (
        "如果本机时钟的钟点不对，请改正时区和时间。"
    ),
    "{now} is earlier than this program was made.": "{now} 早于本程序的制作时间。",
    "{now}, but the file {file} is of {later}: the clock was set back or is wrong.": (
        "现在是 {now}，但文件 {file} 的时间是 {later}：时钟被拨回或不准。"
    ),
    "Stop the clinic, set date and time right (better: by the network), start it again.": (
        "停止本系统，改正日期和时间（最好联网对时），再启动。"
    ),
    # permissions
    "{folder} and the keys are for {owner} alone.": "{folder} 和密钥只有 {owner} 能打开。",
    "Others may open {what}.": "其他账户可以打开 {what}。",
    "Run: chmod go= {what}": "请运行：chmod go= {what}",
    "Not looked at on Windows: set-up gives the folder to its service and the administrators.": (
        "Windows 上不检查：安装程序已把文件夹只授予服务和管理员。"
    ),
    # logs
    "{size} MB in {folder}.": "{folder} 共 {size} MB。",
    "They are shortened once a day while the clinic runs; delete files that end in .1 to .5.": (
        "系统运行时每天自动截短；可删除末尾为 .1 至 .5 的文件。"
    ),
    # whatever it was
    "Could not be looked at ({reason}).": "无法检查（{reason}）。",
    "Run this again as administrator; if it stays, send the support bundle.": (
        "请以管理员身份再运行一次；如果仍然这样，请发送支持包。"
    ),
}


def in_language(text: str, language: str) -> str:
    return text if language == "en" else CHINESE[text]
