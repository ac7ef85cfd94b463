"""Patients' data in and out: import, papers, tables, FHIR."""
