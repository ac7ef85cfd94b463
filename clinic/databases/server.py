"""Is a MySQL or MariaDB server fit for a clinic? Asks, changes nothing, names every fault at once.

Stands alone: the installer runs this file (`python server.py`, the address in CLINIC_PROBE_URL)
before there are settings, and gets JSON. Each fault is {"en", "mend"}: a sentence, and the
SQL or setting that mends it, empty when the sentence says it.
"""

import json
import os
import re
import sys
from urllib.parse import parse_qs, unquote, urlsplit

PACKET = 16 * 1024 * 1024
CONNECT_SECONDS = 10
ALWAYS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRIGGER")
TABLES = ("CREATE", "ALTER", "DROP", "INDEX", "REFERENCES")
SESSION = (
    "SET sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', default_storage_engine=INNODB, "
    "time_zone='+00:00', innodb_lock_wait_timeout=5"
)
PLUGIN_ERRORS = {1251, 2012, 2026, 2049, 2054, 2058, 2059, 2061}


class CantConnect(Exception):
    """The driver's own words; `plugin`: another driver may get in all the same."""

    def __init__(self, words: str, plugin: bool):
        super().__init__(words)
        self.plugin = plugin


def is_local(url: str) -> bool:
    """Whether what is said to the server stays on this machine."""
    parts = urlsplit(url)
    told = parse_qs(parts.query)
    nodes = [node.rpartition(":")[0] or node for node in told.get("others", [""])[0].split(",")]
    hosts = [parts.hostname or "localhost", *filter(None, nodes)]
    return "unix_socket" in told or all(
        host.strip("[]") in ("localhost", "::1") or host.startswith("127.") for host in hosts
    )


def fault(en: str, mend: str = "", **values) -> dict:
    return {"en": en.format(**values), "mend": mend.format(**values)}


def in_english(one: dict) -> str:
    return f"{one['en']} {one['mend']}".strip()


def look(url: str) -> dict:
    """{"driver", "server", "plugin", "faults", "notes"}: notes stop nothing; `plugin` when
    mysqlclient is here and does not get in, though PyMySQL may."""
    try:
        driver, connection, plugin = connect(url)
    except CantConnect as error:
        host = urlsplit(url).hostname or "localhost"
        one = fault("The database on {host} can't be used: {why}.",
                    host=host, why=str(error).rstrip("."))  # fmt: skip
        return {"driver": "", "server": "", "plugin": error.plugin, "faults": [one], "notes": []}
    try:
        found = Look(connection, url)
        found.everything()
    finally:
        connection.close()
    return {
        "driver": driver,
        "server": found.version,
        "plugin": plugin,
        "faults": found.faults,
        "notes": found.notes,
    }


def options_of(url: str) -> dict:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    found = {
        "host": parts.hostname or "localhost",
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.lstrip("/")),
        "charset": "utf8mb4",
        "connect_timeout": CONNECT_SECONDS,
    }
    if parts.port:
        found["port"] = parts.port
    if "unix_socket" in query:
        found["unix_socket"] = query["unix_socket"]
    return found | {"tls": query.get("tls", ""), "tls_ca": query.get("tls_ca", "")}


def connect(url: str):
    """(driver's name, connection, plugin): mysqlclient where it is there and gets in, else PyMySQL.

    mysqlclient knows caching_sha2_password, MySQL's usual way of signing in, only where its
    library's plugin lies on the machine.
    """
    first, plugin = None, False
    for name, module in drivers():
        try:
            return name, module.connect(**as_taken_by(name, options_of(url))), plugin
        except (module.Error, OSError, RuntimeError, ValueError) as error:
            number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
            first = first or str(error.args[-1] if error.args else error)
            plugin = plugin or (name == "mysqlclient" and _is_of_plugin(number, first))
    raise CantConnect(first or "no driver for MySQL is installed", plugin)


def _is_of_plugin(number: int, words: str) -> bool:
    return number in PLUGIN_ERRORS or "plugin" in words.lower()


def drivers():
    try:
        import MySQLdb

        if MySQLdb.__name__ == "MySQLdb":  # not PyMySQL under that name
            yield "mysqlclient", MySQLdb
    except ImportError:
        pass
    try:
        import pymysql

        yield "PyMySQL", pymysql
    except ImportError:
        return


def as_taken_by(driver: str, options: dict) -> dict:
    """`tls=required` and `tls_ca=FILE` of our URLs in the words of each driver."""
    options = dict(options)
    tls, authority = options.pop("tls", ""), options.pop("tls_ca", "")
    if driver == "mysqlclient":
        if authority:
            options |= {"ssl": {"ca": authority}, "ssl_mode": "VERIFY_IDENTITY"}
        elif tls:
            options["ssl_mode"] = "REQUIRED"
    elif authority:
        options |= {"ssl_ca": authority, "ssl_verify_cert": True, "ssl_verify_identity": True}
    elif tls:
        options["ssl"] = {"check_hostname": False, "verify_mode": "none"}
    return options


