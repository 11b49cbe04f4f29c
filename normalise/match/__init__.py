"""Which records describe the same edition: features, keys, vetoes, score, clusters."""
