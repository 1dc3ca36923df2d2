#!/usr/bin/python3
"""A mail server (Debian's python3-aiosmtpd) that keeps what it takes in a Maildir.

    mail_server.py PORT SECURITY MAILDIR [CERTIFICATE KEY PASSWORD]

SECURITY is plain, starttls or tls. With a password only `writ` may send, who knows it. Port 0 is
any; the port is printed when it listens. It refuses letters to nobody@example.org for good, and
ends with its standard input.
"""
import asyncio
import ssl
import sys

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


class Letters(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == "nobody@example.org":
            return "550 5.1.1 nobody@example.org is unknown here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"


def options_of(security, context, password):
    options = {"hostname": "mail.example.org"}
    if security == "starttls":
        options.update(tls_context=context, require_starttls=True)
    if password:
        def known(server, session, envelope, mechanism, data):
            is_known = (data.login, data.password) == (b"writ", password.encode())
            return AuthResult(success=is_known, handled=False)
        options.update(authenticator=known, auth_required=True,
                       auth_require_tls=security == "starttls")
    return options


async def serve(port, security, maildir, certificate=None, key=None, password=None):
    context = None
    if security != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    letters = Letters(maildir)
    options = options_of(security, context, password)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(letters, loop=loop, **options), "127.0.0.1",
                                      int(port), ssl=context if security == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(serve(*sys.argv[1:]))
