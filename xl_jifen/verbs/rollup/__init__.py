"""The roll-up (汇总) of many branches' workbooks: found, reckoned in parallel, remembered, and summed up."""
