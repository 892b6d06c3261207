"""A ledger becomes other values: what bears on a period, what changed, what other rules would give. No words."""
