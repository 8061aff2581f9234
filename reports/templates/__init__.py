"""The page's skeleton, style and script, written into one file by `reports.page`."""
