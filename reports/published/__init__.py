"""Tables of papers as data: what was printed, by whom, and what was left unsaid."""
