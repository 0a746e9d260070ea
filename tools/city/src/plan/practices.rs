//! The 107 practices of the city (S-31), largest first. No name may be that of a practice of Leeds. Codes begin with Y90,
//! which no real practice has.

use super::Source::{self, GpCentral, GpEast, GpNorth, GpSouth, GpWest};

/// A practice and the GP system with its records. Its position in the list determines its size.
#[derive(Debug)]
pub(crate) struct Practice {
    pub(crate) ods: &'static str,
    pub(crate) name: &'static str,
    pub(crate) system: Source,
}

const fn practice(ods: &'static str, name: &'static str, system: Source) -> Practice {
    Practice { ods, name, system }
}

/// The share (of 100 people of the old town) of each of the first eight practices below.
const OLD_TOWN: [u32; 8] = [26, 18, 14, 12, 10, 8, 7, 5];

/// The practice rank of somebody in the old town, for a number from 0 to 99.
pub(crate) fn in_the_old_town(drawn: u32) -> usize {
    let mut left = drawn;
    OLD_TOWN
        .iter()
        .position(|share| {
            left < *share || {
                left -= share;
                false
            }
        })
        .unwrap_or(0)
}

/// The relative size of the practice at `rank`. The largest has about four times the mean, the smallest four tenths of it
/// (29,000 and 3,000 of 817,000 people).
const fn weight(rank: usize) -> u32 {
    #[allow(clippy::cast_possible_truncation, reason = "at most 107")]
    let rank = rank as u32;
    1_000_000 / (rank + 12)
}

/// Running sums of the weights.
const SUMS: [u32; PRACTICES.len()] = {
    let mut sums = [0; PRACTICES.len()];
    let (mut at, mut sum) = (0, 0);
    while at < PRACTICES.len() {
        sum += weight(at);
        sums[at] = sum;
        at += 1;
    }
    sums
};

/// The upper bound of the argument of `anywhere`.
pub(crate) const ANYWHERE: u32 = SUMS[PRACTICES.len() - 1];

/// The practice rank of somebody in the whole city, for a number below `ANYWHERE`.
pub(crate) fn anywhere(drawn: u32) -> usize {
    SUMS.partition_point(|sum| *sum <= drawn)
}

/// The team of a practice. Every team has large and small practices.
pub(crate) const fn team(rank: usize) -> usize {
    rank % super::TEAMS.len()
}

/// The postcode district of most patients of a practice. Each team has two districts.
pub(crate) fn district(rank: usize) -> u32 {
    u32::try_from(2 * team(rank) + 1 + rank / super::TEAMS.len() % 2).unwrap_or(1)
}

