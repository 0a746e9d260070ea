"""Every HL7 v2 message of a folder, sent with the MLLP client of the `hl7` package: `hl7_feeds.py PORT FOLDER`. Each must
be answered AA, AE or AR under its own control id, and a second sender's connection must stay open. It must never run
against real data, because failures print control ids."""

import re
import sys
from collections import Counter
from pathlib import Path

from hl7.client import MLLPClient

from report import Report

# A message of our own, between every so many of theirs.
EVERY = 50
OURS = (
    "MSH|^~\\&|OTHER|SENDER|LCR|LCR|20261120080000||ADT^A31|OTHER{at}|P|2.4\r"
    "EVN|A31|20261120080000\rPID|1||M1^^^OTHER^MR||SENDER^SECOND||19500101|F\r"
)


def messages(text: bytes) -> list[bytes]:
    """Cut at each MSH that begins a line, whatever ends the lines; what has none is sent whole."""
    lines = re.split(rb"\r\n|\n|\r", text)
    found: list[list[bytes]] = []
    for line in lines:
        line = line.strip(b"\x0b\x1c")
        if line[:3] == b"MSH":
            found.append([])
        if found and line and line[:3] not in (b"FHS", b"BHS", b"BTS", b"FTS"):
            found[-1].append(line)
    return [b"\r".join(one) + b"\r" for one in found] or [text]


def control_id(message: bytes) -> bytes:
    """MSH-10 by the message's own separator; empty when it has none."""
    fields = message.split(b"\r")[0].split(message[3:4]) if message[:3] == b"MSH" else []
    return fields[9].strip() if len(fields) > 9 else b""


def answered(answer: bytes) -> tuple[str, bytes]:
    """MSA-1 and MSA-2, by the answer's own separator."""
    lines = answer.strip(b"\x0b\x1c\r").split(b"\r")
    msa = next((line for line in lines if line[:3] == b"MSA"), b"")
    parts = msa.split(lines[0][3:4] or b"|")
    return (parts[1].decode(errors="replace") if len(parts) > 1 else "", parts[2] if len(parts) > 2 else b"")


def main(port: int, folder: Path) -> int:
    report = Report()
    theirs, ours = MLLPClient("127.0.0.1", port), MLLPClient("127.0.0.1", port)
    codes: Counter[str] = Counter()
    sent = undecided = strangers = broken = 0
    for file in sorted(path for path in folder.rglob("*") if path.suffix not in {".tsv", ".md"} and path.is_file()):
        for message in messages(file.read_bytes()):
            try:
                code, of = answered(theirs.send_message(message))
            except (OSError, RuntimeError) as error:
                report.check(f"{file.name}: the line stays open", False, error)
                theirs = MLLPClient("127.0.0.1", port)
                broken += 1
                continue
            codes[code] += 1
            sent += 1
            if code not in {"AA", "AE", "AR"}:
                print(f"{file.name}: answered {code!r}")
                undecided += 1
            wanted = control_id(message)
            # What is not text, or longer than an answer may repeat, is not compared.
            plain = bool(wanted) and wanted.isascii() and len(wanted) <= 20 and not set(wanted) & set(b"^~&#\\")
            if plain and code == "AA" and of.strip() != wanted:
                print(f"{file.name}: {wanted!r} answered as {of!r}")
                strangers += 1
            if sent % EVERY == 0:
                code, _ = answered(ours.send_message(OURS.format(at=sent).encode()))
                report.check(f"after {sent}: the other sender is answered", code == "AA", code)
    print(dict(codes), f"{sent} sent")
    report.check("there was something to send", sent > 1000, sent)
    report.check("every message has a decided answer", undecided == 0, undecided)
    report.check("every answer names the message it is for", strangers == 0, strangers)
    report.check("no line was lost", broken == 0, broken)
    return report.end()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
