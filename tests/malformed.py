"""Over 85 ways in which a mail can be malformed, hostile or unusual, by name; each holds the service ID where it can hold text."""

from __future__ import annotations

import base64
import quopri

WORDS = "Service ID: IPT-204417\r\nStart time: today 00:01 UTC\r\nImpact: service affecting\r\nDescription: no traffic\r\n"
B = WORDS.encode()
HEAD = b"From: noc@savaport.example\r\nTo: noc@halverlink.example\r\nSubject: IPT-204417 down\r\n"
PLAIN = b"Content-Type: text/plain\r\n\r\n"
B64 = base64.encodebytes(B)


def mail(extra: bytes, body: bytes, *, head: bytes = HEAD) -> bytes:
    return head + extra + b"\r\n" + body


def typed(content_type: bytes, body: bytes = B, more: bytes = b"") -> bytes:
    return mail(b"MIME-Version: 1.0\r\nContent-Type: " + content_type + b"\r\n" + more, body)


def coded(encoding: bytes, body: bytes) -> bytes:
    return typed(b"text/plain", body, b"Content-Transfer-Encoding: " + encoding + b"\r\n")


def parts(*each: bytes, kind: bytes = b"mixed", end: bytes = b"--b--\r\n", before: bytes = b"") -> bytes:
    body = before + b"".join(b"--b\r\n" + part + b"\r\n" for part in each) + end
    return typed(b"multipart/" + kind + b'; boundary="b"', body)


def nested(depth: int, kind: bytes) -> bytes:
    body = PLAIN + B
    for n in range(depth):
        if kind == b"rfc822":
            body = b"Content-Type: message/rfc822\r\n\r\n" + body
        else:
            name = b"n%d" % n
            body = b'Content-Type: multipart/mixed; boundary="' + name + b'"\r\n\r\n--' + name + b"\r\n" + body
            body += b"\r\n--" + name + b"--\r\n"
    return HEAD + b"MIME-Version: 1.0\r\n" + body


def attached(disposition: bytes, content: bytes = b"x", kind: bytes = b"application/octet-stream") -> bytes:
    part = b"Content-Type: " + kind + b"\r\nContent-Disposition: attachment; " + disposition + b"\r\n\r\n" + content
    return parts(PLAIN + B, part)


