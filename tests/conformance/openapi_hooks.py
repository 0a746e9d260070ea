"""Helps schemathesis to send feeds what a sender would: an HL7 v2 message or a Bundle with generated parts. It must never
change an answer or what is checked."""

import schemathesis

HL7_V2 = "application/hl7-v2"
PATIENT = {
    "resourceType": "Patient", "id": "example", "identifier": [{"system": "https://example.org/mrn", "value": "EX1"}],
    "name": [{"family": "Example"}], "gender": "female", "birthDate": "1945-07-14",
}  # fmt: skip


def message(text: str) -> str:
    """A registration whose patient has the generated text as a name."""
    return "\r".join([
        f"MSH|^~\\&|PAS|HOSPITAL|LCR|LCR|20261122080000||ADT^A28^ADT_A05|EXAMPLE-{len(text)}|P|2.4",
        "EVN|A28|20261122080000",
        f"PID|1||EX1^^^PAS^MR||{text}^Ann||19450714|F",
    ]) + "\r"  # fmt: skip


@schemathesis.serializer(HL7_V2)
def send(context: schemathesis.SerializationContext, value: object) -> bytes:
    """Every other text is sent as it is."""
    text = value if isinstance(value, str) else str(value)
    return (text if len(text) % 2 else message(text)).encode("utf-8", errors="replace")


@schemathesis.deserializer(HL7_V2)
def read(context: schemathesis.DeserializationContext, response: schemathesis.Response) -> str:
    return response.content.decode("utf-8", errors="replace")


@schemathesis.hook.apply_to(path="/v1/fhir")
def map_body(context: schemathesis.HookContext, body: object) -> object:
    """A Bundle without entries gets a patient. A Bundle with entries is sent as it is."""
    if isinstance(body, dict) and body.get("type") and not body.get("entry"):
        return {**body, "entry": [{"resource": PATIENT}]}
    return body
