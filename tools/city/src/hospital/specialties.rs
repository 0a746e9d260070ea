//! The specialties and their consultants. All names are invented.

use super::{Consultant, Specialty};

const fn person(code: &'static str, title: &'static str, given: &'static str, family: &'static str) -> Consultant {
    Consultant { code, title, given, family }
}

#[rustfmt::skip]
pub(crate) static SPECIALTIES: [Specialty; 28] = [
    Specialty { code: "100", name: "General surgery", reasons: &["Abdominal pain", "Gallstones"], consultants: [
        person("C9000011", "Miss", "Helena", "Ashgrove"), person("C9000012", "Mr", "Rupert", "Bellweather"), person("C9000013", "Miss", "Amara", "Corbridge"),
    ] },
    Specialty { code: "101", name: "Urology", reasons: &["Retention of urine", "Blood in urine"], consultants: [
        person("C9000014", "Mr", "Tobias", "Dunnock"), person("C9000015", "Miss", "Ingrid", "Ellerbeck"), person("C9000016", "Mr", "Kwame", "Fairbairn"),
    ] },
    Specialty { code: "107", name: "Vascular surgery", reasons: &["Ischaemic leg", "Leg ulcer"], consultants: [
        person("C9000017", "Miss", "Beatrix", "Gorsefield"), person("C9000018", "Mr", "Sanjay", "Harkaway"), person("C9000019", "Miss", "Marguerite", "Inchbald"),
    ] },
    Specialty { code: "110", name: "Trauma and orthopaedics", reasons: &["Fracture of neck of femur", "Fracture of wrist"], consultants: [
        person("C9000020", "Mr", "Declan", "Jessamine"), person("C9000021", "Miss", "Yusra", "Kettlewick"), person("C9000022", "Mr", "Anselm", "Larkrise"),
    ] },
    Specialty { code: "120", name: "Ear nose and throat", reasons: &["Nosebleed", "Tonsillitis"], consultants: [
        person("C9000023", "Miss", "Petra", "Merriden"), person("C9000024", "Mr", "Idris", "Nethercott"), person("C9000025", "Miss", "Cordelia", "Oakhampton"),
    ] },
    Specialty { code: "130", name: "Ophthalmology", reasons: &["Detached retina"], consultants: [
        person("C9000026", "Mr", "Mateusz", "Penhallow"), person("C9000027", "Miss", "Nuala", "Quillfeather"), person("C9000028", "Mr", "Hugo", "Ravensett"),
    ] },
    Specialty { code: "150", name: "Neurosurgery", reasons: &["Head injury"], consultants: [
        person("C9000029", "Miss", "Shirin", "Silverdale"), person("C9000030", "Mr", "Lachlan", "Thornycroft"), person("C9000031", "Miss", "Odette", "Underhay"),
    ] },
    Specialty { code: "160", name: "Plastic surgery", reasons: &["Burn of hand"], consultants: [
        person("C9000032", "Mr", "Femi", "Vantongeren"), person("C9000033", "Miss", "Rosalind", "Wetherfold"), person("C9000034", "Mr", "Viktor", "Yarborne"),
    ] },
    Specialty { code: "172", name: "Cardiac surgery", reasons: &["Coronary artery disease"], consultants: [
        person("C9000035", "Miss", "Helena", "Achterberg"), person("C9000036", "Mr", "Rupert", "Brandvold"), person("C9000037", "Miss", "Amara", "Castellane"),
    ] },
    Specialty { code: "180", name: "Emergency medicine", reasons: &["Collapse", "Chest pain", "Fall at home"], consultants: [
        person("C9000038", "Dr", "Tobias", "Drummossie"), person("C9000039", "Dr", "Ingrid", "Eszterhas"), person("C9000040", "Dr", "Kwame", "Fiorentino"),
    ] },
    Specialty { code: "192", name: "Critical care", reasons: &["Sepsis"], consultants: [
        person("C9000041", "Dr", "Beatrix", "Grzelak"), person("C9000042", "Dr", "Sanjay", "Hashimoto"), person("C9000043", "Prof", "Marguerite", "Iwuchukwu"),
    ] },
    Specialty { code: "301", name: "Gastroenterology", reasons: &["Bleeding from the stomach", "Diarrhoea and vomiting"], consultants: [
        person("C9000044", "Dr", "Declan", "Jayawardena"), person("C9000045", "Dr", "Yusra", "Kaczorek"), person("C9000046", "Dr", "Anselm", "Lindgaard"),
    ] },
    Specialty { code: "303", name: "Clinical haematology", reasons: &["Anaemia"], consultants: [
        person("C9000047", "Dr", "Petra", "Moberley"), person("C9000048", "Dr", "Idris", "Nwachukwu"), person("C9000049", "Dr", "Cordelia", "Oyelowole"),
    ] },
    Specialty { code: "315", name: "Palliative medicine", reasons: &["Pain control"], consultants: [
        person("C9000050", "Dr", "Mateusz", "Pereskia"), person("C9000051", "Dr", "Nuala", "Qureshan"), person("C9000052", "Dr", "Hugo", "Ramanathar"),
    ] },
    Specialty { code: "320", name: "Cardiology", reasons: &["Heart failure", "Chest pain"], consultants: [
        person("C9000053", "Dr", "Shirin", "Szymbor"), person("C9000054", "Dr", "Lachlan", "Tanakara"), person("C9000055", "Dr", "Odette", "Uzoamaka"),
    ] },
    Specialty { code: "326", name: "Acute internal medicine", reasons: &["Pneumonia", "Cellulitis of leg"], consultants: [
        person("C9000056", "Dr", "Femi", "Velasquith"), person("C9000057", "Dr", "Rosalind", "Wickramage"), person("C9000058", "Prof", "Viktor", "Xiangfeng"),
    ] },
    Specialty { code: "314", name: "Rehabilitation", reasons: &["Rehabilitation after a fall"], consultants: [
        person("C9000059", "Dr", "Helena", "Yilmazer"), person("C9000060", "Dr", "Rupert", "Zielinskar"), person("C9000061", "Dr", "Amara", "Amblecote"),
    ] },
    Specialty { code: "340", name: "Respiratory medicine", reasons: &["Exacerbation of COPD", "Pneumonia"], consultants: [
        person("C9000062", "Dr", "Tobias", "Birkinshall"), person("C9000063", "Dr", "Ingrid", "Cawthra"), person("C9000064", "Dr", "Kwame", "Dransfold"),
    ] },
    Specialty { code: "350", name: "Infectious diseases", reasons: &["Fever, cause not known"], consultants: [
        person("C9000065", "Dr", "Beatrix", "Entwhistle"), person("C9000066", "Dr", "Sanjay", "Fothergale"), person("C9000067", "Dr", "Marguerite", "Gaukroger"),
    ] },
    Specialty { code: "361", name: "Renal medicine", reasons: &["Acute kidney injury"], consultants: [
        person("C9000068", "Dr", "Declan", "Hebblewhite"), person("C9000069", "Dr", "Yusra", "Ibbotstone"), person("C9000070", "Dr", "Anselm", "Jowettson"),
    ] },
    Specialty { code: "370", name: "Medical oncology", reasons: &["Chemotherapy"], consultants: [
        person("C9000071", "Dr", "Petra", "Kilnsey"), person("C9000072", "Dr", "Idris", "Lambertine"), person("C9000073", "Prof", "Cordelia", "Murgatroy"),
    ] },
    Specialty { code: "400", name: "Neurology", reasons: &["Seizure"], consultants: [
        person("C9000074", "Dr", "Mateusz", "Northclough"), person("C9000075", "Dr", "Nuala", "Ormondroyd"), person("C9000076", "Dr", "Hugo", "Pickersgale"),
    ] },
    Specialty { code: "420", name: "Paediatrics", reasons: &["Bronchiolitis", "Asthma attack", "Fever"], consultants: [
        person("C9000077", "Dr", "Shirin", "Rigglesworth"), person("C9000078", "Dr", "Lachlan", "Stansfold"), person("C9000079", "Dr", "Odette", "Threlkeldt"),
    ] },
    Specialty { code: "430", name: "Elderly medicine", reasons: &["Fall at home", "Delirium", "Urinary tract infection"], consultants: [
        person("C9000080", "Dr", "Femi", "Umpleby"), person("C9000081", "Dr", "Rosalind", "Veritystone"), person("C9000082", "Dr", "Viktor", "Wigglesworthy"),
    ] },
    Specialty { code: "502", name: "Gynaecology", reasons: &["Pelvic pain"], consultants: [
        person("C9000083", "Miss", "Helena", "Addyfold"), person("C9000084", "Mr", "Rupert", "Brigghouse"), person("C9000085", "Miss", "Amara", "Claphamoor"),
    ] },
    Specialty { code: "328", name: "Stroke medicine", reasons: &["Stroke"], consultants: [
        person("C9000086", "Dr", "Tobias", "Dentdale"), person("C9000087", "Dr", "Ingrid", "Eskrigge"), person("C9000088", "Prof", "Kwame", "Feathergill"),
    ] },
    Specialty { code: "318", name: "Intermediate care", reasons: &["Rehabilitation after a hip fracture", "Wound care"], consultants: [
        person("C9000089", "Dr", "Beatrix", "Gaunless"), person("C9000090", "Dr", "Sanjay", "Hardrawe"), person("C9000091", "Dr", "Marguerite", "Ilkleston"),
    ] },
    Specialty { code: "710", name: "Adult mental illness", reasons: &["Low mood", "Acute psychosis"], consultants: [
        person("C9000092", "Dr", "Declan", "Kearfold"), person("C9000093", "Dr", "Yusra", "Lothersdale"), person("C9000094", "Dr", "Anselm", "Malhamby"),
    ] },
];
