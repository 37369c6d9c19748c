"""Shared ground of every module: database, HTTP surface, access, secrets, jobs. It knows no module."""
