"""Which server a connection goes to when the address names several."""

import importlib

import pytest
from django.db import OperationalError, connection

from clinic.core.transactions import is_away
from clinic.databases import server
from clinic.databases.cluster import nodes
from clinic.settings import database, use_mysql_driver
from tests.ports import free_port

URL = "mysql://clinic:secret@db1:3307/clinic?others=db2,[::1]:3308"


def test_the_address_names_all_nodes_in_their_order():
    config = database(URL)

    assert config["ENGINE"] == nodes.ENGINE
    assert (config["HOST"], config["PORT"]) == ("db1", 3307)
    assert nodes.parse(config["OPTIONS"]["others"]) == [("db2", 3306), ("::1", 3308)]
    assert config["CONN_HEALTH_CHECKS"]  # it is what keeps readers from a node that lags behind


@pytest.mark.parametrize("others", [":3306", "db2:x", "db2:"])
def test_an_address_that_is_none_is_said_and_not_passed_over(others):
    with pytest.raises(ValueError, match="no host:port"):
        nodes.parse(others)


def test_one_server_is_no_cluster():
    assert database("mysql://clinic:secret@db1/clinic")["ENGINE"] == "clinic.databases.mysql"


def test_every_node_has_to_be_near_or_the_way_to_it_encrypted():
    assert server.is_local("mysql://a:b@127.0.0.1/c?others=127.0.0.1:3307,[::1]:3308")
    assert not server.is_local("mysql://a:b@127.0.0.1/c?others=192.168.1.9")


@pytest.fixture
def base(monkeypatch):
    """The backend, with a clock of the test's own."""
    use_mysql_driver()
    found = importlib.import_module(f"{nodes.ENGINE}.base")
    monkeypatch.setattr(found, "_avoided", {})
    return found


def test_when_none_serves_all_were_asked_and_the_reason_is_the_databases_own(base, caplog):
    ports = [free_port() for _node in range(3)]
    others = ",".join(f"127.0.0.1:{port}" for port in ports[1:])
    config = database(f"mysql://clinic:secret@127.0.0.1:{ports[0]}/clinic?others={others}")
    wrapper = base.DatabaseWrapper({**connection.settings_dict, **config})

    with pytest.raises(OperationalError) as told, wrapper.wrap_database_errors:
        wrapper.connect()

    assert is_away(told.value)
    said = [record.getMessage().split()[2] for record in caplog.records]
    assert said == [f"127.0.0.1:{port}" for port in ports]


def test_one_that_just_failed_is_asked_last_for_a_while(base, monkeypatch):
    known = [("db1", 3306), ("db2", 3306), ("db3", 3306)]
    now = [1000.0]
    monkeypatch.setattr(base.time, "monotonic", lambda: now[0])

    base.avoid(*known[0])
    soon = base.in_order(known)
    now[0] += base.AVOIDED_SECONDS + 1
    later = base.in_order(known)

    assert soon == [known[1], known[2], known[0]]
    assert later == known
