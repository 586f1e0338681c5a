"""A mail server that keeps what it takes as files. Arguments: folder, port; options in options.json of the folder, which may also
hold "answers": what to say instead of 250, by the word it answers ("mail", "data", or a recipient's address). It is read anew for each word."""
import asyncio, json, os, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

folder, port = sys.argv[1], int(sys.argv[2])


def options():
    with open(os.path.join(folder, "options.json"), encoding="utf-8") as file:
        return json.load(file)


def answer(word):
    return options().get("answers", {}).get(word)


class Keeper:
    count = 0

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if reply := answer("mail"):
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if reply := answer(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if (reply := answer("data")) == "hang":
            await asyncio.sleep(3600)
        elif reply:
            return reply
        Keeper.count += 1
        path = os.path.join(folder, f"{Keeper.count:06}")
        with open(path + ".eml", "wb") as file:
            file.write(envelope.original_content)
        about = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "encrypted": session.ssl is not None or initial["mode"] == "tls",
                 "user": session.login_data.decode() if session.authenticated else None}
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            json.dump(about, file)
        os.rename(path + ".tmp", path + ".json")
        if answer("after-data") == "die":
            os._exit(9)
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and data.login.decode() == initial["user"] and data.password.decode() == initial["password"]
    # The worst of servers repeats the password.
    return AuthResult(success=known, handled=False, auth_data=data, message=None if known else f"535 5.7.8 not with {data.password.decode()}")


async def main():
    context = None
    if initial["mode"] != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(initial["certificate"], initial["key"])
    login = initial.get("user") is not None

    def session():
        return SMTP(Keeper(), hostname="mail.test", enable_SMTPUTF8=True, data_size_limit=10_000_000,
                    tls_context=context if initial["mode"] == "starttls" else None, require_starttls=initial["mode"] == "starttls",
                    authenticator=authenticate if login else None, auth_required=login, auth_require_tls=initial["mode"] == "starttls")
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port, ssl=context if initial["mode"] == "tls" else None)
    async with server:
        await server.serve_forever()


initial = options()
Keeper.count = sum(name.endswith(".eml") for name in os.listdir(folder))
asyncio.run(main())
