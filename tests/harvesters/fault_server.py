"""An OAI-PMH server with one fault a path: `python fault_server.py` prints its port. /_log lists the requests it had, /_reset forgets."""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PAGE, TOTAL = 10, 30
HEAD = '<?xml version="1.0" encoding="{encoding}"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
DATE = "<responseDate>2024-06-01T12:00:00Z</responseDate><request>http://example.org/oai</request>"
log: list[dict[str, str]] = []
seen: Counter[str] = Counter()


def record(number: int, *, status: str = "", title: str = "", day: int = 1) -> str:
    header = f"<header{status}><identifier>oai:x:{number}</identifier><datestamp>2024-05-{day:02}T00:00:00Z</datestamp></header>"
    if status:
        return f"<record>{header}</record>"
    return (
        f'<record>{header}<metadata><record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam0 2200000   450 </leader>'
        f'<controlfield tag="001">{number:06}</controlfield><datafield tag="200" ind1="1" ind2=" "><subfield code="a">'
        f"{title or f'题名 {number}'}</subfield></datafield></record></metadata></record>"
    )


def listing(start: int, *, token: str | None = None, records: list[str] | None = None, encoding: str = "UTF-8") -> str:
    """A page of ten records from `start` on, with the token of the next page unless another is given."""
    chosen = records if records is not None else [record(n) for n in range(start, min(start + PAGE, TOTAL))]
    following = str(start + PAGE) if start + PAGE < TOTAL else ""
    token = following if token is None else token
    element = f'<resumptionToken completeListSize="{TOTAL}">\n {token} </resumptionToken>'
    body = "\n".join(chosen)
    return f"{HEAD.format(encoding=encoding)}{DATE}<ListRecords>{body}{element}</ListRecords></OAI-PMH>"


def error(code: str) -> str:
    return f'{HEAD.format(encoding="UTF-8")}{DATE}<error code="{code}">said the server</error></OAI-PMH>'


