"""From cluster.toml to a proven, complete nginx.conf."""
