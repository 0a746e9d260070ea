//! Decides whether two first names are clearly different. Spellings, initials, short forms and exchanged fields of one name
//! are not. The names of twins must be.

use unicode_normalization::UnicodeNormalization;

/// Short forms by the name they stand for. A short form of two names matches both.
const SHORT_FORMS: &[(&str, &[&str])] = &[
    ("ALEXANDER", &["ALEX", "ALEC", "SANDY", "XANDER"]),
    ("ALEXANDRA", &["ALEX", "SANDRA", "LEXI"]),
    ("ANDREW", &["ANDY", "DREW"]),
    ("ANTHONY", &["TONY"]),
    ("BARBARA", &["BARB", "BABS"]),
    ("BENJAMIN", &["BEN", "BENJI"]),
    ("CATHERINE", &["CATH", "CATHY", "KATE", "KATIE", "KITTY"]),
    ("CHARLES", &["CHARLIE", "CHAS", "CHUCK"]),
    ("CHARLOTTE", &["CHARLIE", "LOTTIE"]),
    ("CHRISTINE", &["CHRIS", "CHRISSIE", "TINA"]),
    ("CHRISTOPHER", &["CHRIS", "KIT", "TOPHER"]),
    ("DANIEL", &["DAN", "DANNY"]),
    ("DAVID", &["DAVE", "DAI"]),
    ("DEBORAH", &["DEB", "DEBBIE", "DEBRA"]),
    ("DOROTHY", &["DOT", "DOTTIE", "DOLLY"]),
    ("EDWARD", &["ED", "EDDIE", "NED", "TED", "TEDDY"]),
    ("ELEANOR", &["ELLIE", "NELL", "NORA"]),
    ("ELIZABETH", &["BESS", "BETH", "BETSY", "BETTY", "ELIZA", "LIBBY", "LIZ", "LIZZIE", "ELSIE"]),
    ("FRANCES", &["FRAN", "FANNY", "FRANKIE"]),
    ("FRANCIS", &["FRANK", "FRANKIE"]),
    ("FREDERICK", &["FRED", "FREDDIE", "FREDDY"]),
    ("FREDRICA", &["FREDA", "FREDDIE", "RICA"]),
    ("GEOFFREY", &["GEOFF", "JEFF"]),
    ("GERALD", &["GERRY", "JERRY"]),
    ("GREGORY", &["GREG"]),
    ("HENRY", &["HARRY", "HAL", "HANK"]),
    ("ISABELLA", &["BELLA", "IZZY", "ISABEL"]),
    ("JACQUELINE", &["JACKIE", "JACQUI"]),
    ("JAMES", &["JIM", "JIMMY", "JAMIE", "JEM"]),
    ("JANET", &["JAN", "JENNY"]),
    ("JENNIFER", &["JEN", "JENNY"]),
    ("JOHN", &["JACK", "JOHNNY", "JON"]),
    ("JONATHAN", &["JON", "JONNY"]),
    ("JOSEPH", &["JOE", "JOEY"]),
    ("JOSHUA", &["JOSH"]),
    ("KATHERINE", &["KATH", "KATHY", "KATE", "KATIE", "KITTY"]),
    ("KENNETH", &["KEN", "KENNY"]),
    ("LAWRENCE", &["LARRY", "LAURIE"]),
    ("MARGARET", &["DAISY", "GRETA", "MAGGIE", "MARGE", "MEG", "PEGGY", "RITA"]),
    ("MARY", &["MOLLY", "POLLY", "MAY"]),
    ("MATTHEW", &["MATT", "MATTY"]),
    ("MICHAEL", &["MICK", "MICKEY", "MIKE"]),
    ("MOHAMMED", &["MOHAMMAD", "MUHAMMAD", "MOHAMED", "MUHAMMED", "MOHD", "MO"]),
    ("NICHOLAS", &["NICK", "NICKY", "NICO"]),
    ("NICOLA", &["NICKY", "NIKKI"]),
    ("OLIVER", &["OLLIE", "OLLY"]),
    ("PATRICIA", &["PAT", "PATSY", "PATTI", "TRICIA", "TRISH"]),
    ("PATRICK", &["PADDY", "PAT"]),
    ("PETER", &["PETE"]),
    ("PHILIP", &["PHIL", "PIP"]),
    ("REBECCA", &["BECCA", "BECKY"]),
    ("RICHARD", &["DICK", "RICH", "RICK", "RICKY"]),
    ("ROBERT", &["BERT", "BOB", "BOBBY", "ROB", "ROBBIE"]),
    ("RONALD", &["RON", "RONNIE"]),
    ("SAMANTHA", &["SAM", "SAMMY"]),
    ("SAMUEL", &["SAM", "SAMMY"]),
    ("SARAH", &["SALLY", "SADIE"]),
    ("STEPHEN", &["STEVE", "STEVEN", "STEVIE"]),
    ("SUSAN", &["SUE", "SUSIE", "SUZANNE"]),
    ("TERENCE", &["TERRY"]),
    ("THERESA", &["TERRY", "TESS", "TESSA"]),
    ("THOMAS", &["TOM", "TOMMY"]),
    ("TIMOTHY", &["TIM", "TIMMY"]),
    ("VICTORIA", &["TORI", "VICKY", "VIC"]),
    ("WILLIAM", &["BILL", "BILLY", "LIAM", "WILL", "WILLIE"]),
    ("ZACHARY", &["ZAC", "ZACK"]),
];