#[rustfmt::skip]
pub(crate) static PRACTICES: [Practice; 107] = [
    practice("Y90001", "Beckside Surgery", GpEast),
    practice("Y90002", "Flaxley Medical Centre", GpWest),
    practice("Y90003", "Millbeck Health Centre", GpEast),
    practice("Y90004", "Northgate Hill Practice", GpWest),
    practice("Y90005", "Kirk Lane Surgery", GpWest),
    practice("Y90006", "Waterside Family Doctors", GpEast),
    practice("Y90007", "Gritstone Group Practice", GpEast),
    practice("Y90008", "Highmoor Surgery", GpWest),
    practice("Y90009", "Aldershaw Surgery", GpCentral),
    practice("Y90010", "Bobbinfield Surgery", GpEast),
    practice("Y90011", "Cloughton Green Medical Centre", GpWest),
    practice("Y90012", "Dyehouse Family Practice", GpNorth),
    practice("Y90013", "East Fold Health Centre", GpSouth),
    practice("Y90014", "Fernhill Group Practice", GpCentral),
    practice("Y90015", "Garthside Practice", GpEast),
    practice("Y90016", "Heatherbank Surgery", GpWest),
    practice("Y90017", "Ingleholm Medical Practice", GpNorth),
    practice("Y90018", "Jackdaw Hill Surgery", GpSouth),
    practice("Y90019", "Kestrel Drive Surgery", GpCentral),
    practice("Y90020", "Loomfield Medical Centre", GpEast),
    practice("Y90021", "Moorside Family Practice", GpWest),
    practice("Y90022", "Nettle Bank Health Centre", GpNorth),
    practice("Y90023", "Orchard Bank Group Practice", GpSouth),
    practice("Y90024", "Packhorse Practice", GpCentral),
    practice("Y90025", "Quarry Gardens Surgery", GpEast),
    practice("Y90026", "Rushbeck Medical Practice", GpWest),
    practice("Y90027", "Shuttle Lane Surgery", GpNorth),
    practice("Y90028", "Tenterfield Surgery", GpSouth),
    practice("Y90029", "Upper Gill Medical Centre", GpCentral),
    practice("Y90030", "Viaduct Family Practice", GpEast),
    practice("Y90031", "Weavers Court Health Centre", GpWest),
    practice("Y90032", "Yewdale Group Practice", GpNorth),
    practice("Y90033", "Ashbeck Practice", GpSouth),
    practice("Y90034", "Birkfold Surgery", GpCentral),
    practice("Y90035", "Carding Lane Medical Practice", GpEast),
    practice("Y90036", "Damside Surgery", GpWest),
    practice("Y90037", "Elmroyd Surgery", GpNorth),
    practice("Y90038", "Flaxfield Medical Centre", GpSouth),
    practice("Y90039", "Goitside Family Practice", GpCentral),
    practice("Y90040", "Hazelgarth Health Centre", GpEast),
    practice("Y90041", "Ivybank Group Practice", GpWest),
    practice("Y90042", "Juniper Practice", GpNorth),
    practice("Y90043", "Kilnbank Surgery", GpSouth),
    practice("Y90044", "Larchfield Medical Practice", GpCentral),
    practice("Y90045", "Millgarth Surgery", GpEast),
    practice("Y90046", "Nab End Surgery", GpWest),
    practice("Y90047", "Oakroyd Medical Centre", GpNorth),
    practice("Y90048", "Pinfold Family Practice", GpSouth),
    practice("Y90049", "Quernstone Health Centre", GpCentral),
    practice("Y90050", "Rowan Place Group Practice", GpEast),
    practice("Y90051", "Sykebeck Practice", GpWest),
    practice("Y90052", "Thistle Hill Surgery", GpNorth),
    practice("Y90053", "Underbank Medical Practice", GpSouth),
    practice("Y90054", "Vale Road Surgery", GpCentral),
    practice("Y90055", "Whinfold Edge Surgery", GpEast),
    practice("Y90056", "Yarnfield Medical Centre", GpWest),
    practice("Y90057", "Alder Grove Family Practice", GpNorth),
    practice("Y90058", "Beacon Rise Health Centre", GpSouth),
    practice("Y90059", "Cloth Yard Group Practice", GpCentral),
    practice("Y90060", "Dewsbeck Practice", GpEast),
    practice("Y90061", "Easterly Surgery", GpWest),
    practice("Y90062", "Foundry View Medical Practice", GpNorth),
    practice("Y90063", "Gatehouse Surgery", GpSouth),
    practice("Y90064", "Hollinside Surgery", GpCentral),
    practice("Y90065", "Ingrow Lane Medical Centre", GpEast),
    practice("Y90066", "Jenny Field Family Practice", GpWest),
    practice("Y90067", "Knottwood Health Centre", GpNorth),
    practice("Y90068", "Linden Group Practice", GpSouth),
    practice("Y90069", "Mill Race Practice", GpCentral),
    practice("Y90070", "Netherfold Surgery", GpEast),
    practice("Y90071", "Otterfold Medical Practice", GpWest),
    practice("Y90072", "Park Rise Surgery", GpNorth),
    practice("Y90073", "Quayside Surgery", GpSouth),
    practice("Y90074", "Ropewalk Medical Centre", GpCentral),
    practice("Y90075", "Stonebeck Family Practice", GpEast),
    practice("Y90076", "Tanyard Health Centre", GpWest),
    practice("Y90077", "Upland Group Practice", GpNorth),
    practice("Y90078", "Violet Bank Practice", GpSouth),
    practice("Y90079", "Wharfe Rise Surgery", GpCentral),
    practice("Y90080", "Yeoman Medical Practice", GpEast),
    practice("Y90081", "Ackroyd Lane Surgery", GpWest),
    practice("Y90082", "Bluebell Surgery", GpNorth),
    practice("Y90083", "Chestnut Mount Medical Centre", GpSouth),
    practice("Y90084", "Drover Road Family Practice", GpCentral),
    practice("Y90085", "Edgefield Health Centre", GpEast),
    practice("Y90086", "Fulling Mill Group Practice", GpWest),
    practice("Y90087", "Green Gate Practice", GpNorth),
    practice("Y90088", "Hawthorn Crescent Surgery", GpSouth),
    practice("Y90089", "Ivegate Medical Practice", GpCentral),
    practice("Y90090", "Justice Road Surgery", GpEast),
    practice("Y90091", "Kirkfold Surgery", GpWest),
    practice("Y90092", "Lawmoor Medical Centre", GpNorth),
    practice("Y90093", "Mistal Court Family Practice", GpSouth),
    practice("Y90094", "Northway Health Centre", GpCentral),
    practice("Y90095", "Old Tannery Group Practice", GpEast),
    practice("Y90096", "Priestgate Practice", GpWest),
    practice("Y90097", "Rawdale Surgery", GpNorth),
    practice("Y90098", "Skelbeck Medical Practice", GpSouth),
    practice("Y90099", "Towerfield Surgery", GpCentral),
    practice("Y90100", "Vicar Walk Surgery", GpEast),
    practice("Y90101", "Westfold Medical Centre", GpWest),
    practice("Y90102", "Yorkgate Family Practice", GpNorth),
    practice("Y90103", "Ainsty Fold Health Centre", GpSouth),
    practice("Y90104", "Briarcroft Group Practice", GpCentral),
    practice("Y90105", "Crossbeck Practice", GpEast),
    practice("Y90106", "Dale End Surgery", GpWest),
    practice("Y90107", "Eastgill Medical Practice", GpNorth),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn practice_names_and_codes_are_unique_and_sizes_are_realistic() {
        let codes: HashSet<&str> = PRACTICES.iter().map(|one| one.ods).collect();
        let names: HashSet<&str> = PRACTICES.iter().map(|one| one.name).collect();
        assert_eq!((codes.len(), names.len()), (107, 107));
        let patients = |rank: usize| u64::from(weight(rank)) * 817_000 / u64::from(ANYWHERE);
        assert!((25_000..40_000).contains(&patients(0)), "{}", patients(0));
        assert!((2_000..5_000).contains(&patients(106)), "{}", patients(106));
        assert_eq!((anywhere(0), anywhere(ANYWHERE - 1)), (0, 106));
        assert_eq!((in_the_old_town(0), in_the_old_town(25), in_the_old_town(26), in_the_old_town(99)), (0, 0, 1, 7));
    }
}
