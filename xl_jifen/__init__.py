"""党员积分 for Excel."""
