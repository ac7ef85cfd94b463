"""The nodes of a cluster as DATABASE_URL names them: the first as host, `others=host:port,...`."""

ENGINE = "clinic.databases.cluster"
PORT = 3306
NOT_READY = 1047  # the server's own number for a node that has not joined, or lost the majority


def parse(others: str) -> list[tuple[str, int]]:
    """`db2,db3:3307` as pairs of host and port; [::1]:3306 is one too."""
    found = []
    for one in filter(None, (part.strip() for part in others.split(","))):
        host, colon, port = one.rpartition(":")
        if not colon or port.endswith("]"):
            host, port = one, str(PORT)
        if not host or not port.isdigit():
            raise ValueError(f"others={others}: {one} is no host:port")
        found.append((host.strip("[]"), int(port)))
    return found
