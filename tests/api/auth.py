#!/usr/bin/env python3
"""What keeps people out, by attacks on it: passwords, sessions, tokens, links, forged requests. Prints TAP.

Nothing here rests on how long something takes: that unknown users cost the same is told from what is done
for them (one hash, one row of the audit), in tests/unit/auth."""
import base64
import concurrent.futures
import hashlib
import hmac
import http.client
import json
import pathlib
import socket
import sqlite3
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import SOURCE, Folder, Server, Tap, farthing, must  # noqa: E402

PASSWORD = "four words without meaning"
DOCUMENT = json.loads((SOURCE / "docs/ref/openapi.json").read_text(encoding="utf-8"))
METHODS = ("get", "post", "put", "patch", "delete")


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()
        try:
            self.json = json.loads(self.text)
        except ValueError:
            self.json = None

    def __repr__(self):
        return f"{self.status} {self.text[:400]}"


class Browser:
    """Keeps a cookie, and sends what a page of ours would."""

    def __init__(self, server, **always):
        self.server, self.cookie, self.csrf, self.always = server, None, None, always

    def ask(self, method, path, body=None, *, plain=False, **headers):
        send = {**self.always, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookie:
            send.setdefault("Cookie", self.cookie)
        if self.csrf and method not in ("GET", "HEAD") and not plain:
            send.setdefault("Origin", self.server.url)
            send.setdefault("X-CSRF-Token", self.csrf)
        data = None
        if body is not None:
            data = json.dumps(body)
            send.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request(method, path, data, {name: v for name, v in send.items() if v is not None})
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def keep(self, reply):
        if reply.headers["Set-Cookie"]:
            self.cookie = reply.headers["Set-Cookie"].split(";")[0]
            self.csrf = reply.json and reply.json.get("csrf_token")
        return reply

    def sign_in(self, email, password=PASSWORD, **more):
        return self.keep(self.ask("POST", "/api/v1/session", {"email": email, "password": password, **more}))


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def totp(secret, at):
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    place = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[place:place + 4])[0] & 0x7fffffff) % 1000000:06d}"


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(token, number):
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def with_part(token, number, value):
    parts = token.split(".")
    parts[number] = unpadded(json.dumps(value).encode())
    return ".".join(parts)


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path.replace("{id}", "x1").replace("{dimension}", "service"), item[method]


# ---- coming in ----

