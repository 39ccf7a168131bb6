"""Names of enterprises, people and places: believable at a glance, plainly fictitious on a second."""

from random import Random
from typing import Final

_FIRST: Final = "海江沿苏滨东润泽恒瑞华盛天宏鑫源永泰嘉禾宁远新科博通富安康达"
_SECOND: Final = "丰洋昌隆茂祥利信和顺诚佳成兴旺辉宇腾龙凯航峰岳林森川河湖星云"
_TRADES: Final = (
    "化工", "精细化工", "新材料", "生物化学", "医药化工", "农化", "石化仓储",
    "气体", "涂料", "树脂", "助剂", "化学",
)  # fmt: skip
_SURNAMES: Final = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
_GIVEN: Final = "海江东明建国志强卫平立新春生永华文军晓峰宏伟"
_UNITS: Final = ("一车间", "二车间", "三车间", "甲类罐区", "乙类罐区", "公用工程", "仓储区", "装卸区")
_EQUIPMENT: Final = ("反应釜", "储罐", "精馏塔", "换热器", "输送泵", "管廊", "冷凝器", "缓冲罐", "压缩机")

MOST_ENTERPRISES: Final = len(_FIRST) * len(_SECOND) * len(_TRADES)


def enterprise_name(number: int) -> str:
    """The name of an enterprise; numbers below MOST_ENTERPRISES give different names."""
    number, first = divmod(number, len(_FIRST))
    trade, second = divmod(number, len(_SECOND))
    return f"如东示例{_FIRST[first]}{_SECOND[second]}{_TRADES[trade]}有限公司"


def person(random: Random) -> str:
    """A person; 某 says that it is nobody."""
    return f"{random.choice(_SURNAMES)}某{random.choice(_GIVEN)}"


def place(random: Random, number: int) -> str:
    """A place of work; the equipment's number keeps places of one enterprise apart."""
    return f"{random.choice(_UNITS)}{number}#{random.choice(_EQUIPMENT)}"
