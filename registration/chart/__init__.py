"""What this app adds to a patient's chart."""