# --- looking --------------------------------------------------------------------------------------


class Look:
    """One look at a server through an open connection."""

    def __init__(self, connection, url: str):
        self._connection = connection
        self.url = url
        self.name = options_of(url)["database"]
        self.faults: list[dict] = []
        self.notes: list[dict] = []
        self.version = ""

    def everything(self) -> None:
        self.version = self.ask("SELECT VERSION()")[0][0]
        tables = self.ask(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
        )
        self.tables = {str(name) for (name,) in tables}
        self.variables = {
            str(name).lower(): str(value)
            for name, value in self.ask(
                "SHOW GLOBAL VARIABLES WHERE variable_name IN ('log_bin', 'binlog_format', "
                "'log_bin_trust_function_creators', 'max_allowed_packet', 'read_only', "
                "'innodb_flush_log_at_trx_commit', 'sync_binlog', 'innodb_read_only', 'wsrep_on')"
            )
        }
        self.grants = self.rights()
        for check in (
            self.is_new_enough,
            self.has_charset,
            self.takes_our_session,
            self.has_innodb,
            self.may_write,
            self.has_rights,
            self.may_make_triggers,
            self.has_room_for_a_row,
            self.is_empty_or_ours,
            self.is_private,
            self.is_the_cluster_that_it_is_said_to_be,
            self.keeps_what_it_promised,
        ):
            check()

    def ask(self, sql: str, values=None) -> list:
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql, values)
            return [tuple(map(_text, row)) for row in cursor.fetchall() or ()]
        finally:
            cursor.close()

    def wrong(self, en: str, mend: str = "", **values) -> None:
        self.faults.append(fault(en, mend, name=self.name, **values))

    def note(self, en: str, mend: str = "", **values) -> None:
        self.notes.append(fault(en, mend, name=self.name, **values))

    @property
    def is_mariadb(self) -> bool:
        return "mariadb" in self.version.lower()

    @property
    def is_ours(self) -> bool:
        if not {"django_migrations", "security_user"} <= self.tables:
            return False
        return bool(self.ask("SELECT 1 FROM django_migrations WHERE app = 'security' LIMIT 1"))

    def is_new_enough(self) -> None:
        number = tuple(map(int, re.findall(r"\d+", self.version)[:3]))
        if number < ((10, 6) if self.is_mariadb else (8, 0, 16)):  # older: no check constraints
            self.wrong(
                "The server is {found}; MySQL 8.0.16 or MariaDB 10.6 and newer are served.",
                found=self.version,
            )

    def has_charset(self) -> None:
        charset, collation = self.ask(
            "SELECT default_character_set_name, default_collation_name "
            "FROM information_schema.schemata WHERE schema_name = DATABASE()"
        )[0]
        if charset != "utf8mb4" or not collation.endswith("_ci"):
            self.wrong(
                "The database's character set is {charset} ({collation}); it has to be utf8mb4 "
                "with a collation that ends in _ci.",
                "ALTER DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;",
                charset=charset, collation=collation,
            )  # fmt: skip

    def takes_our_session(self) -> None:
        """Strict mode, InnoDB, UTC and isolation are set by each connection of ours."""
        try:
            self.ask(SESSION)
            self.ask("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            mode = self.ask("SELECT @@sql_mode")[0][0]
        except Exception as error:  # noqa: BLE001 - whichever driver it is
            mode = str(error.args[-1] if error.args else error)
        if "STRICT_TRANS_TABLES" not in mode:
            self.wrong(
                "The server does not take strict mode, InnoDB or our isolation ({mode}).",
                "SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';",
                mode=mode,
            )

    def has_innodb(self) -> None:
        engines = {row[0].upper(): row[1].upper() for row in self.ask("SHOW ENGINES")}
        if engines.get("INNODB") not in ("YES", "DEFAULT"):
            self.wrong("The server has no InnoDB.", "my.cnf: [mysqld] innodb=ON")

    def may_write(self) -> None:
        for name in ("read_only", "innodb_read_only"):
            if self.variables.get(name, "OFF") not in ("OFF", "0"):
                self.wrong("The server is read-only ({on}).", "SET GLOBAL {on} = OFF;", on=name)

    def rights(self) -> dict[str, set[str]]:
        """By place: "" this database, "*" everywhere, "scratch" the trial database of backups."""
        lines = [row[0] for row in self.ask("SHOW GRANTS")]
        for line in list(lines):
            role = re.match(r"GRANT ((?:[`'][^`']+[`'](?:@[`'][^`']+[`'])?(?:, ?)?)+) TO ", line)
            if role:
                lines += self._of_roles(role[1])
        found = {"": set(), "*": set(), "scratch": set()}
        for line in lines:
            match = re.match(r"GRANT (.+?) ON (?:TABLE )?(\S+)\.\* TO ", line)
            if not match:
                continue
            words = {word.strip().upper() for word in match[1].split(",")}
            pattern = match[2].strip("`'\"")
            if pattern == "*":
                found["*"] |= words
            for key, name in (("", self.name), ("scratch", f"{self.name}_scratch")):
                if pattern == "*" or _matches(pattern, name):
                    found[key] |= words
        return found

    def _of_roles(self, roles: str) -> list[str]:
        try:
            if self.is_mariadb:
                return [row[0] for row in self.ask(f"SHOW GRANTS FOR {roles.split(',')[0]}")]
            return [row[0] for row in self.ask(f"SHOW GRANTS FOR CURRENT_USER() USING {roles}")]
        except Exception:  # noqa: BLE001 - a role that can't be asked gives nothing we know of
            return []

    def _lacks(self, wanted, where: str = "") -> list[str]:
        there = self.grants[where]
        whole = any(word.startswith("ALL") for word in there)
        return [] if whole else [right for right in wanted if right not in there]

    def has_rights(self) -> None:
        account = self.ask("SELECT CURRENT_USER()")[0][0]
        user, _at, host = account.rpartition("@")
        grant = f"GRANT {{rights}} ON `{{name}}`.* TO '{user}'@'{host}';"
        lacking, later = self._lacks(ALWAYS), self._lacks(TABLES)
        if not self.is_ours:
            lacking, later = lacking + later, []
        if lacking:
            self.wrong(
                "The account {account} lacks rights: {rights}.",
                grant, account=account, rights=", ".join(lacking),
            )  # fmt: skip
        if later:
            self.note(
                "At the next upgrade the account {account} needs besides: {rights}.",
                grant, account=account, rights=", ".join(later),
            )  # fmt: skip
        if self._lacks((*ALWAYS, *TABLES), "scratch"):
            self.note(
                "Backups can't be restored on trial: the account has no rights on {name}_scratch.",
                f"GRANT ALL ON `{{name}}_scratch`.* TO '{user}'@'{host}';",
            )

    def may_make_triggers(self) -> None:
        logs = "ON" in (self.variables.get("log_bin"), self.variables.get("wsrep_on"))
        if logs and self.variables.get("binlog_format", "ROW") == "STATEMENT":
            self.wrong(
                "The binary log's format is STATEMENT, which refuses READ COMMITTED.",
                "SET GLOBAL binlog_format = 'ROW';",
            )
        trusted = self.variables.get("log_bin_trust_function_creators") == "ON"
        is_super = not self._lacks(("SUPER",), "*")
        if logs and not trusted and not is_super:
            add = self.note if self.is_ours else self.wrong
            add(
                "With the binary log on, the account may make no triggers, which guard the audit "
                "log and the ledgers.",
                "SET GLOBAL log_bin_trust_function_creators = 1;",
            )

    def has_room_for_a_row(self) -> None:
        if int(self.variables.get("max_allowed_packet", PACKET)) < PACKET:
            self.wrong(
                "max_allowed_packet is {found}; 16 MB are needed.",
                "SET GLOBAL max_allowed_packet = 67108864;",
                found=self.variables["max_allowed_packet"],
            )

    def is_empty_or_ours(self) -> None:
        if self.tables and not self.is_ours:
            self.wrong(
                "The database {name} holds other tables ({table}, {count} in all); give an empty "
                "one.",
                "CREATE DATABASE clinic CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;",
                table=min(self.tables), count=len(self.tables),
            )  # fmt: skip

    def is_private(self) -> None:
        cipher = self.ask("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        if is_local(self.url) or (cipher and cipher[0][1]):
            return
        self.wrong(
            "The connection to another machine is not encrypted: patients' data could be read on "
            "the wire.",
            "--database-url ...?tls_ca=/path/ca.pem (or ?tls=required, which does not know the "
            "server's face)",
        )

    def is_the_cluster_that_it_is_said_to_be(self) -> None:
        if "others=" in urlsplit(self.url).query and self.variables.get("wsrep_on") != "ON":
            self.wrong("The address names other nodes, but the server is no part of a cluster.",
                       "my.cnf: [mysqld] wsrep_on=ON (installer/docs/district.md)")  # fmt: skip

    def keeps_what_it_promised(self) -> None:
        for name in ("innodb_flush_log_at_trx_commit", "sync_binlog"):
            is_off = self.variables.get("log_bin") != "ON" and name == "sync_binlog"
            if not is_off and self.variables.get(name, "1") != "1":
                self.note(
                    "A power cut may lose the last second ({setting} is not 1).",
                    "SET GLOBAL {setting} = 1;",
                    setting=name,
                )


def _text(value):
    return value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value


def _matches(pattern: str, name: str) -> bool:
    """MySQL's pattern of a database's name: \\_ is a plain underscore, _ and % stand for others."""
    parts = re.split(r"(\\.|[_%])", pattern)
    kinds = {"_": ".", "%": ".*"}
    wanted = "".join(
        kinds.get(part) or re.escape(part[1:] if part.startswith("\\") else part) for part in parts
    )
    return re.fullmatch(wanted, name, re.IGNORECASE) is not None


if __name__ == "__main__":
    json.dump(look(os.environ["CLINIC_PROBE_URL"]), sys.stdout)
