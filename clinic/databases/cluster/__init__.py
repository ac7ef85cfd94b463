"""Django's MySQL backend over the nodes of a Galera cluster (DATABASE_URL with `others=`)."""
