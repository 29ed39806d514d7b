"""A new deployment: a preset that is shipped, made the user's own, with what checks and starts it."""
