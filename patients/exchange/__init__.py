"""Patients' files in and out: tables and FHIR."""
