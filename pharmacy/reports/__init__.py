"""Reports of the stock: each one a list of rows, shown as page, on paper and as Excel."""
