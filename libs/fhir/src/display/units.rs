//! Units as people write them: `umol/L` becomes `µmol/L`. An unknown unit must stay as it was sent, and no unit may become one
//! of another size.

/// Units whose code or usual spelling differs from what a laboratory prints.
const WHOLE: [(&str, &str); 18] = [
    ("mm[Hg]", "mmHg"),
    ("Cel", "°C"),
    ("[degF]", "°F"),
    ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
    ("mL/min/{1.73_m2}[BSA]", "mL/min/1.73 m²"),
    ("mL/min/1.73m2", "mL/min/1.73 m²"),
    ("mL/min/1.73 m2", "mL/min/1.73 m²"),
    ("mL/min/1.73m^2", "mL/min/1.73 m²"),
    ("kg/m2", "kg/m²"),
    ("m2", "m²"),
    ("[pH]", "pH"),
    ("[lb_av]", "lb"),
    ("[in_i]", "in"),
    ("[ft_i]", "ft"),
    ("/min", "per minute"),
    ("{beats}/min", "beats per minute"),
    ("{breaths}/min", "breaths per minute"),
    ("cm[H2O]", "cmH₂O"),
];

/// A unit in print. `ug` is left alone: "mcg", "µg" and "ug" are misread in doses, and results are compared by their unit.
pub fn unit_in_print(unit: &str) -> String {
    let unit = unit.trim();
    if let Some((_, printed)) = WHOLE.iter().find(|(code, _)| *code == unit) {
        return (*printed).to_owned();
    }
    if let Some((power, rest)) = power_of_ten(unit) {
        return format!("×10{power}{}", rest.replace("/uL", "/µL"));
    }
    if let Some(words) = unit.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).filter(|one| !one.contains('{'))
    {
        return words.to_owned();
    }
    let spelled = unit.replace("[iU]", "IU").replace("[IU]", "IU");
    match spelled.strip_prefix('u').filter(|rest| is_micro(rest)) {
        Some(rest) => format!("µ{rest}"),
        None => spelled,
    }
}

/// `10*9/L`, `10^9/L`, `x10^9/L` and `x10*9/L` have the power 9 and the rest `/L`.
fn power_of_ten(unit: &str) -> Option<(String, &str)> {
    let plain = unit.trim_start_matches(['x', 'X', '×']).trim_start();
    let after = plain.strip_prefix("10*").or_else(|| plain.strip_prefix("10^"))?;
    let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != '-').unwrap_or(after.len());
    let (power, rest) = after.split_at(end);
    (!power.is_empty()).then(|| (power.chars().map(superscript).collect(), rest))
}

fn superscript(letter: char) -> char {
    match letter {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁻',
    }
}

/// Whether `u` before this text means micro, as in `umol/L`. Not in a word such as `units`, and not in `ug`.
fn is_micro(rest: &str) -> bool {
    ["mol", "kat", "IU", "L/"].iter().any(|unit| rest.starts_with(unit)) || rest == "L" || rest == "m"
}

#[cfg(test)]
#[path = "units_tests.rs"]
mod tests;
