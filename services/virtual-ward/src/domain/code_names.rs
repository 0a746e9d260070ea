//! Names for the codes that hospitals send: specialties, destinations, methods of admission. Unknown codes are never guessed.

/// The name of a specialty whose number is the same as treatment function and as main specialty (NHS Data Dictionary).
pub fn specialty_name(code: &str) -> Option<&'static str> {
    let known = match code.trim() {
        "100" => "General surgery",
        "101" => "Urology",
        "103" => "Breast surgery",
        "104" => "Colorectal surgery",
        "105" => "Hepatobiliary and pancreatic surgery",
        "106" => "Upper gastrointestinal surgery",
        "107" => "Vascular surgery",
        "110" => "Trauma and orthopaedics",
        "120" => "Ear, nose and throat",
        "130" => "Ophthalmology",
        "150" => "Neurosurgery",
        "160" => "Plastic surgery",
        "170" => "Cardiothoracic surgery",
        "172" => "Cardiac surgery",
        "173" => "Thoracic surgery",
        "180" => "Emergency medicine",
        "192" => "Intensive care",
        "300" => "General internal medicine",
        "301" => "Gastroenterology",
        "302" => "Endocrinology",
        "303" => "Clinical haematology",
        "307" => "Diabetes",
        "314" => "Rehabilitation",
        "315" => "Palliative medicine",
        "318" => "Intermediate care",
        "320" => "Cardiology",
        "326" => "Acute internal medicine",
        "330" => "Dermatology",
        "340" => "Respiratory medicine",
        "350" => "Infectious diseases",
        "361" => "Renal medicine",
        "370" => "Medical oncology",
        "400" => "Neurology",
        "410" => "Rheumatology",
        "420" => "Paediatrics",
        "422" => "Neonatology",
        "430" => "Elderly medicine",
        "501" => "Obstetrics",
        "502" => "Gynaecology",
        "560" => "Midwifery",
        "710" => "Adult mental illness",
        "800" => "Clinical oncology",
        _ => return None,
    };
    Some(known)
}

/// The name of a discharge destination (NHS Data Dictionary), retired codes included. Other codes come back as sent.
pub fn destination_name(code: &str) -> String {
    let known = match code.trim() {
        "19" => "Usual place of residence",
        "29" => "Temporary place of residence",
        "30" => "Repatriation from high security psychiatric care",
        "37" => "Court",
        "38" => "Penal establishment or police station",
        "40" => "Penal establishment",
        "42" => "Police station",
        "48" | "49" => "High security psychiatric hospital",
        "50" | "84" => "Medium secure unit",
        "51" => "Another NHS hospital, general ward",
        "52" => "Another NHS hospital, maternity or neonatal ward",
        "53" => "Another NHS hospital, mental health or learning disability ward",
        "54" | "65" | "85" => "Care home",
        "55" => "Care home with nursing",
        "56" => "Care home without nursing",
        "66" => "Local authority foster care",
        "79" => "Died",
        "87" => "Independent hospital",
        "88" => "Hospice",
        "89" => "Forced repatriation",
        "98" => "Not applicable",
        "99" | "" => "Not known",
        other => return other.to_owned(),
    };
    known.to_owned()
}

/// Whether an admission method is unplanned, by NHS admission method codes and HL7 table 0007; `None` for other codes.
pub fn is_unplanned(method: &str) -> Option<bool> {
    match method.trim().to_ascii_uppercase().as_str() {
        // HL7: accident, emergency, urgent.
        "21" | "22" | "23" | "24" | "25" | "26" | "27" | "28" | "2A" | "2B" | "2C" | "2D" | "A" | "E" | "U" => {
            Some(true)
        }
        // HL7: elective, labour, newborn, routine.
        "11" | "12" | "13" | "31" | "32" | "81" | "82" | "83" | "84" | "89" | "C" | "L" | "N" | "R" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planned_and_maternity_admissions_are_not_unplanned() {
        for code in ["21", "28", "2A", "2D", "E", "a", "U"] {
            assert_eq!(is_unplanned(code), Some(true), "{code}");
        }
        for code in ["11", "12", "13", "31", "81", "C", "R", "N", "L"] {
            assert_eq!(is_unplanned(code), Some(false), "{code}");
        }
        assert!(["98", "", "ZZ"].into_iter().all(|code| is_unplanned(code).is_none()));
    }
}
