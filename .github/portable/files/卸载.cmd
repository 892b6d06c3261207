@echo off
setlocal DisableDelayedExpansion
if not exist "%~dp0python\python.exe" goto incomplete
"%~dp0python\python.exe" -m xl_jifen.doors.windows.install --undo
goto end
:incomplete
echo 没有找到 python 文件夹。请先把压缩包里的整个文件夹解压到本机，再双击其中的“卸载.cmd”。
:end
pause
