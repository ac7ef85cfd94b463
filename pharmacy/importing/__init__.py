"""A clinic's own list of drugs, brought as a table: `packs` reads specifications, `columns` names
what a line may say, `drugs` decides what becomes of it."""