CHARSETS = (
    b"x-unknown",
    b'"unknown-8bit',
    b"unknown-8bit",
    b"\x00utf-8",
    b"hex",
    b"idna",
    b"undefined",
    b"utf-7",
    b"utf-16",
    b"",
)
SHAPES: dict[str, bytes] = {
    **{f"charset {c!r}": typed(b"text/plain; charset=" + c) for c in CHARSETS},
    "charset wrong for the bytes": typed(b"text/plain; charset=utf-8", B + "Störung".encode("latin-1")),
    "charset ascii with 8-bit": typed(b"text/plain; charset=us-ascii", B + "Störung".encode()),
    "no boundary parameter": typed(b"multipart/mixed", b"--b\r\n" + PLAIN + B + b"--b--\r\n"),
    "boundary never appears": typed(b'multipart/mixed; boundary="never"', B),
    "boundary empty": typed(b'multipart/mixed; boundary=""', b"--\r\n" + PLAIN + B + b"----\r\n"),
    "boundary of 3000 characters": typed(b'multipart/mixed; boundary="' + b"b" * 3000 + b'"', B),
    "boundary never closed": parts(PLAIN + B, end=b""),
    "text only in the preamble": parts(before=B),
    "text only in the epilogue": parts(end=b"--b--\r\n" + B),
    "multipart without parts": parts(),
    "multipart of an unknown kind": parts(PLAIN + B, kind=b"strange"),
    "part without header": parts(B),
    "part with a header only": parts(b"Content-Type: text/plain"),
    "base64": coded(b"base64", B64),
    "base64 that is plain text": coded(b"base64", B),
    "base64 with padding in the middle": coded(b"base64", base64.b64encode(B[:40]) + b"==\r\n" + base64.b64encode(B[40:])),
    "base64 cut off": coded(b"base64", B64[:-7]),
    "base64 with rubbish between": coded(b"base64", b"!!" + B64.replace(b"\n", b"\r\n*#\r\n")),
    "base64 of nothing": coded(b"base64", b""),
    "quoted-printable broken": coded(b"quoted-printable", quopri.encodestring(B) + b"=G1=\r\n=3"),
    "uuencode": coded(b"x-uuencode", b"begin 644 t\r\n#0V%T\r\n`\r\nend\r\n"),
    "unknown transfer encoding": coded(b"x-rot13", B),
    "two transfer encodings": coded(b"base64\r\nContent-Transfer-Encoding: 8bit", B),
    "nested 60 deep": nested(60, b"mixed"),
    "nested 1500 deep": nested(1500, b"mixed"),
    "forwarded 60 deep": nested(60, b"rfc822"),
    "forwarded 1500 deep": nested(1500, b"rfc822"),
    "forwarded mail": parts(b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n" + B),
    "forwarded mail in base64": parts(
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(b"Subject: x\r\n\r\n" + B)
    ),
    "50000 Content-Type parameters": typed(b"text/plain" + b"; a=b" * 50_000),
    "200000 semicolons": typed(b"text/plain" + b";" * 200_000),
    "subject of 1 MB": mail(PLAIN, B, head=HEAD + b"Subject: " + b"x" * 1_000_000 + b"\r\n")[:-2],
    "To of 1 MB of brackets": mail(b"Cc: " + b"<" * 1_000_000 + b"\r\n", B),
    "To with 5000 nested comments": mail(b"Cc: " + b"(" * 5000 + b")" * 5000 + b"\r\n", B),
    "20000 encoded words": mail(b"X-Note: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n", B),
    "100000 headers": mail(b"X-A: b\r\n" * 100_000, B),
    "header line of 2 MB": mail(b"X-Long: " + b"y" * 2_000_000 + b"\r\n", B),
    "20000 parts": parts(PLAIN + B, *[PLAIN + b"x"] * 20_000),
    "attachment of 10 MB": attached(b"filename=x.bin", b"z" * 10_000_000),
    "2 MB of bare CR": mail(b"", B + b"\r" * 2_000_000),
    "line of 1.2 MB": mail(b"", B + b"w" * 1_200_000),
    "bare LF": mail(b"", B).replace(b"\r\n", b"\n"),
    "bare CR line ends": mail(b"", B.replace(b"\r\n", b"\r")),
    "mixed line ends": mail(b"X-N: 1\r\n", B.replace(b"\r\n", b"\n", 2)),
    "NUL in the text": mail(b"", B + b"\x00\x00"),
    "NUL in a header": mail(b"X-A: \x00b\r\n", B),
    "8-bit in headers": mail("X-Ort: Düren\r\n".encode("latin-1"), B),
    "leading BOM": b"\xef\xbb\xbf" + mail(b"X-N: 2\r\n", B),
    "mbox From line first": b"From a@b Mon Jan  1 00:00:00 2026\r\n" + mail(b"X-N: 3\r\n", B),
    "no header block": B,
    "no body": HEAD,
    "empty": b"",
    "one byte": b"x",
    "only blanks": b" \t\r\n" * 50,
    "header that never ends": HEAD + b" folded\r\n" * 2000,
    "header without a colon": mail(b"this is no header\r\n", B),
    "header with blank name": mail(b": nameless\r\n", B),
    "encoded word with CRLF in a name": mail(
        b"",
        B,
        head=HEAD.replace(b"From: ", b"From: =?utf-8?q?a=0D=0ABcc=3A_x=40y?= <").replace(b".example\r\nTo", b".example>\r\nTo"),
    ),
    "encoded word of an unknown charset": mail(b"Subject: =?x-none?b?////?=\r\n", B),
    "encoded word broken": mail(b"Subject: =?utf-8?b?A?=\r\n", B),
    "duplicate subject and from": mail(b"Subject: other\r\nFrom: eve@evil.example\r\n", B),
    "no From": mail(b"", B, head=b"To: noc@halverlink.example\r\nSubject: IPT-204417 down\r\n"),
    "From with two addresses": mail(b"", B, head=HEAD.replace(b"noc@savaport", b"a@x.example, noc@savaport")),
    "From that no reader agrees on": mail(
        b"", B, head=HEAD.replace(b"noc@savaport.example", b"a@good.example(<b@evil.example>")
    ),
    "date beyond reason": mail(b"Date: Wed, 99 Foo 99999 99:99:99 +9999\r\n", B),
    "Message-ID of 5000 characters": mail(b"Message-ID: <" + b"m" * 5000 + b"@x>\r\n", B),
    "Message-ID without brackets": mail(b"Message-ID: nonsense\r\n", B),
    "text disposed as attachment": typed(b"text/plain", B, b"Content-Disposition: attachment; filename=t.txt\r\n"),
    "second text after a picture": parts(PLAIN + b"Hello\r\n", b"Content-Type: image/png\r\n\r\n\x89PNG", PLAIN + B),
    "calendar reply": typed(b"text/calendar; method=REPLY", b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"),
    "winmail.dat": attached(b"filename=winmail.dat", b"\x78\x9f\x3e\x22", b"application/ms-tnef").replace(B, b""),
    "opaque S/MIME": typed(b"application/pkcs7-mime; smime-type=enveloped-data", B64, b"Content-Transfer-Encoding: base64\r\n"),
    "PGP/MIME": parts(b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n", kind=b"encrypted"),
    "file name that climbs": attached(b"filename*=utf-8''..%2F..%2Fetc%2Fpasswd"),
    "file name with NUL": attached(b'filename="/etc/\x00passwd"'),
    "HTML with 3000 nested divs": typed(b"text/html", b"<div>" * 3000 + B + b"</div>" * 3000),
    "HTML cut in a tag": typed(b"text/html", b"<p>" + B + b"<a href='"),
    "HTML of entities": typed(b"text/html", b"&amp;" * 50_000 + b"<p>" + B),
    "control characters": mail(b"", B + bytes(range(1, 32))),
    "bidi and zero width": typed(b"text/plain; charset=utf-8", B + "\u202e\u200b\u2066x".encode()),
    "lone surrogates in UTF-8": typed(b"text/plain; charset=utf-8", B + b"\xed\xa0\x80\xed\xb0\x80"),
    "format=flowed, delsp": typed(b"text/plain; format=flowed; delsp=yes", B.replace(b" ", b" \r\n", 3)),
    "partial message": typed(b'message/partial; id="a"; number=1; total=2', B),
    "external body": typed(
        b"message/external-body; access-type=local-file; name=/etc/passwd", b"Content-Type: text/plain\r\n\r\n"
    ),
}
