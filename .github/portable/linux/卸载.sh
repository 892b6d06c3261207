#!/bin/sh
# 卸载：只删去安装时放进去的程序和图标，工作簿都留着。用法：sh 卸载.sh
here=$(dirname "$(readlink -f "$0")")
if [ ! -f "$here/python/bin/python3" ]; then
    echo "没有找到 python 文件夹。请先把压缩包里的整个文件夹解压到本机，再运行其中的“卸载.sh”。"
    exit 2
fi
exec "$here/python/bin/python3" -I -B -m xl_jifen.doors.linux.install --undo
