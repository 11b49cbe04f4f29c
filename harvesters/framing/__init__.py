"""Cutting a stream of bytes into records, one module a container. Nothing here knows what the records say."""