/// A person's name as one source gives it.
#[derive(Debug, Clone, Copy)]
pub struct FullName<'a> {
    pub given: &'a str,
    pub family: &'a str,
}

/// Whether both have a first name and the two are clearly not the same.
pub fn clearly_differ(one: FullName<'_>, other: FullName<'_>) -> bool {
    let (a, b) = (split_names(one.given), split_names(other.given));
    let (Some(first_a), Some(first_b)) = (a.first(), b.first()) else { return false };
    let matches = b.iter().any(|name| is_same_name(first_a, name)) || a.iter().any(|name| is_same_name(first_b, name));
    // `Ann Marie`, `Ann-Marie` and `Annmarie` are one name.
    let joined = a.concat() == b.concat() || a.concat() == *first_b || b.concat() == *first_a;
    !(matches || joined || is_exchanged(one, other))
}

/// Whether given and family name are exchanged.
fn is_exchanged(one: FullName<'_>, other: FullName<'_>) -> bool {
    let (given, family) = (split_names(one.given), split_names(one.family));
    let (other_given, other_family) = (split_names(other.given), split_names(other.family));
    let first = |names: &[String]| names.first().cloned();
    !given.is_empty() && !family.is_empty() && first(&given) == first(&other_family) && family == other_given
}

/// Whether both are the same name, an initial of it, or a short form of it.
fn is_same_name(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if one == other || (short.chars().count() == 1 && long.starts_with(short)) {
        return true;
    }
    let of_one_name = SHORT_FORMS.iter().any(|(name, forms)| {
        let of_name = |text: &str| *name == text || forms.contains(&text);
        of_name(one) && of_name(other)
    });
    of_one_name || is_one_typo(one, other)
}

/// Whether one typing error separates two long names. The names of siblings differ at the end (`Louis`, `Louise`), or are
/// two separate names (`Francis`, `Frances`).
fn is_one_typo(one: &str, other: &str) -> bool {
    let long = one.chars().count().min(other.chars().count()) >= 6;
    let own_name = |text: &str| SHORT_FORMS.iter().any(|(name, _)| *name == text);
    long && one.chars().last() == other.chars().last()
        && !(own_name(one) && own_name(other))
        && strsim::osa_distance(one, other) == 1
}

/// The names of a field without case, accents and apostrophes, split at spaces, hyphens and full stops.
fn split_names(text: &str) -> Vec<String> {
    let plain =
        |part: &str| -> String { part.nfd().filter(|c| c.is_alphabetic()).flat_map(char::to_uppercase).collect() };
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '.' | ',' | '‐'));
    parts.map(plain).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
#[path = "first_name_tests.rs"]
mod tests;