def set_up(tap, server, line):
    secret = line.strip().rsplit("#", 1)[1]
    admin = Browser(server)
    wish = {"secret": secret, "email": "Root@Example.org", "name": "Root", "password": PASSWORD}
    tap.case("the session says that it is to be set up",
             (lambda s: s["setup"] and s["login"] == "required" and s["permissions"] == [] and s["user"] is None)(
                 admin.ask("GET", "/api/v1/session").json))
    wrong = admin.ask("POST", "/api/v1/auth/setup", {**wish, "secret": "x" * 43})
    tap.case("a set-up token that was made up is none", wrong.status == 404, wrong)
    for password in ("short", "passwordpassword", "root@example.org", "aaaaaaaaaaaaaaaaaaa", "x" * 300):
        bad = admin.ask("POST", "/api/v1/auth/setup", {**wish, "password": password})
        tap.case(f"\"{password[:20]}\" is no password",
                 bad.status == 422 and bad.json["errors"][0]["pointer"] == "/password", bad)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda n: admin.ask("POST", "/api/v1/auth/setup",
                                                    {**wish, "email": f"root{n}@example.org"}), range(4)))
    good = [reply for reply in replies if reply.status == 200]
    tap.case("of four who use the set-up token at once one comes in", len(good) == 1, replies)
    admin.keep(good[0])
    cookie = good[0].headers["Set-Cookie"]
    tap.case("the cookie is kept from scripts and other sites",
             all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/")) and "Domain" not in cookie, cookie)
    again = admin.ask("POST", "/api/v1/auth/setup", wish)
    tap.case("a replayed set-up token is refused", again.status == 409, again)
    return admin, good[0].json["user"]["email"]


def invite(admin, server, email, role, **more):
    made = admin.ask("POST", "/api/v1/users", {"email": email, "role": role, **more})
    assert made.status == 201, made
    secret = made.json["one_time"]["secret"]
    browser = Browser(server)
    done = browser.keep(browser.ask("POST", "/api/v1/auth/accept", {"secret": secret, "password": PASSWORD}))
    assert done.status == 200, done
    return browser, secret, made.json["user"]["id"]


def invitations(tap, admin, server):
    viewer, secret, viewer_id = invite(admin, server, "viewer@example.org", "viewer")
    tap.case("who accepts an invitation is signed in", viewer.ask("GET", "/api/v1/session").json["by"] == "session")
    again = Browser(server).ask("POST", "/api/v1/auth/accept", {"secret": secret, "password": PASSWORD + "!"})
    tap.case("an invitation works once", again.status == 404, again)
    tap.case("and says nothing afterwards",
             Browser(server).ask("POST", "/api/v1/auth/invitation", {"secret": secret}).status == 404)
    first = admin.ask("POST", "/api/v1/users/viewer@example.org/reset", {}).json["secret"]
    second = admin.ask("POST", "/api/v1/users/viewer@example.org/reset", {}).json["secret"]
    tap.case("a new link ends the one before",
             Browser(server).ask("POST", "/api/v1/auth/invitation", {"secret": first}).status == 404)
    known = Browser(server).ask("POST", "/api/v1/auth/invitation", {"secret": second})
    tap.case("a link says whom it is for", known.json["kind"] == "reset" and known.json["email"] == "viewer@example.org", known)
    other = Browser(server)
    other.keep(other.ask("POST", "/api/v1/auth/accept", {"secret": second, "password": PASSWORD}))
    tap.case("a new password ends the sessions of the old one", viewer.ask("GET", "/api/v1/views").status == 401)
    return other, viewer_id


def fixation(tap, server):
    mallory = Browser(server)
    mallory.sign_in("viewer@example.org")
    planted = mallory.cookie
    victim = Browser(server)
    victim.cookie, victim.csrf = planted, mallory.csrf
    victim.sign_in("viewer@example.org")
    tap.case("signing in makes a new session", victim.cookie != planted)
    tap.case("and ends the one that was planted", mallory.ask("GET", "/api/v1/views").status == 401)
    made_up = Browser(server)
    made_up.cookie = "farthing_session=" + "A" * 43
    tap.case("a session that was made up is none", made_up.ask("GET", "/api/v1/views").status == 401)
    victim.ask("DELETE", "/api/v1/session")
    tap.case("a session that was ended is none", victim.ask("GET", "/api/v1/views").status == 401)


def forgeries(tap, admin):
    wish = {"name": "a", "plan": {"kind": "query", "subject": "cost", "measures": ["billed_cost"], "time": None}}

    def denied(name, reply):
        tap.case(name, reply.status == 403, reply)
    denied("a request with a cookie and nothing else is refused", admin.ask("POST", "/api/v1/views", wish, plain=True))
    denied("one without its token is refused", admin.ask("POST", "/api/v1/views", wish, plain=True, Origin=admin.server.url))
    denied("one with a wrong token is refused", admin.ask("POST", "/api/v1/views", wish, X_CSRF_Token="A" * 43))
    denied("one with its token but from nowhere is refused",
           admin.ask("POST", "/api/v1/views", wish, plain=True, X_CSRF_Token=admin.csrf))
    denied("one from another origin is refused", admin.ask("POST", "/api/v1/views", wish, Origin="http://evil.example"))
    denied("one from an origin of another port is refused", admin.ask("POST", "/api/v1/views", wish, Origin="http://127.0.0.1:1"))
    denied("one that the browser calls cross-site is refused",
           admin.ask("POST", "/api/v1/views", wish, plain=True, Sec_Fetch_Site="cross-site", X_CSRF_Token=admin.csrf))
    denied("a DELETE is one, too", admin.ask("DELETE", "/api/v1/session", plain=True))
    fine = admin.ask("POST", "/api/v1/views", wish, plain=True, Sec_Fetch_Site="same-origin", X_CSRF_Token=admin.csrf)
    tap.case("one from a page of ours is not", fine.status == 201, fine)


# ---- tokens ----

def make_token(browser, **wish):
    made = browser.ask("POST", "/api/v1/tokens", {"name": "test", **wish})
    assert made.status == 201, made
    return made.json["secret"], made.json["token"]["id"]


def api_tokens(tap, admin, viewer, server):
    nobody = Browser(server)
    token, token_id = make_token(viewer, permissions=["views.read"])

    def ask(method, path, shown, **more):
        return nobody.ask(method, path, more.pop("body", None), **bearer(shown), **more)
    tap.case("an API token is good for what it was given", ask("GET", "/api/v1/views", token).status == 200)
    tap.case("and for nothing else of its user's", ask("GET", "/api/v1/sources", token).status == 403)
    tap.case("one letter less is none", ask("GET", "/api/v1/views", token[:-1]).status == 401)
    tap.case("another secret is none", ask("GET", "/api/v1/views", token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")).status == 401)
    tap.case("its id with a secret of another's is none",
             ask("GET", "/api/v1/views", token.rsplit("_", 1)[0][:16] + make_token(admin)[0][16:]).status == 401)
    tap.case("a token cannot give more than its user has",
             viewer.ask("POST", "/api/v1/tokens", {"name": "x", "permissions": ["users.write"]}).status in (403, 422))
    tap.case("nor belong to somebody else",
             viewer.ask("POST", "/api/v1/tokens", {"name": "x", "user": "root@example.org"}).status in (403, 422))
    whole, _ = make_token(viewer)
    tap.case("a token makes no tokens", ask("POST", "/api/v1/tokens", whole, body={"name": "x"}).status == 403)
    tap.case("nor changes a password",
             ask("POST", "/api/v1/auth/password", whole, body={"current": PASSWORD, "password": PASSWORD + "1"}).status == 403)
    other = make_token(admin)[1]
    tap.case("another's token is not there to be revoked", viewer.ask("DELETE", f"/api/v1/tokens/{other}").status == 404)
    tap.case("one's own is", viewer.ask("DELETE", f"/api/v1/tokens/{token_id}").status == 204)
    tap.case("a revoked token is none", ask("GET", "/api/v1/views", token).status == 401)
    tap.case("bytes that are no text are none", ask("GET", "/api/v1/views", "fth_\xff\xfe" + token[6:]).status == 401)
    tap.case("Basic and nonsense are none",
             nobody.ask("GET", "/api/v1/views", Authorization="Basic eDp5").status == 401
             and nobody.ask("GET", "/api/v1/views", Authorization="Bearer").status == 401)
    return whole


def access_tokens(tap, admin, viewer, server, api_token):
    nobody = Browser(server)
    made = viewer.ask("POST", "/api/v1/auth/access-tokens")
    token = made.json["access_token"]

    def status(shown, path="/api/v1/views"):
        return nobody.ask("GET", path, **bearer(shown)).status
    tap.case("an access token is who asked for it", nobody.ask("GET", "/api/v1/session", **bearer(token)).json["by"] == "access_token")
    tap.case("and may do the same", status(token) == 200 and status(token, "/api/v1/users") == 403)
    keys = nobody.ask("GET", "/api/v1/auth/jwks.json").json["keys"]
    tap.case("its key is published", [key["kid"] for key in keys] == [part(token, 0)["kid"]] and keys[0]["alg"] == "EdDSA", keys)
    tap.case("alg none is refused", status(with_part(token, 0, {**part(token, 0), "alg": "none"}).rsplit(".", 1)[0] + ".") == 401)
    mac_head = with_part(token, 0, {**part(token, 0), "alg": "HS256"}).rsplit(".", 1)[0]
    public = base64.urlsafe_b64decode(keys[0]["x"] + "=")
    tap.case("a MAC by the public key is refused",
             status(mac_head + "." + unpadded(hmac.new(public, mac_head.encode(), hashlib.sha256).digest())) == 401)
    tap.case("other claims are refused", status(with_part(token, 1, {**part(token, 1), "sub": "somebody"})) == 401)
    tap.case("a later end is refused", status(with_part(token, 1, {**part(token, 1), "exp": 9999999999})) == 401)
    tap.case("another key is refused", status(with_part(token, 0, {**part(token, 0), "kid": "other"})) == 401)
    tap.case("a key that it brings itself is refused",
             status(with_part(token, 0, {**part(token, 0), "jwk": keys[0]})) == 401)
    tap.case("it makes no other", nobody.ask("POST", "/api/v1/auth/access-tokens", **bearer(token)).status == 403)
    by_token = nobody.ask("POST", "/api/v1/auth/access-tokens", **bearer(api_token)).json["access_token"]
    tap.case("one of an API token works", status(by_token) == 200)
    token_id = api_token.split("_")[1]
    viewer.ask("DELETE", f"/api/v1/tokens/{token_id}")
    tap.case("and ends with it", status(by_token) == 401)
    viewer.ask("DELETE", "/api/v1/session")
    tap.case("one of a session ends with it", status(token) == 401)


# ---- who may do what ----

def every_operation(tap, admin, viewer, server):
    nobody, wrong, none = Browser(server), [], []
    for method, path, operation in operations():
        if operation["x-permission"] == "none":
            none.append(operation["operationId"])
            continue
        reply = nobody.ask(method, path)
        if reply.status != 401 or not reply.headers["WWW-Authenticate"]:
            wrong.append(f"{method} {path}: {reply}")
    tap.case("every operation is refused to who has not signed in", not wrong, "\n".join(wrong))
    tap.case("but those that anybody needs",
             sorted(none) == ["auth_accept", "auth_invitation", "auth_jwks", "auth_setup", "session_create", "session_get",
                              "system_health", "system_openapi", "system_ready"], none)
    has = set(viewer.ask("GET", "/api/v1/session").json["permissions"])
    wrong = []
    for method, path, operation in operations():
        wanted = operation["x-permission"]
        if wanted in ("none", "self") or wanted in has:
            continue
        reply = viewer.ask(method, path)
        if reply.status != 403 or wanted not in reply.json["detail"]:
            wrong.append(f"{method} {path}: {reply}")
    tap.case("every operation is refused to a role without its permission, which is named", not wrong, "\n".join(wrong))
    role = admin.ask("POST", "/api/v1/roles", {"name": "Nothing", "permissions": []})
    idle, _, _ = invite(admin, server, "idle@example.org", "Nothing")
    wrong = [f"{method} {path}" for method, path, operation in operations()
             if operation["x-permission"] not in ("none", "self") and idle.ask(method, path).status != 403]
    tap.case("a role without permissions may do nothing", role.status == 201 and not wrong, wrong)
    denials(tap, admin, viewer, server)


def denials(tap, admin, viewer, server):
    """What is denied is written down, once each; a file that may not come is not waited for."""
    body = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    body.request("POST", "/api/v1/uploads?name=x.csv", b"x" * 100000, {"Cookie": viewer.cookie, "Origin": server.url,
                                                                       "X-CSRF-Token": viewer.csrf})
    tap.case("an upload that is denied is not taken in", Reply(body.getresponse()).status == 403)
    body.close()
    token, _ = make_token(viewer)

    def rows(action, operation):
        return len([row for row in admin.ask("GET", f"/api/v1/audit?limit=1000&action={action}").json["data"]
                    if row["object"] == f"operation:{operation}" or action != "access.deny"])

    def once(name, action, operation, ask):
        before, (status, _) = rows(action, operation), ask()
        tap.case(name, status == 403 and rows(action, operation) == before + 1, [status, rows(action, operation), before])

    def asked(method, path, wish=None, **shown):
        reply = (Browser(server) if shown else viewer).ask(method, path, wish, **shown)
        return reply.status, reply

    def large(length):
        """Sends the head alone, and would send so much."""
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
            connection.sendall((f"POST /api/v1/uploads?name=x.csv HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                                f"Authorization: Bearer {token}\r\n{length}\r\n\r\n").encode())
            text = b""
            while data := connection.recv(4096):
                text += data
        return int(text.split(b" ")[1]), text
    once("a denial by the router is written down", "access.deny", "users_list", lambda: asked("GET", "/api/v1/users"))
    once("one by a handler, too", "access.deny", "tokens_create",
         lambda: asked("POST", "/api/v1/tokens", {"name": "x"}, **bearer(token)))
    once("one of a large file is answered before it comes", "access.deny", "uploads_create",
         lambda: large(f"Content-Length: {32 << 30}"))
    once("and one of a file of unknown length", "access.deny", "uploads_create",
         lambda: large("Transfer-Encoding: chunked"))
    wrong = {"current": "wrong wrong wrong", "password": PASSWORD}
    before = rows("access.deny", "auth_password")
    once("a wrong password has its own row", "password.refuse", "", lambda: asked("POST", "/api/v1/auth/password", wrong))
    tap.case("and no other", rows("access.deny", "auth_password") == before)


def limits_of_power(tap, admin, server):
    admin.ask("POST", "/api/v1/roles", {"name": "People", "permissions": ["users.read", "users.write", "tokens.use"]})
    warden, _, warden_id = invite(admin, server, "warden@example.org", "People")

    def refused(name, method, path, body):
        reply = warden.ask(method, path, body)
        tap.case(name, reply.status == 403, reply)
    root = [u for u in admin.ask("GET", "/api/v1/users").json["data"] if u["role"] == "administrator"][0]["id"]
    refused("nobody invites somebody who may do more", "POST", "/api/v1/users", {"email": "x@example.org", "role": "administrator"})
    refused("nor becomes so", "PATCH", f"/api/v1/users/{warden_id}", {"role": "administrator"})
    refused("nor gets a link for who may do more", "POST", f"/api/v1/users/{root}/reset", {})
    refused("nor disables them", "PATCH", f"/api/v1/users/{root}", {"role": "People", "disabled": True})
    refused("nor ends their sessions", "DELETE", f"/api/v1/users/{root}/sessions", None)
    refused("nor makes a role that may do more", "POST", "/api/v1/roles", {"name": "More", "permissions": ["audit.read"]})
    refused("nor a token of theirs", "POST", "/api/v1/tokens", {"name": "x", "user": root})
    last = admin.ask("PATCH", f"/api/v1/users/{root}", {"disabled": True})
    tap.case("the last administrator stays one", last.status == 409, last)
    narrow, _, narrow_id = invite(admin, server, "narrow@example.org", "administrator", scope='service = "Amazon EC2"')
    reply = narrow.ask("PATCH", f"/api/v1/users/{narrow_id}", {"scope": None})
    tap.case("who sees a part does not make it the whole", reply.status == 403, reply)
    tap.case("nor sees others' tokens", narrow.ask("GET", "/api/v1/tokens?all=true").status == 403
             and narrow.ask("GET", "/api/v1/tokens").status == 200)
    bad = admin.ask("PATCH", f"/api/v1/users/{narrow_id}", {"scope": "nonsense ="})
    tap.case("a scope that is none is refused", bad.status == 422 and bad.json["errors"][0]["pointer"] == "/scope", bad)
    gone = admin.ask("PATCH", f"/api/v1/users/{warden_id}", {"disabled": True})
    tap.case("who is disabled is out at once", gone.status == 200 and warden.ask("GET", "/api/v1/users").status == 401, gone)
    tap.case("and stays out", Browser(server).sign_in("warden@example.org").status == 401)


def lasting_power(tap, admin, server):
    """What lets somebody in is not made by what is meant to end, nor for oneself."""
    token, _ = make_token(admin)
    me = admin.ask("GET", "/api/v1/session").json["user"]["id"]

    def refused(name, path, body):
        reply = Browser(server).ask("POST", path, body, **bearer(token))
        tap.case(name, reply.status == 403 and "session" in reply.json["detail"], reply)
    refused("a token invites nobody", "/api/v1/users", {"email": "y@example.org", "role": "viewer"})
    refused("nor makes an account", "/api/v1/users", {"email": "y@example.org", "role": "viewer", "password": PASSWORD})
    refused("nor a link for a new password", "/api/v1/users/viewer@example.org/reset", {})
    refused("nor one of set-up", "/api/v1/setup-token", None)
    for name, browser, more in ("in a session", admin, {}), ("with a token", Browser(server), bearer(token)):
        own = browser.ask("POST", f"/api/v1/users/{me}/reset", {"second_factor": True}, **more)
        tap.case(f"nobody gets a link for themselves {name}", own.status == 403, own)


def changes_at_once(tap, admin, server):
    _, _, changed = invite(admin, server, "changed@example.org", "viewer")
    kept = []
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for n in range(8):
            admin.ask("PATCH", f"/api/v1/users/{changed}", {"disabled": False})
            wishes = [{"name": f"n{n}"}, {"disabled": True}, {"name": f"m{n}"}, {"role": "analyst"}]
            done = list(pool.map(lambda wish: admin.ask("PATCH", f"/api/v1/users/{changed}", wish), wishes))
            user = admin.ask("GET", f"/api/v1/users/{changed}").json
            kept.append(user["state"] == "disabled" and user["role"] == "analyst" and all(reply.status == 200 for reply in done))
    tap.case("who is disabled stays so, whatever is changed at the same time", all(kept), kept)


def first_password(tap, admin, server):
    admin.ask("POST", "/api/v1/users", {"email": "given@example.org", "role": "viewer", "password": PASSWORD})
    given = Browser(server)
    given.sign_in("given@example.org")
    tap.case("a password that somebody else gave has to go first", given.ask("GET", "/api/v1/views").status == 403)
    mine = "quite another set of words"
    other = Browser(server)
    other.sign_in("given@example.org")
    tap.case("the wrong one does not change it",
             given.ask("POST", "/api/v1/auth/password", {"current": mine, "password": mine}).status == 403)
    done = given.ask("POST", "/api/v1/auth/password", {"current": PASSWORD, "password": mine})
    tap.case("then all is well", done.status == 200 and given.ask("GET", "/api/v1/views").status == 200, done)
    tap.case("and other sessions have ended", other.ask("GET", "/api/v1/session").json["user"] is None)


def second_factor(tap, server):
    user, mine = Browser(server), "quite another set of words"
    user.sign_in("given@example.org", mine)
    secret = user.ask("POST", "/api/v1/auth/totp", {"password": mine}).json["secret"]
    now = time.time()
    tap.case("a wrong code confirms nothing", user.ask("POST", "/api/v1/auth/totp/confirm", {"code": "000000"}).status == 422
             or totp(secret, now) == "000000")
    code = totp(secret, now)
    codes = user.ask("POST", "/api/v1/auth/totp/confirm", {"code": code})
    tap.case("a right one does", codes.status == 200 and len(codes.json["recovery_codes"]) == 10, codes)
    fresh = Browser(server)
    wanted = fresh.sign_in("given@example.org", mine)
    tap.case("then a password is not enough", wanted.status == 202 and not fresh.cookie, wanted)
    tap.case("a code that was used is none any more", fresh.sign_in("given@example.org", mine, code=code).status == 401)
    later = totp(secret, now + 30)
    tap.case("the next one is good", Browser(server).sign_in("given@example.org", mine, code=later).status == 200)
    tap.case("and once only", Browser(server).sign_in("given@example.org", mine, code=later).status == 401)
    spare = codes.json["recovery_codes"][0]
    tap.case("a recovery code is good", Browser(server).sign_in("given@example.org", mine, code=spare).status == 200)
    tap.case("and once only, too", Browser(server).sign_in("given@example.org", mine, code=spare).status == 401)


def guessing(tap, admin, server):
    def guess(email, **headers):
        return Browser(server).ask("POST", "/api/v1/session", {"email": email, "password": "wrong wrong wrong"}, **headers)
    known, unknown = [], []
    for _ in range(7):
        known.append(guess("idle@example.org"))
        unknown.append(guess("nobody-of-us@example.org"))
    tap.case("guesses are refused, then put off", [r.status for r in known] == [401] * 6 + [429], known)
    tap.case("whether there is such a user or not", [r.status for r in unknown] == [r.status for r in known], unknown)

    def words(reply):
        return {key: value for key, value in reply.json.items() if key != "request_id"}
    tap.case("in the same words", [words(a) for a in known] == [words(b) for b in unknown])
    tap.case("and says for how long", int(known[-1].headers["Retry-After"]) > 2, known[-1].headers["Retry-After"])
    tap.case("then the right one is put off, too", Browser(server).sign_in("idle@example.org").status == 429)
    row = [u for u in admin.ask("GET", "/api/v1/users").json["data"] if u["email"] == "idle@example.org"][0]
    tap.case("who looks after people sees it", row["locked_until"] is not None, row)


def trusted_proxy(tap, data):
    with Server(data, "--set", "http.proxies=127.0.0.1") as server:
        browser = Browser(server, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.9.9, 192.0.2.7"})
        browser.always["Origin"] = server.url.replace("http://", "https://")
        reply = browser.sign_in("viewer@example.org")
        cookie = reply.headers["Set-Cookie"] or ""
        tap.case("behind TLS the cookie is bound to the host",
                 cookie.startswith("__Host-farthing_session=") and "Secure" in cookie, reply)
        session = browser.ask("GET", "/api/v1/sessions").json["data"][0]
        tap.case("the address is the one that the proxy has seen", session["address"] == "192.0.2.7", session)
        plain = Browser(server)
        plain.cookie = browser.cookie.replace("__Host-", "")
        plain.always = dict(browser.always)
        tap.case("a cookie of the plain name is none there", plain.ask("GET", "/api/v1/views").status == 401)


# ---- what was done ----

def imports(tap, admin, server, email):
    upload = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    upload.request("POST", "/api/v1/uploads?name=x.csv", b"a,b\n1,2\n", {"Cookie": admin.cookie, "Origin": server.url,
                                                                         "X-CSRF-Token": admin.csrf})
    made = Reply(upload.getresponse())
    upload.close()
    job = admin.ask("POST", "/api/v1/jobs", {"kind": "ingest", "uploads": [made.json["id"]]})
    rows = admin.ask("GET", "/api/v1/audit?action=delivery.import").json["data"]
    tap.case("an import is written down as of who began it",
             [(row["actor_email"], row["object"]) for row in rows] == [(email, f"job:{job.json['id']}")], [job, rows])
    job = admin.ask("POST", "/api/v1/focus/exports", {"version": "1.2"})
    rows = admin.ask("GET", "/api/v1/audit?action=data.export").json["data"]
    tap.case("an export with its job", job.status in (200, 202) and rows[0]["object"] == f"job:{job.json['id']}", [job, rows])
    nr = len(rows)
    bad = admin.ask("GET", f"/api/v1/jobs/{job.json['id']}/file?name=none.csv")
    rows = admin.ask("GET", "/api/v1/audit?action=data.export").json["data"]
    tap.case("and what was not there was not taken out", bad.status == 404 and len(rows) == nr, [bad, rows])


def audit(tap, admin, email):
    rows = admin.ask("GET", "/api/v1/audit?limit=1000").json["data"]
    seen = {row["action"] for row in rows}
    wanted = {"setup.offer", "setup.done", "session.create", "session.refuse", "session.end", "user.add", "user.invite",
              "user.reset", "user.change", "invitation.accept", "password.reset", "password.change", "role.add", "token.add",
              "token.revoke", "factor.begin", "factor.add", "access.deny", "password.refuse"}
    tap.case("what was done to people is written down", wanted <= seen, wanted - seen)
    tap.case("with who did it", any(row["actor_email"] == email for row in rows))
    text = json.dumps(rows)
    tap.case("without what is secret", PASSWORD not in text and "argon2" not in text)
    only = admin.ask("GET", "/api/v1/audit?action=token.&actor=Viewer@Example.org").json["data"]
    tap.case("a part can be asked for", only and all(row["action"].startswith("token.") and row["actor_email"] == "viewer@example.org"
                                                     for row in only), only)
    same = admin.ask("GET", f"/api/v1/audit?action=token.&actor={only[0]['actor']}", Accept="application/x-ndjson").text
    tap.case("by an id, too, and as lines", [json.loads(line)["seq"] for line in same.splitlines()] == [
        row["seq"] for row in reversed(only)], same)
    nobody = admin.ask("GET", "/api/v1/audit?actor=nobody").json["data"]
    tap.case("and who is none", nobody and all(row["action"] == "session.refuse" for row in nobody), nobody)
    page = admin.ask("GET", "/api/v1/audit?limit=2").json
    rest = admin.ask("GET", f"/api/v1/audit?limit=2&cursor={page['next_cursor']}").json
    tap.case("and page by page", [r["seq"] for r in page["data"] + rest["data"]] == list(
        range(page["data"][0]["seq"], page["data"][0]["seq"] - 4, -1)))
    lines = admin.ask("GET", "/api/v1/audit", Accept="application/x-ndjson").text.splitlines()
    tap.case("or all of it, the oldest first", [json.loads(line)["seq"] for line in lines] == list(range(1, len(lines) + 1)))
    tap.case("that it was taken out is written down",
             admin.ask("GET", "/api/v1/audit?limit=1").json["data"][0]["action"] == "data.export")
    table = admin.ask("GET", "/api/v1/audit?action=setup.", Accept="text/csv").text.splitlines()
    tap.case("as CSV, too", table[0].startswith("seq,at,actor,") and "setup.done" in table[2], table)
    tap.case("the chain holds", admin.ask("GET", "/api/v1/audit/verification").json["holds"] is True)


def tampering(tap, data, email):
    def run(sql):
        with sqlite3.connect(data / "state.db") as db:
            db.create_collation("C", lambda a, b: (a > b) - (a < b))
            rows = db.execute(sql).fetchall()
        db.close()
        return rows

    def verified(sql):
        run(sql)
        return farthing("audit", "verify", "--json", data=data)
    owners = run("SELECT u.email FROM view AS v JOIN user_account AS u ON u.id = v.owner_id")
    tap.case("a view belongs to who made it", owners == [(email,)], owners)
    done = farthing("audit", "verify", data=data)
    tap.case("audit verify is content with what was left alone", done.returncode == 0, done.stderr)
    done = verified("UPDATE audit SET detail = '{}' WHERE seq = 5")
    tap.case("a row that was changed is named", done.returncode == 3 and json.loads(done.stdout)["broken"]["seq"] == 5, done.stdout)
    done = verified("DELETE FROM audit WHERE seq = 4")
    tap.case("one that was taken out, too", done.returncode == 3 and json.loads(done.stdout)["broken"]["seq"] == 5, done.stdout)


def commands(tap, data):
    must(farthing("users", "add", "cli@example.org", "--role", "analyst", data=data, stdin=PASSWORD + "\n"))
    shown = json.loads(must(farthing("users", "show", "cli@example.org", "--json", data=data)).stdout)
    tap.case("users add makes somebody", shown["role"] == "analyst" and shown["state"] == "active", shown)
    link = json.loads(must(farthing("users", "invite", "cli2@example.org", "--json", data=data)).stdout)
    tap.case("users invite prints a link", link["link"].startswith("/accept#") and link["kind"] == "invite", link)
    must(farthing("users", "role", "cli@example.org", "viewer", data=data))
    must(farthing("users", "scope", "cli@example.org", 'tag.Team = "x"', data=data))
    must(farthing("users", "disable", "cli@example.org", data=data))
    shown = json.loads(must(farthing("users", "show", "cli@example.org", "--json", data=data)).stdout)
    tap.case("role, scope and disable do what they say",
             (shown["role"], shown["scope"], shown["state"]) == ("viewer", 'tag.Team = "x"', "disabled"), shown)
    tap.case("setup-token is refused when there is somebody", farthing("users", "setup-token", data=data).returncode == 6)
    token = json.loads(must(farthing("tokens", "create", "t", "--user", "viewer@example.org", "--json", data=data)).stdout)
    with Server(data) as server:
        remote = farthing("--server", server.url, "sources", env={"FARTHING_TOKEN": token["secret"]})
        tap.case("a token lets the program in", remote.returncode == 0, remote.stderr)
        remote = farthing("--server", server.url, "users", env={"FARTHING_TOKEN": token["secret"]})
        tap.case("as far as it goes", remote.returncode == 4 and "users.read" in remote.stderr, remote.stderr)
        remote = farthing("--server", server.url, "sources", env={"FARTHING_TOKEN": ""})
        tap.case("without one there is none", remote.returncode == 4, remote.stderr)
        must(farthing("tokens", "revoke", token["token"]["id"], data=data))
        remote = farthing("--server", server.url, "sources", env={"FARTHING_TOKEN": token["secret"]})
        tap.case("nor with one that was revoked", remote.returncode == 4, remote.stderr)


def modes(tap):
    with Folder() as data:
        with Server(data) as server:
            session = Browser(server).ask("GET", "/api/v1/session").json
            tap.case("nobody needs to sign in where there is nobody",
                     session["login"] == "open" and session["by"] == "owner" and "users.write" in session["permissions"], session)
            must(farthing("users", "invite", "a@example.org", "--role", "administrator", data=data))
            tap.case("and everybody as soon as there is somebody", Browser(server).ask("GET", "/api/v1/views").status == 401)
        with Server(data, "--set", "auth.login=off") as server:
            tap.case("but where it is switched off", Browser(server).ask("GET", "/api/v1/views").status == 200)
        for wrong in (("--listen", "0.0.0.0:0", "--set", "auth.login=off"), ("--set", "auth.login=maybe"),
                      ("--set", "auth.login=off", "--set", "http.proxies=127.0.0.1")):
            done = farthing("serve", *wrong, data=data, timeout=60)
            tap.case(f"serve {' '.join(wrong)} is refused", done.returncode in (1, 4), done.stderr)
    with Folder() as data:
        server = Server(data)
        server.command[server.command.index("127.0.0.1:0")] = "0.0.0.0:0"
        with server:
            line = server.process.stdout.readline()
            tap.case("beyond loopback people sign in, the first by a link", "/setup#" in line, line)
            tap.case("and nobody comes in without", Browser(server).ask("GET", "/api/v1/views").status == 401)
    with Folder() as data:
        with Server(data, "--set", "http.proxies=127.0.0.1") as server:
            line = server.process.stdout.readline()
            tap.case("behind a proxy they do so, too", "/setup#" in line, line)
            tap.case("whether it says for whom it asks or not",
                     Browser(server).ask("GET", "/api/v1/views").status == 401
                     and Browser(server, **{"X-Forwarded-For": "192.0.2.7"}).ask("GET", "/api/v1/views").status == 401)


def deliveries_in_insights(tap):
    """Of a bill that came twice behind the end of its month, those are told who may read deliveries."""
    head = ("BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
            "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName")
    with Folder() as work:
        data = work / "data"
        for cost in (5, 7):
            (work / f"bill-{cost}.csv").write_text(
                f"{head}\n{cost},{cost},USD,account 1,2025-01-01,2025-01-01,2025-01-02,Usage,Storage,Contoso\n", encoding="utf-8")
            must(farthing("ingest", "--replace", work / f"bill-{cost}.csv", data=data))
        with Server(data, "--set", "auth.login=on") as server:
            path = "/api/v1/insights/summary"
            admin, secret = Browser(server), server.process.stdout.readline().strip().rsplit("#", 1)[1]
            admin.keep(admin.ask("POST", "/api/v1/auth/setup",
                                 {"secret": secret, "email": "root@example.org", "name": "Root", "password": PASSWORD}))
            wide, narrow = (make_token(admin, permissions=may)[0] for may in (["costs.read", "sources.read"], ["costs.read"]))

            def kinds(token):
                reply = Browser(server).ask("GET", path, **bearer(token))
                return reply, [insight["kind"] for insight in reply.json["insights"]]
            seen, told = kinds(wide)
            tap.case("insights tell of deliveries to who may read them", "restatement" in told, seen)
            other, told = kinds(narrow)
            tap.case("and to nobody else", other.status == 200 and "restatement" not in told, other)
            tap.case("nor is the one answer taken for the other",
                     Browser(server).ask("GET", path, If_None_Match=seen.headers["ETag"], **bearer(narrow)).status == 200
                     and Browser(server).ask("GET", path, If_None_Match=seen.headers["ETag"], **bearer(wide)).status == 304)


def main():
    tap = Tap()
    modes(tap)
    with Folder() as data:
        # Limits are looked at in limits.py; here more is asked in a minute than they allow.
        with Server(data, "--set", "auth.login=on", "--set", "limits.auth=0") as server:
            admin, email = set_up(tap, server, server.process.stdout.readline())
            viewer, _ = invitations(tap, admin, server)
            fixation(tap, server)
            forgeries(tap, admin)
            viewer.sign_in("viewer@example.org")
            every_operation(tap, admin, viewer, server)
            whole = api_tokens(tap, admin, viewer, server)
            access_tokens(tap, admin, viewer, server, whole)
            limits_of_power(tap, admin, server)
            lasting_power(tap, admin, server)
            changes_at_once(tap, admin, server)
            first_password(tap, admin, server)
            second_factor(tap, server)
            guessing(tap, admin, server)
            imports(tap, admin, server, email)
            audit(tap, admin, email)
        secrets = [PASSWORD, admin.cookie.split("=")[1], whole, whole[-43:]]
        tap.case("the log has none of what is secret", not any(secret in server.text for secret in secrets))
        trusted_proxy(tap, data)
        commands(tap, data)
        tampering(tap, data, email)
    deliveries_in_insights(tap)
    tap.done()


if __name__ == "__main__":
    main()
