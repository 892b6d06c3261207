@"%~dp0python\python.exe" -m xl_jifen %*
