"""The day's papers (R-165): each one a table, shown as page, on paper and as Excel."""
