"""One module per desk: writing (doctor), reviewing and handing out (pharmacist), reading (all)."""
