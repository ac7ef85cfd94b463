"""An installation on a MySQL or MariaDB server of its own."""

import contextlib
import importlib
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from clinic.databases import server
from clinic.databases.cluster import nodes
from clinic.settings import use_mysql_driver
from installer.setup import mariadb
from tests.installer.tools import VENV, Served, environment, get, one_sentence, script
from tests.ports import free_port

pytestmark = pytest.mark.installer
PASSWORD = "p@ss w#rd"
IN_URL = "p%40ss%20w%23rd"
CREATE = f"""
CREATE DATABASE clinic CHARACTER SET utf8mb4;
CREATE USER clinic@localhost IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON clinic.* TO clinic@localhost;
"""


@pytest.fixture(scope="module")
def socket_path():
    with mariadb.private_server() as url:
        path = parse_qs(urlsplit(url).query)["unix_socket"][0]
        command = [mariadb.find("mariadb"), "--no-defaults", f"--socket={path}", "--user=root"]
        subprocess.run(command, input=CREATE, text=True, check=True)
        yield path


def install(checkout, data, url):
    return script(
        checkout, "install.sh", "--no-start", "--data-dir", data, "--database-url", url,
        env=environment(CLINIC_VENV=VENV),
    )  # fmt: skip


def test_a_wrong_password_is_refused_in_the_servers_words(checkout, tmp_path, socket_path):
    url = f"mysql://clinic:wrong@localhost/clinic?unix_socket={socket_path}"

    done = install(checkout, tmp_path / "data", url)

    assert one_sentence(done), done.stderr
    assert "Access denied" in done.stderr


def test_it_is_set_up_and_served_there_and_stays_there(checkout, tmp_path, socket_path):
    data, port = tmp_path / "data", free_port()
    url = f"mysql://clinic:{IN_URL}@localhost/clinic?unix_socket={socket_path}"

    done = install(checkout, data, url)

    assert done.returncode == 0, done.stderr
    assert not (data / "db.sqlite3").exists()
    with Served(checkout, data, port):
        assert get(data, port, "/healthz")[0] == 200
    moved = install(checkout, data, url.replace("/clinic?", "/other?"))
    assert "already has its data in another database" in moved.stderr


def test_a_server_that_is_no_node_of_the_cluster_is_refused(socket_path):
    """By the look before, and by every connection: nothing written there would be elsewhere."""
    use_mysql_driver()
    base = importlib.import_module(f"{nodes.ENGINE}.base")
    url = f"mysql://clinic:{IN_URL}@localhost/clinic?unix_socket={socket_path}"
    _driver, connection, _plugin = server.connect(url)

    with contextlib.closing(connection), pytest.raises(base.Database.OperationalError) as told:
        base.require_serving(connection, needs_synced=True)
    said = [server.in_english(one) for one in server.look(f"{url}&others=127.0.0.1:1")["faults"]]

    assert told.value.args[0] == nodes.NOT_READY
    assert any("no part of a cluster" in one for one in said)
