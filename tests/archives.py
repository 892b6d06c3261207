"""A small branch in the users' notation, what is done to it later as sections more, and its archives as values."""

from __future__ import annotations

from datetime import date, datetime

from notation import parse

import xl_jifen
from xl_jifen.archive.snapshot import Archive, Circumstances, Publication, archive, from_bytes
from xl_jifen.budget import ARCHIVE, Budget
from xl_jifen.grid import Grids
from xl_jifen.period import Period
from xl_jifen.score import with_periods

BOOK = """第一季度已公示归档的小支部。
套用 基本

## 党员名册
| 编号 | 姓名 | 党员类别 | 计分类别 | 党内职务 | 转入日期   | 转出日期   | 个人基础分 | 党小组 | 备注 |
| 001  | 张三 | 正式党员 |          | 书记     |            |            |            | 一组   |      |
| 002  | 李四 | 正式党员 |          | 组织委员 |            |            |            | 一组   |      |
| 003  | 王五 | 正式党员 | 离退休   |          | 2026-02-01 |            |            | 二组   |      |
| 004  | 赵六 | 预备党员 |          |          |            |            |            | 二组   |      |
| 005  | 钱七 | 正式党员 |          |          |            |            | 95         | 二组   |      |

## 积分规则
| 规则编号 | 类型     | 大项 | 小项     | 分值 | 封顶周期 | 封顶分值 | 计分组 | 适用类别 | 生效日期   | 失效日期   |
| 基1      | 基础分   | 四讲 | 合格党员 | 100  |          |          |        |          |            |            |
| 加1      | 加分     | 党建 | 讲党课   | 2    | 季       | 6        | 合计   |          |            |            |
| 加2      | 加分     | 助人 | 志愿服务 | 1    |          |          |        | 在职     |            |            |
| 减1      | 减分     | 履职 | 无故缺席 | 3    |          |          |        |          |            |            |
| 否1      | 一票否决 | 违纪 | 违纪     | 0    |          |          |        |          |            |            |
| 加9      | 加分     | 以后 | 以后的事 | 5    |          |          |        |          | 2026-07-01 |            |

## 计分组
| 组名 | 方式 | 周期 | 封顶分值 |
| 合计 | 封顶 | 年   | 20       |
| 闲置 | 封顶 | 年   | 9        |

## 1月
| 序号 | 日期       | 姓名 | 规则 | 数量 | 申报分值 | 事由   | 佐证 | 核实人 | 审核状态 | 同一事项 | 冲销 | 备注 |
| 1    | 2026-01-08 | 张三 | 加1  | 1    |          | 讲党课 | 照片 |        | 通过     |          |      |      |
| 2    | 2026-01-08 | 李四 | 加1  | 1    |          | 讲党课 | 照片 |        | 通过     |          |      |      |
| 3    | 2026-01-20 | 赵六 | 加2  | 3    |          | 献血   | 证书 |        | 通过     |          |      |      |
| 4    | 2026-01-21 | 赵六 | 减1  |      |          | 缺席   |      | 李四   | 通过     |          |      | 已谈话 |

## 3月
| 序号 | 日期       | 姓名 | 规则 | 数量 | 事由   | 审核状态 | 冲销  |
| 1    | 2026-03-08 | 张三 | 加2  | 2    | 植树   | 通过     |       |
| 2    | 2026-03-09 | 钱七 | 加2  | 1    | 植树   | 不通过   |       |
| 3    | 2026-03-10 | 李四 | 加1  |      | 更正   | 通过     | 1月#2 |

## 活动考勤
| 日期       | 活动类型 | 活动名称 | 学时 | 参加       | 请假 | 佐证   | 备注 |
| 2026-01-15 | 主题党日 | 一月党日 | 2    | 全体       | 李四 | 签到表 |      |
| 2026-02-15 | 主题党日 | 二月党日 | 2    | 张三、李四 | 钱七 | 签到表 |      |
| 2026-02-16 | 座谈     | 座谈     | 1    | 张三       |      |        |      |

## 考勤计分
| 活动类型 | 到会情况 | 规则编号 | 计量 |
| 主题党日 | 参加     | 加2      |      |
| 主题党日 | 无故缺席 | 减1      |      |
| 报告会   | 参加     | 加1      |      |

## 表决记录
| 表决日期   | 姓名 | 规则编号 | 事由 | 应到 | 实到 | 赞成 | 反对 | 弃权 | 佐证 | 记录人 | 备注 |
| 2026-03-20 | 钱七 | 否1      | 违纪 | 4    | 4    | 3    | 1    | 0    | 记录 | 李四   |      |
"""
LATER = """
## 4月
| 序号 | 日期       | 姓名 | 规则 | 数量 | 事由   | 审核状态 | 冲销  |
| 1    | 2026-04-08 | 张三 | 加2  | 2    | 植树   | 通过     |       |
| 2    | 2026-03-09 | 李四 | 加1  |      | 讲党课 | 通过     |       |
| 3    | 2026-04-09 | 张三 | 加1  |      | 更正   | 通过     | 1月#1 |
"""
CIRCUMSTANCES = Circumstances(date(2026, 4, 20), datetime(2026, 4, 20, 9, 30), "0.1.0", "党员积分.xlsx", "ab" * 32)
PUBLICATION = Publication(date(2026, 4, 8), date(2026, 4, 14), "0123-4567-89AB", {"公示表.pdf": "cd" * 32})
Q1, Q2, Q3, Q4 = (Period.of_quarter(2026, number) for number in (1, 2, 3, 4))


def from_text(text: str) -> Archive | None:
    return from_bytes(text.encode(), Budget("归档", ARCHIVE))


def changed(sheet: str, key: str, value: str, heading: str, new: str) -> str:
    """In the notation: one cell of the row that has ``value`` under ``key``."""
    return f"## {sheet}（更改）\n| {key} | {heading} |\n| {value} | {new} |"


def added(sheet: str, headings: str, cells: str) -> str:
    """In the notation: a row more; headings and cells separated by spaces."""
    lines = ("".join(f"| {part} " for part in line.split()) for line in (headings, cells))
    return f"## {sheet}（追加）\n" + "\n".join(f"{line}|" for line in lines)


def book(*changes: str) -> Grids:
    return parse("\n\n".join((BOOK, *changes))).grids


def closed(grids: Grids, quarter: Period = Q1, previous: Archive | None = None) -> Archive:
    reckoning = xl_jifen.reckon(grids)
    cycle = reckoning.register.settings.cycle
    ledger = with_periods(reckoning.ledger, [quarter] if cycle and cycle.holds(quarter) else [])
    return archive(grids, ledger, quarter, previous, PUBLICATION, CIRCUMSTANCES, reckoning.findings)
