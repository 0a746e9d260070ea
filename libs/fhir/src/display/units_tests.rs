//! Tests of `units.rs`.

use super::unit_in_print;

#[test]
fn units_are_written_as_a_laboratory_prints_them() {
    for (sent, printed) in [
        ("umol/L", "µmol/L"),
        ("µmol/L", "µmol/L"),
        ("10*9/L", "×10⁹/L"),
        ("x10^12/L", "×10¹²/L"),
        ("10*-3", "×10⁻³"),
        ("mm[Hg]", "mmHg"),
        ("Cel", "°C"),
        ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
        ("m[IU]/L", "mIU/L"),
        ("[iU]/mL", "IU/mL"),
        ("uL", "µL"),
        ("10*3/uL", "×10³/µL"),
        ("{score}", "score"),
    ] {
        assert_eq!(unit_in_print(sent), printed, "{sent}");
    }
}

#[test]
fn another_unit_stays_as_sent() {
    for unit in ["mmol/L", "mmol/mol", "g/L", "units", "ug/L", "ng/mL", "/HPF", "a", "d", "h", "10", "kat/L"] {
        assert_eq!(unit_in_print(unit), unit);
    }
}