def identify(granularity: str = "YYYY-MM-DDThh:mm:ssZ") -> str:
    return (
        f"{HEAD.format(encoding='UTF-8')}{DATE}<Identify><repositoryName>x</repositoryName><baseURL>http://example.org</baseURL>"
        f"<protocolVersion>2.0</protocolVersion><adminEmail>a@example.org</adminEmail><earliestDatestamp>2000-01-01</earliestDatestamp>"
        f"<deletedRecord>persistent</deletedRecord><granularity>{granularity}</granularity></Identify></OAI-PMH>"
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.fault = parts.path.strip("/")
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if self.fault == "_log":
            return self.send(json.dumps(log), kind="application/json")
        if self.fault == "_reset":
            log.clear()
            seen.clear()
            return self.send("{}", kind="application/json")
        log.append({"path": self.fault, "authorization": self.headers.get("Authorization", ""), **self.query})
        self.start = int(self.query.get("resumptionToken") or 0)
        if self.query.get("verb") == "Identify" and self.fault not in _BEFORE_IDENTIFY:
            return self.send(identify("YYYY-MM-DD" if self.fault == "days" else "YYYY-MM-DDThh:mm:ssZ"))
        return FAULTS.get(self.fault, Handler.plain)(self)

    def once(self, times: int = 1) -> bool:
        """Whether this fault is still to be shown."""
        seen[self.fault] += 1
        return seen[self.fault] <= times

    def send(self, text: str | bytes, *, status: int = 200, kind: str = "text/xml", **headers: str) -> None:
        body = text if isinstance(text, bytes) else text.encode()
        if len(body) > 2000 and "gzip" in self.headers.get("Accept-Encoding", "") and "Content_Encoding" not in headers:
            body = gzip.compress(body, 1)
            headers["Content_Encoding"] = "gzip"
        headers.setdefault("Content_Length", str(len(body)))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    # -- faults

    def plain(self) -> None:
        self.send(listing(self.start))

    def empty(self) -> None:
        self.send(error("noRecordsMatch"))

    def changed(self) -> None:
        """The same list later: one record is deleted, one is new in content, one is gone without a word."""
        records = [record(n) for n in range(TOTAL) if n not in (3, 4, 5)]
        records += [record(3, status=' status="deleted"', day=9), record(4, title="改过", day=9)]
        self.send(listing(0, token="", records=records))

    def cut(self) -> None:
        """The second page ends in the middle, without a length that would tell."""
        text = listing(self.start)
        if self.start == PAGE:
            text = text[: len(text) // 2]
        self.close_connection = True
        self.send(text.encode(), Content_Length="", Content_Encoding="identity")

    def cut_once(self) -> None:
        if self.start == PAGE and self.once():
            return self.cut()
        return self.plain()

    def short(self) -> None:
        """The body is shorter than announced, the first two times."""
        body = listing(self.start).encode()
        if self.start == PAGE and self.once(2):
            self.send(body[:-500], Content_Length=str(len(body)), Content_Encoding="identity")
            self.close_connection = True
            return
        self.send(body)

    def malformed(self) -> None:
        """Three bad records on the second page: a tag that does not match, a control character, one that never closes."""
        text = listing(self.start)
        if self.start == PAGE:
            text = text.replace("题名 11</subfield>", "题名 11</title>").replace("题名 12<", "题\x0b名 12<")
            text = text.replace(
                "题名 14</subfield></datafield></record></metadata></record>", "题名 14</subfield></datafield>"
            )
        self.send(text)

    def gbk(self) -> None:
        text = listing(self.start, encoding="GBK")
        self.send(text.encode("gbk"))

    def storm(self) -> None:
        if self.once(3):
            return self.send("busy", status=503, Retry_After="7")
        return self.plain()

    def always_busy(self) -> None:
        self.send("busy", status=503)

    def tomorrow(self) -> None:
        self.send("busy", status=429, Retry_After="86400")

    def expired(self) -> None:
        if self.start == 2 * PAGE and self.once():
            return self.send(error("badResumptionToken"))
        return self.plain()

    def always_expired(self) -> None:
        self.send(error("badResumptionToken")) if self.start else self.plain()

    def repeated(self) -> None:
        self.send(listing(PAGE, token=str(PAGE)) if self.start else listing(0))

    def again(self) -> None:
        """The same page under ever new tokens."""
        self.send(listing(0, token=str(self.start + 1)))

    def endless(self) -> None:
        self.send(listing(0, records=[], token=str(self.start + 1)))

    def growing(self) -> None:
        """Ever new records, far more than announced."""
        first = self.start * 1000
        self.send(listing(0, records=[record(first + n) for n in range(1000)], token=str(self.start + 1)))

    def huge(self) -> None:
        self.close_connection = True
        self.send(
            (HEAD.format(encoding="UTF-8") + "<ListRecords>").encode(), Content_Length="", Content_Encoding="identity"
        )
        try:
            while True:
                self.wfile.write(record(1).encode() * 100)
        except OSError:
            pass

    def bomb(self) -> None:
        """Sixty-four megabytes of blanks in sixty-four kilobytes."""
        self.send(gzip.compress(b" " * (64 << 20)), Content_Encoding="gzip")

    def doctype(self) -> None:
        text = listing(0).replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>', 1)
        self.send(text.replace("题名 1<", "&b;<"))

    def elsewhere(self) -> None:
        self.send(
            "",
            status=302,
            Location=f"http://localhost:{self.server.server_address[1]}/plain?{urlsplit(self.path).query}",
        )

    def moved(self) -> None:
        self.send("", status=301, Location=f"/plain?{urlsplit(self.path).query}")

    def around(self) -> None:
        self.send("", status=302, Location=self.path)

    def trickle(self) -> None:
        self.send(b"<", Content_Length="1000", Content_Encoding="identity")
        try:
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass

    def html(self) -> None:
        self.send("<html><head><title>Login</title></head><body>" + "x" * 100 + "</body></html>", kind="text/html")

    def forbidden(self) -> None:
        self.send("no", status=403)

    def bad_request(self) -> None:
        """An OAI error as a client error, as some repositories send it."""
        self.send(error("cannotDisseminateFormat"), status=400)

    def log_message(self, format: str, *args: object) -> None: ...


FAULTS: dict[str, Callable[[Handler], None]] = {
    name: value for name, value in vars(Handler).items() if callable(value) and not name.startswith("_")
}
_BEFORE_IDENTIFY = {"elsewhere", "around", "forbidden", "trickle", "huge", "bomb", "doctype", "tomorrow", "always_busy"}

if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit()
