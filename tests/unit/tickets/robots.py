"""Mails that machines write, in the forms in which real programs write them: name, extra header lines, text."""

from __future__ import annotations

ME = "noc@halverlink.example"
DSN = "Content-Type: multipart/report; report-type=delivery-status; boundary=B"
MDN = "Content-Type: multipart/report; report-type=disposition-notification; boundary=B"


def dsn(action: str, status: str, address: str = "a@kunde.example", mid: str = "<x@halverlink.example>") -> str:
    """The body of an RFC 3464 report."""
    return (
        "--B\nContent-Type: text/plain\n\nYour message could not be delivered.\n--B\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.kunde.example\n\nFinal-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} unknown\n--B\nContent-Type: text/rfc822-headers\n\nMessage-ID: {mid}\nSubject: x\n--B--\n"
    )


DAEMON = "MAILER-DAEMON@mx.kunde.example"
ROBOTS: tuple[tuple[str, str, str, str], ...] = (
    ("exchange-ndr", f"MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@kunde.example\n{DSN}", "Undeliverable: ticket", dsn("failed", "5.1.10")),
    ("postfix-dsn", f"{DAEMON}\n{DSN}", "Undelivered Mail Returned to Sender", dsn("failed", "5.1.1")),
    ("postfix-delay", f"{DAEMON}\n{DSN}", "Delayed Mail (still being retried)", dsn("delayed", "4.4.1")),
    ("sendmail-dsn", f"{DAEMON}\n{DSN}", "Returned mail: see transcript for details", dsn("failed", "5.1.1")),
    ("gmail-dsn", f"mailer-daemon@googlemail.com\n{DSN}\nX-Failed-Recipients: a@kunde.example", "Delivery Status Notification (Failure)", dsn("failed", "5.1.1")),
    ("dsn-success", f"postmaster@kunde.example\n{DSN}", "Delivery Notification: Delivery has been successful", dsn("delivered", "2.0.0")),
    ("dsn-relayed", f"postmaster@kunde.example\n{DSN}", "Relayed: ticket", dsn("relayed", "2.6.0")),
    ("exim", "Mailer-Daemon@kunde.example\nX-Failed-Recipients: a@kunde.example\nAuto-Submitted: auto-replied", "Mail delivery failed: returning message to sender",
     "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its recipients.\n\n  a@kunde.example\n    550 unknown user\n"),
    ("exim-bare", "Mailer-Daemon@kunde.example", "Mail delivery failed: returning message to sender",
     "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  a@kunde.example\n    unrouteable mail domain\n"),
    ("qmail", "MAILER-DAEMON@qm.kunde.example", "failure notice",
     "Hi. This is the qmail-send program at qm.kunde.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<a@kunde.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n"),
    ("notes-failure", "postmaster@kunde.example", "DELIVERY FAILURE: User a (a@kunde.example) not listed in Domino Directory",
     "Your message\n\n  Subject: ticket\n\nwas not delivered to:\n\n  a@kunde.example\n\nbecause:\n\n  User a not listed in Domino Directory\n"),
    ("exchange-2003", "postmaster@kunde.example", "Undeliverable:ticket",
     "Your message did not reach some or all of the intended recipients.\n\n      Subject: ticket\n\nThe following recipient(s) could not be reached:\n\n      a@kunde.example on 24.11.2026\n            The e-mail account does not exist.\n"),
    ("sendmail-old", "MAILER-DAEMON@kunde.example", "Returned mail: User unknown",
     "   ----- The following addresses had permanent fatal errors -----\n<a@kunde.example>\n\n   ----- Transcript of session follows -----\n550 <a@kunde.example>... User unknown\n"),
    ("yahoo", "MAILER-DAEMON@yahoo.example", "Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n\n<a@kunde.example>:\n552: 5.2.2 mailbox full\n"),
    ("gmx-german", "mailer-daemon@gmx.example", "Mail delivery failed: returning message to sender", "Diese Nachricht konnte nicht zugestellt werden: a@kunde.example\n"),
    ("outlook-oof", "ann@kunde.example\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated", "Automatic reply: your ticket", "I am out of the office until Monday."),
    ("outlook-oof-de", "ann@kunde.example\nAuto-Submitted: auto-replied", "Automatische Antwort: Ticket", "Ich bin bis Montag nicht im Büro."),
    ("gmail-vacation", "ann@kunde.example\nAuto-Submitted: auto-replied\nPrecedence: bulk\nX-Autoreply: yes", "Out of office Re: ticket", "Back on Monday."),
    ("notes-oof", "ann@kunde.example", "Ann Beck/Kunde is out of the office.", "I will be out of the office starting 23.11.2026 and will not return until 30.11.2026.\nI will respond to your message when I return."),
    ("notes-oof-de", "ann@kunde.example", "Abwesenheitsnotiz: Ticket", "Ich bin vom 23.11. bis 30.11. nicht im Haus. Ihre Nachricht wird nicht weitergeleitet."),
    ("french-oof", "ann@kunde.example", "Réponse automatique : ticket", "Je suis absente du bureau jusqu'au lundi 30 novembre. Je ne consulte pas mes messages."),
    ("vacation-unix", "ann@kunde.example\nPrecedence: junk", "away from my mail", "I will not be reading my mail for a while."),
    ("sieve-vacation", "ann@kunde.example\nAuto-Submitted: auto-replied (vacation)", "Auto: ticket", "Thank you, I am away."),
    ("plesk", "ann@kunde.example\nX-Autorespond: ticket", "Re: ticket", "Thanks for your mail."),
    ("cpanel", "ann@kunde.example\nX-Autorespond: x\nAuto-Submitted: auto-generated", "Re: ticket", "Thanks for your mail."),
    ("outlook-read", f"ann@kunde.example\n{MDN}", "Read: ticket", "--B\nContent-Type: text/plain\n\nYour message was read.\n--B\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ann@kunde.example\nOriginal-Message-ID: <x@halverlink.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--B--\n"),
    ("thunderbird-read", f"ann@kunde.example\n{MDN}", "Return Receipt (displayed) - ticket", "--B\nContent-Type: text/plain\n\nThis is a receipt.\n--B\nContent-Type: message/disposition-notification\n\nOriginal-Message-ID: <x@halverlink.example>\nDisposition: automatic-action/MDN-sent-automatically; displayed\n--B--\n"),
    ("not-read", f"ann@kunde.example\n{MDN}", "Not read: ticket", "--B\nContent-Type: message/disposition-notification\n\nDisposition: automatic-action/MDN-sent-automatically; deleted\n--B--\n"),
    ("google-calendar", "ann@kunde.example\nContent-Type: text/calendar; method=REPLY; charset=utf-8\nAuto-Submitted: auto-generated", "Accepted: bridge", "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n"),
    ("outlook-calendar", "ann@kunde.example\nContent-Type: text/calendar; method=REPLY", "Accepted: bridge", "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n"),
    ("outlook-declined", "ann@kunde.example\nContent-Type: multipart/alternative; boundary=B", "Declined: bridge", "--B\nContent-Type: text/plain\n\n\n--B\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--B--\n"),
    ("zendesk", "support@kunde.example\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All", "[Request received] ticket", "Your request (48213) has been received and is being reviewed by our support staff."),
    ("zendesk-bare", "support@kunde.example", "[Request received] ticket", "Your request (48213) has been received and is being reviewed by our support staff. ##- Please type your reply above this line -##"),
    ("freshdesk", "helpdesk@kunde.example\nX-FC-MachineGenerated: true\nAuto-Submitted: auto-generated", "Ticket received - ticket", "Dear customer, a ticket has been created. #4711"),
    ("servicenow", "it@kunde.example\nAuto-Submitted: auto-generated\nPrecedence: bulk", "INC0048213 has been opened on your behalf", "Your incident has been created. Ref:MSG4711"),
    ("jira", "jira@kunde.example\nAuto-Submitted: auto-generated\nPrecedence: bulk\nX-JIRA-FingerPrint: 1", "[JIRA] (NOC-12) ticket", "Ann created NOC-12."),
    ("jsm-bare", "noreply@kunde.example", "NOC-12 ticket", "Just confirming that we got your request. We're on it."),
    ("otrs", "otrs@kunde.example\nAuto-Submitted: auto-replied\nX-OTRS-Loop: x\nPrecedence: bulk", "[Ticket#2026112410000012] RE: ticket", "Thank you for your email. It was registered."),
    ("rt", "rt@kunde.example\nAuto-Submitted: auto-replied\nRT-Ticket: x #12\nPrecedence: bulk", "[kunde #12] AutoReply: ticket", "This message has been automatically generated in response to the creation of a trouble ticket."),
    ("osticket", "desk@kunde.example\nX-Autoreply: yes\nX-Auto-Response-Suppress: DR, RN, OOF, AutoReply", "Support Ticket Opened [#12]", "A request for support has been created."),
    ("salesforce", "case@kunde.example\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: AutoReply", "Case 00012 [ ref:_00D1._5001:ref ]", "We have received your case."),
    ("mailman", "net-request@lists.example\nList-Id: <net.lists.example>\nPrecedence: list", "Welcome to the list", "Welcome."),
    ("mailman-held", "net-bounces@lists.example", "Your message to net awaits moderator approval", "Is being held until the list moderator can review it."),
    ("mailman-post", "joe@people.example\nList-Post: <mailto:net@lists.example>\nList-Archive: <http://lists.example>\nPrecedence: list", "[net] loss?", "Anybody sees loss?"),
    ("google-groups", "joe@people.example\nList-ID: <g.googlegroups.com>\nMailing-list: list g@googlegroups.com", "[g] hello", "Hello all."),
    ("mailchimp", "news@shop.example\nList-Unsubscribe: <http://x.example>\nFeedback-ID: 1:mc\nX-Campaign: mailchimp", "Big news", "View in browser. Unsubscribe."),
    ("sendgrid", "news@shop.example\nList-Unsubscribe: <http://x.example>", "Your weekly update", "Read more."),
    ("listserv", "LISTSERV@lists.example", "Rejected posting", "You are not authorized to send mail to the list."),
    ("majordomo", "majordomo@lists.example", "Majordomo results", ">>>> help"),
    ("amazon-ses", "orders@shop.example\nX-AMAZON-MAIL-RELAY-TYPE: notification", "Your order", "Shipped."),
    ("abuse-report", "abuse@isp.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=B", "complaint", "--B\nContent-Type: text/plain\n\nA complaint.\n--B--\n"),
    ("cron", "root@server.kunde.example\nAuto-Submitted: auto-generated\nX-Cron-Env: <SHELL=/bin/sh>", "Cron <root@server> backup", "done"),
    ("challenge", "joe@people.example\nAuto-Submitted: auto-replied (challenge)", "Please confirm your message", "Click to confirm."),
    ("double-auto", "joe@people.example\nAuto-Submitted: no\nAuto-Submitted: auto-replied", "Re: ticket", "Thanks."),
    ("suppress-case", "joe@people.example\nX-AUTO-RESPONSE-SUPPRESS: oof, autoreply", "Re: ticket", "Thanks."),
    ("github", "notifications@github.example\nPrecedence: list\nList-ID: kunde/repo", "Re: [kunde/repo] issue", "Closed."),
)  # fmt: skip


def raw(name: str) -> bytes:
    """The whole mail of that name."""
    _, head, subject, body = next(r for r in ROBOTS if r[0] == name)
    sender, _, more = head.partition("\n")
    lines = [f"From: {sender}", f"To: {ME}", f"Subject: {subject}", f"Message-ID: <{name}@robots.example>"]
    lines += ["Date: Tue, 24 Nov 2026 10:00:00 +0000", *more.splitlines()]
    return "\n".join(lines).encode() + b"\n\n" + body.encode()
