"""The archive (归档): a closed quarter as a snapshot, its hash and chain, and what was changed since. Pure."""
