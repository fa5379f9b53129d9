"""Changes: to every store that takes them, all or nothing."""
