//! The wards of the hospitals and other units with beds. All codes and names are invented.

use super::{Ward, ward};

/// St Hilda's on its three sites: J the General, L the Infirmary, C the Women's and Children's.
#[rustfmt::skip]
pub(crate) static ST_HILDAS: [Ward; 40] = [
    ward("ED", "Z9H01A", "180", 24), ward("J10", "Z9H01A", "326", 30), ward("J11", "Z9H01A", "326", 28),
    ward("J12", "Z9H01A", "326", 28), ward("J14", "Z9H01A", "340", 28), ward("J15", "Z9H01A", "340", 28),
    ward("J16", "Z9H01A", "301", 28), ward("J17", "Z9H01A", "301", 26), ward("J18", "Z9H01A", "361", 24),
    ward("J19", "Z9H01A", "361", 24), ward("J20", "Z9H01A", "350", 18), ward("J25", "Z9H01A", "430", 28),
    ward("J26", "Z9H01A", "430", 28), ward("J27", "Z9H01A", "430", 28), ward("J28", "Z9H01A", "430", 28),
    ward("J29", "Z9H01A", "430", 26), ward("J31", "Z9H01A", "303", 22), ward("J33", "Z9H01A", "370", 22),
    ward("J40", "Z9H01A", "100", 28), ward("J43", "Z9H01A", "100", 28), ward("J44", "Z9H01A", "101", 26),
    ward("J54", "Z9H01A", "192", 18), ward("J60", "Z9H01A", "315", 16), ward("L14", "Z9H01B", "320", 28),
    ward("L15", "Z9H01B", "320", 26), ward("L16", "Z9H01B", "172", 24), ward("L20", "Z9H01B", "328", 26),
    ward("L21", "Z9H01B", "400", 24), ward("L25", "Z9H01B", "150", 26), ward("L30", "Z9H01B", "192", 20),
    ward("L35", "Z9H01B", "110", 28), ward("L36", "Z9H01B", "110", 28), ward("L37", "Z9H01B", "110", 26),
    ward("L41", "Z9H01B", "107", 24), ward("L45", "Z9H01B", "120", 20), ward("L47", "Z9H01B", "160", 20),
    ward("C02", "Z9H01C", "420", 24), ward("C03", "Z9H01C", "420", 24), ward("C10", "Z9H01C", "502", 22),
    ward("C15", "Z9H01C", "130", 18),
];

/// Wharfe Valley, on one site.
#[rustfmt::skip]
pub(crate) static WHARFE_VALLEY: [Ward; 40] = [
    ward("ED", "Z9H02A", "180", 28), ward("W01", "Z9H02A", "326", 24), ward("W02", "Z9H02A", "326", 26),
    ward("W03", "Z9H02A", "326", 22), ward("W04", "Z9H02A", "326", 28), ward("W05", "Z9H02A", "340", 28),
    ward("W06", "Z9H02A", "340", 24), ward("W07", "Z9H02A", "301", 26), ward("W08", "Z9H02A", "301", 22),
    ward("W09", "Z9H02A", "320", 28), ward("W10", "Z9H02A", "320", 28), ward("W11", "Z9H02A", "320", 24),
    ward("W12", "Z9H02A", "361", 26), ward("W13", "Z9H02A", "430", 22), ward("W14", "Z9H02A", "430", 28),
    ward("W15", "Z9H02A", "430", 28), ward("W16", "Z9H02A", "430", 24), ward("W17", "Z9H02A", "430", 26),
    ward("W18", "Z9H02A", "430", 22), ward("W19", "Z9H02A", "328", 28), ward("W20", "Z9H02A", "314", 28),
    ward("W21", "Z9H02A", "314", 24), ward("W22", "Z9H02A", "100", 26), ward("W23", "Z9H02A", "100", 22),
    ward("W24", "Z9H02A", "100", 28), ward("W25", "Z9H02A", "101", 28), ward("W26", "Z9H02A", "110", 24),
    ward("W27", "Z9H02A", "110", 26), ward("W28", "Z9H02A", "110", 22), ward("W29", "Z9H02A", "120", 28),
    ward("W30", "Z9H02A", "107", 28), ward("W31", "Z9H02A", "192", 24), ward("W32", "Z9H02A", "303", 26),
    ward("W33", "Z9H02A", "370", 22), ward("W34", "Z9H02A", "400", 28), ward("W35", "Z9H02A", "350", 28),
    ward("W36", "Z9H02A", "420", 24), ward("W37", "Z9H02A", "502", 26), ward("W38", "Z9H02A", "130", 22),
    ward("W39", "Z9H02A", "315", 28),
];

/// Community beds.
#[rustfmt::skip]
pub(crate) static COMMUNITY: [Ward; 3] = [
    ward("Aire House", "Z9C01", "318", 24), ward("Loom Lodge", "Z9C01", "318", 20), ward("Canal View", "Z9C01", "318", 18),
];

/// Mental health wards.
#[rustfmt::skip]
pub(crate) static MENTAL_HEALTH: [Ward; 4] = [
    ward("Alder", "Z9M01", "710", 18), ward("Birch", "Z9M01", "710", 18), ward("Cedar", "Z9M01", "710", 20),
    ward("Damson", "Z9M01", "710", 16),
];
