"""The databases that an installation can lie in: is a server fit for it, the schema as scripts,
moving from one to another."""
