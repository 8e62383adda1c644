"""Two networks held against each other: connections gained, lost and changed."""
