//! The host application's pages. What they hold comes from this program alone, so nothing is escaped.

use lcr_tests::HostPatient;

const HEAD: &str = "<!DOCTYPE html><html lang=\"en-GB\"><meta charset=\"utf-8\"><title>Host system</title>";

/// The patients of the user, each with every way to open the record.
pub fn list(patients: &[HostPatient]) -> String {
    let ways = ["signed", "signed/framed", "smart", "smart/framed"];
    let links = |at: usize| ways.map(|way| format!("<a href=\"/{at}/{way}\">{way}</a>")).join(" ");
    let rows = patients.iter().enumerate().map(|(at, patient)| format!("<li>{}: {}</li>", patient.name, links(at)));
    format!("{HEAD}<h1>Your patients</h1><ul>{}</ul>", rows.collect::<String>())
}

/// A form that posts the token: a token must never be in an address. It is sent at once; without scripts there is a button.
pub fn post_form(portal: &str, token: &str, frame: Option<&str>) -> String {
    let target = frame.map(|name| format!(" target=\"{name}\"")).unwrap_or_default();
    let frame = frame.map(|name| frame_named(name, "about:blank")).unwrap_or_default();
    format!(
        "{HEAD}<h1>Opening the patient</h1><form method=\"post\" action=\"{portal}/launch\"{target}>\
         <input type=\"hidden\" name=\"token\" value=\"{token}\"><button>Open the record</button></form>{frame}\
         <script>document.forms[0].submit()</script>"
    )
}

/// A page with a frame that opens `address`.
pub fn frame(address: &str) -> String {
    format!("{HEAD}<h1>The patient</h1>{}", frame_named("record", address))
}

fn frame_named(name: &str, address: &str) -> String {
    format!(
        "<iframe name=\"{name}\" src=\"{address}\" title=\"Leeds Care Record\" width=\"1000\" height=\"700\"></iframe>"
    )
}
