#!/bin/sh
# 安装：只为当前用户，不需要管理员权限。用法：sh 安装.sh
here=$(dirname "$(readlink -f "$0")")
if [ ! -f "$here/python/bin/python3" ]; then
    echo "没有找到 python 文件夹。请先把压缩包里的整个文件夹解压到本机，再运行其中的“安装.sh”。"
    exit 2
fi
chmod u+x "$here/python/bin/python3" 2>/dev/null
exec "$here/python/bin/python3" -I -B -m xl_jifen.doors.linux.install
