"""Mail by SMTP: `smtp://user:password@host:port/?from=a@b&to=c@d,e@f`, `smtps://…` for TLS from the start.

For a county's own mail server. `smtp` turns to TLS where the server offers it; a password is never sent in
the clear. The Message-ID is that of the notice, so a copy sent twice is one letter to most mailboxes.
"""

import mimetypes
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit


class MailAddressError(ValueError):
    """The address cannot be used as it is; says why without showing it."""


SCHEMES: Final = ("smtp", "smtps")
_TIMEOUT_S: Final = 30


def send(url: str, title: str, body: str, files: Sequence[Path], *, key: str) -> None:
    """One letter to all named. Raises MailAddressError, OSError or SMTPException."""
    letter = _letter(url, title, body, files, key)
    parts = urlsplit(url)
    host, context = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=_TIMEOUT_S)
    with server:
        server.ehlo()
        secure = parts.scheme == "smtps"
        if not secure and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            secure = True
        if parts.username:
            if not secure:
                raise MailAddressError("邮件服务器不支持加密,不在明文连接上发送密码")
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(letter)


def _letter(url: str, title: str, body: str, files: Sequence[Path], key: str) -> EmailMessage:
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    query = parse_qs(parts.query) if sound else {}
    sender = query.get("from", [""])[0]
    receivers = [one for to in query.get("to", []) for one in to.split(",")]
    if not sound or not sender or not receivers:
        raise MailAddressError("SMTP 地址应如 smtp://主机:25/?from=发件人&to=收件人")
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = " ".join(title.split()), sender, ", ".join(receivers)
    letter["Date"], letter["Message-ID"] = formatdate(localtime=False), f"<{key}@rdchem>"
    letter.set_content(body)
    for path in files:
        kind, subkind = (mimetypes.guess_type(path.name)[0] or "application/octet-stream").split("/")
        letter.add_attachment(path.read_bytes(), maintype=kind, subtype=subkind, filename=path.name)
    return letter
