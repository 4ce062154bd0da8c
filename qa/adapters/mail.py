"""Mail by SMTP."""

import ssl
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

from qa.domain.errors import MailNotTaken, NoMail
from qa.ports import Mail

Security = Literal["starttls", "tls", "none"]
TIMEOUT_SECONDS = 30.0


class SmtpMailer:
    """Hands messages to the site's mail server; that server brings them further."""

    def __init__(
        self, host: str, port: int, security: Security, username: str, password: str, sender: str
    ) -> None:
        """An empty `host`: there is none. An empty `username`: it asks for none."""
        self._host, self._port, self._security = host, port, security
        self._username, self._password, self._sender = username, password, sender

    @property
    def is_set(self) -> bool:
        return bool(self._host)

    async def send(self, mail: Mail) -> None:
        if not self.is_set:
            raise NoMail
        try:
            await aiosmtplib.send(
                _message(mail, self._sender),
                hostname=self._host,
                port=self._port,
                use_tls=self._security == "tls",
                start_tls=self._security == "starttls",
                username=self._username or None,
                password=self._password or None,
                timeout=TIMEOUT_SECONDS,
                tls_context=None if self._security == "none" else ssl.create_default_context(),
            )
        except (aiosmtplib.SMTPException, OSError) as fault:
            raise MailNotTaken(f"({_told(fault)})") from fault


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    main, _, sub = mail.media_type.partition("/")
    message.add_attachment(mail.content, maintype=main, subtype=sub, filename=mail.file_name)
    return message


def _told(fault: Exception) -> str:
    """Kind and code: the server's own words may repeat the address."""
    code = getattr(fault, "code", None)
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
        code = next((one.code for one in fault.recipients), None)
    return type(fault).__name__ if code is None else f"{type(fault).__name__}, code {code}"
