"""What a reader must know before believing a day's numbers: our own outages, the platform's, strangers."""

from collections.abc import Sequence

from rdchem.blindness import EXPORTED
from rdchem.calendar import local_text
from rdchem.enterprise_day import DayFacts


def notes(known: DayFacts) -> Sequence[str]:
    """What a reader must know before believing the numbers."""
    told = []
    if known.exports is not None:
        tables = [
            f"{title}截至 {local_text(known.exports[kind])}" if kind in known.exports else f"{title}未导入"
            for kind, title in EXPORTED.items()
        ]
        told.append(f"数据来自导入的表格,此后的情况不判定:{'、'.join(tables)}")
    elif not known.has_listener:
        told.append("没有采集端记录(数据来自回放),覆盖情况由数据提供方负责,按完整处理")
    for gap in known.blind:
        until = "至今" if gap.open else f"至 {local_text(gap.end)}"
        if not gap.ours:
            told.append(
                f"平台或传输中断:{local_text(gap.start)} {until}"
                "(几乎所有企业同时没有数据,不归于任何一家企业,其间的在线情况不判定)"
            )
            continue
        if gap.start == known.since and not gap.open:
            told.append(f"本系统自 {local_text(gap.end)} 起才有采集记录,此前的情况不判定")
            continue
        kind = "其间数据由消息代理保留、事后补到" if gap.lossless else "其间数据可能遗失,相关项不判定"
        told.append(f"本系统采集中断:{local_text(gap.start)} {until}({kind})")
    for credit_code, company_code in known.aliases.items():
        told.append(f"企业 {company_code} 以统一社会信用代码 {credit_code} 上传,按登记对应")
    if known.unregistered:
        codes = "、".join(known.unregistered[:20])
        told.append(f"{len(known.unregistered)} 家未登记企业有数据上传,未纳入判定:{codes}")
    return told
