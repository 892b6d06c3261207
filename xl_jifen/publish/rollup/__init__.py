"""What 汇总 says of many branches: each file, each branch, and all of them side by side. Pure."""
